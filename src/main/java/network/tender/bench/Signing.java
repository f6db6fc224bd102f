package network.tender.bench;

import java.util.ArrayList;
import java.util.List;
import java.util.SplittableRandom;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.TimeoutException;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.function.IntConsumer;
import network.tender.chain.Amount;
import network.tender.chain.Outpoint;
import network.tender.chain.Script;
import network.tender.chain.Transaction;
import network.tender.chain.TransferInput;
import network.tender.chain.TransferOutput;
import network.tender.script.Curve;
import network.tender.script.KeyScript;
import network.tender.script.SigningKey;
import network.tender.script.TransferSigner;

/** Signs the transfers of a run beforehand, on all processors. */
final class Signing {
  /** Well above every least amount. */
  static final long OUTPUT_SAT = 1_000;

  private static final int BATCH = 256;

  private final TransferSigner signer;
  private final KeyRing keys;
  private final Kind kind;
  private final Shape shape;

  Signing(Curve curve, KeyRing keys, Kind kind, Shape shape) {
    this.signer = new TransferSigner(curve);
    this.keys = keys;
    this.kind = kind;
    this.shape = shape;
  }

  /** What each coin must hold for a transfer to pay its outputs and this fee. */
  long coinSat(long feeSat) {
    return (shape.outputs() * OUTPUT_SAT + feeSat + shape.inputs() - 1) / shape.inputs();
  }

  /** Which coin comes at which place. */
  interface Order {
    /** The coin at a place; each coin is at one place at most. */
    int coin(int place);
  }

  /** Signs transfers that spend coins in some order, each transfer coins of its own. */
  SignedTransfers sign(Funding.Coins coins, Order order, int count, Progress.Phase phase) {
    SignedTransfers signed = new SignedTransfers(count);
    inParallel(count, phase, i -> signed.set(i, transfer(coins, order, i)));
    return signed;
  }

  /** More virtual bytes than a transfer with one input and one output has. */
  static final int ROUND_VBYTES = 130;

  /**
   * Signs transfers with one input and one output, so that the number of coins stays as it is: one
   * for each coin in the given order, then for each again, spending what the first one has paid.
   *
   * @param from which is the first one wanted; those before it are settled already
   * @param count how many are wanted
   * @param feeSat fee of each
   */
  SignedTransfers signRounds(
      Funding.Coins coins, int[] order, int from, int count, long feeSat, Progress.Phase phase) {
    SignedTransfers signed = new SignedTransfers(count);
    inParallel(
        Math.min(order.length, from + count),
        phase,
        place -> {
          int coin = order[place];
          KeyScript keyScript = kind.of(coin);
          Outpoint outpoint = coins.outpoint(coin);
          long sat = coins.sat();
          for (int at = place, round = 0; at < from + count; at += order.length, round++) {
            SigningKey payer = keys.key(coin + round);
            SigningKey payee = keys.key(coin + round + 1);
            Transaction transfer =
                Transaction.build(
                    2,
                    List.of(TransferInput.unsigned(outpoint)),
                    List.of(
                        new TransferOutput(Amount.ofSat(sat - feeSat), payee.script(keyScript))),
                    0);
            if (at >= from) {
              TransferOutput spent = new TransferOutput(Amount.ofSat(sat), payer.script(keyScript));
              signed.set(at - from, signer.signWith(transfer, List.of(spent), List.of(payer)));
            }
            // A signature is no part of a txid.
            outpoint = transfer.outpoint(0);
            sat -= feeSat;
          }
        });
    return signed;
  }

  private static void inParallel(int count, Progress.Phase phase, IntConsumer work) {
    AtomicInteger next = new AtomicInteger();
    int threads = Runtime.getRuntime().availableProcessors();
    ExecutorService workers = Executors.newFixedThreadPool(threads);
    try {
      CompletableFuture<?>[] running = new CompletableFuture<?>[threads];
      for (int i = 0; i < threads; i++) {
        running[i] = CompletableFuture.runAsync(() -> work(count, next, work), workers);
      }
      CompletableFuture<Void> all = CompletableFuture.allOf(running);
      while (true) {
        try {
          all.get(200, TimeUnit.MILLISECONDS);
          return;
        } catch (TimeoutException e) {
          phase.at(Math.min(count, next.get()));
        }
      }
    } catch (InterruptedException e) {
      throw BenchException.interrupted(e);
    } catch (ExecutionException e) {
      throw new IllegalStateException("signing failed", e);
    } finally {
      workers.shutdownNow();
    }
  }

  private static void work(int count, AtomicInteger next, IntConsumer work) {
    for (int from = next.getAndAdd(BATCH); from < count; from = next.getAndAdd(BATCH)) {
      for (int i = from; i < Math.min(count, from + BATCH); i++) {
        work.accept(i);
      }
    }
  }

  private Transaction transfer(Funding.Coins coins, Order order, int number) {
    int first = order.coin(number * shape.inputs());
    KeyScript keyScript = kind.of(first / shape.inputs());
    List<TransferInput> inputs = new ArrayList<>(shape.inputs());
    List<TransferOutput> spent = new ArrayList<>(shape.inputs());
    List<SigningKey> own = new ArrayList<>(shape.inputs());
    for (int i = 0; i < shape.inputs(); i++) {
      int coin = i == 0 ? first : order.coin(number * shape.inputs() + i);
      SigningKey key = keys.key(coin);
      inputs.add(TransferInput.unsigned(coins.outpoint(coin)));
      spent.add(new TransferOutput(Amount.ofSat(coins.sat()), key.script(keyScript)));
      own.add(key);
    }
    List<TransferOutput> outputs = new ArrayList<>(shape.outputs());
    SplittableRandom random = new SplittableRandom(coins.outpoint(first).hashCode());
    for (int i = 0; i < shape.outputs(); i++) {
      outputs.add(new TransferOutput(Amount.ofSat(OUTPUT_SAT), payee(keyScript, random)));
    }
    return signer.signWith(Transaction.build(2, inputs, outputs, 0), spent, own);
  }

  /**
   * Pays an amount to somebody and the rest of a coin back.
   *
   * @param coin which coin to spend; one input, whatever the run's shape is
   */
  Transaction pay(Funding.Coins coins, int coin, Script to, long sat, long changeSat) {
    KeyScript keyScript = kind.of(coin);
    SigningKey key = keys.key(coin);
    TransferOutput spent = new TransferOutput(Amount.ofSat(coins.sat()), key.script(keyScript));
    List<TransferOutput> outputs =
        List.of(
            new TransferOutput(Amount.ofSat(sat), to),
            new TransferOutput(Amount.ofSat(changeSat), key.script(keyScript)));
    List<TransferInput> inputs = List.of(TransferInput.unsigned(coins.outpoint(coin)));
    return signer.signWith(Transaction.build(2, inputs, outputs, 0), List.of(spent), List.of(key));
  }

  /** A script that nobody else is paid to, as of customers who all have their own. */
  static Script payee(KeyScript keyScript, SplittableRandom random) {
    byte[] program = new byte[keyScript == KeyScript.P2TR ? 32 : 20];
    random.nextBytes(program);
    return keyScript == KeyScript.P2TR ? Script.p2tr(program) : Script.p2wpkh(program);
  }
}
