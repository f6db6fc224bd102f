package network.tender.web.esplora;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.micrometer.core.instrument.simple.SimpleMeterRegistry;
import io.vertx.core.Vertx;
import io.vertx.core.json.JsonArray;
import io.vertx.core.json.JsonObject;
import java.net.http.HttpResponse;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.concurrent.TimeUnit;
import network.tender.chain.Address;
import network.tender.chain.Outpoint;
import network.tender.chain.Script;
import network.tender.chain.Transaction;
import network.tender.ledger.Coin;
import network.tender.settlement.Settlement;
import network.tender.web.StreamLimits;
import network.tender.web.StreamMetrics;
import network.tender.web.TestChain;
import network.tender.web.TestServer;
import network.tender.web.TestSurfaces;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** Wallets' sockets, through a real server. */
@Timeout(60)
class SocketTest {
  private static final Script SHOP = Script.p2wpkh(new byte[20]);
  private static final Script OTHER =
      Script.p2wpkh(new byte[] {1, 1, 1, 1, 1, 1, 1, 1, 1, 1, 1, 1, 1, 1, 1, 1, 1, 1, 1, 1});

  private final Vertx vertx = Vertx.vertx();
  private final TestChain chain = new TestChain();
  private final SimpleMeterRegistry registry = new SimpleMeterRegistry();
  private final List<SocketClient> clients = new ArrayList<>();
  private TestServer server;
  private List<Map.Entry<Outpoint, Coin>> coins;

  @BeforeEach
  void start() {
    start(new StreamLimits(3, 3, 15_000));
  }

  private void start(StreamLimits limits) {
    server =
        TestServer.start(vertx, TestSurfaces.of(vertx, chain, new StreamMetrics(registry, limits)));
    coins = chain.treasuryCoins();
  }

  @AfterEach
  void stop() {
    clients.forEach(SocketClient::close);
    server.close();
    TestServer.await(vertx.close());
  }

  private SocketClient open() {
    SocketClient client = new SocketClient(server.client, server.port(), "/api/v1/ws");
    clients.add(client);
    return client;
  }

  private String address(Script script) {
    return Address.format(script, chain.network).orElseThrow();
  }

  private Transaction accept(int coin, Script to, long sat) {
    Transaction transfer = chain.payment(coins.get(coin), to, sat);
    TestServer.await(chain.submit(transfer, Settlement.Wait.ACCEPTED));
    return transfer;
  }

  private static List<String> txids(JsonArray transactions) {
    return transactions.stream().map(tx -> ((JsonObject) tx).getString("txid")).toList();
  }

  @Test
  void aSocketBeginsWithWhatTheChainLooksLike() {
    SocketClient client = open();
    client.send(new JsonObject().put("action", "init"));
    JsonObject init = client.next("blocks");
    assertThat(init.fieldNames())
        .contains("mempoolInfo", "fees", "da", "mempool-blocks", "transactions", "backend");
    JsonArray blocks = init.getJsonArray("blocks");
    assertThat(blocks).hasSize(8);
    assertThat(blocks.getJsonObject(7).getInteger("height")).isEqualTo(chain.status().height());
    assertThat(blocks.getJsonObject(7).getJsonObject("extras").getLong("totalFees")).isZero();
    client.send(new JsonObject().put("action", "ping"));
    assertThat(client.next("pong")).isEqualTo(new JsonObject().put("pong", true));
  }

  @Test
  void whoWantsBlocksIsToldOfEachInOrder() {
    SocketClient client = open();
    client.send(
        new JsonObject()
            .put("action", "want")
            .put("data", new JsonArray().add("blocks").add("stats").add("mempool-blocks")));
    JsonObject first = client.next("blocks");
    assertThat(first.fieldNames()).contains("mempoolInfo", "fees", "mempool-blocks");
    int height = chain.status().height();
    for (int i = 0; i < 5; i++) {
      accept(i, SHOP, 10_000);
    }
    for (int i = 1; i <= 5; i++) {
      JsonObject block = client.next("block").getJsonObject("block");
      assertThat(block.getInteger("height")).isEqualTo(height + i);
      assertThat(block.getJsonObject("extras").getLong("totalFees")).isEqualTo(1_000);
    }
    client.send(new JsonObject().put("action", "want").put("data", new JsonArray()));
    assertThat(client.sentSoFar()).noneMatch(message -> message.containsKey("block"));
    accept(6, SHOP, 10_000);
    assertThat(client.sentSoFar()).noneMatch(message -> message.containsKey("block"));
  }

