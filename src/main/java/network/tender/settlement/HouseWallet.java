package network.tender.settlement;

import io.vertx.core.Context;
import io.vertx.core.Future;
import io.vertx.core.Promise;
import io.vertx.core.Vertx;
import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.Collections;
import java.util.Comparator;
import java.util.Deque;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.TreeSet;
import network.tender.chain.Amount;
import network.tender.chain.Network;
import network.tender.chain.Outpoint;
import network.tender.chain.Script;
import network.tender.chain.Transaction;
import network.tender.chain.TransferInput;
import network.tender.chain.TransferOutput;
import network.tender.ledger.Coin;
import network.tender.ledger.Reason;
import network.tender.ledger.Rejection;
import network.tender.ledger.SealedBlock;
import network.tender.script.Curve;
import network.tender.script.KeyScript;
import network.tender.script.TransferSigner;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Pays from one key that everybody knows; for the development network only. It spends settled coins
 * only and keeps many of them, so that many payments can be under way; as others may spend its
 * coins too, it follows the blocks and tries again with other coins. Safe for any thread.
 */
public final class HouseWallet {
  private static final Logger LOG = LoggerFactory.getLogger(HouseWallet.class);

  private static final int MAX_WAITING = 1_000;

  /** Anybody can send this wallet crumbs without end; a part of its coins is enough to pay. */
  private static final int MAX_LOADED_COINS = 5_000;

  private static final int MAX_INPUTS = 200;
  private static final int MAX_ATTEMPTS = 5;

  /** While it has fewer coins, change is split, so that more payments fit side by side. */
  private static final int PLENTY_OF_COINS = 64;

  private static final int CHANGE_PARTS = 4;

  /** Change below this is not split, and lesser coins are merged when there are too many. */
  private static final long SMALL_SAT = Amount.SAT_PER_COIN / 10;

  private static final int TOO_MANY_SMALL = 1_000;

  /** A refill from the source, in parts that can be spent side by side. */
  private static final int REFILL_PARTS = 20;

  private static final long REFILL_SAT = 100 * Amount.SAT_PER_COIN;
  private static final long LOW_SAT = 50 * Amount.SAT_PER_COIN;

  /** Version, counts, lock time and segwit marker, in vbytes, rounded up. */
  private static final long FRAME_VBYTES = 12;

  /** A P2WPKH input with its witness, in vbytes, rounded up. */
  private static final long INPUT_VBYTES = 69;

  private static final int RETRY_SECONDS = 1;

  private record Spendable(Outpoint outpoint, Coin coin) {
    static final Comparator<Spendable> LARGEST_FIRST =
        Comparator.comparing((Spendable s) -> s.coin().amount())
            .reversed()
            .thenComparing(s -> s.outpoint().txid())
            .thenComparing(s -> s.outpoint().index());

    long sat() {
      return coin.amount().sat();
    }
  }

  private static final class Payment {
    final List<TransferOutput> outputs;
    final Context caller;
    final Promise<Outcome> promise = Promise.promise();
    int attempts;

    Payment(List<TransferOutput> outputs, Context caller) {
      this.outputs = outputs;
      this.caller = caller;
    }

    long sat() {
      return outputs.stream().mapToLong(output -> output.amount().sat()).sum();
    }

    void answer(Outcome outcome) {
      caller.runOnContext(back -> promise.tryComplete(outcome));
    }
  }

  private final Vertx vertx;
  private final String name;
  private final Settlement settlement;
  private final Network network;
  private final TransferSigner signer;
  private final byte[] secret;
  private final Script script;
  private final Optional<HouseWallet> source;
  private final Context context;
  private volatile Runnable unsubscribe = () -> {};

  // All below is touched on the wallet's context only.
  private final Map<Outpoint, Spendable> coins = new HashMap<>();
  private final TreeSet<Spendable> free = new TreeSet<>(Spendable.LARGEST_FIRST);
  private final Deque<Spendable> immature = new ArrayDeque<>();
  private final Deque<Payment> waiting = new ArrayDeque<>();
  private final Deque<SealedBlock> early = new ArrayDeque<>();
  private boolean loaded;
  private boolean refilling;
  private boolean merging;
  private int height;

