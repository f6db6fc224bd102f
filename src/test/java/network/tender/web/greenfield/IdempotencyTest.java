package network.tender.web.greenfield;

import static network.tender.merchant.MerchantFixture.await;
import static network.tender.web.greenfield.ApiRig.header;
import static network.tender.web.greenfield.ApiRig.ids;
import static network.tender.web.greenfield.ApiRig.json;
import static network.tender.web.greenfield.ApiRig.ok;
import static org.assertj.core.api.Assertions.assertThat;

import com.fasterxml.jackson.databind.JsonNode;
import java.io.IOException;
import java.net.InetAddress;
import java.net.Socket;
import java.net.http.HttpResponse;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.HashSet;
import java.util.List;
import java.util.Set;
import java.util.UUID;
import java.util.concurrent.CompletableFuture;
import network.tender.merchant.IdempotentAnswers;
import network.tender.merchant.Merchant;
import network.tender.web.TestServer;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** Requests that are sent again because their answer was lost, over real HTTP. */
class IdempotencyTest {
  private static final String KEY = "Idempotency-Key";
  private static final String REPLAYED = "Idempotent-Replayed";
  private static final String DOLLAR = "{\"amount\":\"1.00\",\"currency\":\"USD\"}";

  private static ApiRig rig;

  @BeforeAll
  static void start() {
    rig = new ApiRig();
  }

  @AfterAll
  static void stop() {
    rig.close();
  }

  private static String key() {
    return UUID.randomUUID().toString();
  }

  private static void assertReplay(HttpResponse<String> again, HttpResponse<String> first) {
    assertThat(again.body()).isEqualTo(first.body());
    assertThat(again.statusCode()).isEqualTo(first.statusCode());
    assertThat(header(again, REPLAYED)).hasValue("true");
    assertThat(header(again, "Content-Type")).isEqualTo(header(first, "Content-Type"));
  }

  private static void assertReused(HttpResponse<String> response) {
    assertThat(response.statusCode()).as(response.body()).isEqualTo(422);
    JsonNode error = json(response).path(0);
    assertThat(error.path("path").asText()).isEqualTo(KEY);
    assertThat(error.path("code").asText()).isEqualTo("idempotency-key-reused");
    assertThat(error.path("message").asText()).isNotBlank();
  }

  private static int invoicesOf(String store) {
    return rig.ok("GET", "/stores/" + store + "/invoices", null).size();
  }

  @Test
  void aRepeatedInvoiceIsMadeOnceAndAnsweredByteForByte() {
    String store = rig.newPayableStore();
    String path = "/stores/" + store + "/invoices";
    String key = key();
    String body =
        "{\"amount\":\"1.50\",\"currency\":\"USD\",\"metadata\":{\"b\":1.10,\"a\":\"é\"}}";
    HttpResponse<String> first = rig.send("POST", path, body, KEY, key);
    ok(first);
    assertThat(header(first, REPLAYED)).isEmpty();
    assertReplay(rig.send("POST", path, body, KEY, key), first);
    // What does not change the meaning of JSON, and the slash at the end of a path.
    String respelt =
        "{ \"currency\": \"USD\", \"metadata\": {\"a\":\"\\u00e9\", \"b\":1.10}, \"amount\":\"1.50\" }";
    assertReplay(rig.send("POST", path + "/", respelt, KEY, key), first);
    assertThat(invoicesOf(store)).isEqualTo(1);

    assertReused(rig.send("POST", path, DOLLAR, KEY, key));
    assertReused(rig.send("POST", path + "?x=1", body, KEY, key));
    assertReused(rig.send("POST", "/stores", body, KEY, key));
    assertThat(invoicesOf(store)).isEqualTo(1);

    // The same key from somebody else, and no key at all.
    String other = rig.newKey("btcpay.store.cancreateinvoice:" + store);
    HttpResponse<String> others =
        rig.server.send(rig.request(rig.server, other, "POST", path, body, KEY, key));
    assertThat(ok(others).path("id")).isNotEqualTo(json(first).path("id"));
    ok(rig.send("POST", path, body));
    assertThat(invoicesOf(store)).isEqualTo(3);
  }

