package network.tender.web.esplora;

import static org.assertj.core.api.Assertions.assertThat;

import io.micrometer.core.instrument.simple.SimpleMeterRegistry;
import io.vertx.core.Future;
import io.vertx.core.Vertx;
import io.vertx.core.json.JsonArray;
import io.vertx.core.json.JsonObject;
import java.net.http.HttpResponse;
import java.util.ArrayList;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Random;
import java.util.Set;
import java.util.concurrent.Callable;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicBoolean;
import java.util.concurrent.atomic.AtomicInteger;
import network.tender.chain.Address;
import network.tender.chain.Outpoint;
import network.tender.chain.Script;
import network.tender.chain.Transaction;
import network.tender.journal.Database;
import network.tender.journal.PgChainIndex;
import network.tender.journal.PgCoinStore;
import network.tender.journal.PgJournal;
import network.tender.journal.RetryPolicy;
import network.tender.journal.TestDatabase;
import network.tender.journal.WriterLease;
import network.tender.ledger.Coin;
import network.tender.settlement.Outcome;
import network.tender.settlement.Pipeline;
import network.tender.settlement.Settlement;
import network.tender.settlement.Storage;
import network.tender.settlement.TestChain;
import network.tender.web.AnswerRoom;
import network.tender.web.StreamLimits;
import network.tender.web.StreamMetrics;
import network.tender.web.TestServer;
import network.tender.web.TestSurfaces;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;

/**
 * What moves from pending to settled is never missing and never in two places, and no answer is
 * ahead of the chain: on the real pipeline and database, with readers that ask all the time.
 */
@Timeout(120)
class EsploraRaceTest {
  private static final int READERS = 4;
  private static final int TRANSFERS = 130;
  private static final int BURST = 5;

  private final Vertx vertx = Vertx.vertx();
  private final TestDatabase testDatabase = TestDatabase.create();
  private Pipeline pipeline;
  private WriterLease lease;
  private TestServer server;

  /** Number of transfers that have been accepted; that of each is also its script's. */
  private final AtomicInteger accepted = new AtomicInteger();

  private final List<Transaction> transfers = new ArrayList<>();
  private final AtomicBoolean done = new AtomicBoolean();

  @BeforeEach
  void start() {
    Database database =
        TestChain.await(Database.open(vertx, testDatabase.options(), TestChain.NETWORK));
    lease =
        TestChain.await(
            WriterLease.acquire(database, WriterLease.Options.DEFAULT, lost -> done.set(true)));
    TestChain chain = new TestChain(vertx, () -> storage(database));
    pipeline = TestChain.await(chain.start());
    Storage storage = pipeline.storage();
    server =
        TestServer.start(
            vertx,
            new EsploraSurface(
                vertx,
                TestChain.NETWORK,
                storage.journal(),
                storage.index(),
                pipeline,
                TestSurfaces.intake(pipeline),
                new StreamMetrics(new SimpleMeterRegistry(), StreamLimits.DEFAULT),
                AnswerRoom.ofHeap(vertx, new SimpleMeterRegistry()),
                new SimpleMeterRegistry()));
  }

  private Future<Storage> storage(Database database) {
    return PgJournal.open(database, lease, List.of(), RetryPolicy.DEFAULT)
        .compose(
            journal ->
                PgChainIndex.open(
                        database, lease, PgChainIndex.Options.DEFAULT, RetryPolicy.DEFAULT)
                    .compose(
                        index ->
                            PgCoinStore.open(database, lease, RetryPolicy.DEFAULT)
                                .map(coins -> new Storage(journal, coins, index))));
  }

  @AfterEach
  void stop() {
    server.close();
    TestChain.await(pipeline.stop());
    TestChain.await(lease.close());
    TestChain.await(vertx.close());
  }

  private HttpResponse<String> get(String path) {
    HttpResponse<String> response = server.get("/api" + path);
    assertThat(response.statusCode()).as(path + " " + response.body()).isEqualTo(200);
    return response;
  }

  @Test
  void nothingIsMissingOrDoubleWhileItSettles() throws Exception {
    List<Map.Entry<Outpoint, Coin>> coins = TestChain.treasuryCoins(pipeline);
    for (int i = 0; i < TRANSFERS; i++) {
      transfers.add(TestChain.spend(coins.get(i), TestChain.script(i)));
    }
    SocketClient socket = new SocketClient(server.client, server.port(), "/api/v1/ws");
    JsonArray addresses = new JsonArray();
    for (int i = 0; i < TRANSFERS; i++) {
      addresses.add(Address.format(TestChain.script(i), TestChain.NETWORK).orElseThrow());
    }
    socket.send(new JsonObject().put("track-addresses", addresses));
    assertThat(socket.sentSoFar()).isEmpty();
    ExecutorService readers = Executors.newFixedThreadPool(READERS);
    List<java.util.concurrent.Future<Integer>> reading = new ArrayList<>();
    for (int i = 0; i < READERS; i++) {
      reading.add(readers.submit(reader(i)));
    }
    try {
      settleAll();
    } finally {
      done.set(true);
      readers.shutdown();
    }
    int readings = 0;
    for (java.util.concurrent.Future<Integer> one : reading) {
      readings += one.get(60, TimeUnit.SECONDS);
    }
    assertThat(readings).isGreaterThan(READERS * 10);
    assertThatAllWasPushed(socket, addresses);
    socket.close();
  }

  private void settleAll() {
    for (int from = 0; from < TRANSFERS; from += BURST) {
      List<Future<Outcome>> settled = new ArrayList<>();
      for (Transaction transfer : transfers.subList(from, from + BURST)) {
        TestChain.await(pipeline.submit(transfer, Settlement.Wait.ACCEPTED));
        accepted.incrementAndGet();
        settled.add(pipeline.submit(transfer, Settlement.Wait.SETTLED));
      }
      settled.forEach(
          outcome -> assertThat(TestChain.await(outcome)).isInstanceOf(Outcome.Settled.class));
    }
  }

