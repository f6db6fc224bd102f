package network.tender.web.transfers;

import io.vertx.core.Future;
import io.vertx.core.buffer.Buffer;
import network.tender.chain.MalformedException;
import network.tender.chain.Transaction;
import network.tender.ledger.Reason;
import network.tender.ledger.Rejection;
import network.tender.settlement.Outcome;
import network.tender.settlement.Settlement;
import network.tender.telemetry.SettlementMetrics;
import org.jspecify.annotations.Nullable;

/**
 * The door for transfers that come over HTTP: decodes them on the caller's event loop, so that the
 * single writer is spared it.
 */
public final class TransferIntake {
  private final Settlement settlement;
  private final SettlementMetrics metrics;

  /** A door to a settlement pipeline. */
  public TransferIntake(Settlement settlement, SettlementMetrics metrics) {
    this.settlement = settlement;
    this.metrics = metrics;
  }

  /**
   * Takes a body in.
   *
   * @param contentType the body's media type, if the sender gave one
   * @throws network.tender.web.ProblemException if the body's form is wrong in a way that is not
   *     about the transfer
   */
  public Future<Outcome> submit(@Nullable String contentType, Buffer body, Settlement.Wait wait) {
    long from = System.nanoTime();
    Transaction transfer;
    try {
      transfer = TransferBody.decode(contentType, body);
    } catch (MalformedException e) {
      metrics.refused(Reason.DECODE_FAILED.code());
      return Future.succeededFuture(new Outcome.Refused(undecodable(e)));
    }
    metrics.stage(SettlementMetrics.Stage.DECODE, System.nanoTime() - from);
    return settlement.submit(transfer, wait);
  }

  /** The refusal of bytes that are no transfer. */
  private static Rejection undecodable(MalformedException e) {
    return Rejection.of(
        Reason.DECODE_FAILED,
        "The transfer does not decode ("
            + e.getMessage()
            + "); send one whole signed transaction in Bitcoin's serialisation.");
  }
}