  @Test
  void theFirstAnswerStandsWhateverHasChangedSince() {
    String store = rig.newPayableStore();
    String path = "/stores/" + store + "/invoices";
    String key = key();
    HttpResponse<String> first = rig.send("POST", path, DOLLAR, KEY, key);
    rig.ok(
        "POST", path + "/" + ok(first).path("id").asText() + "/status", "{\"status\":\"Invalid\"}");
    rig.send("DELETE", "/stores/" + store + "/payment-methods/TNDR-CHAIN", null);
    assertReplay(rig.send("POST", path, DOLLAR, KEY, key), first);
  }

  @Test
  void aRefusalIsNotKept() {
    String store = rig.newStore();
    String path = "/stores/" + store + "/invoices";
    String key = key();
    assertThat(rig.send("POST", path, DOLLAR, KEY, key).statusCode()).isEqualTo(400);
    rig.giveWallet(store);
    HttpResponse<String> made = rig.send("POST", path, DOLLAR, KEY, key);
    ok(made);
    assertThat(header(made, REPLAYED)).isEmpty();
    assertReplay(rig.send("POST", path, DOLLAR, KEY, key), made);

    String second = key();
    assertThat(rig.send("POST", "/stores", "{}", KEY, second).statusCode()).isEqualTo(422);
    ok(rig.send("POST", "/stores", "{\"name\":\"Now with a name\"}", KEY, second));
  }

  @ParameterizedTest
  @ValueSource(strings = {"", "with space", "tab\there"})
  void aKeyOfNoGoodIsRefused(String key) {
    HttpResponse<String> response = rig.send("POST", "/stores", "{\"name\":\"x\"}", KEY, key);
    assertThat(response.statusCode()).isEqualTo(400);
    assertThat(json(response).path("code").asText()).isEqualTo("invalid-idempotency-key");
    assertThat(json(response).path("message").asText()).contains("255");
  }

  @Test
  void aKeyHasALimit() {
    ok(rig.send("POST", "/stores", "{\"name\":\"x\"}", KEY, "k".repeat(255)));
    assertThat(rig.send("POST", "/stores", "{\"name\":\"x\"}", KEY, "k".repeat(256)).statusCode())
        .isEqualTo(400);
  }

  @Test
  void aRepeatedStoreIsMadeOnce() {
    String key = key();
    String body = "{\"name\":\"Only once\"}";
    HttpResponse<String> first = rig.send("POST", "/stores", body, KEY, key);
    ok(first);
    assertReplay(rig.send("POST", "/stores", body, KEY, key), first);
    JsonNode stores = rig.ok("GET", "/stores", null);
    assertThat(stores.findValuesAsText("name").stream().filter("Only once"::equals)).hasSize(1);
  }

  @Test
  void aRepeatedKeyIsMadeOnceAndIsNowhereInTheDatabase() {
    String key = key();
    String body = "{\"label\":\"till\",\"permissions\":[\"btcpay.store.canviewinvoices\"]}";
    HttpResponse<String> first = rig.send("POST", "/api-keys", body, KEY, key);
    String made = ok(first).path("apiKey").asText();
    assertReplay(rig.send("POST", "/api-keys", body, KEY, key), first);
    ok(rig.server.send(rig.request(rig.server, made, "GET", "/api-keys/current", null)));
    String clear =
        "SELECT count(*) FROM idempotent_answer WHERE position('%s'::bytea IN answer) > 0";
    assertThat(rig.database.queryInt(clear.formatted(made))).isZero();
    assertThat(rig.database.queryInt(clear.formatted("till"))).isZero();
    assertThat(rig.database.queryInt("SELECT count(*) FROM idempotent_answer")).isPositive();
  }

