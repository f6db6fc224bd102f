package network.tender.settlement;

import io.vertx.core.Future;
import java.time.InstantSource;
import java.util.function.Consumer;
import java.util.function.LongSupplier;
import java.util.function.Supplier;
import network.tender.chain.Network;
import network.tender.ledger.BlockSigner;
import network.tender.ledger.Policy;
import network.tender.script.TransferVerifier;
import network.tender.telemetry.ChainMetrics;
import network.tender.telemetry.SettlementMetrics;

/**
 * What the pipeline is made of.
 *
 * @param network which chain
 * @param policy the ledger's limits
 * @param signer certifies blocks
 * @param verifier checks signatures
 * @param storage opens where things last, on the writer's context, so that commits need no hop
 *     between threads; its owner closes it
 * @param settings the pipeline's own limits
 * @param clock the time of blocks
 * @param nanoClock for measuring, as {@link System#nanoTime}
 * @param metrics the way of transfers
 * @param chainMetrics the chain's head and money
 * @param fatal told, with a sentence for the operator, when this process must not go on: it is not
 *     the writer any more, or a sum does not add up
 */
public record SettlementParts(
    Network network,
    Policy policy,
    BlockSigner signer,
    TransferVerifier verifier,
    Supplier<Future<Storage>> storage,
    SettlementSettings settings,
    InstantSource clock,
    LongSupplier nanoClock,
    SettlementMetrics metrics,
    ChainMetrics chainMetrics,
    Consumer<String> fatal) {}
