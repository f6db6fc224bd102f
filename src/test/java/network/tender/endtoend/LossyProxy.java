package network.tender.endtoend;

import static java.nio.charset.StandardCharsets.US_ASCII;

import com.sun.net.httpserver.HttpExchange;
import com.sun.net.httpserver.HttpServer;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.net.URI;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpResponse;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.atomic.AtomicInteger;

/**
 * Stands between a wallet and a node, and loses answers to transfers: the node has settled them,
 * but the wallet never hears of it, or hears an error of the proxy's own.
 */
final class LossyProxy implements AutoCloseable {
  /** Instead of an answer the connection is dropped. */
  static final int NO_ANSWER = 0;

  private final String target;
  private final int status;
  private final HttpServer server;
  private final ExecutorService threads = Executors.newCachedThreadPool();
  private final HttpClient http = HttpClient.newHttpClient();
  private final AtomicInteger answersToLose;
  private final AtomicInteger lost = new AtomicInteger();

  /**
   * A proxy on a free port.
   *
   * @param target base URL of the node
   * @param answersToLose how many answers to transfers never arrive
   */
  LossyProxy(String target, int answersToLose) {
    this(target, answersToLose, NO_ANSWER);
  }

  /**
   * A proxy on a free port that answers for itself.
   *
   * @param status what it answers instead of what it loses
   */
  LossyProxy(String target, int answersToLose, int status) {
    this.target = target;
    this.status = status;
    this.answersToLose = new AtomicInteger(answersToLose);
    try {
      server = HttpServer.create(new InetSocketAddress(InetAddress.getLoopbackAddress(), 0), 0);
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
    server.createContext("/", this::handle);
    server.setExecutor(threads);
    server.start();
  }

  String url() {
    return "http://127.0.0.1:" + server.getAddress().getPort();
  }

  /** How many answers were lost so far, each a 200 of the node. */
  int lost() {
    return lost.get();
  }

  private void handle(HttpExchange exchange) throws IOException {
    try (exchange) {
      byte[] body = exchange.getRequestBody().readAllBytes();
      HttpRequest.Builder request =
          HttpRequest.newBuilder(URI.create(target + exchange.getRequestURI()))
              .method(exchange.getRequestMethod(), HttpRequest.BodyPublishers.ofByteArray(body));
      for (String name : new String[] {"Content-Type", "Accept"}) {
        String value = exchange.getRequestHeaders().getFirst(name);
        if (value != null) {
          request.header(name, value);
        }
      }
      HttpResponse<byte[]> response;
      try {
        response = http.send(request.build(), HttpResponse.BodyHandlers.ofByteArray());
      } catch (InterruptedException e) {
        Thread.currentThread().interrupt();
        return;
      }
      boolean transfer = exchange.getRequestURI().getPath().equals("/v1/transfers");
      if (transfer && response.statusCode() == 200 && answersToLose.getAndDecrement() > 0) {
        lost.incrementAndGet();
        if (status != NO_ANSWER) {
          byte[] own = "{\"code\":\"forbidden\",\"detail\":\"Not here.\"}".getBytes(US_ASCII);
          exchange.sendResponseHeaders(status, own.length);
          exchange.getResponseBody().write(own);
        }
        return; // Closing the exchange with no answer drops the connection.
      }
      response
          .headers()
          .firstValue("Content-Type")
          .ifPresent(type -> exchange.getResponseHeaders().add("Content-Type", type));
      exchange.sendResponseHeaders(
          response.statusCode(), response.body().length == 0 ? -1 : response.body().length);
      exchange.getResponseBody().write(response.body());
    }
  }

  @Override
  public void close() {
    server.stop(0);
    threads.shutdownNow();
  }
}
