package network.tender.web.esplora;

import io.vertx.core.Future;
import io.vertx.core.json.JsonArray;
import io.vertx.core.json.JsonObject;
import java.math.BigDecimal;
import java.math.RoundingMode;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import network.tender.chain.Hash;
import network.tender.chain.Outpoint;
import network.tender.chain.Transaction;
import network.tender.ledger.Reason;
import network.tender.settlement.Outcome;
import network.tender.settlement.Settlement;
import network.tender.web.Problems;

/**
 * Takes a package of transfers in, parents before children, each by its own fee: the least fee is
 * the same for all, so none has to pay for another. The answer has the form of Core's {@code
 * submitpackage} and comes when all that was accepted is settled.
 */
final class PackageSubmission {
  private static final int SAT_DIGITS = 8;

  /** Most inputs whose coins are looked up, one after the other, before a transfer is taken in. */
  private static final int MAX_LOOKUPS = 1_000;

  private final Settlement settlement;
  private final ChainReader chain;

  PackageSubmission(Settlement settlement, ChainReader chain) {
    this.settlement = settlement;
    this.chain = chain;
  }

  /** What becomes of each transfer, by number. */
  private static final class Results {
    private final List<Transaction> transfers;
    private final Map<Integer, String> errors = new HashMap<>();
    private final Map<Integer, Long> feesSat = new HashMap<>();

    Results(List<Transaction> transfers) {
      this.transfers = transfers;
    }
  }

  /**
   * Takes them in.
   *
   * @param maxFeeRate most coins per 1,000 virtual bytes, if there is a limit; 0 for none
   * @param maxBurn most coins of one output that nobody can spend
   */
  Future<JsonObject> submit(
      List<Transaction> transfers, Optional<BigDecimal> maxFeeRate, BigDecimal maxBurn) {
    for (Transaction transfer : transfers) {
      requireNoBurning(transfer, maxBurn);
    }
    Optional<BigDecimal> limit = maxFeeRate.filter(rate -> rate.signum() > 0);
    if (limit.isPresent()
        && transfers.stream().mapToInt(Transaction::inputCount).sum() > MAX_LOOKUPS) {
      throw EsploraErrors.badInput("maxfeerate is for at most " + MAX_LOOKUPS + " inputs")
          .toException();
    }
    Results results = new Results(transfers);
    return feesAllowed(results, limit)
        .compose(allowed -> accept(results, 0))
        .compose(accepted -> settle(results, 0))
        .compose(settled -> readFees(results, 0))
        .map(read -> json(results));
  }

  private static void requireNoBurning(Transaction transfer, BigDecimal maxBurn) {
    for (int i = 0; i < transfer.outputCount(); i++) {
      if (transfer.script(i).isUnspendable()
          && BigDecimal.valueOf(transfer.outputSat(i), SAT_DIGITS).compareTo(maxBurn) > 0) {
        throw EsploraErrors.badInput(
                EsploraErrors.rpc(
                    "submitpackage",
                    EsploraErrors.RPC_VERIFY,
                    "Unspendable output exceeds maximum configured by user (maxburnamount)"))
            .toException();
      }
    }
  }

  /** Refuses transfers before they are taken in, where the sender has set a limit. */
  private Future<Void> feesAllowed(Results results, Optional<BigDecimal> maxFeeRate) {
    if (maxFeeRate.isEmpty()) {
      return Future.succeededFuture();
    }
    return feesAllowed(results, 0, maxFeeRate.get());
  }

  private Future<Void> feesAllowed(Results results, int number, BigDecimal maxFeeRate) {
    if (number == results.transfers.size()) {
      return Future.succeededFuture();
    }
    return fee(results, number)
        .compose(
            fee -> {
              Transaction transfer = results.transfers.get(number);
              if (fee.isPresent()
                  && rate(fee.get(), transfer.virtualSize()).compareTo(maxFeeRate) > 0) {
                results.errors.put(number, "max feerate exceeded");
              }
              return feesAllowed(results, number + 1, maxFeeRate);
            });
  }

  private Future<Void> accept(Results results, int number) {
    if (number == results.transfers.size()) {
      return Future.succeededFuture();
    }
    if (results.errors.containsKey(number)) {
      return accept(results, number + 1);
    }
    return settlement
        .submit(results.transfers.get(number), Settlement.Wait.ACCEPTED)
        .compose(
            outcome -> {
              if (outcome instanceof Outcome.Refused refused) {
                results.errors.put(number, error(refused));
              } else if (outcome instanceof Outcome.Unavailable unavailable) {
                if (number == 0) {
                  return Future.failedFuture(Problems.of(unavailable).toException());
                }
                results.errors.put(number, unavailable.cause().code());
              }
              return accept(results, number + 1);
            });
  }

  private static String error(Outcome.Refused refused) {
    Reason reason = refused.rejection().reason();
    return reason == Reason.UNKNOWN_COIN || reason == Reason.DOUBLE_SPEND
        ? "bad-txns-inputs-missingorspent"
        : refused.rejection().wireText();
  }

