package network.tender.web.greenfield;

import static network.tender.web.greenfield.ApiUnderTest.assertFields;
import static network.tender.web.greenfield.ApiUnderTest.assertRefused;
import static network.tender.web.greenfield.ApiUnderTest.basic;
import static network.tender.web.greenfield.ApiUnderTest.json;
import static network.tender.web.greenfield.ApiUnderTest.ok;
import static network.tender.web.greenfield.ApiUnderTest.texts;
import static org.assertj.core.api.Assertions.assertThat;

import com.fasterxml.jackson.databind.JsonNode;
import java.net.http.HttpResponse;
import java.util.List;
import network.tender.merchant.MerchantFixture;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

/** Users, their passwords, their roles and what their keys open, over real HTTP. */
class AccountsTest {
  private static ApiUnderTest api;

  @BeforeAll
  static void start() {
    api = new ApiUnderTest();
  }

  @AfterAll
  static void stop() {
    api.close();
  }

  private static void join(String store, String email, String role) {
    api.ok(
        "POST",
        "/stores/" + store + "/users",
        "{\"id\":\"%s\",\"storeRole\":\"%s\"}".formatted(email, role));
  }

  @ParameterizedTest
  @ValueSource(
      strings = {"plain password", "with:colons::", ":", "Pässwörter 🔑", "  spaces around  "})
  void passwordsOfAllKindsOpenByBasic(String password) {
    String long8 = password.length() < 8 ? password.repeat(8) : password;
    String email = "pw" + Integer.toHexString(password.hashCode()) + "@shop.example";
    String body = "{\"email\":\"%s\",\"password\":\"%s\",\"name\":\"Ann\"}".formatted(email, long8);
    JsonNode made = json(api.send(api.admin, "POST", "/users", body));
    assertThat(made.path("email").asText()).isEqualTo(email);
    assertThat(made.has("password")).isFalse();
    JsonNode me = ok(api.send(basic(email, long8), "GET", "/users/me", null));
    assertThat(me).isEqualTo(made);
    assertThat(
            ok(
                api.send(
                    basic(email.toUpperCase(java.util.Locale.ROOT), long8),
                    "GET",
                    "/users/me",
                    null)))
        .isEqualTo(made);
    assertRefused(
        api.send(basic(email, long8 + "x"), "GET", "/users/me", null), 401, "unauthenticated");
    // A name and a password are no key.
    assertRefused(
        api.send(basic(email, long8), "GET", "/api-keys/current", null), 401, "unauthenticated");
    // As the PHP client makes its first key.
    String key = api.newKey(basic(email, long8), "btcpay.user.canviewprofile");
    assertThat(ok(api.send(key, "GET", "/users/me", null))).isEqualTo(made);
    String stored =
        MerchantFixture.await(
                api.fixture
                    .pool()
                    .query(
                        "SELECT string_agg(a::text || coalesce(k::text, ''), ' ')"
                            + " FROM account a LEFT JOIN api_key k ON k.account_id = a.id")
                    .execute())
            .iterator()
            .next()
            .getString(0);
    assertThat(stored).doesNotContain(key).contains("$argon2id$v=19$m=19456,t=2,p=1$");
    if (long8.length() > 8) {
      assertThat(stored).doesNotContain(long8);
    }
  }

  @Test
  void passwordsThatAreGuessedAreSlowedDownAndThoseThatAreRightAreNot() {
    String email = "guessed@shop.example";
    String right = api.newUser(email);
    for (int i = 0; i < 5; i++) {
      assertRefused(
          api.send(basic(email, "guess " + i), "GET", "/users/me", null), 401, "unauthenticated");
    }
    HttpResponse<String> refused = api.send(basic(email, "guess 5"), "GET", "/users/me", null);
    assertRefused(refused, 429, "too-many-logins");
    assertThat(refused.headers().firstValue("Retry-After")).isPresent();
    assertRefused(api.send(right, "GET", "/users/me", null), 429, "too-many-logins");
    // Keys are no passwords, and other people are not to blame.
    ok(api.send(api.admin, "GET", "/users/me", null));
    String other = api.newUser("patient@shop.example");
    for (int i = 0; i < 40; i++) {
      ok(api.send(other, "GET", "/users/me", null));
    }
  }

