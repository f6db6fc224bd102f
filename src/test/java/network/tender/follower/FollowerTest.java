package network.tender.follower;

import static org.assertj.core.api.Assertions.assertThat;

import io.micrometer.core.instrument.simple.SimpleMeterRegistry;
import io.vertx.core.Future;
import io.vertx.core.Vertx;
import java.lang.reflect.Proxy;
import java.time.Instant;
import java.time.InstantSource;
import java.util.ArrayList;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Random;
import java.util.Set;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.concurrent.locks.LockSupport;
import java.util.function.BooleanSupplier;
import network.tender.chain.Block;
import network.tender.chain.Hash;
import network.tender.chain.Network;
import network.tender.chain.Outpoint;
import network.tender.journal.Database;
import network.tender.journal.PgChainIndex;
import network.tender.journal.PgCoinStore;
import network.tender.journal.PgJournal;
import network.tender.journal.RetryPolicy;
import network.tender.journal.TestDatabase;
import network.tender.journal.WriterLease;
import network.tender.ledger.BrokenBlocks;
import network.tender.ledger.CertifiedBlock;
import network.tender.ledger.Coin;
import network.tender.ledger.Policy;
import network.tender.ledger.SignedChain;
import network.tender.script.Curve;
import network.tender.settlement.SettlementSettings;
import network.tender.settlement.Storage;
import network.tender.telemetry.ChainMetrics;
import network.tender.telemetry.FollowerMetrics;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;

/** A follower on a real database, before a server that lies and loses connections. */
class FollowerTest {
  private static final Network NETWORK = Network.regtest();
  private static final Curve CURVE = Curve.load(Curve.Provider.AUTO);
  private static final int MAX_COINS = 100_000;

  /** Just behind the signed chain's blocks. */
  private static final Instant NOW = Instant.ofEpochSecond(1_700_000_200);

  private final Random random = new Random(20_261_125);
  private final ChainServer server = new ChainServer(random);
  private final TestDatabase database = TestDatabase.create();
  private final Vertx vertx = Vertx.vertx();
  private final SignedChain chain = new SignedChain();
  private final List<Block> blocks = new ArrayList<>();
  private Running running;

  /** A follower with what it needs, which ends with it. */
  private final class Running {
    private final Database opened;
    private final WriterLease lease;
    private final List<Runnable> closers = new ArrayList<>();
    final Follower follower;

    Running(Policy policy, Curve curve) {
      opened = await(Database.open(vertx, database.options(), NETWORK, true));
      lease =
          await(
              WriterLease.acquire(
                  opened,
                  WriterLease.Options.DEFAULT,
                  lost -> {
                    throw new AssertionError(lost);
                  }));
      SimpleMeterRegistry registry = new SimpleMeterRegistry();
      follower =
          await(
              Follower.start(
                  vertx,
                  new FollowerParts(
                      NETWORK,
                      policy,
                      curve,
                      server.url(),
                      this::storage,
                      SettlementSettings.DEFAULT,
                      InstantSource.fixed(NOW),
                      random,
                      new ChainMetrics(registry),
                      new FollowerMetrics(registry, Follower.outcomes()),
                      fatal -> {
                        throw new AssertionError(fatal);
                      })));
    }

    private Future<Storage> storage() {
      RetryPolicy retries = RetryPolicy.beyond(opened.options().limits().statementTimeout());
      return PgJournal.open(opened, lease, List.of(), retries)
          .compose(
              journal -> {
                closers.add(() -> await(journal.close()));
                return PgCoinStore.open(opened, lease, retries)
                    .compose(
                        coins -> {
                          closers.add(() -> await(coins.close()));
                          return PgChainIndex.open(
                                  opened, lease, PgChainIndex.Options.DEFAULT, retries)
                              .map(
                                  index -> {
                                    closers.add(() -> await(index.close()));
                                    return new Storage(journal, coins, index);
                                  });
                        });
              });
    }

    void close() {
      await(follower.stop());
      closers.forEach(Runnable::run);
      await(lease.close());
      await(opened.close());
    }
  }

  private static <T> T await(Future<T> future) {
    try {
      return future.toCompletionStage().toCompletableFuture().get(30, TimeUnit.SECONDS);
    } catch (Exception e) {
      throw new IllegalStateException(e);
    }
  }

  private static void until(String what, BooleanSupplier condition) {
    long deadline = System.nanoTime() + TimeUnit.SECONDS.toNanos(60);
    while (!condition.getAsBoolean()) {
      assertThat(System.nanoTime() - deadline).describedAs("in time: " + what).isNegative();
      LockSupport.parkNanos(TimeUnit.MILLISECONDS.toNanos(5));
    }
  }

  @BeforeEach
  void serveTheBootstrap() {
    chain.bootstrap().forEach(this::serve);
    serve(chain.split(1, 300));
  }

