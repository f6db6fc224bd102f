package network.tender.web.greenfield;

import static network.tender.merchant.MerchantFixture.await;
import static org.assertj.core.api.Assertions.assertThat;

import com.fasterxml.jackson.databind.JsonNode;
import java.io.IOException;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.net.Socket;
import java.net.http.HttpResponse;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.HashSet;
import java.util.List;
import java.util.Set;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;

/** What is large is answered in bounds, and whole. */
class LongListTest {
  /** Nearly as much as an invoice may carry. */
  private static final String METADATA = "{\"metadata\":{\"note\":\"" + "x".repeat(97_000) + "\"}";

  private static final int PAGE_BYTES = 4_000_000;
  private static final int INVOICES = 60;

  private static ApiUnderTest api;
  private static String store;

  @BeforeAll
  static void start() {
    api = new ApiUnderTest();
    store = api.newPayableStore();
    for (int i = 0; i < INVOICES; i++) {
      free();
    }
  }

  private static JsonNode free() {
    return api.ok(
        "POST",
        "/stores/" + store + "/invoices",
        METADATA + ",\"amount\":\"0\",\"currency\":\"USD\"}");
  }

  @AfterAll
  static void stop() {
    api.close();
  }

  private static HttpResponse<String> events(String after) {
    return api.send(
        api.admin,
        "GET",
        "/stores/" + store + "/events?take=1000" + (after.isEmpty() ? "" : "&after=" + after),
        null);
  }

  @Test
  void aPageOfTheFeedEndsInTimeAndTheNextGoesOnBehindIt() {
    Set<String> seen = new HashSet<>();
    Set<String> invoices = new HashSet<>();
    String after = "";
    int pages = 0;
    while (true) {
      HttpResponse<String> page = events(after);
      JsonNode list = ApiUnderTest.ok(page);
      if (list.isEmpty()) {
        break;
      }
      pages++;
      assertThat(page.body().length()).isLessThan(PAGE_BYTES + 100_000);
      for (JsonNode event : list) {
        assertThat(seen.add(event.path("eventId").asText())).isTrue();
        invoices.add(event.path("invoiceId").asText());
        after = event.path("eventId").asText();
      }
    }
    assertThat(pages).isGreaterThan(1);
    assertThat(invoices.size()).isGreaterThanOrEqualTo(INVOICES);
    // Not one for each: a page is filled.
    assertThat(pages).isLessThan(seen.size() / 20);
  }

  @Test
  void anEventThatIsLargerThanAPageIsAPage() {
    String other = api.newPayableStore();
    for (int i = 0; i < 3; i++) {
      api.ok("POST", "/stores/" + other + "/invoices", "{\"amount\":\"0\",\"currency\":\"USD\"}");
    }
    await(
        api.fixture
            .pool()
            .query(
                "UPDATE invoice_event SET metadata = jsonb_build_object('a', repeat('x', 5000000))"
                    + " WHERE store_id = '"
                    + other
                    + "'")
            .execute());
    List<String> ids = new ArrayList<>();
    String after = "";
    while (true) {
      JsonNode list =
          ApiUnderTest.ok(
              api.send(
                  api.admin,
                  "GET",
                  "/stores/" + other + "/events" + (after.isEmpty() ? "" : "?after=" + after),
                  null));
      if (list.isEmpty()) {
        break;
      }
      assertThat(list).hasSize(1);
      after = list.path(0).path("eventId").asText();
      ids.add(after);
    }
    assertThat(ids.size()).isGreaterThanOrEqualTo(3);
    assertThat(ids).doesNotHaveDuplicates();
  }

