package network.tender.endtoend;

import static org.assertj.core.api.Assertions.assertThat;

import com.fasterxml.jackson.databind.JsonNode;
import java.net.URI;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpResponse;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.UUID;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.TimeUnit;
import network.tender.script.Curve;
import network.tender.script.WalletAccount;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;

/** A node that is killed while it makes invoices; whoever got no answer asks again. */
@Timeout(180)
class RepeatedRequestTest {
  private static final int REQUESTS = 600;

  /** The node dies when so many are answered; others are under way then. */
  private static final int ANSWERED = 200;

  private final HttpClient client =
      HttpClient.newBuilder().version(HttpClient.Version.HTTP_1_1).build();

  @TempDir private Path folder;

  private NodeProcess node;

  @AfterEach
  void endNode() {
    if (node != null) {
      node.close();
    }
  }

  private CompletableFuture<HttpResponse<String>> makeInvoice(String store, String key) {
    return client.sendAsync(
        HttpRequest.newBuilder(URI.create(node.http() + "/api/v1/stores/" + store + "/invoices"))
            .timeout(Duration.ofSeconds(30))
            .header("Authorization", "token " + node.adminKey())
            .header("Content-Type", "application/json")
            .header("Idempotency-Key", key)
            .POST(HttpRequest.BodyPublishers.ofString("{\"amount\":\"1\",\"currency\":\"TNDR\"}"))
            .build(),
        HttpResponse.BodyHandlers.ofString());
  }

  @Test
  void everyInvoiceIsThereOnceAndItsFirstAnswerStands() throws Exception {
    Path data = folder.resolve("data");
    node = NodeProcess.start(data);
    Api api = new Api(node);
    String store =
        api.post("/api/v1/stores", Map.of("name", "Kiosk")).expect(200).json().path("id").asText();
    Curve curve = Curve.load(Curve.Provider.AUTO);
    String xpub =
        WalletAccount.of(new byte[32], WalletAccount.Purpose.NATIVE_SEGWIT, 0, curve).xpub();
    api.put(
            "/api/v1/stores/" + store + "/payment-methods/TNDR-CHAIN",
            Map.of("enabled", true, "config", xpub))
        .expect(200);

    List<String> keys = new ArrayList<>();
    List<CompletableFuture<HttpResponse<String>>> sent = new ArrayList<>();
    for (int i = 0; i < REQUESTS; i++) {
      String key = UUID.randomUUID().toString();
      keys.add(key);
      sent.add(makeInvoice(store, key));
      if (i == ANSWERED) {
        for (CompletableFuture<HttpResponse<String>> answer : sent) {
          answer.get(30, TimeUnit.SECONDS);
        }
      }
    }
    node.kill();
    Map<String, String> answers = new HashMap<>();
    for (int i = 0; i < REQUESTS; i++) {
      String key = keys.get(i);
      Optional<HttpResponse<String>> answer =
          sent.get(i).handle((response, lost) -> Optional.ofNullable(response)).get();
      answer
          .filter(response -> response.statusCode() == 200)
          .ifPresent(response -> answers.put(key, response.body()));
    }
    assertThat(answers.size()).isGreaterThan(ANSWERED);
    System.out.printf(
        "RepeatedRequestTest: %d of %d were answered before the end%n", answers.size(), REQUESTS);

    node = NodeProcess.start(data);
    api = new Api(node);
    Set<String> ids = new HashSet<>();
    int replayed = 0;
    for (String key : keys) {
      HttpResponse<String> again = makeInvoice(store, key).get(30, TimeUnit.SECONDS);
      assertThat(again.statusCode()).as(again.body()).isEqualTo(200);
      boolean first = again.headers().firstValue("Idempotent-Replayed").isEmpty();
      replayed += first ? 0 : 1;
      if (answers.containsKey(key)) {
        assertThat(first).isFalse();
        assertThat(again.body()).isEqualTo(answers.get(key));
      }
      ids.add(Json.read(again.body()).path("id").asText());
    }
    System.out.printf("RepeatedRequestTest: %d answers were given again%n", replayed);
    JsonNode all = api.get("/api/v1/stores/" + store + "/invoices").expect(200).json();
    assertThat(all.findValuesAsText("id")).hasSize(REQUESTS);
    assertThat(ids).hasSize(REQUESTS);
  }

  /** Reads answers. */
  private static final class Json {
    private static final com.fasterxml.jackson.databind.ObjectMapper MAPPER =
        new com.fasterxml.jackson.databind.ObjectMapper();

    static JsonNode read(String text) throws java.io.IOException {
      return MAPPER.readTree(text);
    }
  }
}
