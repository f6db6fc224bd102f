package network.tender.endtoend;

import static org.assertj.core.api.Assertions.assertThat;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.net.URI;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpResponse;
import java.nio.file.Files;
import java.time.Duration;
import java.util.Map;

/** Speaks HTTP to a node the way curl does. */
final class Api {
  private static final ObjectMapper MAPPER = new ObjectMapper();
  private static final Duration TIMEOUT = Duration.ofSeconds(30);
  private static final HttpClient HTTP =
      HttpClient.newBuilder().connectTimeout(Duration.ofSeconds(5)).build();

  private final String base;
  private final String management;
  private final String adminKey;

  Api(NodeProcess node) {
    this.base = node.http();
    this.management = node.management();
    this.adminKey = Files.exists(node.dataDir().resolve("admin.key")) ? node.adminKey() : "none";
  }

  /**
   * An answer.
   *
   * @param status its HTTP status
   * @param body its body as text
   */
  record Answer(int status, String body) {
    JsonNode json() {
      try {
        return MAPPER.readTree(body);
      } catch (IOException e) {
        throw new AssertionError("no JSON: " + body, e);
      }
    }

    Answer expect(int wanted) {
      assertThat(status).describedAs(body).isEqualTo(wanted);
      return this;
    }
  }

  Answer get(String path) {
    return send(request(path).GET());
  }

  Answer post(String path, Map<String, ?> json) {
    return send(
        request(path)
            .header("Content-Type", "application/json")
            .POST(HttpRequest.BodyPublishers.ofString(text(json))));
  }

  Answer put(String path, Map<String, ?> json) {
    return send(
        request(path)
            .header("Content-Type", "application/json")
            .PUT(HttpRequest.BodyPublishers.ofString(text(json))));
  }

  private static String text(Map<String, ?> json) {
    try {
      return MAPPER.writeValueAsString(json);
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }

  private HttpRequest.Builder request(String path) {
    return HttpRequest.newBuilder(URI.create(path.startsWith("http") ? path : base + path))
        .timeout(TIMEOUT)
        .header("Authorization", "token " + adminKey);
  }

  private static Answer send(HttpRequest.Builder request) {
    try {
      HttpResponse<String> response =
          HTTP.send(request.build(), HttpResponse.BodyHandlers.ofString());
      return new Answer(response.statusCode(), response.body());
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
      throw new AssertionError(e);
    }
  }

  /** Coins from the development network's faucet; returns the txid. */
  String faucet(String address, String coins) {
    return post("/dev/faucet", Map.of("address", address, "amount", coins))
        .expect(200)
        .json()
        .path("txid")
        .asText();
  }

  /**
   * Issued minus burned minus the sum of all coins in the table, counted at the present height or
   * later; it must be nothing. The node has to count often.
   */
  long supplyDifferenceSat() {
    int height = height();
    NodeProcess.until(
        "the coins are counted", 60, () -> metric("tender_supply_audit_height") >= height);
    assertThat(metric("tender_utxo_difference_coins")).isZero();
    return metric("tender_supply_difference_satoshis");
  }

  private long metric(String series) {
    return get(management + "/metrics")
        .expect(200)
        .body()
        .lines()
        .filter(line -> line.startsWith(series + " "))
        .mapToLong(line -> (long) Double.parseDouble(line.substring(series.length() + 1)))
        .findFirst()
        .orElseThrow(() -> new AssertionError("no series " + series));
  }

  int height() {
    return get("/v1/network").expect(200).json().path("tip").path("height").asInt();
  }
}
