package network.tender.web.pages;

import static network.tender.merchant.MerchantFixture.await;
import static org.assertj.core.api.Assertions.assertThat;

import com.fasterxml.jackson.databind.JsonNode;
import io.vertx.core.Future;
import java.net.URLEncoder;
import java.net.http.HttpRequest;
import java.net.http.HttpResponse;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.concurrent.atomic.AtomicReference;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import network.tender.journal.TestDatabase;
import network.tender.merchant.Account;
import network.tender.merchant.Accounts;
import network.tender.merchant.ExactJson;
import network.tender.merchant.MerchantFixture;
import network.tender.merchant.Store;
import network.tender.merchant.StoreRole;
import network.tender.web.TestServer;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

/** Logging in and giving an application a key, with nothing but forms, as without scripts. */
class AuthorizeTest {
  private static final String EMAIL = "ann@shop.example";
  private static final String PASSWORD = "ann's: pass:word";
  private static final String REDIRECT = "https://shop.example:8443/?wc-api=callback";
  private static final List<String> WOO =
      List.of(
          "btcpay.store.canviewinvoices",
          "btcpay.store.cancreateinvoice",
          "btcpay.store.canviewstoresettings",
          "btcpay.store.canmodifyinvoices",
          "btcpay.store.cancreatenonapprovedpullpayments",
          "btcpay.store.webhooks.canmodifywebhooks");

  private static MerchantFixture merchants;
  private static TestServer server;
  private static Account ann;
  private Store store;
  private String cookie = "";

  @BeforeAll
  static void start() {
    merchants = new MerchantFixture(TestDatabase.create());
    server =
        TestServer.start(
            merchants.vertx,
            new AccountsSurface(
                PageAssets.load(merchants.network), merchants.merchant, Optional.empty()));
    ann = account(EMAIL);
  }

  private static Account account(String email) {
    Accounts.Change made =
        await(
            merchants
                .merchant
                .accounts()
                .create(
                    new Accounts.Details(
                        Optional.of(email),
                        Optional.empty(),
                        Optional.empty(),
                        Optional.of(PASSWORD)),
                    false));
    return ((Accounts.Change.Done) made).account();
  }

  @AfterAll
  static void stop() {
    server.close();
    merchants.close();
  }

  @BeforeEach
  void oneStore() {
    store = merchants.store();
    await(merchants.merchant.storeUsers().add(store.id(), ann.id(), StoreRole.OWNER));
    cookie = "";
  }

  private static String encode(String text) {
    return URLEncoder.encode(text, StandardCharsets.UTF_8);
  }

  /** As the PHP client writes the link. */
  private static String link(List<String> permissions, boolean strict, boolean one, String to) {
    StringBuilder link = new StringBuilder("/api-keys/authorize?");
    permissions.forEach(text -> link.append("permissions=").append(encode(text)).append('&'));
    link.append("applicationName=WooCommerce&strict=%s&selectiveStores=%s".formatted(strict, one));
    return to.isEmpty() ? link.toString() : link + "&redirect=" + encode(to);
  }

  private HttpRequest.Builder request(String path) {
    HttpRequest.Builder request = server.request(path).header("Accept", "text/html");
    return cookie.isEmpty() ? request : request.header("Cookie", cookie);
  }

  private HttpResponse<String> get(String path) {
    return server.send(request(path).GET());
  }

  private HttpResponse<String> post(String path, List<Map.Entry<String, String>> fields) {
    return server.send(form(path, fields));
  }

  private HttpRequest.Builder form(String path, List<Map.Entry<String, String>> fields) {
    String body =
        String.join(
            "&",
            fields.stream()
                .map(one -> encode(one.getKey()) + "=" + encode(one.getValue()))
                .toList());
    return request(path)
        .header("Content-Type", "application/x-www-form-urlencoded")
        .POST(HttpRequest.BodyPublishers.ofString(body));
  }

  private HttpResponse<String> logIn(String email, String password, String returnUrl) {
    HttpResponse<String> response =
        post(
            "/login",
            List.of(
                Map.entry("email", email),
                Map.entry("password", password),
                Map.entry("returnUrl", returnUrl)));
    response
        .headers()
        .firstValue("Set-Cookie")
        .ifPresent(header -> cookie = header.substring(0, header.indexOf(';')));
    return response;
  }