  @AfterEach
  void end() {
    if (running != null) {
      running.close();
    }
    server.close();
    await(vertx.close());
  }

  private void serve(Block block) {
    server.add(chain.certified(blocks.size(), block));
    blocks.add(block);
  }

  private Follower follow() {
    return follow(Policy.DEFAULT);
  }

  private Follower follow(Policy policy) {
    return follow(policy, CURVE);
  }

  private Follower follow(Policy policy, Curve curve) {
    running = new Running(policy, curve);
    return running.follower;
  }

  /** Verifies signatures, but for one call that ends in a failure of the library. */
  private static Curve failingOnceAt(int call) {
    AtomicInteger left = new AtomicInteger(call);
    return (Curve)
        Proxy.newProxyInstance(
            Curve.class.getClassLoader(),
            new Class<?>[] {Curve.class},
            (proxy, method, arguments) -> {
              if (method.getName().equals("verifySchnorr") && left.decrementAndGet() == 0) {
                throw new IllegalStateException("out of order");
              }
              return method.invoke(CURVE, arguments);
            });
  }

  private void caughtUp(Follower follower) {
    until(
        "caught up, not " + follower.following(),
        () -> follower.status().height() == blocks.size() - 1);
    assertThat(follower.status().hash()).isEqualTo(blocks.get(blocks.size() - 1).hash());
  }

  private void agreesOnEveryBalance(Follower follower) {
    Map<Hash, Long> balances = chain.balancesSat(blocks);
    long sum = 0;
    for (Map.Entry<Hash, Long> balance : balances.entrySet()) {
      Map<Outpoint, Coin> coins = await(follower.coinsOf(balance.getKey(), MAX_COINS));
      long sat = coins.values().stream().mapToLong(coin -> coin.amount().sat()).sum();
      assertThat(sat).isEqualTo(balance.getValue());
      sum += sat;
    }
    assertThat(sum).isEqualTo(follower.status().totals().unspent().sat());
  }

  @Test
  void catchesUpGoesOnAndAgreesOnEveryBalance() {
    for (int i = 0; i < 8; i++) {
      serve(chain.next(150));
    }
    Follower follower = follow();
    caughtUp(follower);
    until(
        "at the tip, not " + follower.following(),
        () -> follower.following().state() == FollowerStatus.State.FOLLOWING);
    agreesOnEveryBalance(follower);
    for (int i = 0; i < 5; i++) {
      serve(chain.next(20));
      caughtUp(follower);
    }
    agreesOnEveryBalance(follower);
    assertThat(follower.following().alarm()).isEmpty();
    Hash txid = blocks.get(blocks.size() - 1).transactions().get(7).txid();
    assertThat(await(follower.receipt(txid)).orElseThrow().height()).isEqualTo(blocks.size() - 1);
  }

  /** Coins are flushed in between, so that most are read back from the store. */
  @Test
  void catchesUpThroughAStoreThatIsFullOfChanges() {
    Policy d = Policy.DEFAULT;
    Policy small =
        new Policy(
            d.dust(),
            d.maxTransferWeight(),
            d.maxTransferSigopCost(),
            d.maxDataBytes(),
            d.maxPendingTransfers(),
            d.maxPendingWeight(),
            d.maxPendingChain(),
            10,
            50,
            d.blocksPerSecond(),
            d.blockBurst(),
            0);
    Follower follower = follow(small);
    caughtUp(follower);
    for (int i = 0; i < 12; i++) {
      serve(chain.next(100));
    }
    caughtUp(follower);
    agreesOnEveryBalance(follower);
  }

  @Test
  void resumesAfterCutsAndStops() {
    server.cut(40);
    for (int round = 0; round < 4; round++) {
      for (int i = 0; i < 10; i++) {
        serve(chain.next(30));
      }
      Follower follower = follow();
      if (round < 3) {
        int reach = blocks.size() - 1 - random.nextInt(10);
        until("some way", () -> follower.status().height() >= reach);
      } else {
        caughtUp(follower);
        agreesOnEveryBalance(follower);
        assertThat(follower.following().alarm()).isEmpty();
      }
      running.close();
      running = null;
    }
    assertThat(server.cuts()).as("answers that were cut").isPositive();
  }