  @Test
  void figuresComeAgainWhenTheyHaveChanged() {
    SocketClient client = open();
    client.send(new JsonObject().put("action", "want").put("data", new JsonArray().add("stats")));
    assertThat(client.next("mempoolInfo").getJsonObject("mempoolInfo").getInteger("size")).isZero();
    chain.hold();
    accept(0, SHOP, 10_000);
    JsonObject figures = client.next("mempoolInfo");
    while (figures.getJsonObject("mempoolInfo").getInteger("size") == 0) {
      figures = client.next("mempoolInfo");
    }
    assertThat(figures.getJsonArray("transactions")).hasSize(1);
  }

  @Test
  void aFollowedAddressIsToldOfPaymentsAndOfTheirBlocks() {
    SocketClient client = open();
    client.send(new JsonObject().put("track-address", address(SHOP)));
    assertThat(client.sentSoFar()).isEmpty();
    chain.hold();
    accept(0, OTHER, 10_000);
    Transaction paid = accept(1, SHOP, 20_000);
    JsonArray pending = client.next("address-transactions").getJsonArray("address-transactions");
    assertThat(txids(pending)).containsExactly(paid.txid().toString());
    assertThat(pending.getJsonObject(0).getJsonObject("status").getBoolean("confirmed")).isFalse();
    assertThat(pending.getJsonObject(0).getLong("fee")).isEqualTo(1_000);
    chain.seal();
    JsonArray settled = client.next("block-transactions").getJsonArray("block-transactions");
    assertThat(txids(settled)).containsExactly(paid.txid().toString());
    // Who is told of a block can ask for it.
    int height = settled.getJsonObject(0).getJsonObject("status").getInteger("block_height");
    assertThat(server.get("/api/block-height/" + height).statusCode()).isEqualTo(200);
    client.send(new JsonObject().put("track-address", "stop"));
    assertThat(client.sentSoFar()).isEmpty();
    accept(2, SHOP, 30_000);
    assertThat(client.sentSoFar()).isEmpty();
  }

  @Test
  void whatIsPendingAlreadyIsToldOnce() {
    chain.hold();
    Transaction before = accept(0, SHOP, 10_000);
    SocketClient client = open();
    client.send(new JsonObject().put("track-address", address(SHOP)));
    assertThat(txids(client.next("address-transactions").getJsonArray("address-transactions")))
        .containsExactly(before.txid().toString());
    Transaction after = accept(1, SHOP, 20_000);
    assertThat(txids(client.next("address-transactions").getJsonArray("address-transactions")))
        .containsExactly(after.txid().toString());
    client.send(new JsonObject().put("track-address", address(SHOP)));
    assertThat(client.sentSoFar()).isEmpty();
  }

  @Test
  void aSpendOfAFollowedAddressIsToldToo() {
    SocketClient client = open();
    client.send(new JsonObject().put("track-address", address(chain.network.treasury())));
    assertThat(client.sentSoFar()).isEmpty();
    chain.hold();
    Transaction spent = accept(0, SHOP, 10_000);
    assertThat(txids(client.next("address-transactions").getJsonArray("address-transactions")))
        .containsExactly(spent.txid().toString());
  }

  @Test
  void severalAddressesAreToldApart() {
    SocketClient client = open();
    client.send(
        new JsonObject()
            .put(
                "track-addresses",
                new JsonArray().add(address(SHOP)).add("nonsense").add(address(OTHER))));
    assertThat(client.sentSoFar()).isEmpty();
    chain.hold();
    Transaction toShop = accept(0, SHOP, 10_000);
    JsonObject pending =
        client.next("multi-address-transactions").getJsonObject("multi-address-transactions");
    assertThat(pending.fieldNames()).containsExactly(address(SHOP));
    assertThat(txids(pending.getJsonObject(address(SHOP)).getJsonArray("mempool")))
        .containsExactly(toShop.txid().toString());
    Transaction toOther = accept(1, OTHER, 10_000);
    client.next("multi-address-transactions");
    chain.seal();
    JsonObject settled =
        client.next("multi-address-transactions").getJsonObject("multi-address-transactions");
    assertThat(settled.fieldNames()).containsExactlyInAnyOrder(address(SHOP), address(OTHER));
    assertThat(txids(settled.getJsonObject(address(OTHER)).getJsonArray("confirmed")))
        .containsExactly(toOther.txid().toString());
    client.send(new JsonObject().put("track-addresses", new JsonArray()));
    assertThat(client.sentSoFar()).isEmpty();
    accept(2, SHOP, 10_000);
    assertThat(client.sentSoFar()).isEmpty();
  }