  @Test
  void usersAreManagedByAdministratorsOnly() {
    String ann = api.newUser("ann@shop.example");
    String id = ok(api.send(ann, "GET", "/users/me", null)).path("id").asText();
    assertRefused(api.send(ann, "GET", "/users", null), 403, "missing-permission");
    assertRefused(
        api.send(ann, "POST", "/users", "{\"email\":\"x@y.z\",\"password\":\"12345678\"}"),
        403,
        "missing-permission");
    assertRefused(
        api.send("", "POST", "/users", "{\"email\":\"x@y.z\",\"password\":\"12345678\"}"),
        401,
        "unauthenticated");
    assertThat(api.ok("GET", "/users", null).findValuesAsText("email"))
        .contains("admin@localhost", "ann@shop.example");
    assertThat(api.ok("GET", "/users/ANN@shop.example", null).path("id").asText()).isEqualTo(id);
    assertThat(api.ok("GET", "/users/" + id, null).path("roles")).isEmpty();
    assertRefused(api.send(api.admin, "GET", "/users/nobody", null), 404, "user-not-found");

    assertFields(
        api.send(api.admin, "POST", "/users", "{\"email\":\"no address\",\"password\":\"short\"}"),
        "Email",
        "Password");
    assertFields(api.send(api.admin, "POST", "/users", "{}"), "Email", "Password");
    assertFields(
        api.send(
            api.admin,
            "POST",
            "/users",
            "{\"email\":\"Ann@Shop.example\",\"password\":\"12345678\"}"),
        "Email");

    JsonNode renamed =
        ok(
            api.send(
                ann,
                "PUT",
                "/users/me",
                "{\"name\":\"Ann\",\"email\":null,\"ImageUrl\":\"\"}"
                    .replace(",\"ImageUrl\":\"\"", "")));
    assertThat(renamed.path("name").asText()).isEqualTo("Ann");
    assertFields(
        api.send(ann, "PUT", "/users/me", "{\"newPassword\":\"a new password\"}"),
        "CurrentPassword");
    ok(
        api.send(
            ann,
            "PUT",
            "/users/me",
            "{\"currentPassword\":\"correct: horse:battery\",\"newPassword\":\"a new password\"}"));
    assertRefused(api.send(ann, "GET", "/users/me", null), 401, "unauthenticated");
    String now = basic("ann@shop.example", "a new password");
    ok(api.send(now, "GET", "/users/me", null));

    String key = api.newKey(now, "unrestricted");
    assertThat(api.ok("POST", "/users/" + id + "/lock", "{\"locked\":true}").isMissingNode())
        .isTrue();
    assertRefused(api.send(key, "GET", "/users/me", null), 401, "unauthenticated");
    assertRefused(api.send(now, "GET", "/users/me", null), 401, "unauthenticated");
    api.ok("POST", "/users/" + id + "/lock", "{\"locked\":false}");
    ok(api.send(key, "GET", "/users/me", null));

    String given =
        api.ok(
                "POST",
                "/users/ann@shop.example/api-keys",
                "{\"label\":\"till\",\"permissions\":[\"btcpay.user.canviewprofile\"]}")
            .path("apiKey")
            .asText();
    assertThat(ok(api.send(given, "GET", "/users/me", null)).path("id").asText()).isEqualTo(id);
    api.ok("DELETE", "/users/" + id + "/api-keys/" + given, null);
    assertRefused(api.send(given, "GET", "/users/me", null), 401, "unauthenticated");

    String bob = api.newUser("bob@shop.example");
    assertRefused(api.send(bob, "DELETE", "/api-keys/" + key, null), 400, "apikey-not-found");
    ok(api.send(key, "GET", "/users/me", null));

    assertThat(api.send(now, "DELETE", "/users/me", null).statusCode()).isEqualTo(200);
    assertRefused(api.send(key, "GET", "/users/me", null), 401, "unauthenticated");
  }

