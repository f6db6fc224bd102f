package network.tender.web.transfers;

import static org.assertj.core.api.Assertions.assertThat;

import io.micrometer.core.instrument.Gauge;
import io.micrometer.core.instrument.simple.SimpleMeterRegistry;
import io.vertx.core.Vertx;
import io.vertx.core.json.JsonObject;
import java.io.IOException;
import java.net.InetAddress;
import java.net.Socket;
import java.net.http.HttpRequest;
import java.net.http.HttpRequest.BodyPublisher;
import java.net.http.HttpRequest.BodyPublishers;
import java.net.http.HttpResponse;
import java.nio.charset.StandardCharsets;
import java.time.Instant;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.locks.LockSupport;
import java.util.function.BooleanSupplier;
import network.tender.chain.Amount;
import network.tender.chain.Block;
import network.tender.chain.Hash;
import network.tender.chain.Network;
import network.tender.chain.Outpoint;
import network.tender.chain.Script;
import network.tender.chain.Transaction;
import network.tender.chain.TransferInput;
import network.tender.chain.TransferOutput;
import network.tender.chain.XOnlyKey;
import network.tender.ledger.Coin;
import network.tender.ledger.Receipt;
import network.tender.ledger.ReceiptJson;
import network.tender.ledger.ReceiptVerifier;
import network.tender.settlement.Outcome;
import network.tender.settlement.Settlement;
import network.tender.web.AnswerRoom;
import network.tender.web.HeadAnswers;
import network.tender.web.OwnHosts;
import network.tender.web.RepeatablePayments;
import network.tender.web.ShiftedStatus;
import network.tender.web.StreamLimits;
import network.tender.web.StreamMetrics;
import network.tender.web.TestChain;
import network.tender.web.TestServer;
import network.tender.web.TestSurfaces;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

class TransfersTest {
  private static final Script SHOP = Script.p2wpkh(new byte[20]);
  private static final String HEX = "text/plain";

  private static Vertx vertx;
  private static TestChain chain;
  private static TestServer server;
  private static int nextCoin;

  @BeforeAll
  static void start() {
    vertx = Vertx.vertx();
    chain = new TestChain();
    server = TestServer.start(vertx, TestSurfaces.of(vertx, chain));
  }

  @AfterAll
  static void stop() {
    server.close();
    TestServer.await(vertx.close());
  }

  /** A treasury coin that no other test spends. */
  private static Map.Entry<Outpoint, Coin> coin() {
    return chain.treasuryCoins().get(nextCoin());
  }

  private static synchronized int nextCoin() {
    return nextCoin++ % 40;
  }

  private static Transaction payment() {
    return chain.payment(coin(), SHOP, 100_000);
  }

  private static HttpResponse<String> post(String contentType, String body) {
    return server.post("/v1/transfers", contentType, body);
  }

  private static JsonObject settled(HttpResponse<String> response, Transaction transfer)
      throws Exception {
    assertThat(response.statusCode()).as(response.body()).isEqualTo(200);
    JsonObject json = TestServer.json(response);
    assertThat(json.getString("txid")).isEqualTo(transfer.txid().toString());
    assertThat(Instant.parse(json.getString("time")).toEpochMilli())
        .isEqualTo(json.getLong("timeMillis"));
    Receipt receipt = ReceiptJson.parse(json.getJsonObject("receipt").encode());
    assertThat(receipt.blockHash().toString()).isEqualTo(json.getString("blockHash"));
    assertThat(receipt.height()).isEqualTo(json.getInteger("height"));
    assertThat(
            new ReceiptVerifier(chain.curve)
                .verify(receipt, chain.network.validators(), 1)
                .isProved())
        .isTrue();
    return json;
  }

  /** Sends something that must be refused, and checks that it changed nothing. */
  private static JsonObject refused(String contentType, String body, int status, String code) {
    Settlement.Status before = chain.status();
    HttpResponse<String> response = post(contentType, body);
    assertThat(response.statusCode()).as(response.body()).isEqualTo(status);
    assertThat(response.headers().firstValue("Content-Type")).hasValue("application/problem+json");
    JsonObject problem = TestServer.json(response);
    assertThat(problem.getString("code")).isEqualTo(code);
    assertThat(problem.getInteger("status")).isEqualTo(status);
    assertThat(problem.getString("detail")).isNotBlank();
    assertThat(chain.status()).isEqualTo(before);
    return problem;
  }

