package network.tender.web.esplora;

import static org.assertj.core.api.Assertions.assertThat;

import io.vertx.core.Vertx;
import io.vertx.core.json.JsonArray;
import io.vertx.core.json.JsonObject;
import java.net.http.HttpRequest.BodyPublishers;
import java.net.http.HttpResponse;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import network.tender.chain.Address;
import network.tender.chain.Amount;
import network.tender.chain.Hash;
import network.tender.chain.MerkleTree;
import network.tender.chain.Outpoint;
import network.tender.chain.Script;
import network.tender.chain.Transaction;
import network.tender.chain.TransferOutput;
import network.tender.journal.StoredBlock;
import network.tender.ledger.Coin;
import network.tender.settlement.Outcome;
import network.tender.settlement.Settlement;
import network.tender.web.TestChain;
import network.tender.web.TestServer;
import network.tender.web.TestSurfaces;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

class EsploraTest {
  private static final Script SHOP = Script.p2wpkh(new byte[20]);

  private static Vertx vertx;
  private static TestChain chain;
  private static TestServer server;
  private static Transaction paid;
  private static Map.Entry<Outpoint, Coin> spent;
  private static int height;
  private static int nextCoin;

  @BeforeAll
  static void start() {
    vertx = Vertx.vertx();
    chain = new TestChain();
    server = TestServer.start(vertx, TestSurfaces.of(vertx, chain));
    spent = coin();
    paid = chain.payment(spent, SHOP, 100_000);
    TestServer.await(chain.submit(paid, Settlement.Wait.SETTLED));
    height = chain.status().height();
  }

  @AfterAll
  static void stop() {
    server.close();
    TestServer.await(vertx.close());
  }

  /** The oldest unspent treasury coin that no other test uses. */
  private static synchronized Map.Entry<Outpoint, Coin> coin() {
    return chain.treasuryCoins().get(nextCoin++ % 30);
  }

  private static HttpResponse<String> ok(String path) {
    HttpResponse<String> response = server.get(path);
    assertThat(response.statusCode()).as(response.body()).isEqualTo(200);
    return response;
  }

  private static JsonObject object(String path) {
    return new JsonObject(ok(path).body());
  }

  private static JsonArray array(String path) {
    return new JsonArray(ok(path).body());
  }

  private static StoredBlock block(int at) {
    return TestServer.await(chain.byHeight(at)).orElseThrow();
  }

  @ParameterizedTest
  @ValueSource(strings = {"/esplora", "/api"})
  void bothBasesAnswer(String base) {
    assertThat(ok(base + "/block-height/0").body())
        .isEqualTo("0f9188f13cb7b2c71f2a335e3a4fc328bf5beb436012afca590b1a11466e2206");
    HttpResponse<String> none = server.get(base + "/nothing/here");
    assertThat(none.statusCode()).isEqualTo(404);
    assertThat(none.headers().firstValue("Content-Type").orElse("")).startsWith("text/plain");
    assertThat(none.body()).isEqualTo("endpoint does not exist \"" + base + "/nothing/here\"");
  }

  @Test
  void theTipIsPlainText() {
    assertThat(ok("/esplora/blocks/tip/height").body())
        .isEqualTo(Integer.toString(chain.status().height()));
    assertThat(ok("/esplora/blocks/tip/hash").body()).isEqualTo(chain.status().hash().toString());
  }

  @Test
  void blocksAreOneConsistentChainNewestFirst() {
    JsonArray blocks = array("/esplora/blocks");
    assertThat(blocks).hasSize(10);
    assertThat(blocks.getJsonObject(0).getInteger("height")).isEqualTo(chain.status().height());
    for (int i = 0; i + 1 < blocks.size(); i++) {
      assertThat(blocks.getJsonObject(i).getString("previousblockhash"))
          .isEqualTo(blocks.getJsonObject(i + 1).getString("id"));
    }
    assertThat(array("/esplora/blocks/3")).hasSize(4);
    assertThat(array("/esplora/blocks/999999").getJsonObject(0).getInteger("height"))
        .isEqualTo(chain.status().height());
  }