  @Test
  void muchThatIsPendingAlreadyIsToldInParts() {
    chain.hold();
    List<String> addresses = new ArrayList<>();
    List<String> paid = new ArrayList<>();
    for (int i = 0; i < 3; i++) {
      byte[] hash = new byte[20];
      hash[0] = (byte) (i + 1);
      Script script = Script.p2wpkh(hash);
      addresses.add(address(script));
      for (int j = 0; j < 45; j++) {
        paid.add(accept(i * 45 + j, script, 10_000).txid().toString());
      }
    }
    SocketClient client = open();
    client.send(new JsonObject().put("track-addresses", new JsonArray(addresses)));
    List<JsonObject> messages = client.sentSoFar();
    assertThat(messages).hasSizeGreaterThan(1);
    List<String> told = new ArrayList<>();
    for (JsonObject message : messages) {
      List<String> part = new ArrayList<>();
      JsonObject byAddress = message.getJsonObject("multi-address-transactions");
      assertThat(addresses).containsAll(byAddress.fieldNames());
      for (String one : byAddress.fieldNames()) {
        JsonObject lists = byAddress.getJsonObject(one);
        assertThat(lists.getJsonArray("confirmed")).isEmpty();
        part.addAll(txids(lists.getJsonArray("mempool")));
      }
      assertThat(part).hasSizeLessThanOrEqualTo(100);
      told.addAll(part);
    }
    assertThat(told).containsExactlyInAnyOrderElementsOf(paid);
  }

  @Test
  void tooManyAddressesAreRefused() {
    SocketClient client = open();
    JsonArray addresses = new JsonArray();
    for (int i = 0; i <= WalletSocket.MAX_ADDRESSES; i++) {
      byte[] hash = new byte[20];
      hash[0] = (byte) (i >> 8);
      hash[1] = (byte) i;
      addresses.add(address(Script.p2wpkh(hash)));
    }
    client.send(new JsonObject().put("track-addresses", addresses));
    assertThat(client.next("track-addresses-error").getString("track-addresses-error"))
        .contains("a maximum of 500 addresses");
    client.send(
        new JsonObject().put("track-address", "bc1qw508d6qejxtdg4y5r3zarvary0c5xw7kv8f3t4"));
    assertThat(client.next("track-address-error").getString("track-address-error"))
        .isEqualTo("Address on invalid network");
  }

  @Test
  void aFollowedTransactionIsToldWhenItComesAndWhenItIsSettled() {
    SocketClient client = open();
    Transaction transfer = chain.payment(coins.get(0), SHOP, 10_000);
    client.send(new JsonObject().put("track-tx", transfer.txid().toString()));
    assertThat(client.sentSoFar()).isEmpty();
    chain.hold();
    TestServer.await(chain.submit(transfer, Settlement.Wait.ACCEPTED));
    JsonObject pending = client.next("tx");
    assertThat(pending.getJsonObject("tx").getString("txid")).isEqualTo(transfer.txid().toString());
    assertThat(pending.getJsonObject("txPosition").getJsonObject("position").getInteger("block"))
        .isZero();
    chain.seal();
    assertThat(client.next("txConfirmed").getString("txConfirmed"))
        .isEqualTo(transfer.txid().toString());
    assertThat(client.sentSoFar()).isEmpty();
  }

  @Test
  void aTransactionThatIsSettledOrPendingAlreadyIsToldAtOnce() {
    Transaction settled = accept(0, SHOP, 10_000);
    SocketClient client = open();
    client.send(new JsonObject().put("track-tx", settled.txid().toString()));
    assertThat(client.next("txConfirmed").getString("txConfirmed"))
        .isEqualTo(settled.txid().toString());
    chain.hold();
    Transaction pending = accept(1, SHOP, 10_000);
    client.send(new JsonObject().put("track-tx", pending.txid().toString()));
    assertThat(client.next("txPosition").getJsonObject("txPosition").getString("txid"))
        .isEqualTo(pending.txid().toString());
    client.send(new JsonObject().put("track-tx", "stop"));
    // The answer to this tells that the node has read what came before it.
    client.send(new JsonObject().put("track-rbf-summary", true));
    client.next("rbfLatestSummary");
    chain.seal();
    assertThat(client.sentSoFar()).noneMatch(message -> message.containsKey("txConfirmed"));
  }

