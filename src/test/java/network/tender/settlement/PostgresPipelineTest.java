package network.tender.settlement;

import static network.tender.settlement.TestChain.NETWORK;
import static network.tender.settlement.TestChain.SCRIPT;
import static network.tender.settlement.TestChain.await;
import static network.tender.settlement.TestChain.script;
import static network.tender.settlement.TestChain.spend;
import static network.tender.settlement.TestChain.treasuryCoins;
import static org.assertj.core.api.Assertions.assertThat;

import io.vertx.core.Future;
import io.vertx.core.Vertx;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.function.Supplier;
import network.tender.chain.Network;
import network.tender.chain.Outpoint;
import network.tender.chain.Transaction;
import network.tender.journal.Database;
import network.tender.journal.PgChainIndex;
import network.tender.journal.PgCoinStore;
import network.tender.journal.PgJournal;
import network.tender.journal.RetryPolicy;
import network.tender.journal.TestDatabase;
import network.tender.journal.WriterLease;
import network.tender.ledger.Coin;
import network.tender.ledger.Reason;
import network.tender.ledger.Receipt;
import network.tender.ledger.ReceiptJson;
import network.tender.ledger.Rejection;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;

/** The pipeline on a real PostgreSQL with durability on. */
@Timeout(90)
class PostgresPipelineTest {
  private final TestDatabase server = TestDatabase.create();
  private final List<Vertx> opened = new ArrayList<>();

  /** All that one process has. */
  private record Node(Vertx vertx, TestChain chain, Pipeline pipeline, WriterLease lease) {
    /** Ends without a word, like a killed process: nothing is flushed. */
    void kill() {
      await(vertx.close());
    }

    void stop() {
      await(pipeline.stop());
      await(lease.close());
      await(vertx.close());
    }
  }

  private Node start() {
    return start(new SettlementSettings(10_000, 10_000, 2, 200, 5_000, 15_000, 600_000));
  }

  private Node start(SettlementSettings settings) {
    Vertx vertx = Vertx.vertx();
    opened.add(vertx);
    Database database = await(Database.open(vertx, server.options(), NETWORK));
    List<String> lost = new ArrayList<>();
    WriterLease lease =
        await(WriterLease.acquire(database, WriterLease.Options.DEFAULT, lost::add));
    Supplier<Future<Storage>> storage =
        () ->
            PgJournal.open(database, lease, List.of(), RetryPolicy.DEFAULT)
                .compose(
                    journal ->
                        PgChainIndex.open(
                                database, lease, PgChainIndex.Options.DEFAULT, RetryPolicy.DEFAULT)
                            .compose(
                                index ->
                                    PgCoinStore.open(database, lease, RetryPolicy.DEFAULT)
                                        .map(coins -> new Storage(journal, coins, index))));
    TestChain chain = new TestChain(vertx, storage).with(settings);
    return new Node(vertx, chain, await(chain.start()), lease);
  }

  @AfterEach
  void close() {
    opened.forEach(vertx -> await(vertx.close()));
  }

  private static Receipt settled(Outcome outcome) {
    assertThat(outcome).isInstanceOf(Outcome.Settled.class);
    return ((Outcome.Settled) outcome).receipt();
  }

  private static Outcome submit(Settlement settlement, Transaction transfer) {
    return await(settlement.submit(transfer, Settlement.Wait.SETTLED));
  }

  @Test
  void anAcknowledgedPaymentSurvivesAKilledProcess() {
    // Flushes never come, so that the next start has to replay everything.
    Node node = start(new SettlementSettings(10_000, 10_000, 2, 600_000, 5_000, 15_000, 600_000));
    List<Map.Entry<Outpoint, Coin>> coins = treasuryCoins(node.pipeline());
    List<Future<Outcome>> answers = new ArrayList<>();
    List<Transaction> transfers = new ArrayList<>();
    for (int i = 0; i < 40; i++) {
      transfers.add(spend(coins.get(i), script(i % 4)));
      answers.add(node.pipeline().submit(transfers.get(i), Settlement.Wait.SETTLED));
    }
    List<Receipt> receipts = answers.stream().map(a -> settled(await(a))).toList();
    Settlement.Status before = node.pipeline().status();
    Map<Outpoint, Coin> treasury = await(node.pipeline().coinsOf(SCRIPT.hash(), 1_000));
    node.kill();

    Node again = start();
    assertThat(again.pipeline().status()).isEqualTo(before);
    assertThat(before.totals().supplyDifferenceSat()).isZero();
    assertThat(await(again.pipeline().coinsOf(SCRIPT.hash(), 1_000))).isEqualTo(treasury);
    assertThat(await(again.pipeline().coinsOf(script(0).hash(), 1_000))).hasSize(10);
    for (int i = 0; i < 40; i += 13) {
      assertThat(ReceiptJson.write(settled(submit(again.pipeline(), transfers.get(i)))))
          .isEqualTo(ReceiptJson.write(receipts.get(i)));
    }
    Outcome loser = submit(again.pipeline(), spend(coins.get(0), script(9)));
    Rejection rejection = ((Outcome.Refused) loser).rejection();
    assertThat(rejection.reason()).isEqualTo(Reason.DOUBLE_SPEND);
    assertThat(rejection.conflict()).contains(transfers.get(0).txid());
    again.stop();
  }