  /** The hidden fields of the page's first form. */
  private static List<Map.Entry<String, String>> hidden(String page) {
    String form = page.substring(page.indexOf("<form"), page.indexOf("</form>"));
    Matcher matcher =
        Pattern.compile("type=\"hidden\" name=\"([^\"]*)\" value=\"([^\"]*)\"").matcher(form);
    List<Map.Entry<String, String>> fields = new ArrayList<>();
    while (matcher.find()) {
      fields.add(Map.entry(matcher.group(1), matcher.group(2).replace("&amp;", "&")));
    }
    return fields;
  }

  private static List<Map.Entry<String, String>> with(
      List<Map.Entry<String, String>> fields, String... more) {
    List<Map.Entry<String, String>> all = new ArrayList<>(fields);
    for (int i = 0; i < more.length; i += 2) {
      all.add(Map.entry(more[i], more[i + 1]));
    }
    return all;
  }

  @Test
  void aShopGetsAKeyForOneStoreWithExactlyWhatItAskedFor() {
    String link = link(WOO, true, true, REDIRECT);
    HttpResponse<String> first = get(link);
    assertThat(first.statusCode()).isEqualTo(303);
    String login = first.headers().firstValue("Location").orElseThrow();
    assertThat(login).startsWith("/login?returnUrl=%2Fapi-keys%2Fauthorize");
    HttpResponse<String> loginPage = get(login);
    assertThat(loginPage.statusCode()).isEqualTo(200);
    Map<String, String> hidden = new LinkedHashMap<>();
    hidden(loginPage.body()).forEach(field -> hidden.put(field.getKey(), field.getValue()));
    assertThat(hidden).containsEntry("returnUrl", link);

    HttpResponse<String> in = logIn(EMAIL, PASSWORD, hidden.get("returnUrl"));
    assertThat(in.statusCode()).isEqualTo(303);
    assertThat(in.headers().firstValue("Location")).hasValue(link);
    assertThat(in.headers().firstValue("Set-Cookie").orElseThrow())
        .contains("HTTPOnly", "SameSite=Lax");

    HttpResponse<String> page = get(link);
    assertThat(page.statusCode()).isEqualTo(200);
    assertThat(page.body()).contains("shop.example:8443", "WooCommerce", store.id(), "Kiosk");
    assertThat(page.headers().firstValue("Content-Security-Policy").orElseThrow())
        .contains("frame-ancestors 'none'", "form-action 'self';");
    List<Map.Entry<String, String>> question = hidden(page.body());
    assertThat(post("/api-keys/authorize", question).statusCode()).as("no store").isEqualTo(422);
    HttpResponse<String> grant =
        post("/api-keys/authorize", with(question, "store", store.id(), "answer", "yes"));
    assertThat(grant.statusCode()).as(grant.body()).isEqualTo(200);
    assertThat(grant.headers().firstValue("Content-Security-Policy").orElseThrow())
        .contains("form-action 'self' https://shop.example:8443;");
    assertThat(grant.headers().firstValue("Cache-Control")).hasValue("no-store");
    assertThat(grant.body()).contains("method=\"post\" action=\"" + REDIRECT + "\"");
    List<Map.Entry<String, String>> sent = hidden(grant.body());
    List<String> permissions =
        sent.stream()
            .filter(field -> field.getKey().equals("permissions[]"))
            .map(Map.Entry::getValue)
            .toList();
    assertThat(permissions)
        .containsExactlyElementsOf(WOO.stream().map(one -> one + ":" + store.id()).toList());
    String key = sent.get(0).getValue();
    assertThat(sent.get(0).getKey()).isEqualTo("apiKey");
    assertThat(sent.get(1)).isEqualTo(Map.entry("userId", ann.id()));
    assertThat(await(merchants.merchant.apiKeys().find(key)).orElseThrow().permissions())
        .containsExactlyElementsOf(permissions);
  }

  private static long count(String table) {
    return await(merchants.pool().query("SELECT count(*) FROM " + table).execute())
        .iterator()
        .next()
        .getLong(0);
  }