  @Test
  void aBlockHasAllThatClientsRequire() {
    StoredBlock stored = block(height);
    JsonObject json = object("/esplora/block/" + stored.hash());
    assertThat(json.fieldNames())
        .containsExactly(
            "id",
            "height",
            "version",
            "timestamp",
            "tx_count",
            "size",
            "weight",
            "merkle_root",
            "previousblockhash",
            "mediantime",
            "nonce",
            "bits",
            "difficulty");
    assertThat(json.getInteger("bits")).isEqualTo(0x207fffff);
    assertThat(json.getInteger("tx_count")).isEqualTo(2);
    assertThat(json.getInteger("size")).isEqualTo(stored.block().toBytes().length);
    assertThat(json.getInteger("weight")).isEqualTo(stored.block().weight());
    List<Long> times = new ArrayList<>();
    for (int at = height - 10; at <= height; at++) {
      times.add(block(at).block().header().unixSeconds());
    }
    assertThat(json.getLong("mediantime")).isEqualTo(times.stream().sorted().toList().get(5));
    JsonObject genesis = object("/esplora/block/" + block(0).hash());
    assertThat(genesis.containsKey("previousblockhash")).isTrue();
    assertThat(genesis.getValue("previousblockhash")).isNull();
  }

  @Test
  void aTransactionHasAllThatClientsRequire() {
    JsonObject tx = object("/esplora/tx/" + paid.txid());
    assertThat(tx.fieldNames())
        .containsExactly(
            "txid", "version", "locktime", "vin", "vout", "size", "weight", "fee", "status");
    assertThat(tx.getLong("fee")).isEqualTo(1_000);
    assertThat(tx.getInteger("size")).isEqualTo(paid.size());
    assertThat(tx.getInteger("weight")).isEqualTo(paid.weight());
    JsonObject input = tx.getJsonArray("vin").getJsonObject(0);
    assertThat(input.getString("txid")).isEqualTo(spent.getKey().txid().toString());
    assertThat(input.getInteger("vout")).isEqualTo(spent.getKey().index());
    assertThat(input.getBoolean("is_coinbase")).isFalse();
    assertThat(input.getLong("sequence")).isEqualTo(0xffff_ffffL);
    assertThat(input.getJsonArray("witness")).hasSize(2);
    assertThat(input.getJsonObject("prevout").getLong("value"))
        .isEqualTo(spent.getValue().amount().sat());
    JsonObject output = tx.getJsonArray("vout").getJsonObject(0);
    assertThat(output.getLong("value")).isEqualTo(100_000);
    assertThat(output.getString("scriptpubkey")).isEqualTo(SHOP.toHex());
    assertThat(output.getString("scriptpubkey_asm"))
        .isEqualTo("OP_0 OP_PUSHBYTES_20 " + "00".repeat(20));
    assertThat(output.getString("scriptpubkey_type")).isEqualTo("v0_p2wpkh");
    assertThat(output.getString("scriptpubkey_address"))
        .isEqualTo(Address.format(SHOP, chain.network).orElseThrow());
    assertThat(tx.getJsonObject("status"))
        .isEqualTo(
            new JsonObject()
                .put("confirmed", true)
                .put("block_height", height)
                .put("block_hash", block(height).hash().toString())
                .put("block_time", block(height).block().header().unixSeconds()));
  }

  @Test
  void aCoinbaseHasNoPrevout() {
    Hash coinbase = block(height).block().txids().get(0);
    JsonObject tx = object("/esplora/tx/" + coinbase);
    JsonObject input = tx.getJsonArray("vin").getJsonObject(0);
    assertThat(input.getBoolean("is_coinbase")).isTrue();
    assertThat(input.containsKey("prevout")).isTrue();
    assertThat(input.getValue("prevout")).isNull();
    assertThat(input.getLong("vout")).isEqualTo(0xffff_ffffL);
    assertThat(tx.getLong("fee")).isZero();
    assertThat(tx.getJsonArray("vout").getJsonObject(1).getString("scriptpubkey_type"))
        .isEqualTo("op_return");
  }

  @Test
  void aTransactionComesAsHexAndRaw() {
    assertThat(ok("/esplora/tx/" + paid.txid() + "/hex").body()).isEqualTo(paid.toHex());
    HttpResponse<byte[]> raw =
        server.send(
            server.request("/esplora/tx/" + paid.txid() + "/raw"),
            HttpResponse.BodyHandlers.ofByteArray());
    assertThat(raw.body()).isEqualTo(paid.toBytes());
  }

  @Test
  void statusesOfUnknownTransactionsAreUnconfirmed() {
    assertThat(object("/esplora/tx/" + paid.txid() + "/status").getInteger("block_height"))
        .isEqualTo(height);
    assertThat(object("/esplora/tx/" + "0".repeat(64) + "/status"))
        .isEqualTo(new JsonObject().put("confirmed", false));
  }

  @Test
  void merkleProofsLeadToTheRoot() {
    JsonObject proof = object("/esplora/tx/" + paid.txid() + "/merkle-proof");
    assertThat(proof.getInteger("block_height")).isEqualTo(height);
    List<Hash> branch =
        proof.getJsonArray("merkle").stream()
            .map(sibling -> Hash.fromDisplayHex((String) sibling))
            .toList();
    assertThat(MerkleTree.rootFromBranch(paid.txid(), proof.getInteger("pos"), branch))
        .isEqualTo(block(height).block().header().merkleRoot());
  }