  private HouseWallet(
      Vertx vertx,
      String name,
      Settlement settlement,
      Network network,
      Curve curve,
      byte[] secret,
      Optional<HouseWallet> source) {
    this.vertx = vertx;
    this.name = name;
    this.settlement = settlement;
    this.network = network;
    this.signer = new TransferSigner(curve);
    this.secret = secret;
    this.script = KeyScript.P2WPKH.of(curve, curve.publicKey(secret));
    this.source = source;
    this.context = vertx.getOrCreateContext();
  }

  /**
   * Opens the wallet of one key's P2WPKH script.
   *
   * @param name for the log
   * @param secret the key everybody knows
   * @param source refills this wallet when it is low
   * @throws IllegalArgumentException on any network but regtest
   */
  public static Future<HouseWallet> open(
      Vertx vertx,
      String name,
      Settlement settlement,
      Network network,
      Curve curve,
      byte[] secret,
      Optional<HouseWallet> source) {
    if (!network.isRegtest()) {
      throw new IllegalArgumentException("no " + name + " on " + network.name());
    }
    HouseWallet wallet = new HouseWallet(vertx, name, settlement, network, curve, secret, source);
    // Blocks first: none may fall between the coins and the blocks after them.
    wallet.unsubscribe =
        settlement.onBlock(block -> wallet.context.runOnContext(there -> wallet.take(block)));
    return settlement
        .coinsOf(wallet.script.hash(), MAX_LOADED_COINS)
        .map(
            found -> {
              wallet.context.runOnContext(there -> wallet.load(found));
              return wallet;
            });
  }

  /** What this wallet is paid to. */
  public Script script() {
    return script;
  }

  /** Stops following blocks. */
  public void close() {
    unsubscribe.run();
  }

  /**
   * Pays, and waits until that is settled.
   *
   * @param to who is paid
   * @param amount how much, without the fee
   */
  public Future<Outcome> pay(Script to, Amount amount) {
    return pay(List.of(new TransferOutput(amount, to)));
  }

  private Future<Outcome> pay(List<TransferOutput> outputs) {
    Payment payment = new Payment(outputs, vertx.getOrCreateContext());
    context.runOnContext(
        there -> {
          if (waiting.size() >= MAX_WAITING) {
            payment.answer(new Outcome.Unavailable(Outcome.Cause.BUSY, RETRY_SECONDS));
          } else {
            waiting.add(payment);
            pump();
          }
        });
    return payment.promise.future();
  }

  private void load(Map<Outpoint, Coin> found) {
    height = settlement.status().height();
    found.entrySet().stream()
        .sorted(Comparator.comparingInt(entry -> entry.getValue().height()))
        .forEach(entry -> add(entry.getKey(), entry.getValue()));
    loaded = true;
    while (!early.isEmpty()) {
      take(early.remove());
    }
    ripen();
    pump();
  }

  private void take(SealedBlock block) {
    if (!loaded) {
      early.add(block);
      return;
    }
    height = Math.max(height, block.height());
    List<Transaction> transactions = block.block().transactions();
    for (int i = 0; i < transactions.size(); i++) {
      Transaction transaction = transactions.get(i);
      for (int j = 0; i > 0 && j < transaction.inputCount(); j++) {
        Spendable spent = coins.remove(transaction.prevout(j));
        if (spent != null) {
          free.remove(spent);
        }
      }
      for (int j = 0; j < transaction.outputCount(); j++) {
        if (transaction.script(j).equals(script)) {
          add(
              transaction.outpoint(j),
              new Coin(transaction.amount(j), script, block.height(), i == 0));
        }
      }
    }
    ripen();
    pump();
  }