  @Test
  void refusesEachBrokenBlockForTheRightReasonAndKeepsItsLastGoodState() {
    for (int i = 0; i < 3; i++) {
      serve(chain.next(20));
    }
    Follower follower = follow();
    caughtUp(follower);
    running.close();
    int height = blocks.size();
    Hash tip = blocks.get(height - 1).hash();
    Block split = blocks.get(Network.BOOTSTRAP_BLOCKS + 1);
    List<BrokenBlocks.Broken> all =
        BrokenBlocks.of(
            height, chain.next(4), forgedNext(), split, medianTimePast(), NOW.getEpochSecond());
    Set<String> codes = new HashSet<>();
    for (BrokenBlocks.Broken broken : all) {
      server.rewrite(broken.block());
      Follower judge = follow();
      until(
          "an alarm about " + broken + ", not " + judge.following(),
          () -> judge.following().alarm().isPresent());
      Alarm alarm = judge.following().alarm().orElseThrow();
      assertThat(alarm.code()).as("%s: %s", broken, alarm.sentence()).isEqualTo(broken.code());
      assertThat(alarm.height()).as(broken.what()).isEqualTo(height);
      assertThat(judge.following().state()).isEqualTo(FollowerStatus.State.STOPPED);
      assertThat(judge.status().height()).as(broken.what()).isEqualTo(height - 1);
      assertThat(judge.status().hash()).isEqualTo(tip);
      codes.add(alarm.code());
      running.close();
      running = null;
    }
    System.out.printf(
        "FollowerTest: %d broken blocks refused, for %d reasons: %s%n",
        all.size(), codes.size(), BrokenBlocks.codes(all));
    assertThat(all.size()).isGreaterThan(20);
  }

  /** The block that would have come had one signature held. */
  private Block forgedNext() {
    SignedChain twin = new SignedChain();
    twin.split(1, 300);
    for (int i = 0; i < 3; i++) {
      twin.next(20);
    }
    return twin.next(4, Set.of(2));
  }

  private long medianTimePast() {
    long[] times =
        blocks.subList(blocks.size() - 11, blocks.size()).stream()
            .mapToLong(block -> block.header().unixSeconds())
            .sorted()
            .toArray();
    return times[5];
  }

  /** The blocks before are judged and not durable then: they come again, and are no false alarm. */
  @Test
  void aFailureInTheMiddleOfABatchIsNoAlarm() {
    Follower follower = follow(Policy.DEFAULT, failingOnceAt(100));
    until(
        "caught up or an alarm",
        () ->
            follower.following().alarm().isPresent()
                || follower.status().height() == blocks.size() - 1);
    assertThat(follower.following().alarm()).isEmpty();
    agreesOnEveryBalance(follower);
  }

  @Test
  void aNodeThatNeverWaitsIsNotAskedWithoutAPause() {
    server.neverWait();
    Follower follower = follow();
    caughtUp(follower);
    int before = server.questions();
    long begin = System.nanoTime();
    until("ten more questions", () -> server.questions() >= before + 10);
    assertThat(System.nanoTime() - begin).isGreaterThan(TimeUnit.SECONDS.toNanos(1));
  }

  @Test
  void aNodeThatKeepsBlocksBackIsNotSaidToBeFollowed() {
    server.neverWait();
    server.exaggerate(3);
    Follower follower = follow();
    caughtUp(follower);
    int before = server.questions();
    until("more questions", () -> server.questions() >= before + 4);
    assertThat(follower.following().state()).isNotEqualTo(FollowerStatus.State.FOLLOWING);
    assertThat(follower.following().alarm()).isEmpty();
  }

  @Test
  void aGoodBlockAfterAnAlarmIsNotTaken() {
    Follower follower = follow();
    caughtUp(follower);
    CertifiedBlock good = chain.certified(blocks.size(), chain.next(5));
    server.add(new CertifiedBlock(good.height(), good.raw(), new byte[0]));
    until("an alarm", () -> follower.following().alarm().isPresent());
    server.rewrite(good);
    assertThat(follower.following().alarm().orElseThrow().code()).isEqualTo("certificate");
    // A restart is the operator's word that the node may be trusted again.
    running.close();
    Follower again = follow();
    until("the good block", () -> again.status().height() == good.height());
    assertThat(again.following().alarm()).isEmpty();
  }

  @Test
  void aRewrittenChainIsNoticedAtTheNextContact() {
    for (int i = 0; i < 3; i++) {
      serve(chain.next(5));
    }
    Follower follower = follow();
    caughtUp(follower);
    running.close();
    running = null;
    SignedChain other = new SignedChain();
    Block split = other.split(1, 301);
    server.rewrite(other.certified(Network.BOOTSTRAP_BLOCKS + 1, split));
    Follower again = follow();
    until("an alarm", () -> again.following().alarm().isPresent());
    Alarm alarm = again.following().alarm().orElseThrow();
    assertThat(alarm.code()).isEqualTo(Alarm.OTHER_CHAIN);
    assertThat(alarm.height()).isEqualTo(Network.BOOTSTRAP_BLOCKS + 1);
    assertThat(alarm.blockHash()).isEqualTo(Optional.of(split.hash()));
    assertThat(again.status().height()).isEqualTo(blocks.size() - 1);
  }

  @Test
  void aNodeOfAnotherNetworkIsRefusedAtTheStart() {
    server.network("corner");
    Throwable refusal = org.assertj.core.api.Assertions.catchThrowable(this::follow);
    assertThat(refusal).rootCause().hasMessageContaining("serves network corner, not regtest");
  }
}
