package network.tender.web.greenfield;

import static network.tender.merchant.MerchantFixture.await;
import static network.tender.merchant.MerchantFixture.pays;
import static org.assertj.core.api.Assertions.assertThat;

import com.fasterxml.jackson.databind.JsonNode;
import io.vertx.core.Future;
import java.net.http.HttpRequest;
import java.net.http.HttpResponse;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.Base64;
import java.util.List;
import java.util.Optional;
import java.util.concurrent.atomic.AtomicReference;
import network.tender.merchant.ExactJson;
import network.tender.merchant.Invoice;
import network.tender.merchant.MerchantFixture;
import network.tender.script.WalletAccount;
import network.tender.web.TestServer;
import network.tender.webhook.WebhookFixture;

/**
 * The merchant API on a real server and a real database, and the requests that tests send to it.
 */
public final class ApiUnderTest implements AutoCloseable {
  public final WebhookFixture webhooks = new WebhookFixture();
  public final MerchantFixture fixture = webhooks.merchants;
  public final TestServer server;
  public final String admin;
  public final String method;

  public ApiUnderTest() {
    AtomicReference<String> kept = new AtomicReference<>();
    await(
        fixture
            .merchant
            .apiKeys()
            .ensureAdministratorKey(
                key -> {
                  kept.set(key);
                  return Future.succeededFuture();
                }));
    admin = kept.get();
    method = fixture.network.paymentMethodId();
    GreenfieldSurface greenfield =
        new GreenfieldSurface(fixture.merchant, STATUS, Optional.empty());
    server =
        TestServer.start(
            fixture.vertx,
            greenfield,
            new WebhookSurface(greenfield, fixture.merchant, webhooks.service()));
  }

  public static final NodeStatus STATUS =
      new NodeStatus() {
        @Override
        public boolean canSettle() {
          return true;
        }

        @Override
        public int height() {
          return 250;
        }
      };

  public static String basic(String email, String password) {
    byte[] text = (email + ":" + password).getBytes(StandardCharsets.UTF_8);
    return "Basic " + Base64.getEncoder().encodeToString(text);
  }

  /**
   * Sends a request.
   *
   * @param credentials an API key, a whole header value, or nothing
   * @param body null for none
   */
  public HttpResponse<String> send(String credentials, String verb, String path, String body) {
    HttpRequest.Builder request =
        server
            .request("/api/v1" + path)
            .method(
                verb,
                body == null
                    ? HttpRequest.BodyPublishers.noBody()
                    : HttpRequest.BodyPublishers.ofString(body));
    if (body != null) {
      request.header("Content-Type", "application/json");
    }
    if (!credentials.isEmpty()) {
      request.header(
          "Authorization", credentials.contains(" ") ? credentials : "token " + credentials);
    }
    return server.send(request);
  }

  public static JsonNode json(HttpResponse<String> response) {
    return ExactJson.parse(response.body().getBytes(StandardCharsets.UTF_8)).orElseThrow();
  }

  /** The body of an answer that must be exactly 200; a null node for an empty one. */
  public static JsonNode ok(HttpResponse<String> response) {
    assertThat(response.statusCode()).as(response.body()).isEqualTo(200);
    return response.body().isEmpty()
        ? com.fasterxml.jackson.databind.node.MissingNode.getInstance()
        : json(response);
  }

  public JsonNode ok(String verb, String path, String body) {
    return ok(send(admin, verb, path, body));
  }

  public static void assertRefused(HttpResponse<String> response, int status, String code) {
    assertThat(response.statusCode()).as(response.body()).isEqualTo(status);
    assertThat(json(response).path("code").asText()).isEqualTo(code);
    assertThat(json(response).path("message").asText()).isNotBlank();
  }

  public static void assertFields(HttpResponse<String> response, String... paths) {
    assertThat(response.statusCode()).as(response.body()).isEqualTo(422);
    List<String> found = new ArrayList<>();
    json(response).forEach(error -> found.add(error.path("path").asText()));
    assertThat(found).containsExactly(paths);
  }

  public static List<String> texts(JsonNode list) {
    List<String> texts = new ArrayList<>();
    list.forEach(text -> texts.add(text.asText()));
    return texts;
  }

  /** Pays an invoice, in a block of its own. */
  public void pay(String invoiceId, long sat) {
    Invoice invoice = await(fixture.merchant.invoices().find(invoiceId)).orElseThrow();
    fixture.commit(fixture.block(pays(invoice, sat)));
  }

  public String newStore() {
    return ok("POST", "/stores", "{\"name\":\"Kiosk\"}").path("id").asText();
  }

  public String newPayableStore() {
    String id = newStore();
    String xpub = fixture.freshWallet(WalletAccount.Purpose.NATIVE_SEGWIT).xpub();
    ok("PUT", "/stores/" + id + "/payment-methods/" + method, "{\"config\":\"" + xpub + "\"}");
    return id;
  }

  public String newKey(String credentials, String... permissions) {
    var body = ExactJson.object();
    body.putArray("permissions");
    for (String permission : permissions) {
      body.withArray("permissions").add(permission);
    }
    return ok(send(credentials, "POST", "/api-keys", ExactJson.write(body)))
        .path("apiKey")
        .asText();
  }

  /** A new user; returns its credentials. */
  public String newUser(String email) {
    String password = "correct: horse:battery";
    HttpResponse<String> made =
        send(
            admin,
            "POST",
            "/users",
            "{\"email\":\"%s\",\"password\":\"%s\"}".formatted(email, password));
    assertThat(made.statusCode()).as(made.body()).isEqualTo(201);
    return basic(email, password);
  }

  @Override
  public void close() {
    server.close();
    webhooks.close();
  }
}
