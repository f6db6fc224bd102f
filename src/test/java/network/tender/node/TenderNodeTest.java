package network.tender.node;

import static org.assertj.core.api.Assertions.assertThat;

import ch.qos.logback.classic.Logger;
import ch.qos.logback.classic.spi.ILoggingEvent;
import ch.qos.logback.core.read.ListAppender;
import io.vertx.core.json.JsonArray;
import io.vertx.core.json.JsonObject;
import java.net.URI;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpResponse;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.PosixFilePermissions;
import java.security.SecureRandom;
import java.util.Comparator;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.concurrent.TimeUnit;
import network.tender.chain.Address;
import network.tender.chain.Amount;
import network.tender.chain.Hash;
import network.tender.chain.Network;
import network.tender.chain.Outpoint;
import network.tender.chain.Script;
import network.tender.chain.Transaction;
import network.tender.chain.TransferInput;
import network.tender.chain.TransferOutput;
import network.tender.chain.XOnlyKey;
import network.tender.ledger.Receipt;
import network.tender.ledger.ReceiptJson;
import network.tender.ledger.ReceiptVerifier;
import network.tender.script.Curve;
import network.tender.script.KeyScript;
import network.tender.script.TransferSigner;
import network.tender.settlement.TestChain;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;
import org.slf4j.LoggerFactory;

@Timeout(120)
class TenderNodeTest {
  @TempDir Path folder;
  private final HttpClient client = HttpClient.newHttpClient();

  private Configuration configuration(Map<String, String> more) throws Exception {
    Map<String, String> flags = new java.util.HashMap<>(more);
    flags.putIfAbsent("dataDir", folder.resolve("data").toString());
    flags.put("http.port", "0");
    flags.put("management.port", "0");
    return Configuration.load(Optional.empty(), Map.of(), flags);
  }

  private TenderNode start(Map<String, String> more) throws Exception {
    return TenderNode.start(configuration(more))
        .toCompletionStage()
        .toCompletableFuture()
        .get(60, TimeUnit.SECONDS);
  }

  private static void stop(TenderNode node) throws Exception {
    node.stop().toCompletionStage().toCompletableFuture().get(60, TimeUnit.SECONDS);
  }

  private HttpResponse<String> get(String url) throws Exception {
    return client.send(
        HttpRequest.newBuilder(URI.create(url)).build(), HttpResponse.BodyHandlers.ofString());
  }

  private JsonObject faucet(TenderNode node, String address) throws Exception {
    HttpResponse<String> response =
        client.send(
            HttpRequest.newBuilder(URI.create(node.http() + "/dev/faucet"))
                .header("content-type", "application/json")
                .POST(
                    HttpRequest.BodyPublishers.ofString(
                        new JsonObject().put("address", address).put("amount", "0.5").encode()))
                .build(),
            HttpResponse.BodyHandlers.ofString());
    assertThat(response.statusCode()).as(response.body()).isEqualTo(200);
    return new JsonObject(response.body());
  }