  @Test
  void aJournalThatGoesAwayUnderLoadComesBackByItself() {
    Node node = start();
    List<Map.Entry<Outpoint, Coin>> coins = treasuryCoins(node.pipeline());
    settled(submit(node.pipeline(), spend(coins.get(0), script(1))));
    int height = node.pipeline().status().height();
    List<Future<Outcome>> answers = new ArrayList<>();
    for (int i = 1; i < 60; i++) {
      answers.add(node.pipeline().submit(spend(coins.get(i), script(1)), Settlement.Wait.SETTLED));
      if (i % 20 == 0) {
        // All sessions, in the middle of whatever they do.
        server.execute(
            "SELECT pg_terminate_backend(pid) FROM pg_stat_activity"
                + " WHERE datname = current_database() AND pid <> pg_backend_pid()"
                + " AND application_name LIKE '%journal%'");
      }
    }
    long settledNow =
        answers.stream().map(TestChain::await).filter(Outcome.Settled.class::isInstance).count();
    assertThat(settledNow).isPositive();
    // Who was turned away sends again, and in the end all is there exactly once.
    for (int i = 1; i < 60; i++) {
      Transaction transfer = spend(coins.get(i), script(1));
      Outcome outcome = submit(node.pipeline(), transfer);
      for (int attempt = 0; outcome instanceof Outcome.Unavailable && attempt < 200; attempt++) {
        await(node.vertx().timer(50));
        outcome = submit(node.pipeline(), transfer);
      }
      settled(outcome);
    }
    assertThat(node.pipeline().status().totals().transfers()).isEqualTo(60);
    assertThat(node.pipeline().status().height()).isGreaterThan(height);
    assertThat(await(node.pipeline().coinsOf(script(1).hash(), 1_000))).hasSize(60);
    node.stop();
  }

  @Test
  void aCoinThatTheStoreHasLostIsMissed() {
    Node node = start(new SettlementSettings(10_000, 10_000, 2, 100, 5_000, 15_000, 100));
    settled(submit(node.pipeline(), spend(treasuryCoins(node.pipeline()).get(0), script(1))));
    awaitGauge(node, "tender.supply.audit.height", Network.BOOTSTRAP_BLOCKS + 1);
    awaitGauge(node, "tender.supply.difference", 0);
    server.execute(
        "UPDATE coin_page SET coins = coins - 1, sat = sat - 5000000000 WHERE (run, number) IN"
            + " (SELECT run, number FROM coin_page WHERE sat > 5000000000 LIMIT 1)");
    awaitGauge(node, "tender.supply.difference", 5e9);
    awaitGauge(node, "tender.utxo.difference.coins", 1);
    node.stop();
  }

  private static void awaitGauge(Node node, String name, double value) {
    for (int i = 0; i < 600; i++) {
      if (node.chain().registry.get(name).gauge().value() == value) {
        return;
      }
      await(node.vertx().timer(20));
    }
    assertThat(node.chain().registry.get(name).gauge().value()).as(name).isEqualTo(value);
  }

  @Test
  void aStopWithWorkInFlightLosesNothingAcknowledged() {
    Node node = start();
    List<Map.Entry<Outpoint, Coin>> coins = treasuryCoins(node.pipeline());
    List<Transaction> transfers = new ArrayList<>();
    List<Future<Outcome>> answers = new ArrayList<>();
    for (int i = 0; i < 100; i++) {
      transfers.add(spend(coins.get(i), script(i)));
      answers.add(node.pipeline().submit(transfers.get(i), Settlement.Wait.SETTLED));
    }
    node.stop();
    Node again = start();
    assertThat(again.pipeline().status().height()).isGreaterThan(Network.BOOTSTRAP_BLOCKS);
    for (int i = 0; i < 100; i++) {
      Optional<Receipt> receipt = await(again.pipeline().receipt(transfers.get(i).txid()));
      assertThat(receipt.map(ReceiptJson::write))
          .contains(ReceiptJson.write(settled(await(answers.get(i)))));
    }
    again.stop();
  }
}