  /** A button pressed twice, a page loaded again: whichever answer is shown, its key is good. */
  @Test
  void aFormThatIsSentTwiceMakesOneKeyAndLeadsToTheSamePlace() {
    logIn(EMAIL, PASSWORD, "/");
    List<Map.Entry<String, String>> form =
        with(
            hidden(get(link(WOO, true, true, REDIRECT)).body()),
            "store",
            "new",
            "newStore",
            "Only one");
    long keys = count("api_key");
    long stores = count("store");
    List<java.util.concurrent.CompletableFuture<HttpResponse<String>>> answers = new ArrayList<>();
    for (int i = 0; i < 4; i++) {
      answers.add(
          server.client.sendAsync(
              form("/api-keys/authorize", form).build(), HttpResponse.BodyHandlers.ofString()));
    }
    String page = answers.get(0).join().body();
    assertThat(answers).allMatch(answer -> answer.join().statusCode() == 200);
    assertThat(answers).allMatch(answer -> answer.join().body().equals(page));
    HttpResponse<String> again = post("/api-keys/authorize", form);
    assertThat(again.body()).isEqualTo(page);
    assertThat(again.headers().firstValue("Content-Security-Policy").orElseThrow())
        .contains("form-action 'self' https://shop.example:8443;");
    assertThat(count("api_key")).isEqualTo(keys + 1);
    assertThat(count("store")).isEqualTo(stores + 1);
    String key = hidden(page).get(0).getValue();
    assertThat(await(merchants.merchant.apiKeys().find(key))).isPresent();
    // The key is nowhere in the database, as any other.
    assertThat(count("idempotent_answer WHERE position('%s'::bytea IN answer) > 0".formatted(key)))
        .isZero();

    // Another choice on the same page is another answer.
    HttpResponse<String> other =
        post(
            "/api-keys/authorize",
            with(
                form.stream().filter(field -> !field.getKey().contains("tore")).toList(),
                "selectiveStores",
                "true",
                "store",
                store.id()));
    assertThat(other.statusCode()).isEqualTo(200);
    assertThat(hidden(other.body()).get(0).getValue()).isNotEqualTo(key);

    // A key that was revoked meanwhile helps nobody.
    await(merchants.merchant.apiKeys().delete(key));
    HttpResponse<String> gone = post("/api-keys/authorize", form);
    assertThat(gone.statusCode()).isEqualTo(403);
    assertThat(gone.body()).contains("form-expired").doesNotContain(key);
  }

  @Test
  void aFormOfAnotherSiteGetsNoKey() {
    logIn(EMAIL, PASSWORD, "/");
    List<Map.Entry<String, String>> question =
        with(hidden(get(link(WOO, true, true, REDIRECT)).body()), "store", store.id());
    List<Map.Entry<String, String>> forged =
        question.stream()
            .map(one -> one.getKey().equals("token") ? Map.entry("token", "0".repeat(64)) : one)
            .toList();
    assertThat(post("/api-keys/authorize", forged).statusCode()).isEqualTo(403);
    HttpResponse<String> foreign =
        server.send(form("/api-keys/authorize", question).header("Sec-Fetch-Site", "cross-site"));
    assertThat(foreign.statusCode()).isEqualTo(403);
    assertThat(foreign.body()).contains("<h1>", "form-expired");
    HttpResponse<String> origin =
        server.send(form("/api-keys/authorize", question).header("Origin", "https://evil.example"));
    assertThat(origin.statusCode()).isEqualTo(403);
    String own = cookie;
    cookie = "";
    assertThat(post("/api-keys/authorize", question).statusCode()).isEqualTo(403);
    HttpResponse<String> login =
        server.send(
            form("/login", List.of(Map.entry("email", EMAIL), Map.entry("password", PASSWORD)))
                .header("Sec-Fetch-Site", "cross-site"));
    assertThat(login.statusCode()).isEqualTo(403);
    assertThat(login.headers().firstValue("Set-Cookie")).isEmpty();
    cookie = own;
    assertThat(post("/api-keys/authorize", question).statusCode()).isEqualTo(200);
  }

  @ParameterizedTest
  @ValueSource(
      strings = {
        "javascript:alert(1)",
        "//shop.example/",
        "https://bank.example@evil.example/",
        "https://shop.example\\@evil.example/",
        "https:///evil.example",
        "data:text/html,x",
        "https://sh op.example/",
        "https://",
        "shop.example"
      })
  void keysAreSentToWebAddressesOnly(String redirect) {
    logIn(EMAIL, PASSWORD, "/");
    HttpResponse<String> page = get(link(WOO, true, true, redirect));
    assertThat(page.statusCode()).isEqualTo(400);
    assertThat(page.body()).contains("invalid-redirect").doesNotContain("Authorize");
  }

  @ParameterizedTest
  @ValueSource(
      strings = {"//evil.example", "/\\evil.example", "https://evil.example", "", "x", "/a b"})
  void aLoginLeadsToThisNodeOnly(String returnUrl) {
    assertThat(logIn(EMAIL, PASSWORD, returnUrl).headers().firstValue("Location")).hasValue("/");
    assertThat(hidden(get("/login?returnUrl=" + encode(returnUrl)).body()))
        .contains(Map.entry("returnUrl", "/"));
  }

