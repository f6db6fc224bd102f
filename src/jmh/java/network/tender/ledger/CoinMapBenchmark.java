package network.tender.ledger;

import java.nio.ByteBuffer;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.concurrent.TimeUnit;
import network.tender.chain.Amount;
import network.tender.chain.Hash;
import network.tender.chain.Hashing;
import network.tender.chain.Outpoint;
import network.tender.chain.Script;
import network.tender.chain.Transaction;
import network.tender.chain.TransferInput;
import network.tender.chain.TransferOutput;
import org.openjdk.jmh.annotations.Benchmark;
import org.openjdk.jmh.annotations.BenchmarkMode;
import org.openjdk.jmh.annotations.Fork;
import org.openjdk.jmh.annotations.Level;
import org.openjdk.jmh.annotations.Mode;
import org.openjdk.jmh.annotations.OperationsPerInvocation;
import org.openjdk.jmh.annotations.OutputTimeUnit;
import org.openjdk.jmh.annotations.Scope;
import org.openjdk.jmh.annotations.Setup;
import org.openjdk.jmh.annotations.State;

/** A million coins in memory: finding them, and what blocks and flushes do to them. */
@State(Scope.Benchmark)
@BenchmarkMode(Mode.AverageTime)
@OutputTimeUnit(TimeUnit.NANOSECONDS)
@Fork(jvmArgsAppend = "-Xmx1500m")
public class CoinMapBenchmark {
  private static final int COINS = 1_000_000;

  /** Transfers in a block, each with one input and two outputs. */
  private static final int BLOCK = 1_000;

  /** A step through the coins that meets all of them and never neighbours. */
  private static final int STRIDE = 611_953;

  private final List<Outpoint> coins = new ArrayList<>();
  private final List<Outpoint> strangers = new ArrayList<>();
  private CoinCache cache = new CoinCache(COINS, 0, 7);
  private int next;

  private static Hash name(int number) {
    return Hashing.sha256d(ByteBuffer.allocate(4).putInt(number).array());
  }

  private static Script script(int number) {
    byte[] program = new byte[20];
    ByteBuffer.wrap(program).putInt(number);
    return Script.p2wpkh(program);
  }

  /** Loads a million coins, each with a script of its own. */
  @Setup
  public void load() {
    coins.clear();
    strangers.clear();
    cache = new CoinCache(COINS, 0, 7);
    next = 0;
    for (int i = 0; i < COINS; i++) {
      Outpoint outpoint = new Outpoint(name(i), i & 1);
      coins.add(outpoint);
      cache.keep(outpoint, new Coin(Amount.ofSat(2_000), script(i), 1, false));
    }
    for (int i = 0; i < BLOCK; i++) {
      strangers.add(new Outpoint(name(-1 - i), 0));
    }
  }

  /** One block after the other, for those benchmarks alone that take them in. */
  @State(Scope.Thread)
  public static class Blocks {
    private List<Transaction> transactions = List.of();
    private List<List<Coin>> spent = List.of();
    private int height;
    private int nextSpent;

    /** Makes the next block and, once in a while, flushes, which is not measured. */
    @Setup(Level.Invocation)
    public void prepare(CoinMapBenchmark map) {
      if (map.cache.unflushedChanges() > 5 * BLOCK) {
        map.cache.takeChanges().ifPresent(map.cache::flushed);
      }
      List<Transaction> block = new ArrayList<>(BLOCK + 1);
      List<List<Coin>> spentByBlock = new ArrayList<>(BLOCK + 1);
      block.add(transfer(new Outpoint(Hash.ZERO, height), 0));
      spentByBlock.add(List.of());
      for (int i = 0; i < BLOCK; i++) {
        Transaction transfer = transfer(map.coins.get(nextSpent), nextSpent);
        // What is spent once is spent: its place is taken by what was made of it.
        map.coins.set(nextSpent, transfer.outpoint(0));
        nextSpent = (nextSpent + STRIDE) % COINS;
        block.add(transfer);
        spentByBlock.add(List.of(new Coin(Amount.ofSat(900), script(nextSpent), height, false)));
      }
      transactions = block;
      spent = spentByBlock;
    }
  }

  private static Transaction transfer(Outpoint spent, int number) {
    return Transaction.build(
        2,
        List.of(TransferInput.unsigned(spent)),
        List.of(
            new TransferOutput(Amount.ofSat(900), script(number)),
            new TransferOutput(Amount.ofSat(900), script(number + COINS))),
        0);
  }

  private Outpoint anyCoin() {
    next = (next + STRIDE) % COINS;
    return coins.get(next);
  }

  /** A thousand coins that are there. */
  @Benchmark
  @OperationsPerInvocation(BLOCK)
  public long find() {
    long sat = 0;
    for (int i = 0; i < BLOCK; i++) {
      Coin coin = cache.find(anyCoin());
      sat += coin == null ? 0 : coin.amount().sat();
    }
    return sat;
  }

  /** A thousand coins that are not there. */
  @Benchmark
  @OperationsPerInvocation(BLOCK)
  public int miss() {
    int missed = 0;
    for (Outpoint stranger : strangers) {
      missed += cache.find(stranger) == null ? 1 : 0;
    }
    return missed;
  }

  /** A durable block of a thousand transfers; the figure is for one, which spends 1 and adds 2. */
  @Benchmark
  @OperationsPerInvocation(BLOCK)
  public int apply(Blocks blocks) {
    cache.apply(++blocks.height, blocks.transactions, blocks.spent);
    return cache.height();
  }

  /** The same and the end of a flush, which the writer does too. */
  @Benchmark
  @OperationsPerInvocation(BLOCK)
  public long applyAndFlush(Blocks blocks) {
    cache.apply(++blocks.height, blocks.transactions, blocks.spent);
    Optional<CoinChanges> changes = cache.takeChanges();
    changes.ifPresent(cache::flushed);
    return cache.epoch();
  }
}
