package network.tender.web.esplora;

import static org.assertj.core.api.Assertions.assertThat;

import io.micrometer.core.instrument.Gauge;
import io.micrometer.core.instrument.simple.SimpleMeterRegistry;
import io.vertx.core.Vertx;
import io.vertx.core.json.JsonArray;
import io.vertx.core.json.JsonObject;
import java.net.URI;
import java.net.http.HttpRequest.BodyPublishers;
import java.net.http.HttpResponse;
import java.net.http.WebSocket;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.HexFormat;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.concurrent.CompletionStage;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.locks.LockSupport;
import java.util.stream.IntStream;
import network.tender.chain.Address;
import network.tender.chain.Amount;
import network.tender.chain.Hash;
import network.tender.chain.Hashing;
import network.tender.chain.Outpoint;
import network.tender.chain.Script;
import network.tender.chain.Transaction;
import network.tender.chain.TransferInput;
import network.tender.chain.TransferOutput;
import network.tender.journal.StoredBlock;
import network.tender.ledger.Coin;
import network.tender.settlement.Outcome;
import network.tender.settlement.Settlement;
import network.tender.web.AnswerRoom;
import network.tender.web.HeadAnswers;
import network.tender.web.ShiftedStatus;
import network.tender.web.StreamLimits;
import network.tender.web.StreamMetrics;
import network.tender.web.TestChain;
import network.tender.web.TestServer;
import network.tender.web.TestSurfaces;
import org.bitcoinj.base.Sha256Hash;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