  @Test
  void aWrongPasswordIsToldWithoutSayingWhatIsWrong() {
    HttpResponse<String> wrong = logIn(EMAIL, "not it", "/");
    HttpResponse<String> nobody = logIn("nobody@shop.example", "not it", "/");
    assertThat(wrong.statusCode()).isEqualTo(401);
    assertThat(nobody.body()).isEqualTo(wrong.body().replace(EMAIL, "nobody@shop.example"));
    assertThat(cookie).isEmpty();
    Account slow = account("slow@shop.example");
    for (int i = 0; i < 5; i++) {
      logIn(slow.email(), "guess " + i, "/");
    }
    assertThat(logIn(slow.email(), PASSWORD, "/").statusCode()).isEqualTo(429);
  }

  @Test
  void storesOfOthersAndThoseWithoutTheRightsAreNotOffered() {
    Account carl = account("carl" + store.id().substring(0, 8) + "@shop.example");
    Store weak = merchants.store();
    await(merchants.merchant.storeUsers().add(weak.id(), carl.id(), StoreRole.CASHIER));
    logIn(carl.email(), PASSWORD, "/");
    String page = get(link(WOO, true, true, REDIRECT)).body();
    assertThat(page).doesNotContain(store.id()).doesNotContain(weak.id());
    for (String id : List.of(store.id(), weak.id(), "nonsense")) {
      assertThat(post("/api-keys/authorize", with(hidden(page), "store", id)).statusCode())
          .isEqualTo(422);
    }
    assertThat(
            post("/api-keys/authorize", with(hidden(page), "store", "new", "newStore", " "))
                .statusCode())
        .isEqualTo(422);
    HttpResponse<String> grant =
        post("/api-keys/authorize", with(hidden(page), "store", "new", "newStore", "Carl's"));
    String first = hidden(grant.body()).get(2).getValue();
    String id = first.substring(first.indexOf(':') + 1);
    assertThat(await(merchants.merchant.stores().find(id)).orElseThrow().settings().name())
        .isEqualTo("Carl's");
  }

  @Test
  void whatIsNotStrictMayBeGrantedInPart() {
    logIn(EMAIL, PASSWORD, "/");
    List<String> asked = List.of("btcpay.user.canviewprofile", "btcpay.store.canviewinvoices");
    String page = get(link(asked, false, false, "")).body();
    assertThat(page).contains("all of your stores");
    assertThat(post("/api-keys/authorize", hidden(page)).statusCode()).as("nothing").isEqualTo(422);
    HttpResponse<String> grant =
        post(
            "/api-keys/authorize",
            with(
                hidden(page),
                "granted",
                "btcpay.store.canviewinvoices",
                "granted",
                "btcpay.store.canmodifystoresettings"));
    Matcher shown = Pattern.compile("data-key>([0-9a-f]{40})<").matcher(grant.body());
    assertThat(shown.find()).isTrue();
    assertThat(await(merchants.merchant.apiKeys().find(shown.group(1))).orElseThrow().permissions())
        .containsExactly("btcpay.store.canviewinvoices");
  }

  @Test
  void whatNamesNoKnownPermissionIsRefused() {
    logIn(EMAIL, PASSWORD, "/");
    HttpResponse<String> page = get(link(List.of("btcpay.store.canfly"), true, true, REDIRECT));
    assertThat(page.statusCode()).isEqualTo(400);
    assertThat(page.body()).contains("invalid-permissions");
    List<String> more = List.of("btcpay.store.canfly", "btcpay.store.canviewinvoices");
    List<Map.Entry<String, String>> known = hidden(get(link(more, true, true, REDIRECT)).body());
    assertThat(known.stream().filter(field -> field.getKey().equals("permissions")))
        .containsExactly(Map.entry("permissions", "btcpay.store.canviewinvoices"));
  }

  @Test
  void whoAsksForNothingLearnsWhoItIs() {
    logIn(EMAIL, PASSWORD, "/");
    String page = get(link(List.of(), true, true, REDIRECT)).body();
    assertThat(page).contains("Know that it is you");
    List<Map.Entry<String, String>> sent = hidden(post("/api-keys/authorize", hidden(page)).body());
    assertThat(sent).hasSize(2).contains(Map.entry("userId", ann.id()));
    String key = sent.get(0).getValue();
    assertThat(await(merchants.merchant.apiKeys().find(key)).orElseThrow().permissions()).isEmpty();
  }