  @Test
  void aRepeatedMarkingIsAnsweredAsAtFirst() {
    String store = rig.newPayableStore();
    String path = "/stores/" + store + "/invoices";
    String id = rig.ok("POST", path, DOLLAR).path("id").asText();
    String status = "/invoices/" + id + "/status";
    String key = key();
    HttpResponse<String> first = rig.send("POST", status, "{\"status\":\"Invalid\"}", KEY, key);
    assertThat(ok(first).path("status").asText()).isEqualTo("Invalid");
    // Without a key it can't be marked so twice.
    assertThat(rig.send("POST", status, "{\"status\":\"Invalid\"}").statusCode()).isEqualTo(422);
    assertReplay(rig.send("POST", status, "{\"status\":\"Invalid\"}", KEY, key), first);
  }

  /** A first answer is no way round what its caller may do by now. */
  @ParameterizedTest
  @ValueSource(strings = {"invoice", "status", "short status", "app"})
  void whoMayNotAskAnyMoreGetsNoFirstAnswer(String kind) {
    String store = rig.newPayableStore();
    String email = "u" + key().substring(0, 8) + "@shop.example";
    HttpResponse<String> user =
        rig.send(
            "POST",
            "/users",
            "{\"email\":\"%s\",\"password\":\"a long password\"}".formatted(email));
    assertThat(user.statusCode()).isEqualTo(201);
    String users = "/stores/" + store + "/users";
    String owner = "{\"id\":\"%s\",\"storeRole\":\"Owner\"}".formatted(email);
    assertThat(rig.send("POST", users, owner).statusCode()).isEqualTo(200);
    String theirs =
        rig.ok("POST", "/users/" + email + "/api-keys", "{\"permissions\":[\"unrestricted\"]}")
            .path("apiKey")
            .asText();
    String id = rig.ok("POST", "/stores/" + store + "/invoices", DOLLAR).path("id").asText();
    String path =
        switch (kind) {
          case "invoice" -> "/stores/" + store + "/invoices";
          case "status" -> "/stores/" + store + "/invoices/" + id + "/status";
          case "short status" -> "/invoices/" + id + "/status";
          default -> "/stores/" + store + "/apps/pos";
        };
    String body =
        switch (kind) {
          case "invoice" -> DOLLAR;
          case "app" -> "{\"appName\":\"Counter\"}";
          default -> "{\"status\":\"Invalid\"}";
        };
    String key = key();
    HttpResponse<String> first =
        rig.server.send(rig.request(rig.server, theirs, "POST", path, body, KEY, key));
    ok(first);
    assertThat(rig.send("DELETE", users + "/" + email, null).statusCode()).isEqualTo(200);
    HttpResponse<String> refused =
        rig.server.send(rig.request(rig.server, theirs, "POST", path, body, KEY, key));
    assertThat(refused.statusCode()).as(refused.body()).isEqualTo(403);
    assertThat(json(refused).path("code").asText()).isEqualTo("missing-permission");
    assertThat(header(refused, REPLAYED)).isEmpty();

    // The first answer is there still, for when they may again.
    assertThat(rig.send("POST", users, owner).statusCode()).isEqualTo(200);
    assertReplay(
        rig.server.send(rig.request(rig.server, theirs, "POST", path, body, KEY, key)), first);
  }