  @Test
  void outspendsNameTheSpender() {
    JsonObject outspend =
        object("/esplora/tx/" + spent.getKey().txid() + "/outspend/" + spent.getKey().index());
    assertThat(outspend.getBoolean("spent")).isTrue();
    assertThat(outspend.getString("txid")).isEqualTo(paid.txid().toString());
    assertThat(outspend.getInteger("vin")).isZero();
    assertThat(outspend.getJsonObject("status").getInteger("block_height")).isEqualTo(height);
    JsonObject unspent = new JsonObject().put("spent", false);
    assertThat(object("/esplora/tx/" + paid.txid() + "/outspend/0")).isEqualTo(unspent);
    assertThat(object("/esplora/tx/" + "0".repeat(64) + "/outspend/9")).isEqualTo(unspent);
    assertThat(array("/esplora/tx/" + paid.txid() + "/outspends")).hasSize(2);
  }

  @Test
  void historiesAreReadPageByPage() {
    Script many =
        Script.p2wpkh(new byte[] {7, 7, 7, 7, 7, 7, 7, 7, 7, 7, 7, 7, 7, 7, 7, 7, 7, 7, 7, 7});
    List<String> txids = new ArrayList<>();
    Map.Entry<Outpoint, Coin> from = coin();
    for (int i = 0; i < 27; i++) {
      Transaction transfer = chain.payment(from, many, 1_000 + i);
      TestServer.await(chain.submit(transfer, Settlement.Wait.SETTLED));
      txids.add(0, transfer.txid().toString());
      from =
          Map.entry(
              transfer.outpoint(1),
              new Coin(transfer.amount(1), transfer.script(1), chain.status().height(), false));
    }
    String base = "/esplora/scripthash/" + many.hash().toNaturalHex();
    List<String> first = txids(array(base + "/txs"));
    assertThat(first).isEqualTo(txids.subList(0, 25));
    assertThat(txids(array(base + "/txs/chain"))).isEqualTo(first);
    assertThat(txids(array(base + "/txs/chain/" + first.get(24)))).isEqualTo(txids.subList(25, 27));
    assertThat(array(base + "/txs/chain/" + "0".repeat(64))).isEmpty();
    String address = "/esplora/address/" + Address.format(many, chain.network).orElseThrow();
    assertThat(txids(array(address + "/txs"))).isEqualTo(first);
    assertThat(txids(array(address + "/txs?after_txid=" + first.get(24)))).hasSize(2);
    JsonArray coins = array(address + "/utxo");
    assertThat(coins).hasSize(27);
    assertThat(coins.stream().mapToLong(coin -> ((JsonObject) coin).getLong("value")).sum())
        .isEqualTo(27 * 1_000 + 26 * 27 / 2);
    JsonObject coin = coins.getJsonObject(0);
    assertThat(coin.fieldNames()).containsExactly("txid", "vout", "status", "value");
    assertThat(coin.getJsonObject("status").getBoolean("confirmed")).isTrue();
  }

  private static List<String> txids(JsonArray transactions) {
    return transactions.stream().map(tx -> ((JsonObject) tx).getString("txid")).toList();
  }

  @Test
  void unknownScriptsHaveAnEmptyHistory() {
    String base = "/esplora/scripthash/" + "ab".repeat(32);
    assertThat(array(base + "/txs")).isEmpty();
    assertThat(array(base + "/utxo")).isEmpty();
  }

  @ParameterizedTest
  @CsvSource({
    "/esplora/block-height/99999,404,Block not found",
    "/esplora/block-height/x,400,Invalid number",
    "/esplora/block/00,400,Invalid hex string",
    "/esplora/block/0000000000000000000000000000000000000000000000000000000000000000,404,"
        + "Block not found",
    "/esplora/tx/zz,400,Invalid hex string",
    "/esplora/tx/0000000000000000000000000000000000000000000000000000000000000000,404,"
        + "Transaction not found",
    "/esplora/tx/0000000000000000000000000000000000000000000000000000000000000000/hex,404,"
        + "Transaction not found",
    "/esplora/scripthash/abc/txs,400,Invalid scripthash",
    "/esplora/address/bc1qw508d6qejxtdg4y5r3zarvary0c5xw7kv8f3t4/utxo,400,"
        + "Address on invalid network"
  })
  void wrongRequestsGetTheTextsThatClientsKnow(String path, int status, String text) {
    HttpResponse<String> response = server.get(path);
    assertThat(response.statusCode()).isEqualTo(status);
    assertThat(response.headers().firstValue("Content-Type").orElse("")).startsWith("text/plain");
    assertThat(response.body()).isEqualTo(text);
  }