  @ParameterizedTest
  @ValueSource(strings = {"btcpay.server.canmanageusers", "btcpay.server.canmodifyserversettings"})
  void aKeyThatManagesUsersDoesNotBecomeOneThatMayDoEverything(String policy) {
    String boss = policy.substring(policy.lastIndexOf('.') + 1) + "-boss@shop.example";
    String password = "the boss's password";
    String body = "{\"email\":\"%s\",\"password\":\"%s\",\"isAdministrator\":true}";
    assertThat(api.send(api.admin, "POST", "/users", body.formatted(boss, password)).statusCode())
        .isEqualTo(201);
    String own = api.newKey(basic(boss, password), "btcpay.user.canviewprofile");
    String key = api.newKey(api.admin, policy);
    String profile = "{\"permissions\":[\"btcpay.user.canviewprofile\"]}";
    String users = "{\"permissions\":[\"btcpay.server.canviewusers\"]}";
    String everything = "{\"permissions\":[\"unrestricted\"]}";
    for (String administrator : List.of(boss, "admin@localhost")) {
      String path = "/users/" + administrator;
      for (String permissions : List.of(users, everything, "{\"permissions\":[]}")) {
        assertRefused(
            api.send(key, "POST", path + "/api-keys", permissions), 403, "missing-permission");
      }
      for (String change :
          List.of(
              "{\"newPassword\":\"taken over\"}",
              "{\"email\":\"mine@evil.example\"}",
              "{\"name\":\"Mallory\"}")) {
        assertRefused(api.send(key, "PUT", path, change), 403, "missing-permission");
      }
      assertRefused(
          api.send(key, "POST", path + "/lock", "{\"locked\":true}"), 403, "missing-permission");
      assertRefused(api.send(key, "DELETE", path, null), 403, "missing-permission");
      assertRefused(
          api.send(key, "DELETE", path + "/api-keys/" + own, null), 403, "missing-permission");
    }
    ok(api.send(own, "GET", "/users/me", null));
    ok(api.send(basic(boss, password), "GET", "/users/me", null));

    String clerk = policy.substring(policy.lastIndexOf('.') + 1) + "-clerk@shop.example";
    api.newUser(clerk);
    String path = "/users/" + clerk;
    for (String more :
        List.of(profile, everything, "{\"permissions\":[\"btcpay.store.canviewinvoices\"]}")) {
      assertRefused(api.send(key, "POST", path + "/api-keys", more), 403, "missing-permission");
    }
    assertRefused(
        api.send(key, "PUT", path, "{\"newPassword\":\"taken over\"}"), 403, "missing-permission");
    // What is left is what such a key is for.
    ok(api.send(key, "POST", path + "/api-keys", users));
    assertThat(ok(api.send(key, "PUT", path, "{\"name\":\"Clerk\"}")).path("name").asText())
        .isEqualTo("Clerk");
    ok(api.send(key, "POST", path + "/lock", "{\"locked\":true}"));
    ok(api.send(key, "DELETE", path, null));
    api.ok("POST", "/users/" + boss + "/api-keys", everything);
    api.ok("PUT", "/users/" + boss, "{\"newPassword\":\"another password\"}");
    api.ok("DELETE", "/users/" + boss, null);
  }

  @Test
  void somebodyIsAlwaysLeftToRunTheServer() {
    assertRefused(api.send(api.admin, "DELETE", "/users/me", null), 403, "last-administrator");
    assertRefused(
        api.send(api.admin, "POST", "/users/admin@localhost/lock", "{\"locked\":true}"),
        403,
        "last-administrator");
    String body =
        "{\"email\":\"second@shop.example\",\"password\":\"12345678\",\"isAdministrator\":true}";
    String limited = api.newKey(api.admin, "btcpay.server.cancreateuser");
    assertRefused(api.send(limited, "POST", "/users", body), 403, "missing-permission");
    assertThat(json(api.send(api.admin, "POST", "/users", body)).path("roles").path(0).asText())
        .isEqualTo("ServerAdmin");
    api.ok("DELETE", "/users/second@shop.example", null);
  }