  @ParameterizedTest
  @CsvSource({
    "text/plain",
    "text/plain; charset=utf-8",
    "TEXT/PLAIN;charset=us-ascii",
    "application/x-www-form-urlencoded",
    "''"
  })
  void hexDigitsSettle(String contentType) throws Exception {
    Transaction transfer = payment();
    HttpResponse<String> response =
        post(contentType.isEmpty() ? null : contentType, " " + transfer.toHex() + "\r\n");
    settled(response, transfer);
  }

  @Test
  void upperCaseHexSettles() throws Exception {
    Transaction transfer = payment();
    settled(post(HEX, transfer.toHex().toUpperCase(java.util.Locale.ROOT)), transfer);
  }

  @Test
  void rawBytesSettle() throws Exception {
    Transaction transfer = payment();
    settled(
        server.send(
            server
                .request("/v1/transfers")
                .header("Content-Type", "application/octet-stream")
                .POST(BodyPublishers.ofByteArray(transfer.toBytes()))),
        transfer);
  }

  @Test
  void jsonSettles() throws Exception {
    Transaction transfer = payment();
    settled(
        post("application/json; charset=utf-8", "{\"hex\": \"" + transfer.toHex() + "\"}"),
        transfer);
  }

  @Test
  void theSameTransferAgainGetsTheSameAnswer() throws Exception {
    Transaction transfer = payment();
    HttpResponse<String> first = post(HEX, transfer.toHex());
    settled(first, transfer);
    int height = chain.status().height();
    HttpResponse<String> again = post(HEX, transfer.toHex());
    assertThat(again.statusCode()).isEqualTo(200);
    assertThat(again.body()).isEqualTo(first.body());
    assertThat(chain.status().height()).isEqualTo(height);
  }

  @ParameterizedTest
  @CsvSource({"respond-async", "'wait=5, Respond-Async;x=1'"})
  void whoPrefersNotToWaitIsToldWhereTheReceiptWillBe(String prefer) {
    Transaction transfer = payment();
    chain.hold();
    HttpResponse<String> response;
    try {
      response =
          server.send(
              server
                  .request("/v1/transfers")
                  .header("Prefer", prefer)
                  .POST(BodyPublishers.ofString(transfer.toHex())));
      assertThat(response.statusCode()).isEqualTo(202);
      assertThat(response.headers().firstValue("Preference-Applied")).hasValue("respond-async");
      assertThat(TestServer.json(response).getString("status")).isEqualTo("pending");
      String location = response.headers().firstValue("Location").orElseThrow();
      assertThat(location).isEqualTo("/v1/receipts/" + transfer.txid());
      HttpResponse<String> early = server.get(location);
      assertThat(early.statusCode()).isEqualTo(404);
      assertThat(TestServer.json(early).getString("code")).isEqualTo("receipt-pending");
      assertThat(early.headers().firstValue("Retry-After")).hasValue("1");
    } finally {
      chain.seal();
    }
    assertThat(server.get(response.headers().firstValue("Location").orElseThrow()).statusCode())
        .isEqualTo(200);
  }

  @Test
  void whatDoesNotDecodeIsRefused() {
    String hex = payment().toHex();
    for (String body : List.of("", "zz", "0", hex.substring(2), hex + "00", hex + "é", "{}")) {
      refused(HEX, body, 400, "tx-decode-failed");
    }
    refused("application/json", "{\"hex\":\"00\"}", 400, "tx-decode-failed");
  }

  @Test
  void brokenJsonHasACodeOfItsOwn() {
    refused("application/json", "{\"hex\": ", 400, "malformed-json");
    refused("application/json", "", 400, "malformed-json");
    refused("application/json", "[]", 400, "malformed-json");
    refused("application/json", "{\"hex\":\"00\",\"hex\":\"01\"}", 400, "malformed-json");
    refused("application/json", "{} {}", 400, "malformed-json");
    refused("application/json", "{\"hex\": 5}", 400, "invalid-request");
  }

