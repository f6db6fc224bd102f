package network.tender.web.greenfield;

import static network.tender.merchant.MerchantFixture.await;
import static network.tender.web.greenfield.ApiUnderTest.assertFields;
import static network.tender.web.greenfield.ApiUnderTest.assertRefused;
import static network.tender.web.greenfield.ApiUnderTest.ok;
import static org.assertj.core.api.Assertions.assertThat;

import io.vertx.sqlclient.Tuple;
import java.net.http.HttpResponse;
import java.util.List;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.stream.IntStream;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;

/** What others can do to somebody by taking that person into their stores: next to nothing. */
class BelongingTest {
  private static final String GUEST = "{\"id\":\"%s\",\"storeRole\":\"Guest\"}";
  private static ApiUnderTest api;

  @BeforeAll
  static void start() {
    api = new ApiUnderTest();
  }

  @AfterAll
  static void stop() {
    api.close();
  }

  private static String newStore(String credentials) {
    return ok(api.send(credentials, "POST", "/stores", "{\"name\":\"Kiosk\"}")).path("id").asText();
  }

  /** Takes somebody into as many stores of strangers as there may be. */
  private static void flood(String email, int stores) {
    String prefix = "of strangers, for " + email + " ";
    await(
        api.fixture
            .pool()
            .preparedQuery(
                "INSERT INTO store (id, settings, created_millis)"
                    + " SELECT $1 || n, '{\"name\":\"Kiosk\"}', 1 FROM generate_series(1, $2::int) n")
            .execute(Tuple.of(prefix, stores)));
    await(
        api.fixture
            .pool()
            .preparedQuery(
                """
                INSERT INTO store_user (store_id, account_id, role, created_millis)
                SELECT $1 || n, a.id, 'Owner', 1
                FROM generate_series(1, $2::int) n, account a WHERE a.email = $3
                """)
            .execute(Tuple.of(prefix, stores, email)));
    api.fixture.now.addAndGet(6_000);
  }

  @Test
  void strangersDoNotUseUpSomebodysStores() {
    String victim = api.newUser("victim@shop.example");
    String first = newStore(victim);
    flood("victim@shop.example", 1_000);
    String second = newStore(victim);
    for (String store : new String[] {first, second}) {
      ok(api.send(victim, "GET", "/stores/" + store, null));
      ok(api.send(victim, "PUT", "/stores/" + store, "{\"name\":\"Mine\"}"));
    }
    assertThat(ok(api.send(victim, "GET", "/stores", null)).toString()).contains(first, second);
  }

  /** A role that is given and then counts for nothing would be worse than none. */
  @Test
  void whoIsInTooManyStoresIsTakenIntoNoOtherUntilOneIsLeft() {
    String busy = api.newUser("busy@shop.example");
    flood("busy@shop.example", 1_000);
    String honest = newStore(api.newUser("honest@shop.example"));
    String users = "/stores/" + honest + "/users";
    String guest = GUEST.formatted("busy@shop.example");
    assertRefused(api.send(api.admin, "POST", users, guest), 409, "user-in-too-many-stores");
    String key = api.newKey(busy, "btcpay.store.canviewstoresettings", "unrestricted");
    HttpResponse<String> left =
        api.send(
            key,
            "DELETE",
            "/stores/of%20strangers,%20for%20busy@shop.example%207/users/busy@shop.example",
            null);
    assertRefused(left, 409, "store-user-role-orphaned");
    await(
        api.fixture
            .pool()
            .query(
                "UPDATE store_user SET role = 'Guest' WHERE store_id LIKE 'of strangers, for busy%'")
            .execute());
    api.fixture.now.addAndGet(6_000);
    assertThat(
            api.send(
                    key,
                    "DELETE",
                    "/stores/of%20strangers,%20for%20busy@shop.example%207/users/busy@shop.example",
                    null)
                .statusCode())
        .isEqualTo(200);
    ok(api.send(api.admin, "POST", users, guest));
    ok(api.send(busy, "GET", "/stores/" + honest + "/invoices", null));
  }

