package network.tender.web.greenfield;

import static network.tender.merchant.MerchantFixture.await;
import static org.assertj.core.api.Assertions.assertThat;

import com.fasterxml.jackson.databind.JsonNode;
import io.vertx.core.Future;
import java.net.http.HttpRequest;
import java.net.http.HttpResponse;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.concurrent.atomic.AtomicReference;
import network.tender.journal.TestDatabase;
import network.tender.merchant.ExactJson;
import network.tender.merchant.Merchant;
import network.tender.merchant.MerchantFixture;
import network.tender.script.WalletAccount;
import network.tender.web.TestServer;

/** The merchant API on a real database and over real HTTP, asked by its administrator. */
final class ApiRig implements AutoCloseable {
  final TestDatabase database = TestDatabase.create();
  final MerchantFixture fixture = new MerchantFixture(database);
  final TestServer server = serve(fixture.merchant);
  final String admin;

  ApiRig() {
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
  }

  /** Another server, such as of a node after a restart or beside this one. */
  TestServer serve(Merchant merchant) {
    NodeStatus node =
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
    return TestServer.start(fixture.vertx, new GreenfieldSurface(merchant, node, Optional.empty()));
  }

  /** A request with the administrator's key, and headers as names and values in turn. */
  HttpRequest.Builder request(
      TestServer to, String key, String verb, String path, String body, String... headers) {
    HttpRequest.Builder request =
        to.request("/api/v1" + path)
            .header("Authorization", "token " + key)
            .method(
                verb,
                body == null
                    ? HttpRequest.BodyPublishers.noBody()
                    : HttpRequest.BodyPublishers.ofString(body));
    if (body != null) {
      request.header("Content-Type", "application/json");
    }
    return headers.length == 0 ? request : request.headers(headers);
  }

  HttpResponse<String> send(String verb, String path, String body, String... headers) {
    return server.send(request(server, admin, verb, path, body, headers));
  }

  /** The body of an answer that must be exactly 200. */
  static JsonNode ok(HttpResponse<String> response) {
    assertThat(response.statusCode()).as(response.body()).isEqualTo(200);
    return json(response);
  }

  JsonNode ok(String verb, String path, String body, String... headers) {
    return ok(send(verb, path, body, headers));
  }

  static JsonNode json(HttpResponse<String> response) {
    return ExactJson.parse(response.body().getBytes(StandardCharsets.UTF_8)).orElseThrow();
  }

  static Optional<String> header(HttpResponse<?> response, String name) {
    return response.headers().firstValue(name);
  }

  static List<String> ids(JsonNode list) {
    List<String> ids = new ArrayList<>();
    list.forEach(item -> ids.add(item.path("id").asText()));
    return ids;
  }

  String newStore() {
    return ok("POST", "/stores", "{\"name\":\"Kiosk\"}").path("id").asText();
  }

  String newPayableStore() {
    String id = newStore();
    giveWallet(id);
    return id;
  }

  void giveWallet(String storeId) {
    String xpub = fixture.freshWallet(WalletAccount.Purpose.NATIVE_SEGWIT).xpub();
    ok(
        "PUT",
        "/stores/" + storeId + "/payment-methods/" + fixture.network.paymentMethodId(),
        "{\"config\":\"" + xpub + "\"}");
  }

  String newKey(String permission) {
    return ok("POST", "/api-keys", "{\"permissions\":[\"" + permission + "\"]}")
        .path("apiKey")
        .asText();
  }

  @Override
  public void close() {
    server.close();
    fixture.close();
  }
}