  @Test
  void otherMediaTypesAreRefused() {
    refused("image/png", payment().toHex(), 415, "unsupported-media-type");
    refused("text/plainer", payment().toHex(), 415, "unsupported-media-type");
  }

  @Test
  void largeBodiesAreRefused() {
    refused(HEX, "0".repeat(1_000_002), 413, "body-too-large");
  }

  @Test
  void transfersAboveTheWeightLimitAreRefused() {
    Map.Entry<Outpoint, Coin> coin = coin();
    TransferOutput[] outputs = new TransferOutput[3_300];
    java.util.Arrays.fill(outputs, new TransferOutput(Amount.ofSat(1_000), SHOP));
    refused(HEX, chain.transfer(coin, outputs).toHex(), 413, "too-heavy");
  }

  @Test
  void unknownCoinsAreRefused() {
    Map.Entry<Outpoint, Coin> coin = coin();
    Map.Entry<Outpoint, Coin> unknown =
        Map.entry(new Outpoint(new Hash(1, 2, 3, 4), 0), coin.getValue());
    refused(HEX, chain.payment(unknown, SHOP, 100_000).toHex(), 422, "unknown-coin");
  }

  @Test
  void doubleSpendsAreToldWhomTheyLostTo() throws Exception {
    Map.Entry<Outpoint, Coin> coin = coin();
    Transaction winner = chain.payment(coin, SHOP, 100_000);
    Transaction loser = chain.payment(coin, SHOP, 200_000);
    settled(post(HEX, winner.toHex()), winner);
    JsonObject problem = refused(HEX, loser.toHex(), 409, "double-spend");
    assertThat(problem.getString("conflictsWith")).isEqualTo(winner.txid().toString());
    assertThat(problem.getString("reason")).isEqualTo("bad-txns-inputs-missingorspent");
  }

  @Test
  void conflictsWithPendingTransfersAreToldToo() {
    Map.Entry<Outpoint, Coin> coin = coin();
    Transaction first = chain.payment(coin, SHOP, 100_000);
    chain.hold();
    try {
      server.send(
          server
              .request("/v1/transfers")
              .header("Prefer", "respond-async")
              .POST(BodyPublishers.ofString(first.toHex())));
      JsonObject problem =
          refused(HEX, chain.payment(coin, SHOP, 200_000).toHex(), 409, "conflict");
      assertThat(problem.getString("conflictsWith")).isEqualTo(first.txid().toString());
    } finally {
      chain.seal();
    }
  }

  @Test
  void overspendsAreRefused() {
    Map.Entry<Outpoint, Coin> coin = coin();
    Amount tooMuch = coin.getValue().amount().plus(Amount.ofSat(1));
    Transaction transfer = chain.transfer(coin, new TransferOutput(tooMuch, SHOP));
    refused(HEX, transfer.toHex(), 422, "overspend");
  }

  @Test
  void immatureCoinsAreRefused() throws Exception {
    Transaction transfer = payment();
    JsonObject answer = settled(post(HEX, transfer.toHex()), transfer);
    Block block =
        TestServer.await(chain.byHeight(answer.getInteger("height"))).orElseThrow().block();
    Transaction coinbase = block.transactions().get(0);
    Map.Entry<Outpoint, Coin> fee =
        Map.entry(
            coinbase.outpoint(0),
            new Coin(coinbase.amount(0), coinbase.script(0), answer.getInteger("height"), true));
    Transaction spend =
        chain.transfer(fee, new TransferOutput(Amount.ofSat(coinbase.outputSat(0) - 400), SHOP));
    refused(HEX, spend.toHex(), 422, "immature");
  }

  @Test
  void wrongSignaturesAreRefused() {
    Map.Entry<Outpoint, Coin> coin = coin();
    Transaction signed = chain.payment(coin, SHOP, 100_000);
    List<byte[]> otherWitness = chain.payment(coin, SHOP, 100_001).witness(0);
    Transaction forged =
        Transaction.build(
            2,
            List.of(TransferInput.unsigned(coin.getKey()).withWitness(otherWitness)),
            List.of(signed.output(0), signed.output(1)),
            0);
    refused(HEX, forged.toHex(), 422, "script-failed");
  }