  @ParameterizedTest
  @ValueSource(
      strings = {"text/plain", "application/x-www-form-urlencoded", "application/json", ""})
  void broadcastsTakeHexOfAnyMediaType(String contentType) {
    Transaction transfer = chain.payment(coin(), SHOP, 50_000);
    for (int i = 0; i < 2; i++) {
      HttpResponse<String> response =
          server.post(
              "/api/tx", contentType.isEmpty() ? null : contentType, transfer.toHex() + "\n");
      assertThat(response.statusCode()).as(response.body()).isEqualTo(200);
      assertThat(response.body()).isEqualTo(transfer.txid().toString());
    }
  }

  @Test
  void refusedBroadcastsCarryCoresCodeAndText() {
    assertThat(rpcError("zz")).isEqualTo("-22 TX decode failed");
    assertThat(rpcError(chain.payment(spent, SHOP, 70_000).toHex()))
        .isEqualTo("-25 bad-txns-inputs-missingorspent");
    assertThat(rpcError(chain.payment(coin(), SHOP, 100).toHex())).isEqualTo("-26 dust");
    Map.Entry<Outpoint, Coin> coin = coin();
    Amount more = coin.getValue().amount().plus(Amount.ofSat(1));
    assertThat(rpcError(chain.transfer(coin, new TransferOutput(more, SHOP)).toHex()))
        .isEqualTo("-26 bad-txns-in-belowout");
  }

  private static String rpcError(String body) {
    HttpResponse<String> response = server.post("/esplora/tx", null, body);
    assertThat(response.statusCode()).isEqualTo(400);
    String prefix = "sendrawtransaction RPC error: ";
    assertThat(response.body()).startsWith(prefix);
    JsonObject error = new JsonObject(response.body().substring(prefix.length()));
    return error.getInteger("code") + " " + error.getString("message");
  }

  @Test
  void overloadIs503AndNever404() {
    chain.trouble(Optional.of(new Outcome.Unavailable(Outcome.Cause.BUSY, 1)));
    chain.unreadable(true);
    try {
      HttpResponse<String> broadcast =
          server.send(server.request("/esplora/tx").POST(BodyPublishers.ofString(paid.toHex())));
      assertThat(broadcast.statusCode()).isEqualTo(503);
      assertThat(broadcast.headers().firstValue("Retry-After")).hasValue("1");
      HttpResponse<String> read = server.get("/esplora/tx/" + paid.txid());
      assertThat(read.statusCode()).isEqualTo(503);
      assertThat(read.headers().firstValue("Retry-After")).isPresent();
    } finally {
      chain.unreadable(false);
      chain.trouble(Optional.empty());
    }
  }

  @Test
  void feeEstimatesHaveAllTargets() {
    JsonObject estimates = object("/esplora/fee-estimates");
    assertThat(estimates.fieldNames()).hasSize(28).contains("1", "25", "144", "504", "1008");
    assertThat(estimates.getDouble("1")).isEqualTo(1.0);
  }

  @Test
  void scriptsAreShownAsElectrsShowsThem() {
    assertThat(ScriptAsm.of(Script.p2pkh(new byte[20])))
        .isEqualTo(
            "OP_DUP OP_HASH160 OP_PUSHBYTES_20 " + "00".repeat(20) + " OP_EQUALVERIFY OP_CHECKSIG");
    assertThat(ScriptAsm.of(Script.p2tr(new byte[32])))
        .isEqualTo("OP_PUSHNUM_1 OP_PUSHBYTES_32 " + "00".repeat(32));
    assertThat(ScriptAsm.of(Script.of(new byte[] {0x6a, 0x4c, 2, 1, 2})))
        .isEqualTo("OP_RETURN OP_PUSHDATA1 0102");
    assertThat(ScriptAsm.of(Script.of(new byte[] {(byte) 0xb1, (byte) 0xb2, (byte) 0xba})))
        .isEqualTo("OP_CLTV OP_CSV OP_CHECKSIGADD");
    assertThat(ScriptAsm.of(Script.of(new byte[] {5, 1})))
        .isEqualTo("OP_PUSHBYTES_5 <push past end>");
    assertThat(ScriptAsm.of(Script.of(new byte[] {0x4d, 1}))).contains("unexpected end");
    assertThat(ScriptAsm.of(Script.EMPTY)).isEmpty();
  }
}