  private Callable<Integer> reader(long seed) {
    return () -> {
      Random random = new Random(seed);
      int readings = 0;
      while (!done.get()) {
        int known = accepted.get();
        if (known == 0) {
          Thread.onSpinWait();
          continue;
        }
        // One of the newest, because older ones do not move any more.
        int number = known - 1 - random.nextInt(Math.min(known, 2 * BURST));
        switch (random.nextInt(4)) {
          case 0 -> readHistory(number);
          case 1 -> readTransaction(number);
          case 2 -> readSums(number);
          default -> readCoins(number);
        }
        readings++;
      }
      return readings;
    };
  }

  private static String path(int number) {
    return "/scripthash/" + TestChain.script(number).hash().toNaturalHex();
  }

  private void readHistory(int number) {
    JsonArray history = new JsonArray(get(path(number) + "/txs").body());
    assertThat(history).as("history of an accepted transfer").hasSize(1);
    JsonObject tx = history.getJsonObject(0);
    assertThat(tx.getString("txid")).isEqualTo(transfers.get(number).txid().toString());
    assertThatItsBlockIsKnown(tx.getJsonObject("status"));
  }

  private void readTransaction(int number) {
    String txid = transfers.get(number).txid().toString();
    assertThatItsBlockIsKnown(new JsonObject(get("/tx/" + txid).body()).getJsonObject("status"));
    Outpoint spent = transfers.get(number).prevout(0);
    JsonObject outspend =
        new JsonObject(get("/tx/" + spent.txid() + "/outspend/" + spent.index()).body());
    assertThat(outspend.getString("txid")).isEqualTo(txid);
    assertThatItsBlockIsKnown(outspend.getJsonObject("status"));
  }

  private void readSums(int number) {
    JsonObject stats = new JsonObject(get(path(number)).body());
    JsonObject settled = stats.getJsonObject("chain_stats");
    JsonObject pending = stats.getJsonObject("mempool_stats");
    assertThat(settled.getInteger("tx_count") + pending.getInteger("tx_count")).isEqualTo(1);
    assertThat(settled.getLong("funded_txo_sum") + pending.getLong("funded_txo_sum"))
        .isEqualTo(transfers.get(number).outputSat(0));
  }

  private void readCoins(int number) {
    HttpResponse<String> answer = server.get("/api" + path(number) + "/utxo");
    while (answer.statusCode() == 503) {
      // Blocks came in between each time, and so the client is told to ask again.
      answer = server.get("/api" + path(number) + "/utxo");
    }
    assertThat(answer.statusCode()).as(answer.body()).isEqualTo(200);
    JsonArray coins = new JsonArray(answer.body());
    assertThat(coins).as("coins of an accepted transfer").hasSize(1);
    assertThatItsBlockIsKnown(coins.getJsonObject(0).getJsonObject("status"));
  }

  /** On whichever connection and event loop the next question comes. */
  private void assertThatItsBlockIsKnown(JsonObject status) {
    if (!status.getBoolean("confirmed")) {
      return;
    }
    int height = status.getInteger("block_height");
    assertThat(Integer.parseInt(get("/blocks/tip/height").body())).isGreaterThanOrEqualTo(height);
    assertThat(get("/block-height/" + height).body()).isEqualTo(status.getString("block_hash"));
    assertThat(new JsonArray(get("/blocks").body()).getJsonObject(0).getInteger("height"))
        .isGreaterThanOrEqualTo(height);
  }

  /** Every transfer was told as pending first, and then as settled. */
  private void assertThatAllWasPushed(SocketClient socket, JsonArray addresses) {
    Set<String> pending = new HashSet<>();
    Set<String> settled = new HashSet<>();
    while (settled.size() < TRANSFERS) {
      JsonObject news =
          socket.next("multi-address-transactions").getJsonObject("multi-address-transactions");
      for (String address : news.fieldNames()) {
        JsonObject lists = news.getJsonObject(address);
        for (Object tx : lists.getJsonArray("mempool")) {
          assertThat(pending.add(((JsonObject) tx).getString("txid"))).isTrue();
        }
        for (Object tx : lists.getJsonArray("confirmed")) {
          assertThat(settled.add(((JsonObject) tx).getString("txid"))).isTrue();
        }
      }
      assertThat(pending).containsAll(settled);
    }
    assertThat(addresses).hasSize(TRANSFERS);
  }

  @Test
  void sumsOfAScriptAreThoseOfTheCoinStore() {
    List<Map.Entry<Outpoint, Coin>> coins = TestChain.treasuryCoins(pipeline);
    for (int i = 0; i < 20; i++) {
      TestChain.await(
          pipeline.submit(
              TestChain.spend(coins.get(i), TestChain.script(i % 3)), Settlement.Wait.SETTLED));
      for (Script script : List.of(TestChain.SCRIPT, TestChain.script(0), TestChain.script(1))) {
        JsonObject stats =
            new JsonObject(get("/scripthash/" + script.hash().toNaturalHex()).body())
                .getJsonObject("chain_stats");
        Map<Outpoint, Coin> unspent = TestChain.await(pipeline.coinsOf(script.hash(), 10_000));
        assertThat(stats.getLong("funded_txo_sum") - stats.getLong("spent_txo_sum"))
            .isEqualTo(unspent.values().stream().mapToLong(coin -> coin.amount().sat()).sum());
        assertThat(stats.getInteger("funded_txo_count") - stats.getInteger("spent_txo_count"))
            .isEqualTo(unspent.size());
      }
    }
  }
}