  /** An administrator who is none any more does not get what only those are given. */
  @Test
  void aKeyMadeForSomebodyElseIsNotShownAgainToWhoMayNotMakeOne() {
    String email = "a" + key().substring(0, 8) + "@shop.example";
    HttpResponse<String> user =
        rig.send(
            "POST",
            "/users",
            "{\"email\":\"%s\",\"password\":\"a long password\",\"isAdministrator\":true}"
                .formatted(email));
    assertThat(user.statusCode()).isEqualTo(201);
    String theirs =
        rig.ok(
                "POST",
                "/users/" + email + "/api-keys",
                "{\"permissions\":[\"btcpay.server.canmanageusers\",\"btcpay.user.canviewprofile\"]}")
            .path("apiKey")
            .asText();
    String other = "b" + key().substring(0, 8) + "@shop.example";
    rig.send(
        "POST", "/users", "{\"email\":\"%s\",\"password\":\"a long password\"}".formatted(other));
    String path = "/users/" + other + "/api-keys";
    String body = "{\"permissions\":[\"btcpay.user.canviewprofile\"]}";
    String key = key();
    HttpResponse<String> first =
        rig.server.send(rig.request(rig.server, theirs, "POST", path, body, KEY, key));
    ok(first);
    rig.database.execute(
        "UPDATE account SET administrator = false WHERE email = '%s'".formatted(email));
    // Which has the node read anew who may do what.
    for (boolean locked : new boolean[] {true, false}) {
      rig.send("POST", "/users/" + other + "/lock", "{\"locked\":" + locked + "}");
    }
    HttpResponse<String> refused =
        rig.server.send(rig.request(rig.server, theirs, "POST", path, body, KEY, key));
    assertThat(refused.statusCode()).as(refused.body()).isEqualTo(403);
    assertThat(refused.body()).doesNotContain(ok(first).path("apiKey").asText());
  }

  /** So many that they are written together, half of them to be carried out once. */
  @Test
  void manyAtOnceAreEachMadeOnce() {
    String store = rig.newPayableStore();
    String path = "/stores/" + store + "/invoices";
    List<String> keys = new ArrayList<>();
    List<CompletableFuture<HttpResponse<String>>> answers = new ArrayList<>();
    for (int i = 0; i < 200; i++) {
      String key = key();
      keys.add(key);
      answers.add(
          rig.server.client.sendAsync(
              (i % 2 == 0
                      ? rig.request(rig.server, rig.admin, "POST", path, DOLLAR, KEY, key)
                      : rig.request(rig.server, rig.admin, "POST", path, DOLLAR))
                  .build(),
              HttpResponse.BodyHandlers.ofString()));
    }
    Set<String> made = new HashSet<>();
    answers.forEach(answer -> made.add(ok(answer.join()).path("id").asText()));
    assertThat(made).hasSize(200);
    for (int i = 0; i < 200; i += 2) {
      assertReplay(rig.send("POST", path, DOLLAR, KEY, keys.get(i)), answers.get(i).join());
    }
    assertThat(invoicesOf(store)).isEqualTo(200);
  }

  /** On two nodes' surfaces, so that not only memory keeps them apart. */
  @ParameterizedTest
  @ValueSource(strings = {"/stores", "/invoices"})
  void theSameAtOnceIsMadeOnce(String kind) {
    Merchant beside = rig.fixture.open();
    try (TestServer second = rig.serve(beside)) {
      String store = rig.newPayableStore();
      boolean invoice = kind.equals("/invoices");
      String path = invoice ? "/stores/" + store + kind : kind;
      String name = "At once " + key();
      String body = invoice ? DOLLAR : "{\"name\":\"" + name + "\"}";
      String key = key();
      List<CompletableFuture<HttpResponse<String>>> answers = new ArrayList<>();
      for (int i = 0; i < 40; i++) {
        TestServer to = i % 2 == 0 ? rig.server : second;
        answers.add(
            to.client.sendAsync(
                rig.request(to, rig.admin, "POST", path, body, "X-Y", "z", KEY, key).build(),
                HttpResponse.BodyHandlers.ofString()));
      }
      Set<String> bodies = new HashSet<>();
      int first = 0;
      int busy = 0;
      for (CompletableFuture<HttpResponse<String>> answer : answers) {
        HttpResponse<String> response = answer.join();
        if (response.statusCode() == 409) {
          assertThat(json(response).path("code").asText()).isEqualTo("idempotency-key-in-use");
          busy++;
        } else {
          assertThat(response.statusCode()).as(response.body()).isEqualTo(200);
          // Links of an invoice name the host that was asked first.
          bodies.add(response.body());
          first += header(response, REPLAYED).isEmpty() ? 1 : 0;
        }
      }
      assertThat(bodies).hasSize(1);
      assertThat(first).isEqualTo(1);
      assertThat(busy).isLessThan(40);
      if (invoice) {
        assertThat(invoicesOf(store)).isEqualTo(1);
      } else {
        assertThat(
                rig.database.queryInt(
                    "SELECT count(*) FROM store WHERE settings ->> 'name' = '" + name + "'"))
            .isEqualTo(1);
      }
    } finally {
      await(beside.close());
    }
  }