  private void add(Outpoint outpoint, Coin coin) {
    Spendable spendable = new Spendable(outpoint, coin);
    if (coins.putIfAbsent(outpoint, spendable) != null) {
      return;
    }
    if (coin.coinbase()) {
      immature.add(spendable);
    } else {
      free.add(spendable);
    }
  }

  /** Coinbases come in the order of their heights. */
  private void ripen() {
    while (!immature.isEmpty()
        && height + 1 - immature.element().coin().height() >= Network.COINBASE_MATURITY_BLOCKS) {
      Spendable ripe = immature.remove();
      if (coins.containsKey(ripe.outpoint())) {
        free.add(ripe);
      }
    }
  }

  // ---- Paying.

  private void pump() {
    if (!loaded) {
      return;
    }
    refillIfLow(0);
    mergeIfMany();
    while (!waiting.isEmpty()) {
      Payment payment = waiting.element();
      List<Spendable> chosen = choose(payment);
      if (!chosen.isEmpty()) {
        waiting.remove();
        send(payment, chosen);
      } else if (canStillBeCovered(payment)) {
        return;
      } else {
        waiting.remove();
        payment.answer(
            new Outcome.Refused(
                Rejection.of(
                    Reason.OVERSPEND,
                    "The %s has not so many coins left; ask for less.".formatted(name))));
      }
    }
  }

  /** The fewest coins that cover a payment and its fee; empty if there are not enough free ones. */
  private List<Spendable> choose(Payment payment) {
    List<Spendable> chosen = new ArrayList<>();
    long sum = 0;
    for (Spendable spendable : free) {
      chosen.add(spendable);
      sum += spendable.sat();
      if (sum >= payment.sat() + fee(chosen.size(), payment.outputs, 0)) {
        return chosen;
      }
      if (chosen.size() == MAX_INPUTS) {
        break;
      }
    }
    return List.of();
  }

  /** True if waiting helps: coins are in transfers under way, or the source can be asked. */
  private boolean canStillBeCovered(Payment payment) {
    return coins.size() - immature.size() > free.size() || refilling || refillIfLow(payment.sat());
  }

  private long fee(int inputs, List<TransferOutput> outputs, int changeOutputs) {
    long vbytes = FRAME_VBYTES + inputs * INPUT_VBYTES;
    for (TransferOutput output : outputs) {
      vbytes += 9 + output.script().length();
    }
    vbytes += changeOutputs * (9L + script.length());
    return (vbytes * network.feeFloorSatPerKvb() + 999) / 1_000;
  }

  private void send(Payment payment, List<Spendable> chosen) {
    chosen.forEach(free::remove);
    Transaction transfer = build(payment, chosen);
    settlement
        .submit(transfer, Settlement.Wait.SETTLED)
        .onComplete(
            result ->
                context.runOnContext(
                    there -> {
                      if (result.succeeded()) {
                        sent(payment, chosen, result.result());
                      } else {
                        LOG.error("The {} could not pay", name, result.cause());
                        release(chosen);
                        payment.caller.runOnContext(
                            back -> payment.promise.tryFail(result.cause()));
                      }
                      pump();
                    }));
  }

  private void sent(Payment payment, List<Spendable> chosen, Outcome outcome) {
    if (outcome instanceof Outcome.Refused refused && refused.rejection().conflict().isPresent()) {
      // Somebody else has spent a coin of ours. The block will say which; the others come back.
      forget(chosen);
      if (payment.attempts++ < MAX_ATTEMPTS) {
        waiting.addFirst(payment);
        return;
      }
    } else if (outcome instanceof Outcome.Refused) {
      release(chosen);
    } else if (outcome instanceof Outcome.Unavailable unavailable
        && unavailable.cause() != Outcome.Cause.DELAYED) {
      release(chosen);
    }
    payment.answer(outcome);
  }

  private void release(List<Spendable> chosen) {
    for (Spendable spendable : chosen) {
      if (coins.containsKey(spendable.outpoint())) {
        free.add(spendable);
      }
    }
  }

