package network.tender.web.transfers;

import static org.assertj.core.api.Assertions.assertThat;

import io.vertx.core.Vertx;
import io.vertx.core.json.JsonArray;
import io.vertx.core.json.JsonObject;
import java.io.ByteArrayOutputStream;
import java.net.http.HttpRequest.BodyPublishers;
import java.net.http.HttpResponse;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import network.tender.chain.Amount;
import network.tender.chain.Script;
import network.tender.chain.Transaction;
import network.tender.chain.TransferOutput;
import network.tender.ledger.Coin;
import network.tender.web.TestChain;
import network.tender.web.TestServer;
import network.tender.web.TestSurfaces;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;

/** Many transfers in one body. */
class TransferBatchTest {
  private static final Script SHOP = Script.p2wpkh(new byte[20]);

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

  private static Transaction payment() {
    return chain.payment(chain.treasuryCoins().get(nextCoin++), SHOP, 100_000);
  }

  private static HttpResponse<String> postJson(List<String> hex) {
    return server.post(
        "/v1/transfers",
        "application/json",
        new JsonObject().put("transfers", new JsonArray(hex)).encode());
  }

  private static HttpResponse<String> postRaw(byte[] body) {
    return server.send(
        server
            .request("/v1/transfers")
            .header("Content-Type", TransferBatch.RAW)
            .POST(BodyPublishers.ofByteArray(body)));
  }

  private static byte[] raw(List<Transaction> transfers) {
    ByteArrayOutputStream bytes = new ByteArrayOutputStream();
    transfers.forEach(transfer -> bytes.writeBytes(transfer.toBytes()));
    return bytes.toByteArray();
  }

  private static List<JsonObject> results(HttpResponse<String> response, int count) {
    assertThat(response.statusCode()).as(response.body()).isEqualTo(200);
    JsonArray results = TestServer.json(response).getJsonArray("results");
    assertThat(results).hasSize(count);
    List<JsonObject> all = new ArrayList<>();
    results.forEach(result -> all.add((JsonObject) result));
    return all;
  }

  private static void assertSettled(JsonObject result, Transaction transfer) {
    assertThat(result.getString("status")).as(result.encode()).isEqualTo("settled");
    assertThat(result.getString("txid")).isEqualTo(transfer.txid().toString());
    JsonObject receipt = TestServer.json(server.get(result.getString("receipt")));
    assertThat(receipt.getInteger("height")).isEqualTo(result.getInteger("height"));
    assertThat(receipt.getLong("timeMillis")).isEqualTo(result.getLong("timeMillis"));
  }

  @Test
  void rawTransfersSettleInOneRequest() {
    List<Transaction> transfers = List.of(payment(), payment(), payment());
    List<JsonObject> results = results(postRaw(raw(transfers)), 3);
    for (int i = 0; i < 3; i++) {
      assertSettled(results.get(i), transfers.get(i));
    }
  }

  @Test
  void eachTransferHasItsOwnVerdict() {
    Transaction good = payment();
    Transaction twin = chain.payment(chain.treasuryCoins().get(nextCoin - 1), SHOP, 50_000);
    Transaction after = payment();
    List<JsonObject> results =
        results(postJson(List.of(good.toHex(), twin.toHex(), "00", after.toHex())), 4);
    assertSettled(results.get(0), good);
    assertThat(results.get(1).getString("status")).isEqualTo("refused");
    assertThat(results.get(1).getString("code")).isIn("conflict", "double-spend");
    assertThat(results.get(2).getString("code")).isEqualTo("tx-decode-failed");
    assertSettled(results.get(3), after);
  }

  @Test
  void aTransferMaySpendAnotherOfTheSameBatch() {
    TransferOutput mine = new TransferOutput(Amount.ofSat(1_000_000), chain.network.treasury());
    Transaction parent = chain.transfer(chain.treasuryCoins().get(nextCoin++), mine);
    Coin made = new Coin(mine.amount(), mine.script(), chain.status().height() + 1, false);
    Transaction child = chain.payment(Map.entry(parent.outpoint(0), made), SHOP, 400_000);
    List<JsonObject> results = results(postRaw(raw(List.of(parent, child))), 2);
    assertSettled(results.get(0), parent);
    assertSettled(results.get(1), child);
  }

  @Test
  void whatIsNoBatchIsRefusedAsAWhole() {
    byte[] cut = payment().toBytes();
    nextCoin--;
    HttpResponse<String> broken = postRaw(java.util.Arrays.copyOf(cut, cut.length - 1));
    assertThat(broken.statusCode()).isEqualTo(400);
    assertThat(TestServer.json(broken).getString("detail")).contains("Transfer 0 of the batch");
    assertThat(postRaw(new byte[0]).statusCode()).isEqualTo(400);
    assertThat(postJson(List.of()).statusCode()).isEqualTo(400);
    List<String> many = java.util.Collections.nCopies(TransferBatch.MAX_TRANSFERS + 1, "00");
    HttpResponse<String> tooMany = postJson(many);
    assertThat(tooMany.statusCode()).isEqualTo(413);
    assertThat(TestServer.json(tooMany).getInteger("limitTransfers")).isEqualTo(1_000);
    HttpResponse<String> text =
        server.post("/v1/transfers", "application/json", "{\"transfers\":\"00\"}");
    assertThat(text.statusCode()).isEqualTo(400);
  }
}
