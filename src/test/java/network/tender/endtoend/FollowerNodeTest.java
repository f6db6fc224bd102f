package network.tender.endtoend;

import static org.assertj.core.api.Assertions.assertThat;

import com.fasterxml.jackson.databind.JsonNode;
import java.net.URI;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.HexFormat;
import java.util.List;
import java.util.Map;
import java.util.Random;
import network.tender.chain.Block;
import network.tender.chain.Hash;
import network.tender.cli.CommandRun;
import network.tender.follower.ChainServer;
import network.tender.ledger.SignedChain;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;

/** Followers as people run them: the real jar, on real files, before a real node or a lossy one. */
@Timeout(900)
class FollowerNodeTest {
  /** More with {@code -Dfollower.transfers=200000}. */
  private static final int TRANSFERS = Integer.getInteger("follower.transfers", 2_500);

  private static final long SEED = Long.getLong("follower.seed", 20_261_125);
  private static final int MAX_PER_BLOCK = 1_000;
  private static final int PARTS = 700;
  private static final int KILLS = 2;

  @TempDir private Path folder;

  private final List<NodeProcess> nodes = new ArrayList<>();

  @AfterEach
  void endNodes() {
    nodes.forEach(NodeProcess::close);
  }

  private NodeProcess start(Path data, String... more) {
    NodeProcess node = NodeProcess.start(data, more);
    nodes.add(node);
    return node;
  }

  private static JsonNode follows(Api api) {
    return api.get("/v1/network").expect(200).json().path("follows");
  }

  @Test
  void catchesUpThroughKillsAndCutsAndAgreesOnEveryBalance() {
    Random random = new Random(SEED);
    SignedChain chain = new SignedChain();
    List<Block> blocks = new ArrayList<>(chain.bootstrap());
    blocks.add(chain.split(1 + TRANSFERS / 100_000, PARTS));
    for (int made = 0; made < TRANSFERS; ) {
      int count =
          Math.min(Math.min(1 + random.nextInt(MAX_PER_BLOCK), TRANSFERS - made), chain.coins());
      blocks.add(chain.next(count));
      made += count;
    }
    int tip = blocks.size() - 1;
    try (ChainServer server = new ChainServer(random)) {
      for (int height = 0; height <= tip; height++) {
        server.add(chain.certified(height, blocks.get(height)));
      }
      server.cut(25);
      long begin = System.nanoTime();
      Api api = catchUp(server.url(), tip, random);
      System.out.printf(
          "FollowerNodeTest: seed %d, %d blocks with %d transfers verified in %d s through %d kills and %d cuts%n",
          SEED, tip, TRANSFERS, (System.nanoTime() - begin) / 1_000_000_000, KILLS, server.cuts());
      assertThat(server.cuts()).as("cuts").isPositive();
      agreesOnEveryBalance(api, chain.balancesSat(blocks));
      assertThat(follows(api).path("alarm").isMissingNode()).isTrue();
      api.get("/v1/receipts/" + blocks.get(tip).transactions().get(1).txid()).expect(200);
    }
  }

  private Api catchUp(URI url, int tip, Random random) {
    Path data = folder.resolve("follower");
    for (int kill = 0; kill < KILLS; kill++) {
      NodeProcess node = start(data, "--follow", url.toString(), "--set", "coins.flushMillis=300");
      Api api = new Api(node);
      int reach = 1 + (tip - 1) * (kill + 1) / (KILLS + 1) - random.nextInt(5);
      NodeProcess.until("block " + reach, 300, () -> api.height() >= reach);
      node.kill();
    }
    Api api = new Api(start(data, "--follow", url.toString()));
    NodeProcess.until(
        "block " + tip,
        600,
        () -> api.height() == tip && follows(api).path("state").asText().equals("following"));
    return api;
  }

  private static void agreesOnEveryBalance(Api api, Map<Hash, Long> balances) {
    balances.forEach(
        (script, sat) -> {
          JsonNode coins =
              api.get("/esplora/scripthash/" + HexFormat.of().formatHex(script.toBytes()) + "/utxo")
                  .expect(200)
                  .json();
          long sum = 0;
          for (JsonNode coin : coins) {
            sum += coin.path("value").asLong();
          }
          assertThat(sum).isEqualTo(sat);
        });
    assertThat(balances.size()).as("scripts").isGreaterThan(500);
  }