  @Test
  void theAdministratorWithoutAPasswordSetsOneWithTheKey() {
    String limited = api.newKey(api.admin, "btcpay.store.canviewinvoices");
    assertRefused(
        api.send(basic("admin@localhost", limited), "GET", "/users/me", null),
        401,
        "unauthenticated");
    ok(api.send(basic("admin@localhost", api.admin), "GET", "/users/me", null));
    assertRefused(
        api.send(basic("nobody@localhost", api.admin), "GET", "/users/me", null),
        401,
        "unauthenticated");
    String profile = api.newKey(api.admin, "btcpay.user.canmodifyprofile");
    assertRefused(
        api.send(profile, "PUT", "/users/me", "{\"newPassword\":\"taken over\"}"),
        403,
        "missing-permission");
    ok(api.send(api.admin, "PUT", "/users/me", "{\"newPassword\":\"the:first:one\"}"));
    assertFields(
        api.send(profile, "PUT", "/users/me", "{\"newPassword\":\"taken over\"}"),
        "CurrentPassword");
    JsonNode me = ok(api.send(basic("admin@localhost", "the:first:one"), "GET", "/users/me", null));
    assertThat(me.path("roles").path(0).asText()).isEqualTo("ServerAdmin");
    ok(api.send(basic("admin@localhost", "the:first:one"), "POST", "/stores", "{\"name\":\"x\"}"));
  }

  @ParameterizedTest
  @CsvSource({
    // role, store settings, change the store, all invoices, make one, mark one
    "Owner, 200, 200, 200, 200, 200",
    "Manager, 200, 403, 200, 200, 200",
    "Employee, 403, 403, 200, 200, 200",
    "Guest, 403, 403, 200, 200, 403",
    "Cashier, 403, 403, 200, 200, 403",
  })
  void rolesOpenWhatTheyShould(
      String role, int view, int modify, int invoices, int create, int mark) {
    String store = api.newPayableStore();
    String email = role.toLowerCase(java.util.Locale.ROOT) + "@shop.example";
    String user = api.newUser(email);
    String path = "/stores/" + store;
    assertThat(api.send(user, "GET", path, null).statusCode()).as("not there yet").isEqualTo(403);
    join(store, email, role);
    assertThat(api.send(user, "GET", path, null).statusCode()).isEqualTo(view);
    assertThat(api.send(user, "PUT", path, "{\"website\":null}").statusCode()).isEqualTo(modify);
    assertThat(api.send(user, "GET", path + "/invoices", null).statusCode()).isEqualTo(invoices);
    HttpResponse<String> made =
        api.send(user, "POST", path + "/invoices", "{\"amount\":1,\"currency\":\"USD\"}");
    assertThat(made.statusCode()).isEqualTo(create);
    assertThat(
            api.send(
                    user,
                    "POST",
                    "/invoices/" + json(made).path("id").asText() + "/status",
                    "{\"status\":\"Invalid\"}")
                .statusCode())
        .isEqualTo(mark);
    int seen = view == 200 ? 1 : 0;
    HttpResponse<String> stores = api.send(user, "GET", "/stores", null);
    assertThat(ok(stores)).hasSize(seen);
  }

  @Test
  void appsAreListedToThoseWhoWorkInTheStore() {
    String ann = api.newUser("ann-apps@shop.example");
    String ben = api.newUser("ben-apps@shop.example");
    String idle = api.newUser("idle-apps@shop.example");
    String anns = ok(api.send(ann, "POST", "/stores", "{\"name\":\"A\"}")).path("id").asText();
    String bens = ok(api.send(ben, "POST", "/stores", "{\"name\":\"B\"}")).path("id").asText();
    String app = "{\"appName\":\"Counter\"}";
    String first =
        ok(api.send(ann, "POST", "/stores/" + anns + "/apps/pos", app)).path("id").asText();
    String second =
        ok(api.send(ben, "POST", "/stores/" + bens + "/apps/pos", app)).path("id").asText();
    assertThat(ok(api.send(ann, "GET", "/apps", null)).findValuesAsText("id"))
        .containsExactly(first);
    assertThat(ok(api.send(ben, "GET", "/apps", null)).findValuesAsText("id"))
        .containsExactly(second);
    String unscoped = api.newKey(ann, "btcpay.store.canviewstoresettings");
    assertThat(ok(api.send(unscoped, "GET", "/apps", null)).findValuesAsText("id"))
        .containsExactly(first);
    assertThat(ok(api.send(idle, "GET", "/apps", null))).isEmpty();
    assertThat(api.ok("GET", "/apps", null).findValuesAsText("id")).contains(first, second);
    join(bens, "ann-apps@shop.example", "Cashier");
    assertThat(ok(api.send(ann, "GET", "/apps", null)).findValuesAsText("id"))
        .as("a cashier does not see settings")
        .containsExactly(first);
    String scoped = api.newKey(ann, "btcpay.store.canviewstoresettings:" + bens);
    assertRefused(api.send(scoped, "GET", "/apps", null), 403, "missing-permission");
  }