  @Test
  void dustAndLowFeesAreRefused() {
    refused(HEX, chain.payment(coin(), SHOP, 200).toHex(), 422, "dust");
    Map.Entry<Outpoint, Coin> coin = coin();
    Transaction free = chain.transfer(coin, new TransferOutput(coin.getValue().amount(), SHOP));
    refused(HEX, free.toHex(), 422, "fee-too-low");
  }

  @ParameterizedTest
  @CsvSource({
    "BUSY,node-busy",
    "JOURNAL_DOWN,journal-unavailable",
    "NOT_READY,node-not-ready",
    "DELAYED,settlement-delayed"
  })
  void aNodeThatCannotTakeTransfersSaysWhenToComeBack(Outcome.Cause cause, String code) {
    chain.trouble(Optional.of(new Outcome.Unavailable(cause, 3)));
    try {
      HttpResponse<String> response = post(HEX, payment().toHex());
      assertThat(response.statusCode()).isEqualTo(503);
      assertThat(response.headers().firstValue("Retry-After")).hasValue("3");
      assertThat(TestServer.json(response).getString("code")).isEqualTo(code);
    } finally {
      chain.trouble(Optional.empty());
    }
  }

  @Test
  void aFullNodeAnswersAsAlwaysWithoutReadingTheTransfer() {
    chain.trouble(Optional.of(new Outcome.Unavailable(Outcome.Cause.BUSY, 1)));
    HttpResponse<String> read = post(HEX, payment().toHex());
    chain.trouble(Optional.empty());
    chain.full(true);
    try {
      HttpResponse<String> unread = post(HEX, "no transfer at all");
      assertThat(unread.statusCode()).isEqualTo(503);
      assertThat(unread.body()).isEqualTo(read.body());
      assertThat(unread.headers().map()).isEqualTo(read.headers().map());
    } finally {
      chain.full(false);
    }
    assertThat(post(HEX, payment().toHex()).statusCode()).isEqualTo(200);
  }

  @Test
  void receiptsAreFoundByTxid() throws Exception {
    Transaction transfer = payment();
    JsonObject answer = settled(post(HEX, transfer.toHex()), transfer);
    HttpResponse<String> response = server.get("/v1/receipts/" + transfer.txid());
    assertThat(response.statusCode()).isEqualTo(200);
    assertThat(TestServer.json(response)).isEqualTo(answer.getJsonObject("receipt"));
    assertThat(response.headers().firstValue("Cache-Control").orElse("")).contains("immutable");
  }

  @Test
  void receiptsThatAreNotThereHaveCodes() {
    HttpResponse<String> unknown = server.get("/v1/receipts/" + "0".repeat(64));
    assertThat(unknown.statusCode()).isEqualTo(404);
    assertThat(TestServer.json(unknown).getString("code")).isEqualTo("receipt-not-found");
    HttpResponse<String> malformed = server.get("/v1/receipts/abc");
    assertThat(malformed.statusCode()).isEqualTo(400);
    assertThat(TestServer.json(malformed).getString("code")).isEqualTo("invalid-hash");
    chain.unreadable(true);
    try {
      HttpResponse<String> down = server.get("/v1/receipts/" + "0".repeat(64));
      assertThat(down.statusCode()).isEqualTo(503);
      assertThat(down.headers().firstValue("Retry-After")).isPresent();
      assertThat(TestServer.json(down).getString("code")).isEqualTo("journal-unavailable");
    } finally {
      chain.unreadable(false);
    }
  }

  @Test
  void blocksAreFoundByHeightAndByHash() {
    JsonObject genesis = TestServer.json(server.get("/v1/blocks/0"));
    assertThat(genesis.getString("hash"))
        .isEqualTo("0f9188f13cb7b2c71f2a335e3a4fc328bf5beb436012afca590b1a11466e2206");
    JsonObject block = TestServer.json(server.get("/v1/blocks/7"));
    assertThat(block.getInteger("height")).isEqualTo(7);
    assertThat(block.getJsonArray("txids")).hasSize(1);
    assertThat(block.getJsonArray("certificate").getJsonObject(0).getString("validator"))
        .isEqualTo(chain.network.validators().get(0).toString());
    assertThat(TestServer.json(server.get("/v1/blocks/" + block.getString("hash"))))
        .isEqualTo(block);
    assertThat(block.getJsonObject("totals").getLong("issuedSat"))
        .isEqualTo(7 * Network.subsidy(1).sat());
  }