  /** Waits for the last accepted one: whatever it hangs on is settled before or with it. */
  private Future<Void> settle(Results results, int number) {
    if (number == results.transfers.size()) {
      return Future.succeededFuture();
    }
    if (results.errors.containsKey(number)) {
      return settle(results, number + 1);
    }
    return settlement
        .submit(results.transfers.get(number), Settlement.Wait.SETTLED)
        // What is accepted and only late will be settled; that is what a package's sender asks.
        .compose(outcome -> settle(results, number + 1));
  }

  private Future<Void> readFees(Results results, int number) {
    if (number == results.transfers.size()) {
      return Future.succeededFuture();
    }
    if (results.errors.containsKey(number)) {
      return readFees(results, number + 1);
    }
    return paidSat(results.transfers.get(number))
        // It has been taken in, which the answer must say whatever else can't be read.
        .otherwise(Optional.empty())
        .compose(
            fee -> {
              fee.ifPresent(sat -> results.feesSat.put(number, sat));
              return readFees(results, number + 1);
            });
  }

  /** What a transfer pays that was taken in: its coins are known with it. */
  private Future<Optional<Long>> paidSat(Transaction transfer) {
    return settlement
        .pending(transfer.txid())
        .compose(
            pending ->
                pending.isPresent()
                    ? Future.succeededFuture(pending.map(p -> p.fee().sat()))
                    : chain
                        .transaction(transfer.txid())
                        .map(found -> found.map(PackageSubmission::paidSat)));
  }

  private static long paidSat(ChainReader.Located located) {
    return located.block().spent().get(located.position()).stream()
            .mapToLong(coin -> coin.amount().sat())
            .sum()
        - outputSat(located.transaction());
  }

  /** What a transfer would pay, if all that it spends is found. */
  private Future<Optional<Long>> fee(Results results, int number) {
    Transaction transfer = results.transfers.get(number);
    Map<Hash, Transaction> parents = new LinkedHashMap<>();
    results.transfers.forEach(parent -> parents.put(parent.txid(), parent));
    Future<Optional<Long>> sum = Future.succeededFuture(Optional.of(-outputSat(transfer)));
    for (int i = 0; i < transfer.inputCount(); i++) {
      Outpoint prevout = transfer.prevout(i);
      sum =
          sum.compose(
              before ->
                  before.isEmpty()
                      ? Future.succeededFuture(before)
                      : parent(prevout.txid(), parents)
                          .map(parent -> parent.flatMap(p -> valueSat(p, prevout.index())))
                          .map(value -> value.map(sat -> before.get() + sat)));
    }
    return sum;
  }

  private Future<Optional<Transaction>> parent(Hash txid, Map<Hash, Transaction> known) {
    Transaction parent = known.get(txid);
    if (parent != null) {
      return Future.succeededFuture(Optional.of(parent));
    }
    return settlement
        .pending(txid)
        .compose(
            pending ->
                pending.isPresent()
                    ? Future.succeededFuture(pending.map(p -> p.transfer()))
                    : chain
                        .transaction(txid)
                        .map(found -> found.map(ChainReader.Located::transaction)))
        .onSuccess(found -> found.ifPresent(transaction -> known.put(txid, transaction)));
  }

  private static Optional<Long> valueSat(Transaction transaction, int index) {
    return index < 0 || index >= transaction.outputCount()
        ? Optional.empty()
        : Optional.of(transaction.outputSat(index));
  }

  private static long outputSat(Transaction transfer) {
    long sum = 0;
    for (int i = 0; i < transfer.outputCount(); i++) {
      sum += transfer.outputSat(i);
    }
    return sum;
  }

  /** Coins per 1,000 virtual bytes. */
  private static BigDecimal rate(long feeSat, int virtualSize) {
    return BigDecimal.valueOf(feeSat * 1_000, SAT_DIGITS)
        .divide(BigDecimal.valueOf(virtualSize), SAT_DIGITS, RoundingMode.HALF_UP);
  }

  private static JsonObject json(Results results) {
    JsonObject byWtxid = new JsonObject();
    List<String> errors = new ArrayList<>();
    for (int i = 0; i < results.transfers.size(); i++) {
      Transaction transfer = results.transfers.get(i);
      JsonObject result = new JsonObject().put("txid", transfer.txid().toString());
      String error = results.errors.get(i);
      if (error == null) {
        result.put("vsize", transfer.virtualSize());
        Long fee = results.feesSat.get(i);
        if (fee != null) {
          result.put(
              "fees",
              new JsonObject()
                  .put("base", BigDecimal.valueOf(fee, SAT_DIGITS))
                  .put("effective-feerate", rate(fee, transfer.virtualSize()))
                  .put("effective-includes", new JsonArray().add(transfer.wtxid().toString())));
        }
      } else {
        errors.add(error);
        result.put("error", error);
      }
      byWtxid.put(transfer.wtxid().toString(), result);
    }
    return new JsonObject()
        .put("package_msg", errors.isEmpty() ? "success" : "transaction failed")
        .put("tx-results", byWtxid)
        .put("replaced-transactions", new JsonArray());
  }
}
