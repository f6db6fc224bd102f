package network.tender.node;

import io.vertx.core.Vertx;
import java.security.SecureRandom;
import java.time.InstantSource;
import network.tender.chain.Network;
import network.tender.ledger.Policy;
import network.tender.script.Curve;
import network.tender.telemetry.ChainMetrics;
import network.tender.telemetry.Meters;
import network.tender.telemetry.SettlementMetrics;

/** What a node has before it opens its database. */
record Parts(
    Vertx vertx,
    Configuration configuration,
    Network network,
    Policy policy,
    Curve curve,
    InstantSource clock,
    SecureRandom random,
    Meters meters,
    SettlementMetrics settlementMetrics,
    ChainMetrics chainMetrics,
    Readiness readiness,
    Ahead ahead) {}