  @Test
  void rawBlocksAreBitcoinBlocks() throws Exception {
    for (HttpRequest.Builder request :
        List.of(
            server.request("/v1/blocks/9").header("Accept", "application/octet-stream"),
            server.request("/v1/blocks/9?format=raw"))) {
      HttpResponse<byte[]> response = server.send(request, HttpResponse.BodyHandlers.ofByteArray());
      assertThat(response.headers().firstValue("Content-Type"))
          .hasValue("application/octet-stream");
      assertThat(Block.parse(response.body()).hash())
          .isEqualTo(TestServer.await(chain.byHeight(9)).orElseThrow().hash());
    }
  }

  @Test
  void blocksMayBeCachedForGood() {
    HttpResponse<String> response = server.get("/v1/blocks/5");
    assertThat(response.headers().firstValue("Cache-Control").orElse("")).contains("immutable");
    String etag = response.headers().firstValue("ETag").orElseThrow();
    HttpResponse<String> again =
        server.send(server.request("/v1/blocks/5").header("If-None-Match", etag));
    assertThat(again.statusCode()).isEqualTo(304);
    assertThat(again.body()).isEmpty();
    assertThat(
            server
                .send(server.request("/v1/blocks/5?format=raw").header("If-None-Match", etag))
                .statusCode())
        .as("another representation")
        .isEqualTo(200);
  }

  @ParameterizedTest
  @CsvSource({
    "/v1/blocks/99999,404,block-not-found",
    "/v1/blocks/00000000000000000000000000000000000000000000000000000000000000aa,404,block-not-found",
    "/v1/blocks/xyz,400,invalid-hash",
    "/v1/blocks/-1,400,invalid-hash",
    "/v1/blocks/5?format=xml,400,invalid-request",
    "/v1/blocks?limit=0,400,invalid-request",
    "/v1/blocks?limit=26,400,invalid-request",
    "/v1/blocks?before=x,400,invalid-request"
  })
  void wrongBlockRequestsHaveCodes(String path, int status, String code) {
    HttpResponse<String> response = server.get(path);
    assertThat(response.statusCode()).as(response.body()).isEqualTo(status);
    assertThat(TestServer.json(response).getString("code")).isEqualTo(code);
  }

  @Test
  void listsOfBlocksGoBackToTheFirst() {
    JsonObject newest = TestServer.json(server.get("/v1/blocks"));
    assertThat(newest.getJsonArray("blocks")).hasSize(10);
    assertThat(newest.getJsonArray("blocks").getJsonObject(0).getInteger("height"))
        .isEqualTo(chain.status().height());
    JsonObject page = TestServer.json(server.get("/v1/blocks?before=30&limit=25"));
    assertThat(page.getJsonArray("blocks").getJsonObject(0).getInteger("height")).isEqualTo(29);
    assertThat(page.getInteger("nextBefore")).isEqualTo(5);
    JsonObject last = TestServer.json(server.get("/v1/blocks?before=5&limit=25"));
    assertThat(last.getJsonArray("blocks")).hasSize(5);
    assertThat(last.containsKey("nextBefore")).isFalse();
    assertThat(TestServer.json(server.get("/v1/blocks?before=0")).getJsonArray("blocks")).isEmpty();
  }

