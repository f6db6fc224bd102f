package network.tender.cli;

import static org.assertj.core.api.Assertions.assertThat;

import com.sun.net.httpserver.HttpExchange;
import com.sun.net.httpserver.HttpServer;
import java.io.IOException;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.util.List;
import java.util.Optional;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.stream.Collectors;
import java.util.stream.IntStream;
import network.tender.chain.Block;
import network.tender.chain.Hash;
import network.tender.chain.Transaction;
import network.tender.ledger.Certificate;
import network.tender.ledger.Receipt;
import network.tender.ledger.ReceiptJson;
import network.tender.ledger.Receipts;
import network.tender.ledger.SignedChain;
import org.assertj.core.api.Assertions;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;

/** What a node's answers must not do to a wallet that asks it. */
class LyingNodeTest {
  private static final byte[] MEGABYTE = " ".repeat(1_000_000).getBytes(StandardCharsets.US_ASCII);

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

  private NodeClient client() {
    return new NodeClient("http://127.0.0.1:" + server.getAddress().getPort());
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