  @ParameterizedTest
  @ValueSource(strings = {"nonsense", "[]", "\"text\""})
  void whatIsNoObjectEndsTheSocket(String text) throws Exception {
    SocketClient client = open();
    client.send(text);
    assertThat(client.closed.get(10, TimeUnit.SECONDS)).isEqualTo(1007);
  }

  @Test
  void unknownWordsAreIgnored() {
    SocketClient client = open();
    client.send(new JsonObject().put("action", 7).put("track-tx", 8).put("track-address", 9));
    client.send(new JsonObject().put("action", "dance").put("track-addresses", "all"));
    client.send(new JsonObject().put("track-rbf-summary", true).put("track-rbf", "all"));
    JsonObject answer = client.next("rbfLatestSummary");
    assertThat(answer.getJsonArray("rbfLatest")).isEmpty();
    assertThat(client.sentSoFar()).isEmpty();
  }

  @Test
  void tooManyMessagesEndTheSocket() throws Exception {
    SocketClient client = open();
    try {
      for (int i = 0; i < 200; i++) {
        client.send(new JsonObject().put("action", "dance"));
      }
    } catch (RuntimeException e) {
      // The server has hung up.
    }
    assertThat(client.closed.get(10, TimeUnit.SECONDS)).isEqualTo(1008);
  }

  @Test
  void aMessageThatIsTooLongEndsTheSocket() {
    SocketClient client = open();
    // The server may hang up while the message is still being sent, so sending may fail or not.
    client.sendAnyway("{\"a\":\"" + "x".repeat(70_000) + "\"}");
    assertThat(client.isEnded()).isTrue();
  }

  @Test
  void placesAreBoundedAndGivenBack() {
    List<SocketClient> three = List.of(open(), open(), open());
    three.forEach(client -> client.send(new JsonObject().put("track-address", address(SHOP))));
    three.forEach(SocketClient::sentSoFar);
    assertThat(registry.get("tender.http.streams").gauge().value()).isEqualTo(3);
    assertThatThrownBy(this::open).hasMessageContaining("WebSocketHandshakeException");
    three.get(0).close();
    for (int i = 0; i < 500 && registry.get("tender.http.streams").gauge().value() > 2; i++) {
      TestServer.await(vertx.timer(10));
    }
    open().send(new JsonObject().put("action", "ping"));
  }

  @Test
  void aPlainRequestIsToldWhatIsMissing() {
    HttpResponse<String> response = server.get("/api/v1/ws");
    assertThat(response.statusCode()).isEqualTo(400);
    assertThat(response.body()).isEqualTo("Open this path as a WebSocket");
  }

  @Test
  void aStoppingServerSaysSo() throws Exception {
    SocketClient client = open();
    client.send(new JsonObject().put("track-address", address(SHOP)));
    client.sentSoFar();
    server.close();
    assertThat(client.closed.get(10, TimeUnit.SECONDS)).isEqualTo(1001);
    server = TestServer.start(vertx);
  }

  @Test
  void aSocketThatDoesNotAnswerIsCut() throws Exception {
    server.close();
    start(new StreamLimits(3, 3, 100));
    SocketClient client = open();
    // Its library answers pings as long as it is read.
    for (int i = 0; i < 20; i++) {
      client.sentSoFar();
      TestServer.await(vertx.timer(30));
    }
    assertThat(client.closed).isNotDone();
    try (java.net.Socket silent =
        new java.net.Socket(java.net.InetAddress.getLoopbackAddress(), server.port())) {
      silent.setSoTimeout(10_000);
      silent
          .getOutputStream()
          .write(
              ("GET /api/v1/ws HTTP/1.1\r\nHost: localhost\r\nUpgrade: websocket\r\nConnection:"
                      + " Upgrade\r\nSec-WebSocket-Version: 13\r\nSec-WebSocket-Key:"
                      + " dGhlIHNhbXBsZSBub25jZQ==\r\n\r\n")
                  .getBytes(java.nio.charset.StandardCharsets.US_ASCII));
      byte[] all = silent.getInputStream().readAllBytes();
      assertThat(new String(all, java.nio.charset.StandardCharsets.ISO_8859_1))
          .startsWith("HTTP/1.1 101")
          .endsWith("too slow");
    }
    assertThat(registry.get("tender.http.streams.cut").counter().count()).isEqualTo(1);
  }
}
