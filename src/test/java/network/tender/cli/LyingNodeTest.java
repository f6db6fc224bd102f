package network.tender.cli;

import static org.assertj.core.api.Assertions.assertThat;

import com.sun.net.httpserver.HttpExchange;
import com.sun.net.httpserver.HttpServer;
import java.io.IOException;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.nio.charset.StandardCharsets;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.stream.Collectors;
import java.util.stream.IntStream;
import network.tender.chain.Hash;
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
}
