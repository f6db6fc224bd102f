package network.tender.cli;

import static org.assertj.core.api.Assertions.assertThat;

import com.sun.net.httpserver.HttpExchange;
import com.sun.net.httpserver.HttpServer;
import java.io.IOException;
import java.math.BigDecimal;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.TimeUnit;
import java.util.stream.Collectors;
import java.util.stream.IntStream;
import network.tender.chain.Block;
import network.tender.chain.Hash;
import network.tender.chain.Network;
import network.tender.chain.Script;
import network.tender.chain.Transaction;
import network.tender.ledger.Certificate;
import network.tender.ledger.Receipt;
import network.tender.ledger.ReceiptJson;
import network.tender.ledger.Receipts;
import network.tender.ledger.SignedChain;
import network.tender.script.RegtestKeys;
import org.assertj.core.api.Assertions;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** What a node's answers must not do to a wallet that asks it. */
class LyingNodeTest {
  private static final byte[] MEGABYTE = " ".repeat(1_000_000).getBytes(StandardCharsets.US_ASCII);

  @TempDir private Path folder;

  private final ExecutorService threads = Executors.newCachedThreadPool();
  private HttpServer server;

  @BeforeEach
  void start() throws IOException {
    server = HttpServer.create(new InetSocketAddress(InetAddress.getLoopbackAddress(), 0), 0);
    server.setExecutor(threads);
    server.start();
  }

  @AfterEach
  void stop() {
    server.stop(0);
    threads.shutdownNow();
  }

  private String url() {
    return "http://127.0.0.1:" + server.getAddress().getPort();
  }

  private NodeClient client() {
    return new NodeClient(url());
  }

  /** Answers every question below a path with this. */
  private void answer(String path, int status, String body) {
    server.createContext(
        path,
        exchange -> {
          try (exchange) {
            byte[] bytes = body.getBytes(StandardCharsets.UTF_8);
            exchange.sendResponseHeaders(status, bytes.length);
            exchange.getResponseBody().write(bytes);
          }
        });
  }

  /** A byte now and then, so that no pause is ever long. */
  private static void drip(HttpExchange exchange) throws IOException {
    CountDownLatch never = new CountDownLatch(1);
    try (exchange) {
      exchange.sendResponseHeaders(200, 0);
      while (!never.await(20, TimeUnit.MILLISECONDS)) {
        exchange.getResponseBody().write(' ');
        exchange.getResponseBody().flush();
      }
    } catch (IOException | InterruptedException e) {
      // The wallet has hung up, or the test is over.
    }
  }

  private Path wallet() {
    Path path = folder.resolve("wallet.json");
    CommandRun run =
        CommandRun.withInput(
            RegtestKeys.DEMO_MNEMONIC,
            "wallet",
            "new",
            "--words",
            "--network",
            "regtest",
            "--wallet",
            path.toString());
    assertThat(run.exitCode()).as(run.err()).isZero();
    return path;
  }

  private static String network(String name, String feeFloor) {
    return "{\"name\":\""
        + name
        + "\",\"hrp\":\"bcrt\",\"coinCode\":\"TNDR\",\"uriScheme\":\"bitcoin\","
        + "\"feeFloorSatPerKvb\":"
        + feeFloor
        + "}";
  }

  private static void endless(HttpExchange exchange) throws IOException {
    try (exchange) {
      exchange.sendResponseHeaders(200, 0);
      while (true) {
        exchange.getResponseBody().write(MEGABYTE);
      }
    } catch (IOException e) {
      // The wallet has hung up.
    }
  }

  private static CommandFailure failureOf(Runnable question) {
    return (CommandFailure) Assertions.catchThrowable(question::run);
  }

  @Test
  void anAnswerThatDoesNotEndIsGivenUp() {
    server.createContext("/", LyingNodeTest::endless);
    CommandFailure failure = failureOf(() -> client().tipHeight());
    assertThat(failure.code()).isEqualTo("unexpected-answer");
    assertThat(failure.sentence()).contains("more than a node does");
  }