/** The routes about blocks, pending transfers, sums and packages, each on a chain of its own. */
class EsploraRoutesTest {
  private static final Script SHOP = Script.p2wpkh(new byte[20]);
  private static final Set<String> BLOCK_MEMBERS =
      Set.of(
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

  private final Vertx vertx = Vertx.vertx();
  private final TestChain chain = new TestChain();
  private TestServer server;
  private List<Map.Entry<Outpoint, Coin>> coins;

  @BeforeEach
  void start() {
    server = TestServer.start(vertx, TestSurfaces.of(vertx, chain));
    coins = chain.treasuryCoins();
  }

  @AfterEach
  void stop() {
    server.close();
    TestServer.await(vertx.close());
  }

  private HttpResponse<String> ok(String path) {
    HttpResponse<String> response = server.get("/api" + path);
    assertThat(response.statusCode()).as(path + " " + response.body()).isEqualTo(200);
    return response;
  }

  private JsonObject object(String path) {
    return new JsonObject(ok(path).body());
  }

  private JsonArray array(String path) {
    return new JsonArray(ok(path).body());
  }

  private static List<String> txids(JsonArray transactions) {
    return transactions.stream().map(tx -> ((JsonObject) tx).getString("txid")).toList();
  }

  private Transaction settle(Transaction transfer) {
    assertThat(TestServer.await(chain.submit(transfer, Settlement.Wait.SETTLED)))
        .isInstanceOf(Outcome.Settled.class);
    return transfer;
  }

  private Transaction accept(Transaction transfer) {
    assertThat(TestServer.await(chain.submit(transfer, Settlement.Wait.ACCEPTED)))
        .isInstanceOf(Outcome.Accepted.class);
    return transfer;
  }

  private StoredBlock tip() {
    return TestServer.await(chain.tip());
  }

  /** A block of so many payments to the shop. */
  private StoredBlock blockOf(int transfers) {
    chain.hold();
    for (int i = 0; i < transfers; i++) {
      accept(chain.payment(coins.get(i), SHOP, 10_000 + i));
    }
    chain.seal();
    return tip();
  }

  // Blocks.

  @Test
  void aBlockIsToldInAllItsParts() {
    StoredBlock block = blockOf(30);
    String path = "/block/" + block.hash();
    assertThat(ok(path + "/header").body())
        .isEqualTo(HexFormat.of().formatHex(block.block().header().toBytes()));
    HttpResponse<byte[]> raw =
        server.send(
            server.request("/api" + path + "/raw"), HttpResponse.BodyHandlers.ofByteArray());
    assertThat(raw.body()).isEqualTo(block.block().toBytes());
    assertThat(raw.headers().firstValue("Content-Type")).contains("application/octet-stream");
    List<String> txids = block.block().txids().stream().map(Hash::toString).toList();
    assertThat(array(path + "/txids")).isEqualTo(new JsonArray(txids));
    assertThat(ok(path + "/txid/7").body()).isEqualTo(txids.get(7));
    assertThat(txids(array(path + "/txs"))).isEqualTo(txids.subList(0, 25));
    assertThat(txids(array(path + "/txs/0"))).isEqualTo(txids.subList(0, 25));
    assertThat(txids(array(path + "/txs/25"))).isEqualTo(txids.subList(25, 31));
    // So does a client of mempool's ask that leaves the number out.
    assertThat(txids(array(path + "/txs/undefined"))).isEqualTo(txids.subList(0, 25));
    assertThat(array(path + "/txs").getJsonObject(3).getJsonObject("status"))
        .isEqualTo(
            new JsonObject()
                .put("confirmed", true)
                .put("block_height", block.height())
                .put("block_hash", block.hash().toString())
                .put("block_time", block.block().header().unixSeconds()));
  }

  @Test
  void theStatusOfABlockNamesTheNextOne() {
    StoredBlock block = blockOf(1);
    HttpResponse<String> newest = ok("/block/" + block.hash() + "/status");
    assertThat(new JsonObject(newest.body()))
        .isEqualTo(
            new JsonObject()
                .put("in_best_chain", true)
                .put("height", block.height())
                .putNull("next_best"));
    assertThat(newest.headers().firstValue("Cache-Control")).contains("no-cache");
    settle(chain.payment(coins.get(5), SHOP, 10_000));
    HttpResponse<String> older = ok("/block/" + block.hash() + "/status");
    assertThat(new JsonObject(older.body()).getString("next_best"))
        .isEqualTo(tip().hash().toString());
    assertThat(older.headers().firstValue("Cache-Control").orElse("")).contains("max-age=1577");
    assertThat(object("/block/" + "0".repeat(64) + "/status").getBoolean("in_best_chain"))
        .isFalse();
  }

  @ParameterizedTest
  @CsvSource({
    "/txid/2,404,tx index out of range",
    "/txid/x,400,Invalid number",
    "/txs/24,400,start index must be a multiple of 25",
    "/txs/25,400,start index out of range",
    "/nothing,404,endpoint does not exist"
  })
  void wrongPartsOfABlockGetElectrssTexts(String part, int status, String text) {
    StoredBlock block = blockOf(1);
    HttpResponse<String> response = server.get("/esplora/block/" + block.hash() + part);
    assertThat(response.statusCode()).isEqualTo(status);
    assertThat(response.body()).startsWith(text);
  }

  @ParameterizedTest
  @ValueSource(strings = {"header", "raw", "txids", "txid/0", "txs"})
  void partsOfAnUnknownBlockAreNotFound(String part) {
    HttpResponse<String> response = server.get("/esplora/block/" + "00".repeat(32) + "/" + part);
    assertThat(response.statusCode()).isEqualTo(404);
    assertThat(response.body()).isEqualTo("Block not found");
  }

  @Test
  void merkleBlocksOfEverySizeLeadToTheRoot() throws Exception {
    for (int transfers : new int[] {1, 2, 3, 4, 6, 7, 12}) {
      StoredBlock block = blockOf(transfers);
      coins = chain.treasuryCoins();
      for (Hash txid : block.block().txids()) {
        byte[] bytes = HexFormat.of().parseHex(ok("/tx/" + txid + "/merkleblock-proof").body());
        // bitcoinj knows nothing of us.
        org.bitcoinj.core.FilteredBlock filtered =
            org.bitcoinj.core.FilteredBlock.read(java.nio.ByteBuffer.wrap(bytes));
        assertThat(filtered.getHash().toString()).isEqualTo(block.hash().toString());
        List<Sha256Hash> matched = new ArrayList<>();
        assertThat(filtered.getPartialMerkleTree().getTxnHashAndMerkleRoot(matched))
            .isEqualTo(filtered.getBlockHeader().getMerkleRoot());
        assertThat(matched).extracting(Sha256Hash::toString).containsExactly(txid.toString());
      }
    }
  }

  // Pending transfers.

  @Test
  void aPendingTransferIsShownAndNotInAnyBlock() {
    chain.hold();
    Transaction pending = accept(chain.payment(coins.get(0), SHOP, 30_000));
    String path = "/tx/" + pending.txid();
    HttpResponse<String> response = ok(path);
    assertThat(response.headers().firstValue("Cache-Control")).contains("no-cache");
    JsonObject tx = new JsonObject(response.body());
    assertThat(tx.getJsonObject("status")).isEqualTo(new JsonObject().put("confirmed", false));
    assertThat(tx.getLong("fee")).isEqualTo(1_000);
    assertThat(tx.getJsonArray("vin").getJsonObject(0).getJsonObject("prevout").getLong("value"))
        .isEqualTo(coins.get(0).getValue().amount().sat());
    assertThat(ok(path + "/hex").body()).isEqualTo(pending.toHex());
    assertThat(object(path + "/status")).isEqualTo(new JsonObject().put("confirmed", false));
    for (String proof : List.of("/merkle-proof", "/merkleblock-proof")) {
      HttpResponse<String> none = server.get("/api" + path + proof);
      assertThat(none.statusCode()).isEqualTo(404);
      assertThat(none.body()).isEqualTo("Transaction not found or is unconfirmed");
    }
    Outpoint spent = coins.get(0).getKey();
    JsonObject outspend = object("/tx/" + spent.txid() + "/outspend/" + spent.index());
    assertThat(outspend)
        .isEqualTo(
            new JsonObject()
                .put("spent", true)
                .put("txid", pending.txid().toString())
                .put("vin", 0)
                .put("status", new JsonObject().put("confirmed", false)));
    assertThat(array("/tx/" + spent.txid() + "/outspends").getJsonObject(spent.index()))
        .isEqualTo(outspend);
    assertThat(array(path + "/outspends")).hasSize(2);
    chain.seal();
    assertThat(object(path + "/status").getInteger("block_height")).isEqualTo(tip().height());
    assertThat(ok(path).headers().firstValue("Cache-Control").orElse("")).contains("max-age=1577");
  }

  @Test
  void listsOfAScriptBeginWithWhatIsPending() {
    Transaction settled = settle(chain.payment(coins.get(0), SHOP, 10_000));
    chain.hold();
    Transaction first = accept(chain.payment(coins.get(1), SHOP, 20_000));
    Transaction second = accept(chain.payment(coins.get(2), SHOP, 30_000));
    String address = "/address/" + Address.format(SHOP, chain.network).orElseThrow();
    String hash = "/scripthash/" + SHOP.hash().toNaturalHex();
    for (String path : List.of(address, hash)) {
      assertThat(txids(array(path + "/txs")))
          .containsExactly(
              second.txid().toString(), first.txid().toString(), settled.txid().toString());
      assertThat(txids(array(path + "/txs/mempool")))
          .containsExactly(second.txid().toString(), first.txid().toString());
      assertThat(txids(array(path + "/txs/chain"))).containsExactly(settled.txid().toString());
      assertThat(txids(array(path + "/txs?after_txid=" + second.txid())))
          .containsExactly(first.txid().toString(), settled.txid().toString());
      assertThat(txids(array(path + "/txs?after_txid=" + first.txid())))
          .containsExactly(settled.txid().toString());
      assertThat(array(path + "/txs?after_txid=" + settled.txid())).isEmpty();
    }
    JsonObject stats = object(address);
    assertThat(stats.fieldNames()).containsExactly("address", "chain_stats", "mempool_stats");
    assertThat("/address/" + stats.getString("address")).isEqualTo(address);
    assertThat(stats.getJsonObject("chain_stats")).isEqualTo(totals(1, 10_000, 0, 0, 1));
    assertThat(stats.getJsonObject("mempool_stats")).isEqualTo(totals(2, 50_000, 0, 0, 2));
    assertThat("/scripthash/" + object(hash).getString("scripthash")).isEqualTo(hash);
    JsonArray unspent = array(address + "/utxo");
    assertThat(unspent).hasSize(3);
    assertThat(
            unspent.stream()
                .map(JsonObject.class::cast)
                .filter(coin -> !coin.getJsonObject("status").getBoolean("confirmed"))
                .map(coin -> coin.getLong("value")))
        .containsExactlyInAnyOrder(20_000L, 30_000L);
    chain.seal();
    assertThat(object(address).getJsonObject("chain_stats")).isEqualTo(totals(3, 60_000, 0, 0, 3));
    assertThat(object(address).getJsonObject("mempool_stats")).isEqualTo(totals(0, 0, 0, 0, 0));
    assertThat(array(address + "/txs/mempool")).isEmpty();
  }

  /** Clients find what is in blocks behind the first page, however much is pending. */
  @Test
  void theFirstPageHasFiftyPendingOnesAndWhatIsInBlocks() {
    Transaction settled = settle(chain.payment(coins.get(0), SHOP, 10_000));
    chain.hold();
    List<String> pending = new ArrayList<>();
    for (int i = 1; i <= 52; i++) {
      pending.add(0, accept(chain.payment(coins.get(i), SHOP, 20_000 + i)).txid().toString());
    }
    String path = "/scripthash/" + SHOP.hash().toNaturalHex();
    List<String> expected = new ArrayList<>(pending.subList(0, 50));
    expected.add(settled.txid().toString());
    assertThat(txids(array(path + "/txs"))).isEqualTo(expected);
    assertThat(txids(array(path + "/txs/mempool"))).isEqualTo(pending.subList(0, 50));
    assertThat(txids(array(path + "/txs?after_txid=" + pending.get(49))))
        .containsExactly(pending.get(50), pending.get(51), settled.txid().toString());
  }

  private static JsonObject totals(int funded, long fundedSat, int spent, long spentSat, int txs) {
    return new JsonObject()
        .put("funded_txo_count", funded)
        .put("funded_txo_sum", fundedSat)
        .put("spent_txo_count", spent)
        .put("spent_txo_sum", spentSat)
        .put("tx_count", txs);
  }

  @Test
  void manyPendingTransfersDoNotHideTheSettledOnes() {
    Transaction settled = settle(chain.payment(coins.get(60), SHOP, 10_000));
    chain.hold();
    List<String> newestFirst = new ArrayList<>();
    for (int i = 0; i < 55; i++) {
      newestFirst.add(0, accept(chain.payment(coins.get(i), SHOP, 20_000 + i)).txid().toString());
    }
    String path = "/scripthash/" + SHOP.hash().toNaturalHex() + "/txs";
    List<String> first = txids(array(path));
    assertThat(first.subList(0, 50)).isEqualTo(newestFirst.subList(0, 50));
    assertThat(first.subList(50, first.size())).containsExactly(settled.txid().toString());
    List<String> second = txids(array(path + "?after_txid=" + newestFirst.get(49)));
    assertThat(second.subList(0, 5)).isEqualTo(newestFirst.subList(50, 55));
    assertThat(array(path + "/chain/" + newestFirst.get(54))).isEmpty();
  }

  @Test
  void sumsAreThoseOfTheUnspentCoins() {
    for (int i = 0; i < 5; i++) {
      settle(chain.payment(coins.get(i), SHOP, 10_000));
    }
    chain.hold();
    accept(chain.payment(coins.get(7), SHOP, 10_000));
    String path = "/scripthash/" + chain.network.treasury().hash().toNaturalHex();
    long[] balance = {0};
    for (String part : List.of("chain_stats", "mempool_stats")) {
      JsonObject stats = object(path).getJsonObject(part);
      balance[0] += stats.getLong("funded_txo_sum") - stats.getLong("spent_txo_sum");
    }
    assertThat(balance[0])
        .isEqualTo(
            array(path + "/utxo").stream()
                .mapToLong(coin -> ((JsonObject) coin).getLong("value"))
                .sum());
  }

  @Test
  void chainsOfPendingTransfersAreShownWithTheirRelatives() {
    chain.hold();
    Transaction parent = accept(chain.payment(coins.get(0), SHOP, 30_000));
    Map.Entry<Outpoint, Coin> change =
        Map.entry(parent.outpoint(1), new Coin(parent.amount(1), parent.script(1), 0, false));
    Transaction child = accept(chain.payment(change, SHOP, 40_000));
    String treasury = "/scripthash/" + chain.network.treasury().hash().toNaturalHex();
    List<String> unspent =
        array(treasury + "/utxo").stream()
            .map(coin -> ((JsonObject) coin).getString("txid"))
            .toList();
    assertThat(unspent).contains(child.txid().toString()).doesNotContain(parent.txid().toString());
    JsonObject ofChild = object("/v1/cpfp/" + child.txid());
    assertThat(txids(ofChild.getJsonArray("ancestors"))).containsExactly(parent.txid().toString());
    assertThat(ofChild.getJsonArray("descendants")).isEmpty();
    JsonObject ofParent = object("/v1/cpfp/" + parent.txid());
    assertThat(txids(ofParent.getJsonArray("descendants")))
        .containsExactly(child.txid().toString());
    assertThat(ofParent.getLong("fee")).isEqualTo(1_000);
    assertThat(object("/v1/cpfp/" + "0".repeat(64)).getJsonArray("ancestors")).isEmpty();
  }

  @Test
  void theMempoolIsToldInFiguresAndTxids() {
    assertThat(object("/mempool"))
        .isEqualTo(
            new JsonObject()
                .put("count", 0)
                .put("vsize", 0)
                .put("total_fee", 0)
                .put("fee_histogram", new JsonArray()));
    chain.hold();
    List<Transaction> pending = new ArrayList<>();
    for (int i = 0; i < 12; i++) {
      pending.add(accept(chain.payment(coins.get(i), SHOP, 30_000 + i)));
    }
    JsonObject mempool = object("/mempool");
    long virtualSize = pending.stream().mapToLong(Transaction::virtualSize).sum();
    assertThat(mempool.getInteger("count")).isEqualTo(12);
    assertThat(mempool.getLong("vsize")).isEqualTo(virtualSize);
    assertThat(mempool.getLong("total_fee")).isEqualTo(12_000);
    JsonArray step = mempool.getJsonArray("fee_histogram").getJsonArray(0);
    assertThat(step.getDouble(0)).isBetween(6.0, 8.0);
    assertThat(step.getLong(1)).isEqualTo(virtualSize);
    assertThat(array("/mempool/txids"))
        .isEqualTo(new JsonArray(pending.stream().map(tx -> tx.txid().toString()).toList()));
    JsonArray recent = array("/mempool/recent");
    assertThat(recent).hasSize(10);
    assertThat(recent.getJsonObject(0).fieldNames())
        .containsExactly("txid", "fee", "vsize", "value");
    assertThat(recent.getJsonObject(0).getString("txid"))
        .isEqualTo(pending.get(11).txid().toString());
    JsonObject next = array("/v1/fees/mempool-blocks").getJsonObject(0);
    assertThat(next.getInteger("nTx")).isEqualTo(12);
    assertThat(next.getLong("totalFees")).isEqualTo(12_000);
    assertThat(next.getJsonArray("feeRange")).hasSize(7);
    assertThat(
            array(
                "/v1/transaction-times?txId[]="
                    + pending.get(3).txid()
                    + "&txId[]="
                    + "0".repeat(64)))
        .hasSize(2);
  }

  // What mempool.js asks.

  @Test
  void mempoolsOwnQuestionsAreAnswered() {
    StoredBlock block = blockOf(3);
    JsonObject fees = object("/v1/fees/recommended");
    assertThat(fees.fieldNames())
        .containsExactly("fastestFee", "halfHourFee", "hourFee", "economyFee", "minimumFee");
    assertThat(fees.getInteger("fastestFee")).isEqualTo(1);
    JsonObject shown = object("/v1/block/" + block.hash());
    assertThat(shown.fieldNames()).containsAll(BLOCK_MEMBERS).contains("extras");
    JsonObject extras = shown.getJsonObject("extras");
    assertThat(extras.getLong("totalFees")).isEqualTo(3_000);
    assertThat(extras.getJsonArray("feeRange")).hasSize(7);
    assertThat(extras.getLong("reward")).isEqualTo(3_000);
    assertThat(array("/v1/blocks/" + block.height())).hasSize(15);
    assertThat(array("/v1/blocks/undefined").getJsonObject(0)).isEqualTo(shown);
    assertThat(array("/v1/blocks/2")).hasSize(3);
    JsonObject adjustment = object("/v1/difficulty-adjustment");
    assertThat(adjustment.getInteger("difficultyChange")).isZero();
    assertThat(adjustment.getInteger("remainingBlocks")).isBetween(1, 2_016);
    for (String path : List.of("/api/v1/blocks/2/3", "/api/v1/fees/other", "/api/v1/cpfp/x/y")) {
      HttpResponse<String> none = server.get(path);
      assertThat(none.statusCode()).isEqualTo(404);
      assertThat(none.body()).isEqualTo("endpoint does not exist \"" + path + "\"");
    }
    HttpResponse<String> prefix = server.get("/api/address-prefix/bcrt1q");
    assertThat(prefix.statusCode()).isEqualTo(400);
    assertThat(prefix.body()).isEqualTo("address search disabled");
  }

  // Broadcasts.

  @Test
  void aPackageIsSettledParentsFirst() {
    Transaction parent = chain.payment(coins.get(0), SHOP, 30_000);
    Transaction child =
        chain.payment(
            Map.entry(parent.outpoint(1), new Coin(parent.amount(1), parent.script(1), 0, false)),
            SHOP,
            40_000);
    JsonObject result = submitPackage("", parent.toHex(), child.toHex());
    assertThat(result.getString("package_msg")).isEqualTo("success");
    assertThat(result.getJsonArray("replaced-transactions")).isEmpty();
    JsonObject results = result.getJsonObject("tx-results");
    assertThat(results.fieldNames())
        .containsExactly(parent.wtxid().toString(), child.wtxid().toString());
    JsonObject ofChild = results.getJsonObject(child.wtxid().toString());
    assertThat(ofChild.getString("txid")).isEqualTo(child.txid().toString());
    assertThat(ofChild.getJsonObject("fees").getDouble("base")).isEqualTo(0.00001);
    assertThat(object("/tx/" + child.txid() + "/status").getBoolean("confirmed")).isTrue();
    // Sent again it is as good.
    assertThat(submitPackage("", parent.toHex(), child.toHex()).getString("package_msg"))
        .isEqualTo("success");
  }

  private JsonObject submitPackage(String query, String... hex) {
    HttpResponse<String> response =
        server.post("/api/txs/package" + query, null, new JsonArray(List.of(hex)).encode());
    assertThat(response.statusCode()).as(response.body()).isEqualTo(200);
    return new JsonObject(response.body());
  }

  @Test
  void aPackageTellsWhichTransferIsRefusedAndWhy() {
    Transaction good = chain.payment(coins.get(0), SHOP, 30_000);
    Transaction dust = chain.payment(coins.get(1), SHOP, 1);
    JsonObject result = submitPackage("", good.toHex(), dust.toHex());
    assertThat(result.getString("package_msg")).isEqualTo("transaction failed");
    JsonObject results = result.getJsonObject("tx-results");
    assertThat(results.getJsonObject(dust.wtxid().toString()).getString("error")).isEqualTo("dust");
    assertThat(results.getJsonObject(good.wtxid().toString()).containsKey("error")).isFalse();
    Transaction dear = chain.payment(coins.get(2), SHOP, 30_000);
    assertThat(
            submitPackage("?maxfeerate=0.00001", dear.toHex())
                .getJsonObject("tx-results")
                .getJsonObject(dear.wtxid().toString())
                .getString("error"))
        .isEqualTo("max feerate exceeded");
    assertThat(object("/tx/" + dear.txid() + "/status").getBoolean("confirmed")).isFalse();
    assertThat(submitPackage("?maxfeerate=0.1", dear.toHex()).getString("package_msg"))
        .isEqualTo("success");
  }

  @ParameterizedTest
  @CsvSource(
      delimiter = '|',
      value = {
        "''|{}|The body is not a JSON array of hex strings",
        "''|[]|submitpackage RPC error: {\"code\":-8,\"message\":\"Array must contain between 1 and"
            + " 25 transactions.\"}",
        "''|[\"00\"]|Invalid transaction size for item 0",
        "''|[7]|Invalid transaction hex for item 0",
        "?maxfeerate=x|[]|Invalid maxfeerate",
        "?maxburnamount=x|[]|Invalid maxburnamount"
      })
  void aWrongPackageGetsElectrssTexts(String query, String body, String text) {
    HttpResponse<String> response = server.post("/api/txs/package" + query, null, body);
    assertThat(response.statusCode()).isEqualTo(400);
    assertThat(response.body()).isEqualTo(text);
  }

  @Test
  void aPackageOfTooManyOrOfNonsenseIsRefused() {
    JsonArray many = new JsonArray();
    IntStream.range(0, 26).forEach(i -> many.add("00"));
    assertThat(server.post("/api/txs/package", null, many.encode()).body())
        .isEqualTo("Exceeded maximum of 25 transactions");
    assertThat(
            server
                .post("/api/txs/package", null, new JsonArray().add("ab".repeat(100)).encode())
                .body())
        .isEqualTo("submitpackage RPC error: {\"code\":-22,\"message\":\"TX decode failed\"}");
  }

  /** Each input would be looked up, one after the other, for anybody who asks. */
  @Test
  void feesOfTooManyInputsAreNotLookedUp() {
    List<TransferInput> inputs =
        IntStream.range(0, 1_001)
            .mapToObj(i -> TransferInput.unsigned(new Outpoint(coins.get(0).getKey().txid(), i)))
            .toList();
    Transaction wide =
        Transaction.build(2, inputs, List.of(new TransferOutput(Amount.ofSat(1_000), SHOP)), 0);
    String body = new JsonArray().add(wide.toHex()).encode();
    HttpResponse<String> response = server.post("/api/txs/package?maxfeerate=1", null, body);
    assertThat(response.statusCode()).isEqualTo(400);
    assertThat(response.body()).isEqualTo("maxfeerate is for at most 1000 inputs");
    JsonObject unlimited = submitPackage("", wide.toHex());
    assertThat(unlimited.getString("package_msg")).isEqualTo("transaction failed");
  }

  @Test
  void aBodyThatIsTooLargeIsNotRead() {
    HttpResponse<String> response =
        server.send(server.request("/api/tx").POST(BodyPublishers.ofString("0".repeat(1_000_001))));
    assertThat(response.statusCode()).isEqualTo(413);
    assertThat(response.body()).isEqualTo("Request body too large");
  }

  @Test
  void pagesOfOtherOriginsMayAskAndSend() {
    for (String path : List.of("/api/tx", "/esplora/txs/package", "/api/v1/fees/recommended")) {
      HttpResponse<String> preflight =
          server.send(
              server
                  .request(path)
                  .header("Origin", "https://wallet.example")
                  .header("Access-Control-Request-Method", "POST")
                  .header("Access-Control-Request-Headers", "content-type")
                  .method("OPTIONS", BodyPublishers.noBody()));
      assertThat(preflight.statusCode()).isLessThan(300);
      assertThat(preflight.headers().firstValue("Access-Control-Allow-Origin")).contains("*");
    }
    for (String path : List.of("/api/blocks/tip/height", "/api/tx/zz", "/api/v1/block/zz")) {
      HttpResponse<String> response =
          server.send(server.request(path).header("Origin", "https://wallet.example"));
      assertThat(response.headers().firstValue("Access-Control-Allow-Origin")).contains("*");
    }
  }

  @Test
  void whatOtherMethodsThanTheRightOneGetIsPlainText() {
    HttpResponse<String> response =
        server.send(server.request("/api/tx/" + "0".repeat(64)).DELETE());
    assertThat(response.statusCode()).isEqualTo(405);
    assertThat(response.headers().firstValue("Content-Type").orElse("")).startsWith("text/plain");
    assertThat(response.body()).isEqualTo("This path takes GET, HEAD only.");
    HttpResponse<String> post =
        server.send(server.request("/esplora/tx").method("HEAD", BodyPublishers.noBody()));
    assertThat(post.statusCode()).isEqualTo(405);
    HttpResponse<String> socket =
        server.send(server.request("/api/v1/ws").method("HEAD", BodyPublishers.noBody()));
    assertThat(socket.statusCode()).as("a socket").isEqualTo(405);
  }

  @Test
  void headIsAnsweredLikeGet() {
    Transaction transfer = settle(chain.payment(coins.get(0), Script.p2wpkh(new byte[20]), 10_000));
    for (String path :
        List.of(
            "/blocks/tip/height",
            "/tx/" + transfer.txid(),
            "/tx/" + transfer.txid() + "/raw",
            "/tx/" + transfer.txid() + "/outspends",
            "/tx/" + "0".repeat(64),
            "/tx/zz",
            "/scripthash/" + Script.p2wpkh(new byte[20]).hash().toNaturalHex() + "/utxo",
            "/fee-estimates",
            "/mempool",
            "/no/such/path")) {
      HeadAnswers.assertLikeGet(server, "/esplora" + path);
    }
  }

  // Scripts inside of inputs.

  @Test
  void innerScriptsAreShownWhereTheyAreHashed() {
    byte[] anybody = {0x51};
    Script witnessScript = Script.p2wsh(Hashing.sha256(anybody));
    Script nested = Script.p2sh(Hashing.hash160(witnessScript.toBytes()));
    Transaction parent =
        settle(
            chain.transfer(
                coins.get(0),
                new TransferOutput(Amount.ofSat(100_000), witnessScript),
                new TransferOutput(Amount.ofSat(100_000), nested)));
    byte[] push = new byte[1 + witnessScript.length()];
    push[0] = (byte) witnessScript.length();
    witnessScript.copyTo(0, push, 1, witnessScript.length());
    Transaction spending =
        settle(
            Transaction.build(
                2,
                List.of(
                    TransferInput.unsigned(parent.outpoint(0)).withWitness(List.of(anybody)),
                    new TransferInput(
                        parent.outpoint(1),
                        Script.of(push),
                        TransferInput.SEQUENCE_FINAL,
                        List.of(anybody))),
                List.of(new TransferOutput(Amount.ofSat(190_000), SHOP)),
                0));
    JsonArray inputs = object("/tx/" + spending.txid()).getJsonArray("vin");
    assertThat(inputs.getJsonObject(0).getString("inner_witnessscript_asm"))
        .isEqualTo("OP_PUSHNUM_1");
    assertThat(inputs.getJsonObject(0).containsKey("inner_redeemscript_asm")).isFalse();
    assertThat(inputs.getJsonObject(1).getString("inner_redeemscript_asm"))
        .isEqualTo(ScriptAsm.of(witnessScript));
    assertThat(inputs.getJsonObject(1).getString("inner_witnessscript_asm"))
        .isEqualTo("OP_PUSHNUM_1");
  }

  /** A socket's place among the connections is free again, whoever ends it. */
  @Test
  void endedSocketsLeaveTheirPlacesAmongTheConnections() throws Exception {
    URI uri = URI.create("ws" + server.uri("/api/v1/ws").toString().substring("http".length()));
    for (int i = 0; i < 6; i++) {
      WebSocket socket =
          server
              .client
              .newWebSocketBuilder()
              .buildAsync(uri, new WebSocket.Listener() {})
              .get(10, TimeUnit.SECONDS);
      if (i % 3 == 0) {
        socket.abort();
      } else if (i % 3 == 1) {
        socket.sendClose(WebSocket.NORMAL_CLOSURE, "");
      } else {
        // The node ends it.
        socket.sendText("no JSON", true);
      }
    }
    Gauge connections = server.registry.get("tender.http.connections").gauge();
    long end = System.nanoTime() + TimeUnit.SECONDS.toNanos(15);
    while (connections.value() > 0 && System.nanoTime() < end) {
      LockSupport.parkNanos(TimeUnit.MILLISECONDS.toNanos(20));
    }
    assertThat(connections.value()).isZero();
  }

  @Test
  void outspendsTellBlocksAndPendingTransfersApart() {
    TransferOutput part = new TransferOutput(Amount.ofSat(10_000), chain.network.treasury());
    Transaction parent = settle(chain.transfer(coins.get(0), part, part, part, part));
    Transaction[] spenders = new Transaction[3];
    for (int i = 0; i < spenders.length; i++) {
      Coin coin = new Coin(part.amount(), part.script(), chain.status().height(), false);
      spenders[i] =
          chain.transfer(
              Map.entry(parent.outpoint(i), coin),
              new TransferOutput(Amount.ofSat(5_000 + i), SHOP));
      if (i == 2) {
        chain.hold();
        accept(spenders[i]);
      } else {
        settle(spenders[i]);
      }
    }
    JsonArray outspends = array("/tx/" + parent.txid() + "/outspends");
    for (int i = 0; i < spenders.length; i++) {
      JsonObject status = new JsonObject().put("confirmed", false);
      if (i < 2) {
        StoredBlock block = TestServer.await(chain.byHeight(tip().height() - 1 + i)).orElseThrow();
        status = EsploraJson.status(block);
      }
      assertThat(outspends.getJsonObject(i))
          .isEqualTo(
              new JsonObject()
                  .put("spent", true)
                  .put("txid", spenders[i].txid().toString())
                  .put("vin", 0)
                  .put("status", status));
    }
    assertThat(outspends.getJsonObject(3)).isEqualTo(new JsonObject().put("spent", false));
    assertThat(outspends).hasSize(4);
  }

  @Test
  void coinsThatNeverHoldStillAreNotTold() {
    try (TestServer restless =
        TestServer.start(
            vertx,
            new EsploraSurface(
                vertx,
                chain.network,
                chain,
                chain,
                ShiftedStatus.of(chain, 1),
                TestSurfaces.intake(chain),
                new StreamMetrics(new SimpleMeterRegistry(), StreamLimits.DEFAULT),
                AnswerRoom.ofHeap(vertx, new SimpleMeterRegistry()),
                new SimpleMeterRegistry()))) {
      String path = "/api/scripthash/" + SHOP.hash().toNaturalHex() + "/utxo";
      HttpResponse<String> busy = restless.get(path);
      assertThat(busy.statusCode()).isEqualTo(503);
      assertThat(busy.headers().firstValue("Retry-After")).contains("1");
      assertThat(server.get(path).statusCode()).isEqualTo(200);
    }
  }

  /** Answers are made as fast as they are read: a socket's queue is no place to fill memory. */
  @Test
  void whoeverDoesNotReadIsNotAnswered() throws Exception {
    int outputs = 2_500;
    TransferOutput[] many = new TransferOutput[outputs];
    Arrays.fill(many, new TransferOutput(Amount.ofSat(1_000), SHOP));
    chain.hold();
    String txid = accept(chain.transfer(coins.get(0), many)).txid().toString();
    int questions = 40;
    CountDownLatch answers = new CountDownLatch(questions);
    WebSocket socket =
        server
            .client
            .newWebSocketBuilder()
            .buildAsync(
                URI.create("ws" + server.uri("/api/v1/ws").toString().substring("http".length())),
                new WebSocket.Listener() {
                  @Override
                  public void onOpen(WebSocket opened) {
                    // Reads nothing yet.
                  }

                  @Override
                  public CompletionStage<?> onText(
                      WebSocket from, CharSequence data, boolean last) {
                    if (last) {
                      answers.countDown();
                    }
                    return null;
                  }
                })
            .get(10, TimeUnit.SECONDS);
    for (int i = 0; i < questions; i++) {
      socket.sendText("{\"track-tx\":\"" + txid + "\"}", true).get(10, TimeUnit.SECONDS);
    }
    // More than a socket's queue and the operating system's buffers hold.
    LockSupport.parkNanos(TimeUnit.SECONDS.toNanos(2));
    socket.request(Long.MAX_VALUE);
    assertThat(answers.await(20, TimeUnit.SECONDS)).isTrue();
    socket.abort();
  }
}