  /** Drops coins that may be spent, and asks the ledger which of them are not. */
  private void forget(List<Spendable> chosen) {
    chosen.forEach(spendable -> coins.remove(spendable.outpoint()));
    settlement
        .coinsOf(script.hash(), MAX_LOADED_COINS)
        .onSuccess(
            found ->
                context.runOnContext(
                    there -> {
                      for (Spendable spendable : chosen) {
                        if (found.containsKey(spendable.outpoint()) && chosen.size() > 1) {
                          add(spendable.outpoint(), spendable.coin());
                        }
                      }
                      ripen();
                      pump();
                    }));
  }

  private Transaction build(Payment payment, List<Spendable> chosen) {
    long sum = chosen.stream().mapToLong(Spendable::sat).sum();
    List<TransferOutput> outputs = new ArrayList<>(payment.outputs);
    int parts = coins.size() < PLENTY_OF_COINS ? CHANGE_PARTS : 1;
    long change = sum - payment.sat() - fee(chosen.size(), payment.outputs, parts);
    if (change / parts < SMALL_SAT) {
      parts = 1;
      change = sum - payment.sat() - fee(chosen.size(), payment.outputs, 1);
    }
    if (change >= 1_000) {
      long part = change / parts;
      outputs.addAll(
          Collections.nCopies(parts - 1, new TransferOutput(Amount.ofSat(part), script)));
      outputs.add(new TransferOutput(Amount.ofSat(change - part * (parts - 1)), script));
    }
    Transaction unsigned =
        Transaction.build(
            2,
            chosen.stream().map(coin -> TransferInput.unsigned(coin.outpoint())).toList(),
            outputs,
            0);
    return signer.sign(
        unsigned,
        chosen.stream().map(coin -> coin.coin().output()).toList(),
        Collections.nCopies(chosen.size(), secret));
  }

  // ---- Keeping the purse in order.

  /** Asks the source for coins if there are few; true if it has been asked. */
  private boolean refillIfLow(long neededSat) {
    if (source.isEmpty() || refilling) {
      return false;
    }
    long held = coins.values().stream().mapToLong(Spendable::sat).sum();
    if (neededSat == 0 && held >= LOW_SAT) {
      return false;
    }
    refilling = true;
    long part = Math.addExact(REFILL_SAT, neededSat) / REFILL_PARTS;
    source
        .get()
        .pay(Collections.nCopies(REFILL_PARTS, new TransferOutput(Amount.ofSat(part), script)))
        .onComplete(
            result ->
                context.runOnContext(
                    there -> {
                      refilling = false;
                      if (result.failed() || !(result.result() instanceof Outcome.Settled)) {
                        refillFailed(
                            result.succeeded()
                                ? result.result()
                                : new Outcome.Unavailable(Outcome.Cause.BUSY, RETRY_SECONDS));
                      }
                    }));
    return true;
  }

  /** Who waits can't be served now, and must not wait for a block that may never come. */
  private void refillFailed(Outcome outcome) {
    LOG.warn("The {} could not be refilled: {}", name, outcome);
    for (Payment payment = waiting.poll(); payment != null; payment = waiting.poll()) {
      payment.answer(outcome);
    }
  }

  /** Every coinbase pays fees to the treasury; thousands of crumbs are made into one coin. */
  private void mergeIfMany() {
    if (merging || free.size() <= TOO_MANY_SMALL || free.last().sat() >= SMALL_SAT) {
      return;
    }
    List<Spendable> crumbs = new ArrayList<>();
    for (Spendable crumb : free.descendingSet()) {
      if (crumb.sat() >= SMALL_SAT || crumbs.size() == MAX_INPUTS) {
        break;
      }
      crumbs.add(crumb);
    }
    long worth = crumbs.stream().mapToLong(Spendable::sat).sum();
    if (worth < fee(crumbs.size(), List.of(), 1) + 1_000) {
      return;
    }
    merging = true;
    Payment merge = new Payment(List.of(), context);
    merge.attempts = MAX_ATTEMPTS;
    merge.promise.future().onComplete(done -> merging = false);
    send(merge, crumbs);
  }
}