  @Test
  void aHistoryThatGoesRoundInCirclesIsGivenUp() {
    String page =
        IntStream.range(0, 25)
            .mapToObj(
                i ->
                    "{\"txid\":\""
                        + "%064x".formatted(i)
                        + "\",\"status\":{\"confirmed\":true,\"block_height\":1}}")
            .collect(Collectors.joining(",", "[", "]"));
    server.createContext(
        "/",
        exchange -> {
          try (exchange) {
            byte[] body = page.getBytes(StandardCharsets.US_ASCII);
            exchange.sendResponseHeaders(200, body.length);
            exchange.getResponseBody().write(body);
          }
        });
    NodeClient client = client();
    CommandFailure failure =
        failureOf(() -> client.history(Hash.ZERO, client.historyHead(Hash.ZERO)));
    assertThat(failure.code()).isEqualTo("unexpected-answer");
    assertThat(failure.sentence()).contains("again and again");
  }

  @Test
  void anAnswerThatDripsIsGivenUp() throws Exception {
    server.createContext("/", LyingNodeTest::drip);
    NodeClient hasty = client().withReadLimit(Duration.ofMillis(300));
    assertThat(failureOf(hasty::tipHeight).code()).isEqualTo("node-timeout");
    SignedChain chain = new SignedChain();
    Transaction transfer = chain.split(1, 10).transactions().get(1);
    for (NodeClient client : List.of(client(), NodeClient.ofEsplora(url()))) {
      NodeClient.SendOutcome outcome =
          client.send(transfer, Optional.empty(), Duration.ofMillis(300));
      assertThat(outcome).isInstanceOf(NodeClient.SendOutcome.Unknown.class);
      assertThat(((NodeClient.SendOutcome.Unknown) outcome).code()).isEqualTo("node-timeout");
    }
  }

  @ParameterizedTest
  @ValueSource(
      strings = {
        "1e999999999",
        "1e-999999999",
        "-1",
        "-1e999999999",
        "1e20",
        "1e-40",
        "1e99999999999"
      })
  void anAbsurdFeeRateIsNoAnswer(String rate) {
    answer("/esplora/fee-estimates", 200, "{\"1\":" + rate + "}");
    assertThat(failureOf(() -> client().feeRate()).code()).isEqualTo("unexpected-answer");
  }

  @Test
  void aSaneFeeRateIsTaken() {
    answer("/esplora/fee-estimates", 200, "{\"1\":1.0000000000000002}");
    assertThat(client().feeRate()).contains(new BigDecimal("1.0000000000000002"));
  }

  @ParameterizedTest
  @ValueSource(strings = {"9000000000000000000", "-1", "1e999", "\"x\"", "1.5"})
  void anAbsurdFeeFloorIsNoAnswer(String floor) {
    answer("/v1/network", 200, network("regtest", floor));
    assertThat(failureOf(() -> client().network()).code()).isEqualTo("unexpected-answer");
  }

  @ParameterizedTest
  @ValueSource(
      strings = {
        "\"value\":9000000000000000000",
        "\"value\":\"x\"",
        "\"value\":1},{\"scriptpubkey\":\"OWN\",\"value\":2100000000000000"
      })
  void absurdHistoriesAreNoAnswer(String value) {
    Path wallet = wallet();
    String own = CommandRun.of("wallet", "address", "--wallet", wallet.toString()).out().strip();
    Script script = NetworkFacts.of(Network.regtest()).scriptOf(own);
    String output = "{\"scriptpubkey\":\"OWN\"," + value + "}";
    answer("/v1/network", 200, network("regtest", "1000"));
    answer("/esplora/scripthash", 200, "[]");
    answer(
        "/esplora/scripthash/" + script.hash().toNaturalHex(),
        200,
        ("[{\"txid\":\"" + "0".repeat(64) + "\",\"vin\":[],\"vout\":[" + output + "]}]")
            .replace("OWN", script.toHex()));
    CommandRun run =
        CommandRun.of(
            "wallet",
            "history",
            "--wallet",
            wallet.toString(),
            "--node",
            url(),
            "--gap-limit",
            "1");
    assertThat(run.exitCode()).isEqualTo(1);
    assertThat(run.err()).contains("does not speak like a Tender node");
  }