  /** The caller goes away, the node goes down; what was written with the invoice is the answer. */
  @Test
  void aLostAnswerIsGivenByAnotherNode() throws IOException {
    String store = rig.newPayableStore();
    String key = key();
    rig.fixture.whileInvoicesAreLocked(
        () -> {
          try (Socket socket = new Socket(InetAddress.getLoopbackAddress(), rig.server.port())) {
            socket
                .getOutputStream()
                .write(
                    String.join(
                            "\r\n",
                            "POST /api/v1/stores/" + store + "/invoices HTTP/1.1",
                            "Host: 127.0.0.1:" + rig.server.port(),
                            "Authorization: token " + rig.admin,
                            "Content-Type: application/json",
                            KEY + ": " + key,
                            "Content-Length: " + DOLLAR.length(),
                            "",
                            DOLLAR)
                        .getBytes(StandardCharsets.UTF_8));
            socket.getOutputStream().flush();
            untilAnInvoiceWaits();
          } catch (IOException e) {
            throw new java.io.UncheckedIOException(e);
          }
          return "";
        });
    Merchant after = rig.fixture.open();
    try (TestServer restarted = rig.serve(after)) {
      String path = "/stores/" + store + "/invoices";
      HttpResponse<String> again =
          restarted.send(rig.request(restarted, rig.admin, "POST", path, DOLLAR, KEY, key));
      String id = ok(again).path("id").asText();
      assertThat(header(again, REPLAYED)).hasValue("true");
      assertThat(ids(rig.ok("GET", path, null))).containsExactly(id);
    } finally {
      await(after.close());
    }
  }

  private static void untilAnInvoiceWaits() {
    String waiting =
        "SELECT count(*) FROM pg_locks l JOIN pg_class c ON c.oid = l.relation"
            + " WHERE c.relname = 'invoice' AND NOT l.granted";
    long deadline = System.nanoTime() + 10_000_000_000L;
    while (rig.database.queryInt(waiting) == 0) {
      assertThat(System.nanoTime()).as("an invoice is being written").isLessThan(deadline);
    }
  }

  @Test
  void whatIsMadeIsKeptForADay() {
    assertThat(IdempotentAnswers.KEPT).hasHours(24);
  }

  /** Pages of other origins may send the header and read the answer's. */
  @Test
  void browsersMaySendAndReadTheHeaders() {
    HttpResponse<String> preflight =
        rig.server.send(
            rig.server
                .request("/api/v1/stores")
                .method("OPTIONS", java.net.http.HttpRequest.BodyPublishers.noBody())
                .header("Access-Control-Request-Method", "POST")
                .header("Access-Control-Request-Headers", "idempotency-key")
                .header("Origin", "https://shop.example"));
    assertThat(header(preflight, "Access-Control-Allow-Headers").orElse(""))
        .containsIgnoringCase(KEY);
    HttpResponse<String> made =
        rig.send("POST", "/stores", "{\"name\":\"x\"}", KEY, key(), "Origin", "https://s.example");
    assertThat(header(made, "Access-Control-Expose-Headers").orElse("")).contains(REPLAYED);
  }
}