  @Test
  void aCashierSeesTheOwnSalesAndNoOthers() {
    String store = api.newPayableStore();
    String invoices = "/stores/" + store + "/invoices";
    String sale = "{\"amount\":1,\"currency\":\"USD\"}";
    String carl = api.newUser("carl@shop.example");
    String dora = api.newUser("dora@shop.example");
    join(store, "carl@shop.example", "Cashier");
    join(store, "dora@shop.example", "Cashier");
    String key =
        api.newKey(
            carl,
            "btcpay.store.canviewinvoices:" + store,
            "btcpay.store.cancreateinvoice:" + store);
    String carls = ok(api.send(key, "POST", invoices, sale)).path("id").asText();
    String doras = ok(api.send(dora, "POST", invoices, sale)).path("id").asText();
    String owners = api.ok("POST", invoices, sale).path("id").asText();
    assertThat(ok(api.send(key, "GET", invoices, null)).findValuesAsText("id"))
        .containsExactly(carls);
    assertThat(ok(api.send(dora, "GET", invoices + "?take=5", null)).findValuesAsText("id"))
        .containsExactly(doras);
    assertThat(api.ok("GET", invoices, null).findValuesAsText("id"))
        .containsExactlyInAnyOrder(carls, doras, owners);
    for (String own : List.of("/invoices/" + carls, invoices + "/" + carls)) {
      ok(api.send(key, "GET", own, null));
      assertThat(ok(api.send(key, "GET", own + "/payment-methods", null))).hasSize(1);
    }
    for (String other : List.of(doras, owners)) {
      assertThat(api.send(key, "GET", "/invoices/" + other, null).statusCode()).isEqualTo(403);
      assertThat(api.send(key, "GET", invoices + "/" + other, null).statusCode()).isEqualTo(403);
    }
  }

  @Test
  void peopleComeAndGoInAStoreThatAlwaysHasAnOwner() {
    String store = api.newStore();
    String users = "/stores/" + store + "/users";
    api.newUser("eve@shop.example");
    JsonNode first = api.ok("GET", users, null);
    assertThat(first).hasSize(1);
    assertThat(first.path(0).path("storeRole").asText()).isEqualTo("Owner");
    String owner = first.path(0).path("userId").asText();
    api.fixture.now.incrementAndGet();
    join(store, "eve@shop.example", "employee");
    assertThat(api.ok("GET", users, null).path(1).path("role").asText()).isEqualTo("Employee");
    String again = "{\"id\":\"eve@shop.example\",\"storeRole\":\"Guest\"}";
    assertRefused(api.send(api.admin, "POST", users, again), 409, "duplicate-store-user-role");
    assertRefused(
        api.send(api.admin, "POST", users, "{\"id\":\"nobody\",\"storeRole\":\"Guest\"}"),
        404,
        "user-not-found");
    assertFields(
        api.send(api.admin, "POST", users, "{\"id\":\"eve@shop.example\",\"storeRole\":\"Boss\"}"),
        "StoreRole");
    assertFields(api.send(api.admin, "POST", users, "{\"storeRole\":\"Guest\"}"), "Id");
    api.newUser("no-role@shop.example");
    for (String missing : List.of("", ",\"storeRole\":null", ",\"role\":\"\"")) {
      assertFields(
          api.send(api.admin, "POST", users, "{\"id\":\"no-role@shop.example\"" + missing + "}"),
          "StoreRole");
    }
    assertRefused(
        api.send(api.admin, "DELETE", users + "/" + owner, null), 409, "store-user-role-orphaned");
    assertRefused(
        api.send(api.admin, "PUT", users + "/" + owner, "{\"storeRole\":\"Guest\"}"),
        409,
        "store-user-role-orphaned");
    api.ok("PUT", users + "/eve@shop.example", "{\"role\":\"Owner\"}");
    assertThat(api.send(api.admin, "DELETE", users + "/" + owner, null).statusCode())
        .isEqualTo(200);
    assertRefused(api.send(api.admin, "DELETE", users + "/" + owner, null), 404, "user-not-found");
    assertThat(texts(api.ok("GET", "/stores/" + store + "/roles", null)).size()).isEqualTo(5);
  }