  @Test
  void followsANodeServesItsWalletsAndHandsTransfersOn() {
    Path sealing = folder.resolve("node");
    Path following = folder.resolve("copy");
    NodeProcess node = start(sealing);
    String nodePort = Integer.toString(URI.create(node.http()).getPort());
    String url = node.http();
    NodeProcess copy = start(following, "--follow", url);
    Api api = new Api(copy);
    assertThat(copy.log()).doesNotContain("validator.key");

    Wallet payer = Wallet.make(folder.resolve("payer.json"), copy.http(), "--network", "regtest");
    Wallet payee = Wallet.make(folder.resolve("payee.json"), copy.http(), "--network", "regtest");
    new Api(node).faucet(payer.address(), "10");
    NodeProcess.until("the coins are seen", 20, () -> payer.balanceSat() == 1_000_000_000);

    // Settled by the one, verified by the other, and to be found there at once.
    JsonNode paid = payer.pay(payee.address(), "1");
    String txid = paid.path("txid").asText();
    api.get("/v1/receipts/" + txid).expect(200);
    assertThat(
            api.get("/esplora/tx/" + txid)
                .expect(200)
                .json()
                .path("status")
                .path("confirmed")
                .asBoolean())
        .isTrue();
    assertThat(payee.balanceSat()).isEqualTo(100_000_000);

    // Refusals keep their code.
    String raw = api.get("/esplora/tx/" + txid + "/hex").expect(200).body();
    api.post("/v1/transfers", Map.of("hex", raw)).expect(200);
    Api.Answer unknown = api.post("/v1/transfers", Map.of("hex", broken(raw))).expect(422);
    assertThat(unknown.json().path("code").asText()).isEqualTo("unknown-coin");

    // No shops here.
    Api.Answer shop = api.get("/api/v1/stores").expect(501);
    assertThat(shop.json().path("code").asText()).isEqualTo("follower-only");

    // The node is away: what is known is served, and transfers wait at their senders.
    node.kill();
    api.get("/esplora/tx/" + txid).expect(200);
    Api.Answer away = api.post("/v1/transfers", Map.of("hex", broken(raw))).expect(503);
    assertThat(away.json().path("code").asText()).isEqualTo("node-unreachable");
    NodeProcess.until(
        "noticed", 60, () -> follows(api).path("state").asText().equals("unreachable"));
    assertThat(api.get(copy.management() + "/health/ready").status()).isEqualTo(503);

    // And back again, on the same port.
    start(sealing, "--http-port", nodePort);
    NodeProcess.until(
        "followed again", 60, () -> follows(api).path("state").asText().equals("following"));
    api.get(copy.management() + "/health/ready").expect(200);
    payer.pay(payee.address(), "1");
    assertThat(payee.balanceSat()).isEqualTo(200_000_000);

    assertThat(copy.stop()).isZero();
    rolesAreKept(sealing, following, url);
    withoutAnIndex(following, url);
  }

  /** The same transfer, of a coin that never was. */
  private static String broken(String raw) {
    int at = "0200000000010100".length();
    char digit = raw.charAt(at) == '0' ? '1' : '0';
    return raw.substring(0, at) + digit + raw.substring(at + 1);
  }

  private static void rolesAreKept(Path sealing, Path following, String url) {
    NodeProcess.Refusal writer = NodeProcess.expectRefusal(following);
    assertThat(writer.exitCode()).isEqualTo(1);
    assertThat(writer.err()).contains("verified copy of the chain of " + url);
    assertThat(sealing).exists();
  }

  private void withoutAnIndex(Path following, String url) {
    NodeProcess copy = start(following, "--follow", url, "--set", "index.enabled=false");
    Api api = new Api(copy);
    Hash script = Hash.ZERO;
    api.get("/esplora/scripthash/" + script + "/utxo").expect(200);
    api.get("/esplora/scripthash/" + script + "/txs").expect(501);
    api.get("/esplora/tx/" + script).expect(501);
    assertThat(api.get("/v1/receipts/" + script).expect(501).json().path("code").asText())
        .isEqualTo("index-off");
    assertThat(copy.stop()).isZero();
    CommandRun made =
        CommandRun.of("chain", "reindex", "--json", "--data-dir", following.toString());
    assertThat(made.exitCode()).describedAs(made.err()).isZero();
    assertThat(made.json().path("height").asInt()).isGreaterThan(250);
  }
}