  @Test
  void whatAnApplicationCallsItselfStaysText() {
    logIn(EMAIL, PASSWORD, "/");
    String name = encode("<script>alert(1)</script>\"'&");
    String page = get(link(WOO, true, true, REDIRECT).replace("WooCommerce", name)).body();
    assertThat(page).contains("&lt;script&gt;").doesNotContain("<script>alert");
  }

  @Test
  void aLogoutEndsTheSession() {
    logIn(EMAIL, PASSWORD, "/");
    String page = get(link(WOO, true, true, REDIRECT)).body();
    String old = cookie;
    assertThat(post("/logout", List.of()).statusCode()).isEqualTo(403);
    String token = hidden(page).get(0).getValue();
    assertThat(post("/logout", List.of(Map.entry("token", token))).statusCode()).isEqualTo(303);
    cookie = old;
    assertThat(get(link(WOO, true, true, REDIRECT)).statusCode()).isEqualTo(303);
  }

  @Test
  void theFirstAdministratorLogsInWithTheKey() {
    AtomicReference<String> kept = new AtomicReference<>();
    await(
        merchants
            .merchant
            .apiKeys()
            .ensureAdministratorKey(
                key -> {
                  kept.set(key);
                  return Future.succeededFuture();
                }));
    assertThat(logIn("admin@localhost", kept.get(), "/").statusCode()).isEqualTo(303);
    assertThat(get(link(WOO, true, true, REDIRECT)).body()).contains(store.id());
    JsonNode rows =
        ExactJson.parse(
                await(
                        merchants
                            .pool()
                            .query("SELECT json_agg(s)::text FROM browser_session s")
                            .execute())
                    .iterator()
                    .next()
                    .getString(0)
                    .getBytes(StandardCharsets.UTF_8))
            .orElseThrow();
    assertThat(rows.toString()).doesNotContain(cookie.substring(cookie.indexOf('=') + 1));
  }

  @Test
  void behindTlsTheCookieIsForTlsAndThisHostOnly() {
    try (TestServer behindProxy =
        TestServer.start(
            merchants.vertx,
            new AccountsSurface(
                PageAssets.load(merchants.network),
                merchants.merchant,
                Optional.of(java.net.URI.create("https://pay.example"))))) {
      HttpResponse<String> response =
          behindProxy.send(
              behindProxy
                  .request("/login")
                  .header("Content-Type", "application/x-www-form-urlencoded")
                  .POST(
                      HttpRequest.BodyPublishers.ofString(
                          "email=" + encode(EMAIL) + "&password=" + encode(PASSWORD))));
      assertThat(response.headers().firstValue("Set-Cookie").orElseThrow())
          .startsWith("__Host-tender-session=")
          .contains("Secure", "Path=/", "HTTPOnly", "SameSite=Lax")
          .doesNotContain("Domain");
    }
  }

  @ParameterizedTest
  @CsvSource({
    "pay.example, '', false",
    "pay.example:8080, '', false",
    "localhost.evil.example, '', false",
    "localhost:8080, '', true",
    "127.0.0.1, '', true",
    "[::1]:80, '', true",
    "shopshopshop.onion, '', true",
    "pay.example, https://pay.example, true",
    "pay.example, http://pay.example, false"
  })
  void passwordsAreTakenWhereNobodyListens(String host, String publicUrl, boolean taken) {
    Visits visits =
        new Visits(
            merchants.merchant.sessions(),
            Optional.of(publicUrl).filter(url -> !url.isEmpty()).map(java.net.URI::create),
            false);
    io.vertx.core.http.HttpServer asked =
        await(
            merchants
                .vertx
                .createHttpServer()
                .requestHandler(request -> request.response().end("" + visits.isPrivate(request)))
                .listen(0, "127.0.0.1"));
    try (java.net.Socket socket =
        new java.net.Socket(java.net.InetAddress.getLoopbackAddress(), asked.actualPort())) {
      socket.setSoTimeout(10_000);
      socket
          .getOutputStream()
          .write(
              ("GET / HTTP/1.1\r\nHost: " + host + "\r\nConnection: close\r\n\r\n")
                  .getBytes(StandardCharsets.US_ASCII));
      assertThat(new String(socket.getInputStream().readAllBytes(), StandardCharsets.US_ASCII))
          .endsWith("\r\n\r\n" + taken);
    } catch (java.io.IOException e) {
      throw new java.io.UncheckedIOException(e);
    } finally {
      await(asked.close());
    }
  }
}