  @Test
  void keysOfAUserOpenNoMoreThanTheUserMay() {
    String store = api.newStore();
    String frank = api.newUser("frank@shop.example");
    String key = api.newKey(frank, "unrestricted");
    assertRefused(api.send(key, "GET", "/stores/" + store, null), 403, "missing-permission");
    assertRefused(api.send(key, "GET", "/users", null), 403, "missing-permission");
    assertThat(ok(api.send(key, "GET", "/stores", null))).isEmpty();
    JsonNode own = ok(api.send(key, "POST", "/stores", "{\"name\":\"Frank's\"}"));
    assertThat(ok(api.send(key, "GET", "/stores", null)).path(0)).isEqualTo(own);
    ok(api.send(key, "PUT", "/stores/" + own.path("id").asText(), "{\"name\":\"F\"}"));
  }

  @Test
  void aClosedStoreIsGoneForEverybodyAndItsInvoicesStayInTheBooks() {
    String store = api.newPayableStore();
    String key = api.newKey(api.admin, "btcpay.store.canviewstoresettings:" + store);
    String id =
        api.ok("POST", "/stores/" + store + "/invoices", "{\"amount\":1,\"currency\":\"USD\"}")
            .path("id")
            .asText();
    assertRefused(api.send(key, "DELETE", "/stores/" + store, null), 403, "missing-permission");
    assertThat(api.send(api.admin, "DELETE", "/stores/" + store, null).statusCode()).isEqualTo(200);
    assertRefused(api.send(api.admin, "GET", "/stores/" + store, null), 404, "store-not-found");
    assertRefused(api.send(api.admin, "DELETE", "/stores/" + store, null), 404, "store-not-found");
    assertThat(ok(api.send(key, "GET", "/stores", null))).isEmpty();
    assertThat(api.ok("GET", "/stores", null).findValuesAsText("id")).doesNotContain(store);
    assertThat(api.ok("GET", "/invoices/" + id, null).path("status").asText()).isEqualTo("New");
  }

  @Test
  void pagesOfOtherSitesMayCallTheApiButLendItNoCookies() {
    HttpResponse<String> preflight =
        api.server.send(
            api.server
                .request("/api/v1/stores")
                .method("OPTIONS", java.net.http.HttpRequest.BodyPublishers.noBody())
                .header("Origin", "https://shop.example")
                .header("Access-Control-Request-Method", "POST")
                .header("Access-Control-Request-Headers", "authorization,content-type"));
    assertThat(preflight.statusCode()).isBetween(200, 204);
    assertThat(preflight.headers().firstValue("Access-Control-Allow-Origin")).hasValue("*");
    assertThat(preflight.headers().firstValue("Access-Control-Allow-Methods").orElse(""))
        .contains("POST", "PUT", "DELETE");
    assertThat(
            preflight
                .headers()
                .firstValue("Access-Control-Allow-Headers")
                .orElse("")
                .toLowerCase(java.util.Locale.ROOT))
        .contains("authorization", "content-type");
    assertThat(preflight.headers().firstValue("Access-Control-Allow-Credentials")).isEmpty();
    for (String path : List.of("/stores", "/users/me", "/health", "/no/such/path")) {
      HttpResponse<String> answer =
          api.server.send(
              api.server.request("/api/v1" + path).header("Origin", "https://shop.example"));
      assertThat(answer.headers().firstValue("Access-Control-Allow-Origin")).as(path).hasValue("*");
    }
  }
}