  @Test
  void theNetworkSaysWhatAVerifierNeeds() throws Exception {
    JsonObject network = TestServer.json(server.get("/v1/network"));
    assertThat(network.getString("name")).isEqualTo("regtest");
    assertThat(network.getString("hrp")).isEqualTo("bcrt");
    assertThat(network.getString("coinCode")).isEqualTo("TNDR");
    assertThat(network.getString("uriScheme")).isEqualTo("bitcoin");
    assertThat(network.getInteger("pubKeyHashPrefix")).isEqualTo(0x6f);
    assertThat(network.getInteger("scriptHashPrefix")).isEqualTo(0xc4);
    assertThat(network.getLong("feeFloorSatPerKvb")).isEqualTo(1_000);
    assertThat(network.getJsonObject("tip").getInteger("height"))
        .isEqualTo(chain.status().height());
    JsonObject validators = TestServer.json(server.get("/v1/validators"));
    assertThat(validators.getInteger("quorum")).isEqualTo(1);
    assertThat(XOnlyKey.parse(validators.getJsonArray("validators").getString(0)))
        .isEqualTo(chain.network.validators().get(0));
  }

  @ParameterizedTest
  @ValueSource(strings = {"-1", "abc", "12345678901234567890", "1.5"})
  void blocksHaveHeightsAndHashes(String id) {
    HttpResponse<String> response = server.get("/v1/blocks/" + id);
    assertThat(response.statusCode()).isEqualTo(400);
    assertThat(TestServer.json(response).getString("detail")).contains("height", "64 hex digits");
  }

  @Test
  void theFaucetPaysTextAndNumbers() throws Exception {
    String address = network.tender.chain.Address.format(SHOP, chain.network).orElseThrow();
    int before = TestSurfaces.paid().size();
    for (String amount : List.of("\"0.25\"", "0.25", "1", "0.00001")) {
      HttpResponse<String> response =
          server.post(
              "/dev/faucet",
              "application/json",
              "{\"address\":\"" + address + "\",\"amount\":" + amount + "}");
      assertThat(response.statusCode()).as(response.body()).isEqualTo(200);
      assertThat(TestServer.json(response).getJsonObject("receipt")).isNotNull();
    }
    List<Amount> paid = TestSurfaces.paid();
    assertThat(paid.subList(before, paid.size()))
        .containsExactly(
            Amount.parseCoins("0.25"),
            Amount.parseCoins("0.25"),
            Amount.parseCoins("1"),
            Amount.parseCoins("0.00001"));
  }

  @ParameterizedTest
  @CsvSource(
      delimiter = '|',
      value = {
        "{|malformed-json",
        "{}|invalid-address",
        "{\"address\":\"bc1qw508d6qejxtdg4y5r3zarvary0c5xw7kv8f3t4\",\"amount\":1}|invalid-address",
        "{\"address\":\"OK\",\"amount\":0}|invalid-amount",
        "{\"address\":\"OK\",\"amount\":-1}|invalid-amount",
        "{\"address\":\"OK\",\"amount\":0.000000001}|invalid-amount",
        "{\"address\":\"OK\",\"amount\":1e999999999}|invalid-amount",
        "{\"address\":\"OK\",\"amount\":\"x\"}|invalid-amount",
        "{\"address\":\"OK\",\"amount\":true}|invalid-amount",
        "{\"address\":\"OK\"}|invalid-amount"
      })
  void wrongFaucetRequestsHaveCodes(String body, String code) {
    String address = network.tender.chain.Address.format(SHOP, chain.network).orElseThrow();
    HttpResponse<String> response =
        server.post("/dev/faucet", "application/json", body.replace("OK", address));
    assertThat(response.statusCode()).as(response.body()).isEqualTo(400);
    assertThat(TestServer.json(response).getString("code")).isEqualTo(code);
  }

  @ParameterizedTest
  @ValueSource(strings = {"/dev/faucet", "/dev/pay"})
  void aBodyThatIsMissingOrNoTextAtAllIsMalformed(String path) {
    byte[] notUtf32 = {0, 0, 0, '{', -1, -1, -1, -1};
    for (BodyPublisher body :
        List.of(
            BodyPublishers.noBody(),
            BodyPublishers.ofString(""),
            BodyPublishers.ofByteArray(notUtf32))) {
      HttpResponse<String> response =
          server.send(server.request(path).header("Content-Type", "application/json").POST(body));
      assertThat(response.statusCode()).as(response.body()).isEqualTo(400);
      assertThat(TestServer.json(response).getString("code")).isEqualTo("malformed-json");
    }
    HttpResponse<String> bare = server.send(server.request(path).POST(BodyPublishers.noBody()));
    assertThat(bare.statusCode()).as(bare.body()).isEqualTo(400);
    assertThat(TestServer.json(bare).getString("code")).isEqualTo("malformed-json");
  }

