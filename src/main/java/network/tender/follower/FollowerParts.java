package network.tender.follower;

import io.vertx.core.Future;
import java.net.URI;
import java.time.InstantSource;
import java.util.function.Consumer;
import java.util.function.Supplier;
import java.util.random.RandomGenerator;
import network.tender.chain.Network;
import network.tender.ledger.Policy;
import network.tender.script.Curve;
import network.tender.settlement.SettlementSettings;
import network.tender.settlement.Storage;
import network.tender.telemetry.ChainMetrics;
import network.tender.telemetry.FollowerMetrics;

/**
 * What a follower is made of.
 *
 * @param network which chain
 * @param policy the ledger's limits
 * @param curve for certificates and signatures
 * @param node whom to follow
 * @param storage opens where things last, on the follower's context; its owner closes it
 * @param settings the pipeline's limits, as far as they are about reading and checking
 * @param clock for the limit on block times in the future
 * @param random spreads the tries of many followers whose node is away
 * @param chainMetrics the chain's head and money
 * @param metrics how following goes
 * @param fatal told, with a sentence for the operator, when this process must not go on
 */
public record FollowerParts(
    Network network,
    Policy policy,
    Curve curve,
    URI node,
    Supplier<Future<Storage>> storage,
    SettlementSettings settings,
    InstantSource clock,
    RandomGenerator random,
    ChainMetrics chainMetrics,
    FollowerMetrics metrics,
    Consumer<String> fatal) {}