  @ParameterizedTest
  @ValueSource(strings = {"", "--json", "--verbose"})
  void whatANodeSaysCannotSteerTheTerminal(String option) {
    String hostile = "\u001b[2J\u009b31m\r\u202eSettled\u0007";
    String escaped = "\\u001b[2J\\u009b31m\\r\\u202eSettled\\u0007";
    Path wallet = wallet();
    List<String> line =
        new ArrayList<>(
            List.of("wallet", "balance", "--wallet", wallet.toString(), "--node", url()));
    if (!option.isEmpty()) {
      line.add(option);
    }
    Map<String, Integer> lies =
        Map.of(
            hostile,
            400,
            "{\"code\":\"" + escaped + "\",\"detail\":\"" + escaped + "\\nSettled\"}",
            400,
            "{\"title\":\"" + escaped + "\",\"code\":\"x\"}",
            400,
            network(escaped, "1000"),
            200,
            "{" + hostile,
            200);
    lies.forEach(
        (body, status) -> {
          answer("/v1/network", status, body);
          CommandRun run = CommandRun.of(line.toArray(String[]::new));
          server.removeContext("/v1/network");
          assertThat(run.exitCode()).isEqualTo(1);
          assertThat((run.out() + run.err()).replace("\n", "").replace("\t", ""))
              .as(body)
              .doesNotContainPattern("[\\p{Cntrl}\\x7f-\\x9f\\p{Cf}]");
          if (!option.equals("--verbose")) {
            assertThat(run.err().lines()).hasSize(1);
          }
        });
  }

  @ParameterizedTest
  @ValueSource(
      strings = {"{\"code\":\"not-found\",\"detail\":\"No such path.\"}", "<html>No</html>", ""})
  void anAddressWithoutAnEsploraApiIsCalledThat(String body) {
    answer("/", 404, body);
    CommandRun run =
        CommandRun.of("wallet", "balance", "--wallet", wallet().toString(), "--esplora", url());
    assertThat(run.exitCode()).isEqualTo(1);
    assertThat(run.err())
        .contains("no Esplora API at " + url())
        .contains("such as " + url() + "/esplora for a Tender node");
  }

  @Test
  void whatAnswersEverythingIsNoEsploraServerEither() {
    answer("/", 200, "<html>Welcome</html>");
    CommandRun run =
        CommandRun.of("wallet", "balance", "--wallet", wallet().toString(), "--esplora", url());
    assertThat(run.err()).contains("no Esplora API at " + url());
  }

  private NodeClient.SendOutcome sent(Transaction transfer, String answer) {
    server.createContext(
        "/v1/transfers",
        exchange -> {
          try (exchange) {
            byte[] body = answer.getBytes(StandardCharsets.US_ASCII);
            exchange.sendResponseHeaders(200, body.length);
            exchange.getResponseBody().write(body);
          }
        });
    NodeClient.SendOutcome outcome =
        client().send(transfer, Optional.of("regtest"), Duration.ofSeconds(10));
    server.removeContext("/v1/transfers");
    return outcome;
  }

  private static String answer(Receipt receipt) {
    return "{\"txid\":\""
        + receipt.txid()
        + "\",\"height\":"
        + receipt.height()
        + ",\"receipt\":"
        + ReceiptJson.write(receipt)
        + "}";
  }

  @Test
  void settledIsBelievedOnlyWithAReceiptThatProvesIt() throws Exception {
    SignedChain chain = new SignedChain();
    chain.split(1, 10);
    int height = chain.bootstrap().size() + 1;
    Block block = chain.next(3);
    Certificate certificate = Certificate.parse(chain.certified(height, block).certificate());
    long timeMillis = chain.sealedMillis(height);
    Transaction transfer = block.transactions().get(1);
    Receipt good = new Receipts("regtest", height, block, timeMillis, certificate).receipt(1);
    assertThat(sent(transfer, answer(good))).isInstanceOf(NodeClient.SendOutcome.Settled.class);

    String txid = "\"txid\":\"" + transfer.txid() + "\"";
    Receipt other = new Receipts("regtest", height, block, timeMillis, certificate).receipt(2);
    Receipt elsewhere = new Receipts("corner", height, block, timeMillis, certificate).receipt(1);
    Receipt unsigned =
        new Receipts("regtest", height, block, timeMillis, new Certificate(List.of())).receipt(1);
    for (String lie :
        List.of(
            "{" + txid + ",\"height\":5}",
            "{" + txid + ",\"height\":5,\"receipt\":{\"network\":\"regtest\"," + txid + "}}",
            answer(good).replaceFirst("\"height\":" + height, "\"height\":" + (height + 1)),
            answer(other),
            answer(elsewhere),
            answer(unsigned))) {
      assertThat(sent(transfer, lie)).as(lie).isInstanceOf(NodeClient.SendOutcome.Unknown.class);
    }
  }
}