  @Test
  void aNodeServesSettlesStopsAndRemembers() throws Exception {
    TenderNode node = start(Map.of());
    assertThat(node.readyLine())
        .matches("ready http=http://127\\.0\\.0\\.1:\\d+ management=http://127\\.0\\.0\\.1:\\d+");
    assertThat(get(node.management() + "/health/ready").statusCode()).isEqualTo(200);
    assertThat(get(node.management() + "/health/live").statusCode()).isEqualTo(200);
    Path adminKey = folder.resolve("data/admin.key");
    assertThat(PosixFilePermissions.toString(Files.getPosixFilePermissions(adminKey)))
        .isEqualTo("rw-------");
    String key = Files.readString(adminKey);
    String address = Address.format(TestChain.script(1), Network.regtest()).orElseThrow();
    JsonObject settled = faucet(node, address);
    String txid = settled.getString("txid");
    assertThat(txid).hasSize(64);
    String metrics = get(node.management() + "/metrics").body();
    // One by the faucet, one that fills the demo wallet.
    assertThat(metric(metrics, "tender_transfers_total{outcome=\"settled\",reason=\"none\"}"))
        .isBetween(1.0, 2.0);
    assertThat(metric(metrics, "tender_transfers_total{outcome=\"refused\",reason=\"conflict\"}"))
        .isZero();
    assertThat(metric(metrics, "tender_settlement_seconds_count")).isPositive();
    assertThat(metric(metrics, "tender_settlement_seconds_bucket{le=\"0.005\"}")).isNotNegative();
    for (String stage : List.of("resolve", "verify", "queue", "seal", "commit")) {
      assertThat(metric(metrics, "tender_settlement_stage_seconds_count{stage=\"" + stage + "\"}"))
          .isPositive();
    }
    assertThat(metric(metrics, "tender_supply_difference_satoshis")).isZero();
    double height = metric(metrics, "tender_chain_height");
    assertThat(height).isBetween(251.0, 252.0);
    assertThat(metric(metrics, "tender_chain_head_timestamp_seconds")).isGreaterThan(1e9);
    assertThat(metric(metrics, "tender_utxo_coins")).isGreaterThan(150);
    assertThat(metric(metrics, "tender_lease_held")).isEqualTo(1);
    assertThat(metric(metrics, "tender_journal_available")).isEqualTo(1);
    for (String name :
        List.of(
            "tender_mempool_transfers",
            "tender_mempool_weight",
            "tender_block_transfers_count",
            "tender_block_fill_ratio_count",
            "tender_block_seconds_count",
            "tender_coin_cache_entries",
            "tender_coin_cache_dirty_entries",
            "tender_coin_cache_hits_total",
            "tender_coin_cache_misses_total",
            "tender_coin_store_lag_blocks",
            "tender_index_lag_blocks",
            "tender_coin_runs",
            "tender_coin_runs_memory_bytes",
            "tender_coin_merge_failures_total",
            "tender_coin_unread_pages",
            "tender_index_runs",
            "tender_index_fences_bytes",
            "tender_index_merge_failures_total",
            "tender_index_unread_pages",
            "tender_supply_audit_height",
            "tender_utxo_difference_coins",
            "tender_journal_failed_attempts",
            "tender_coin_load_waiting",
            "tender_spend_lookup_waiting",
            "tender_spend_lookup_rejects_total",
            "tender_signature_batches_waiting",
            "tender_signature_rejects_total",
            "tender_intake_transfers",
            "tender_intake_limit_transfers",
            "tender_intake_rejects_total",
            "tender_event_loop_lag_seconds")) {
      assertThat(metric(metrics, name)).as(name).isNotNegative();
    }
    assertThat(metrics)
        .contains("tender_http_server_response_time_seconds_bucket{")
        .contains("route=\"")
        .contains("tender_sql_pool_in_use{")
        .contains("jvm_memory_used_bytes{")
        .contains("process_cpu_usage ")
        .doesNotContain("\nvertx_");
    ListAppender<ILoggingEvent> lines = new ListAppender<>();
    lines.start();
    Logger log = (Logger) LoggerFactory.getLogger(TenderNode.class);
    log.addAppender(lines);
    stop(node);
    log.detachAppender(lines);
    assertThat(lines.list)
        .extracting(ILoggingEvent::getFormattedMessage)
        .filteredOn(line -> line.matches("Stopped: .* in \\d+ ms"))
        .hasSize(1);
    assertThat(node.stopped().result()).isEqualTo(0);

    TenderNode again = start(Map.of());
    assertThat(Files.readString(adminKey)).isEqualTo(key);
    HttpResponse<String> receipt = get(again.http() + "/v1/receipts/" + txid);
    assertThat(receipt.statusCode()).isEqualTo(200);
    assertThat(metric(get(again.management() + "/metrics").body(), "tender_chain_height"))
        .isBetween(height, height + 1);
    stop(again);
  }

  @Test
  void aNodeRefusesToStartAndLeavesNothingRunning() throws Exception {
    TenderNode node = start(Map.of());
    assertThat(refusal(Map.of())).contains("Another node runs on the data folder");
    int port = URI.create(node.http()).getPort();
    String other = folder.resolve("other").toString();
    stop(node);

    assertThat(refusal(Map.of("network.file", "conf/network-example.yaml")))
        .contains("belongs to network \"regtest");
    // The example names nobody's key: the refusal names this node's.
    assertThat(refusal(Map.of("network.file", "conf/network-example.yaml", "dataDir", other)))
        .containsPattern("under validators: [0-9a-f]{64}$");
    String key = refusal(Map.of("network.file", "conf/network-example.yaml", "dataDir", other));
    Path corrected =
        Files.writeString(
            folder.resolve("riverside.yaml"),
            Files.readString(Path.of("conf/network-example.yaml"))
                .replaceAll("[0-9a-f]{64}", key.substring(key.length() - 64)));
    TenderNode custom = start(Map.of("network.file", corrected.toString(), "dataDir", other));
    assertThat(get(custom.management() + "/health/ready").statusCode()).isEqualTo(200);
    HttpResponse<String> faucet =
        client.send(
            HttpRequest.newBuilder(URI.create(custom.http() + "/dev/faucet"))
                .header("content-type", "application/json")
                .POST(HttpRequest.BodyPublishers.ofString("{\"address\":\"x\",\"amount\":\"1\"}"))
                .build(),
            HttpResponse.BodyHandlers.ofString());
    assertThat(faucet.statusCode()).isEqualTo(404);
    stop(custom);

    assertThat(
            refusal(
                Map.of(
                    "database.url",
                    "postgresql://nobody@127.0.0.1:" + port + "/none",
                    "dataDir",
                    folder.resolve("third").toString())))
        .contains("The node could not start");
    stop(start(Map.of()));
  }

