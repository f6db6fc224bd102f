package network.tender.bench;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import com.fasterxml.jackson.databind.node.JsonNodeFactory;
import com.fasterxml.jackson.databind.node.ObjectNode;
import java.io.IOException;
import java.net.URI;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpRequest.BodyPublishers;
import java.net.http.HttpResponse;
import java.net.http.HttpResponse.BodyHandlers;
import java.time.Duration;
import java.util.Optional;
import java.util.OptionalDouble;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.locks.LockSupport;

/** Single questions to a node, beside the load. */
final class NodeApi {
  private static final ObjectMapper MAPPER = new ObjectMapper();
  private static final Duration TIMEOUT = Duration.ofSeconds(60);

  private final HttpClient client = HttpClient.newBuilder().connectTimeout(TIMEOUT).build();
  private final String url;
  private final Optional<String> management;

  /**
   * A node's addresses.
   *
   * @param management the server with the metrics, if it is known
   */
  NodeApi(String url, Optional<String> management) {
    this.url = url.endsWith("/") ? url.substring(0, url.length() - 1) : url;
    this.management = management;
  }

  static ObjectNode object() {
    return JsonNodeFactory.instance.objectNode();
  }

  String url() {
    return url;
  }

  private HttpResponse<byte[]> send(HttpRequest.Builder request) {
    try {
      return client.send(request.timeout(TIMEOUT).build(), BodyHandlers.ofByteArray());
    } catch (IOException e) {
      throw new BenchException(
          "node-unreachable",
          "No node answers at " + url + " (" + e + "); start one, or leave --node out.",
          e);
    } catch (InterruptedException e) {
      throw BenchException.interrupted(e);
    }
  }

  private byte[] demandOk(HttpResponse<byte[]> response) {
    if (response.statusCode() != 200) {
      throw new BenchException(
          "node-refused",
          "The node answered %d to %s: %s"
              .formatted(
                  response.statusCode(),
                  response.request().uri(),
                  new String(response.body(), java.nio.charset.StandardCharsets.UTF_8)));
    }
    return response.body();
  }

  private static JsonNode json(byte[] body) {
    try {
      return MAPPER.readTree(body);
    } catch (IOException e) {
      throw new BenchException("unexpected-answer", "The node's answer is no JSON.", e);
    }
  }

  /** A block or another thing in raw bytes. */
  byte[] getBytes(String path) {
    return demandOk(
        send(
            HttpRequest.newBuilder(URI.create(url + path))
                .header("Accept", "application/octet-stream")));
  }

  JsonNode getJson(String path, String... headers) {
    HttpRequest.Builder request =
        HttpRequest.newBuilder(URI.create(url + path)).header("Accept", "application/json");
    if (headers.length > 0) {
      request.headers(headers);
    }
    return json(demandOk(send(request)));
  }

  JsonNode sendJson(String method, String path, JsonNode body, String... headers) {
    HttpRequest.Builder request =
        HttpRequest.newBuilder(URI.create(url + path))
            .header("Content-Type", "application/json")
            .method(method, BodyPublishers.ofString(body.toString()));
    if (headers.length > 0) {
      request.headers(headers);
    }
    return json(demandOk(send(request)));
  }

  /** Hands in one transfer and waits until it is settled; a node that is busy is asked again. */
  JsonNode settle(byte[] transfer) {
    while (true) {
      HttpResponse<byte[]> response =
          send(
              HttpRequest.newBuilder(URI.create(url + "/v1/transfers"))
                  .header("Content-Type", "application/octet-stream")
                  .POST(BodyPublishers.ofByteArray(transfer)));
      if (response.statusCode() != 503) {
        return json(demandOk(response));
      }
      LockSupport.parkNanos(TimeUnit.SECONDS.toNanos(1));
    }
  }

  /** Transfers in the chain so far. */
  long totalTransfers() {
    return getJson("/v1/network").path("totals").path("transfers").asLong();
  }

  /** A gauge of the node, if the server with the metrics is known and has it. */
  OptionalDouble gauge(String name) {
    if (management.isEmpty()) {
      return OptionalDouble.empty();
    }
    HttpResponse<byte[]> response =
        send(HttpRequest.newBuilder(URI.create(management.get() + "/metrics")));
    return new String(response.body(), java.nio.charset.StandardCharsets.UTF_8)
        .lines()
        .filter(line -> line.startsWith(name + " "))
        .mapToDouble(line -> Double.parseDouble(line.substring(name.length() + 1)))
        .findFirst();
  }

  /**
   * Waits until the node has written everything behind the journal: the chain index and, if asked
   * for, the coins.
   *
   * @return how long that took, in seconds; empty if the node does not say
   */
  OptionalDouble catchUp(boolean coinsToo, Progress.Phase phase) {
    long begun = System.nanoTime();
    while (true) {
      OptionalDouble index = gauge("tender_index_lag_blocks");
      OptionalDouble coins = gauge("tender_coin_store_lag_blocks");
      if (index.isEmpty() || coins.isEmpty()) {
        return OptionalDouble.empty();
      }
      double seconds = (System.nanoTime() - begun) / 1e9;
      if (index.getAsDouble() == 0 && (!coinsToo || coins.getAsDouble() == 0)) {
        return OptionalDouble.of(seconds);
      }
      if (seconds > CATCH_UP_LIMIT_SECONDS) {
        throw new BenchException(
            "index-behind",
            "The node's index does not catch up with its journal; look at the node's log.");
      }
      phase.at(0);
      LockSupport.parkNanos(TimeUnit.MILLISECONDS.toNanos(50));
    }
  }

  private static final double CATCH_UP_LIMIT_SECONDS = 600;
}