  @Test
  void peopleLeaveAStoreAndSendNobodyElseAway() {
    String owner = api.newUser("owner@shop.example");
    String store = newStore(owner);
    String ann = api.newUser("ann@shop.example");
    api.newUser("ben@shop.example");
    String users = "/stores/" + store + "/users";
    for (String who : new String[] {"ann@shop.example", "ben@shop.example"}) {
      ok(api.send(owner, "POST", users, GUEST.formatted(who)));
    }
    assertRefused(
        api.send(ann, "DELETE", users + "/ben@shop.example", null), 403, "missing-permission");
    String narrow = api.newKey(ann, "btcpay.store.canviewinvoices");
    assertRefused(
        api.send(narrow, "DELETE", users + "/ann@shop.example", null), 403, "missing-permission");
    assertThat(api.send(ann, "DELETE", users + "/Ann@Shop.example", null).statusCode())
        .isEqualTo(200);
    assertRefused(api.send(ann, "GET", "/stores/" + store, null), 403, "missing-permission");
    assertRefused(
        api.send(owner, "DELETE", users + "/owner@shop.example", null),
        409,
        "store-user-role-orphaned");
  }

  @Test
  void onePersonMakesAThousandStoresAndMoreWhenSomeAreGone() {
    String maker = api.newUser("maker@shop.example");
    String store = newStore(maker);
    await(
        api.fixture
            .pool()
            .query(
                """
                INSERT INTO store (id, settings, created_millis, made_by)
                SELECT 'made ' || n, '{"name":"Kiosk"}', 1, a.id
                FROM generate_series(1, 999) n, account a WHERE a.email = 'maker@shop.example'
                """)
            .execute());
    assertRefused(
        api.send(maker, "POST", "/stores", "{\"name\":\"Kiosk\"}"), 403, "store-limit-reached");
    assertThat(api.send(maker, "DELETE", "/stores/" + store, null).statusCode()).isEqualTo(200);
    newStore(maker);
  }

  @Test
  void whoMakesManyStoresAtOnceDoesNotPassTheLimit() {
    String maker = api.newUser("hasty@shop.example");
    await(
        api.fixture
            .pool()
            .query(
                """
                INSERT INTO store (id, settings, created_millis, made_by)
                SELECT 'hasty ' || n, '{"name":"Kiosk"}', 1, a.id
                FROM generate_series(1, 998) n, account a WHERE a.email = 'hasty@shop.example'
                """)
            .execute());
    ExecutorService threads = Executors.newFixedThreadPool(4);
    List<Integer> statuses =
        IntStream.range(0, 4)
            .mapToObj(
                n ->
                    CompletableFuture.supplyAsync(
                        () ->
                            api.send(maker, "POST", "/stores", "{\"name\":\"Kiosk\"}").statusCode(),
                        threads))
            .toList()
            .stream()
            .map(CompletableFuture::join)
            .toList();
    threads.shutdown();
    assertThat(statuses).containsOnly(200, 403);
    assertThat(statuses.stream().filter(status -> status == 200)).hasSize(2);
  }

  /** With a new address somebody else would log in, or nobody. */
  @Test
  void aKeyForTheProfileDoesNotChangeTheAddressWithoutThePassword() {
    String user = api.newUser("cat@shop.example");
    String profile = api.newKey(user, "btcpay.user.canmodifyprofile");
    assertFields(
        api.send(profile, "PUT", "/users/me", "{\"email\":\"taken@shop.example\"}"),
        "CurrentPassword");
    ok(
        api.send(
            profile,
            "PUT",
            "/users/me",
            "{\"email\":\"cat@shop.example\",\"name\":\"Cat\",\"currentPassword\":null}"));
    ok(
        api.send(
            profile,
            "PUT",
            "/users/me",
            "{\"email\":\"kat@shop.example\",\"currentPassword\":\"correct: horse:battery\"}"));
    ok(
        api.send(
            ApiUnderTest.basic("kat@shop.example", "correct: horse:battery"),
            "PUT",
            "/users/me",
            "{\"email\":\"cat@shop.example\"}"));
  }
}