  @Test
  void otherNetworksHaveNoFaucet() {
    try (TestServer other =
        TestServer.start(
            vertx,
            new DevSurface(
                chain.network,
                Optional.empty(),
                new OwnHosts("127.0.0.1", Optional.empty()),
                new RepeatablePayments(Optional.empty())))) {
      assertThat(other.post("/dev/faucet", "application/json", "{}").statusCode()).isEqualTo(404);
      assertThat(other.post("/dev/pay", "application/json", "{}").statusCode()).isEqualTo(404);
    }
  }

  @Test
  void noBlockIsShownBeforeTheNodeTellsOfIt() {
    int tip = chain.status().height();
    Hash hash = chain.status().hash();
    try (TestServer behind =
        TestServer.start(
            vertx,
            new BlocksSurface(
                chain.network,
                chain,
                ShiftedStatus.of(chain, -2),
                Optional::empty,
                AnswerRoom.ofHeap(vertx, new SimpleMeterRegistry())))) {
      for (String id : List.of(Integer.toString(tip - 1), Integer.toString(tip), hash.toString())) {
        HttpResponse<String> early = behind.get("/v1/blocks/" + id);
        assertThat(early.statusCode()).isEqualTo(404);
        assertThat(TestServer.json(early).getString("code")).isEqualTo("block-not-found");
        assertThat(server.get("/v1/blocks/" + id).statusCode()).isEqualTo(200);
      }
      assertThat(behind.get("/v1/blocks/" + (tip - 2)).statusCode()).isEqualTo(200);
      JsonObject newest =
          TestServer.json(behind.get("/v1/blocks?before=" + (tip + 1)))
              .getJsonArray("blocks")
              .getJsonObject(0);
      assertThat(newest.getInteger("height")).isEqualTo(tip - 2);
    }
  }

  /** Whoever has gone keeps no place among the live streams. */
  @Test
  void aWaitForABlockEndsWithItsConnection() throws IOException {
    SimpleMeterRegistry registry = new SimpleMeterRegistry();
    StreamMetrics streams = new StreamMetrics(registry, StreamLimits.DEFAULT);
    Gauge open = registry.get("tender.http.streams").gauge();
    try (TestServer waiting = TestServer.start(vertx, TestSurfaces.of(vertx, chain, streams))) {
      try (Socket socket = new Socket(InetAddress.getLoopbackAddress(), waiting.port())) {
        socket
            .getOutputStream()
            .write(
                "GET /v1/certified-blocks?from=9999&waitMillis=30000 HTTP/1.1\r\nHost: x\r\n\r\n"
                    .getBytes(StandardCharsets.UTF_8));
        until(() -> open.value() == 1);
      }
      until(() -> open.value() == 0);
    }
  }

  private static void until(BooleanSupplier condition) {
    long end = System.nanoTime() + TimeUnit.SECONDS.toNanos(10);
    while (!condition.getAsBoolean() && System.nanoTime() < end) {
      LockSupport.parkNanos(TimeUnit.MILLISECONDS.toNanos(5));
    }
    assertThat(condition.getAsBoolean()).isTrue();
  }

  @Test
  void headIsAnsweredLikeGet() {
    Transaction transfer = payment();
    assertThat(post(HEX, transfer.toHex()).statusCode()).isEqualTo(200);
    for (String path :
        List.of(
            "/network",
            "/validators",
            "/blocks",
            "/blocks/1",
            "/blocks/1?format=raw",
            "/blocks/999999",
            "/blocks/zz",
            "/receipts/" + transfer.txid(),
            "/receipts/zz",
            "/certified-blocks?from=0&limit=5")) {
      HeadAnswers.assertLikeGet(server, "/v1" + path);
    }
    HttpRequest.Builder stream = server.request("/v1/stream");
    assertThat(server.send(stream.method("HEAD", BodyPublishers.noBody())).statusCode())
        .isEqualTo(405);
  }
}