  @Test
  void aNetworkOfOnesOwnSettlesPaymentsAndHasNothingForPlay() throws Exception {
    Curve curve = Curve.load(Curve.Provider.AUTO);
    byte[] secret = new byte[32];
    new SecureRandom().nextBytes(secret);
    secret[0] = 1; // Certainly below the curve's order.
    Script treasury = KeyScript.P2WPKH.of(curve, curve.publicKey(secret));
    String text =
        Files.readString(Path.of("conf/network-example.yaml"))
            .replaceFirst("(?m)^coinCode: .*$", "coinCode: BTC")
            .replaceFirst("script: 0014[0-9a-f]+", "script: " + treasury.toHex());
    Path file = Files.writeString(folder.resolve("own.yaml"), text);
    Map<String, String> settings = Map.of("network.file", file.toString());
    String refusal = refusal(settings);
    String validator = refusal.substring(refusal.length() - 64);
    Files.writeString(file, text.replaceFirst("(?m)^( *- )[0-9a-f]{64}", "$1" + validator));

    TenderNode node = start(settings);
    assertThat(json(get(node.http() + "/v1/network")).getString("coinCode")).isEqualTo("BTC");
    JsonObject coin = oldestCoin(node, treasury);
    TransferOutput spent = new TransferOutput(Amount.ofSat(coin.getLong("value")), treasury);
    Transaction transfer =
        new TransferSigner(curve)
            .sign(
                Transaction.build(
                    2,
                    List.of(
                        TransferInput.unsigned(
                            new Outpoint(
                                Hash.fromDisplayHex(coin.getString("txid")),
                                coin.getInteger("vout")))),
                    List.of(
                        new TransferOutput(
                            Amount.ofSat(coin.getLong("value") - 10_000), TestChain.script(1))),
                    0),
                List.of(spent),
                List.of(secret));
    JsonObject settled =
        json(
            client.send(
                HttpRequest.newBuilder(URI.create(node.http() + "/v1/transfers"))
                    .header("content-type", "text/plain")
                    .POST(HttpRequest.BodyPublishers.ofString(transfer.toHex()))
                    .build(),
                HttpResponse.BodyHandlers.ofString()));
    Receipt receipt = ReceiptJson.parse(settled.getJsonObject("receipt").encode());
    assertThat(receipt.txid()).isEqualTo(transfer.txid());
    assertThat(receipt.network()).isEqualTo("riverside");
    assertThat(
            new ReceiptVerifier(curve)
                .verify(receipt, List.of(XOnlyKey.parse(validator)), 1)
                .isProved())
        .isTrue();
    for (String path : List.of("/dev/faucet", "/dev/pay")) {
      assertThat(
              client
                  .send(
                      HttpRequest.newBuilder(URI.create(node.http() + path))
                          .header("content-type", "application/json")
                          .POST(HttpRequest.BodyPublishers.ofString("{}"))
                          .build(),
                      HttpResponse.BodyHandlers.ofString())
                  .statusCode())
          .as(path)
          .isEqualTo(404);
    }
    stop(node);
  }

  private JsonObject oldestCoin(TenderNode node, Script script) throws Exception {
    HttpResponse<String> coins =
        get(node.http() + "/esplora/scripthash/" + script.hash().toNaturalHex() + "/utxo");
    assertThat(coins.statusCode()).as(coins.body()).isEqualTo(200);
    return new JsonArray(coins.body())
        .stream()
            .map(JsonObject.class::cast)
            .min(
                Comparator.comparing(
                    coin -> coin.getJsonObject("status").getInteger("block_height")))
            .orElseThrow();
  }

  private static JsonObject json(HttpResponse<String> response) {
    assertThat(response.statusCode()).as(response.body()).isEqualTo(200);
    return new JsonObject(response.body());
  }

  private String refusal(Map<String, String> more) throws Exception {
    java.util.concurrent.ExecutionException refused =
        org.junit.jupiter.api.Assertions.assertThrows(
            java.util.concurrent.ExecutionException.class, () -> start(more));
    assertThat(refused.getCause()).isInstanceOf(StartException.class);
    return String.valueOf(refused.getCause().getMessage());
  }

  private static double metric(String scrape, String series) {
    return scrape
        .lines()
        .filter(line -> line.startsWith(series + " "))
        .mapToDouble(line -> Double.parseDouble(line.substring(series.length() + 1)))
        .findFirst()
        .orElseThrow(() -> new AssertionError("no series " + series + " in\n" + scrape));
  }

  @Test
  void aLostAdministratorsKeyIsReplacedOnDemandAndTheOldOneIsRevoked() throws Exception {
    TenderNode first = start(Map.of());
    String old = java.nio.file.Files.readString(folder.resolve("data/admin.key")).strip();
    assertThat(withKey(first, old)).isEqualTo(200);
    stop(first);

    TenderNode second = start(Map.of("merchant.renewAdminKey", "true"));
    String renewed = java.nio.file.Files.readString(folder.resolve("data/admin.key")).strip();
    assertThat(renewed).isNotEqualTo(old);
    assertThat(withKey(second, renewed)).isEqualTo(200);
    assertThat(withKey(second, old)).isEqualTo(401);
    stop(second);
  }

  private int withKey(TenderNode node, String key) throws Exception {
    return client
        .send(
            HttpRequest.newBuilder(URI.create(node.http() + "/api/v1/api-keys/current"))
                .header("Authorization", "token " + key)
                .build(),
            HttpResponse.BodyHandlers.ofString())
        .statusCode();
  }
}
