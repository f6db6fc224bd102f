package network.tender.web.transfers;

import io.vertx.core.Future;
import io.vertx.core.buffer.Buffer;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import network.tender.chain.Hash;
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

  /**
   * Takes a batch in. Transfers that spend another's outputs of the same batch are handed in when
   * that one is through, the others all at once.
   *
   * @return what became of each, in the batch's order; never fails
   */
  Future<List<Outcome>> submit(TransferBatch batch, Settlement.Wait wait) {
    Map<Hash, Future<Outcome>> before = new HashMap<>();
    List<Future<Outcome>> outcomes = new ArrayList<>(batch.transfers().size());
    for (Optional<Transaction> transfer : batch.transfers()) {
      outcomes.add(
          transfer
              .map(decoded -> submit(decoded, before, wait))
              .orElseGet(
                  () -> {
                    metrics.refused(Reason.DECODE_FAILED.code());
                    return Future.succeededFuture(
                        new Outcome.Refused(undecodable(new MalformedException("in a batch"))));
                  }));
    }
    return Future.join(outcomes).map(all -> outcomes.stream().map(Future::result).toList());
  }

  private Future<Outcome> submit(
      Transaction transfer, Map<Hash, Future<Outcome>> before, Settlement.Wait wait) {
    List<Future<Outcome>> parents = new ArrayList<>();
    for (int i = 0; i < transfer.inputCount(); i++) {
      Future<Outcome> parent = before.get(transfer.prevout(i).txid());
      if (parent != null) {
        parents.add(parent);
      }
    }
    Future<Outcome> outcome =
        parents.isEmpty()
            ? settlement.submit(transfer, wait)
            : Future.join(parents).compose(through -> settlement.submit(transfer, wait));
    before.putIfAbsent(transfer.txid(), outcome);
    return outcome;
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