  /** Their answers are bounded, and what they ask the database leaves connections to others. */
  @Test
  void whoeverAsksMuchAndReadsNothingKeepsNobodyFromMakingInvoices() throws IOException {
    List<Socket> silent = new ArrayList<>();
    try {
      for (int i = 0; i < 150; i++) {
        silent.add(askAndReadNothing("/stores/" + store + "/events?take=1000"));
      }
      double most = Runtime.getRuntime().maxMemory() / 8.0;
      long slowestNanos = 0;
      for (int i = 0; i < 20; i++) {
        long begun = System.nanoTime();
        free();
        slowestNanos = Math.max(slowestNanos, System.nanoTime() - begun);
        assertThat(api.server.registry.get("tender.http.answers.unread.bytes").gauge().value())
            .isLessThanOrEqualTo(most / 4 + PAGE_BYTES + 100_000);
        assertThat(api.server.registry.get("tender.http.questions").gauge().value())
            .isLessThanOrEqualTo(5);
      }
      assertThat(slowestNanos).isLessThan(TimeUnit.SECONDS.toNanos(5));
      assertThat(
              api.server.registry.get("tender.http.questions.refused").counter().count()
                  + api.server.registry.get("tender.http.answers.refused").counter().count())
          .isPositive();
    } finally {
      for (Socket socket : silent) {
        socket.close();
      }
    }
  }

  private static Socket askAndReadNothing(String path) throws IOException {
    Socket socket = new Socket();
    socket.setReceiveBufferSize(4_096);
    socket.connect(new InetSocketAddress(InetAddress.getLoopbackAddress(), api.server.port()));
    socket
        .getOutputStream()
        .write(
            ("GET /api/v1"
                    + path
                    + " HTTP/1.1\r\nHost: localhost\r\nAuthorization: token "
                    + api.admin
                    + "\r\n\r\n")
                .getBytes(StandardCharsets.UTF_8));
    return socket;
  }

  @Test
  void allStoresAndAppsAreListedInTheirOrder() {
    List<String> stores = new ArrayList<>();
    List<String> apps = new ArrayList<>();
    for (int i = 0; i < 90; i++) {
      stores.add(api.ok("POST", "/stores", "{\"name\":\"Kiosk\"}").path("id").asText());
    }
    for (int i = 0; i < 45; i++) {
      apps.add(
          api.ok("POST", "/stores/" + stores.get(0) + "/apps/pos", "{\"appName\":\"Till\"}")
              .path("id")
              .asText());
    }
    assertThat(ids(api.ok("GET", "/stores", null))).containsSubsequence(byId(stores, "/stores"));
    assertThat(ids(api.ok("GET", "/stores/" + stores.get(0) + "/apps", null)))
        .containsExactlyInAnyOrderElementsOf(apps);
    assertThat(ids(api.ok("GET", "/apps", null))).containsAll(apps);
    HttpResponse<String> head = api.send(api.admin, "HEAD", "/stores", null);
    assertThat(head.statusCode()).isEqualTo(200);
    assertThat(head.headers().firstValue("Content-Length")).isEmpty();
    String key =
        api.ok(
                "POST",
                "/api-keys",
                "{\"permissions\":[\"btcpay.store.canviewstoresettings:"
                    + String.join("\",\"btcpay.store.canviewstoresettings:", stores.subList(0, 80))
                    + "\"]}")
            .path("apiKey")
            .asText();
    assertThat(ids(ApiUnderTest.ok(api.send(key, "GET", "/stores", null))))
        .containsExactlyInAnyOrderElementsOf(stores.subList(0, 80));
    HttpResponse<String> one = api.send(key, "GET", "/apps?x=1", null);
    assertThat(ids(ApiUnderTest.ok(one))).containsAll(apps);
  }

  /** Those made in the same millisecond are in the order of their ids. */
  private static List<String> byId(List<String> made, String path) {
    List<String> listed = new ArrayList<>(ids(api.ok("GET", path, null)));
    listed.retainAll(made);
    assertThat(listed).hasSameSizeAs(made);
    return listed;
  }

  private static List<String> ids(JsonNode list) {
    List<String> ids = new ArrayList<>();
    list.forEach(item -> ids.add(item.path("id").asText()));
    assertThat(ids).doesNotHaveDuplicates();
    return ids;
  }
}
