package network.tender.web.greenfield;

import static network.tender.merchant.MerchantFixture.await;
import static network.tender.web.greenfield.ApiRig.header;
import static network.tender.web.greenfield.ApiRig.ids;
import static network.tender.web.greenfield.ApiRig.json;
import static network.tender.web.greenfield.ApiRig.ok;
import static network.tender.webhook.WebhookFixture.until;
import static org.assertj.core.api.Assertions.assertThat;

import io.vertx.sqlclient.SqlConnection;
import io.vertx.sqlclient.Transaction;
import java.io.IOException;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.net.Socket;
import java.net.http.HttpResponse;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import network.tender.merchant.InvoiceWalks;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** What lists say beside the plain arrays that clients know, over real HTTP. */
class InvoiceListTest {
  private static final Pattern NEXT =
      Pattern.compile("<http://127\\.0\\.0\\.1:[0-9]+/api/v1([^>]+)>; rel=\"next\"");

  private static ApiRig rig;

  @BeforeAll
  static void start() {
    rig = new ApiRig();
  }

  @AfterAll
  static void stop() {
    rig.close();
  }

  private static String make(String store, String order) {
    String body = "{\"amount\":1,\"currency\":\"USD\",\"metadata\":{\"orderId\":\"%s\"}}";
    return rig.ok("POST", "/stores/" + store + "/invoices", body.formatted(order))
        .path("id")
        .asText();
  }

  private static Optional<String> next(HttpResponse<String> response) {
    return header(response, "Link")
        .map(
            link -> {
              Matcher matcher = NEXT.matcher(link);
              assertThat(matcher.matches()).as(link).isTrue();
              return matcher.group(1);
            });
  }

  /** All pages from a path on; what comes in meanwhile is not among them. */
  private static List<String> walk(String path, Runnable meanwhile) {
    List<String> walked = new ArrayList<>();
    Optional<String> page = Optional.of(path);
    while (page.isPresent()) {
      HttpResponse<String> response = rig.send("GET", page.get(), null);
      assertThat(ok(response).isArray()).isTrue();
      walked.addAll(ids(json(response)));
      page = next(response);
      meanwhile.run();
    }
    return walked;
  }

  @Test
  void aListIsWalkedWithoutAGapOrARepeatWhileItGrows() {
    String store = rig.newPayableStore();
    String path = "/stores/" + store + "/invoices";
    for (int i = 0; i < 11; i++) {
      // Some at the same time.
      rig.fixture.now.addAndGet(i % 3 == 0 ? 1 : 0);
      make(store, "a " + i % 2);
    }
    rig.fixture.now.addAndGet(1);
    List<String> all = ids(rig.ok("GET", path, null));
    assertThat(all).hasSize(11);
    Runnable another =
        () -> {
          rig.fixture.now.addAndGet(1);
          make(store, "b");
        };
    assertThat(walk(path + "?take=3", another)).isEqualTo(all);
    List<String> more = ids(rig.ok("GET", path, null));
    assertThat(more).hasSize(15);
    assertThat(walk(path + "/?skip=2&take=4", another)).isEqualTo(more.subList(2, 15));

    // The same question goes on, with all its filters.
    HttpResponse<String> first =
        rig.send("GET", path + "?orderId=a+1&orderId=b&status=new&status=paid&take=2&skip=0", null);
    String next = next(first).orElseThrow();
    assertThat(next)
        .startsWith(path + "?orderId=a+1&orderId=b&status=new&status=paid&take=2&after=");
    List<String> some = walk(path + "?orderId=a+1&take=2", () -> {});
    assertThat(some).isEqualTo(ids(rig.ok("GET", path + "?orderId=a+1", null))).hasSize(5);
  }

  @Test
  void theLastPageSaysNothingOfAnother() {
    String store = rig.newPayableStore();
    String path = "/stores/" + store + "/invoices";
    assertThat(next(rig.send("GET", path, null))).isEmpty();
    make(store, "1");
    make(store, "2");
    assertThat(next(rig.send("GET", path, null))).isEmpty();
    assertThat(next(rig.send("GET", path + "?take=2", null))).isEmpty();
    assertThat(next(rig.send("GET", path + "?take=1", null))).isPresent();
    HttpResponse<String> none = rig.send("GET", path + "?take=0", null);
    assertThat(none.body()).isEqualTo("[]");
    assertThat(next(none)).isEmpty();
    HttpResponse<String> nonsense = rig.send("GET", path + "?after=nonsense", null);
    assertThat(nonsense.statusCode()).isEqualTo(422);
    assertThat(json(nonsense).path(0).path("path").asText()).isEqualTo("after");
  }

  @Test
  void aTotalIsToldToThoseWhoAsk() {
    String store = rig.newPayableStore();
    String path = "/stores/" + store + "/invoices";
    String first = make(store, "x1");
    make(store, "x2");
    make(store, "y");
    rig.database.execute("UPDATE invoice SET archived = true WHERE id = '" + first + "'");
    assertThat(header(rig.send("GET", path, null), "X-Total-Count")).isEmpty();
    for (String[] each :
        new String[][] {
          {"?includeTotal=true", "2"},
          {"?includeTotal=True&take=1", "2"},
          {"?includeTotal=true&skip=1", "2"},
          {"?includeTotal=true&includeArchived=true", "3"},
          {"?includeTotal=true&orderId=y", "1"},
          {"?includeTotal=true&orderId=y&orderId=x1&includeArchived=true", "2"},
          {"?includeTotal=true&textSearch=x", "1"},
          {"?includeTotal=true&status=settled", "0"},
          {"?includeTotal=true&status=new", "2"}
        }) {
      HttpResponse<String> response = rig.send("GET", path + each[0], null);
      assertThat(header(response, "X-Total-Count")).as(each[0]).hasValue(each[1]);
      assertThat(ok(response).isArray()).isTrue();
    }
  }

  @Test
  void whatHasNotChangedIsNotSentAgain() {
    String store = rig.newPayableStore();
    String id = make(store, "1");
    for (String path :
        List.of(
            "/stores/" + store,
            "/stores/" + store + "/invoices",
            "/stores/" + store + "/invoices/" + id,
            "/invoices/" + id,
            "/invoices/" + id + "/payment-methods")) {
      HttpResponse<String> first = rig.send("GET", path, null);
      String tag = header(first, "ETag").orElseThrow();
      assertThat(tag).matches("\"[A-Za-z0-9_-]{22}\"");
      assertThat(header(rig.send("GET", path, null), "ETag")).hasValue(tag);
      assertThat(header(rig.send("HEAD", path, null), "ETag")).hasValue(tag);
      for (String known : List.of(tag, "\"other\", W/" + tag, "*")) {
        for (String verb : List.of("GET", "HEAD")) {
          HttpResponse<String> same = rig.send(verb, path, null, "If-None-Match", known);
          assertThat(same.statusCode()).as(known).isEqualTo(304);
          assertThat(same.body()).isEmpty();
          assertThat(header(same, "ETag")).hasValue(tag);
        }
      }
      assertThat(ok(rig.send("GET", path, null, "If-None-Match", "\"other\"")))
          .isEqualTo(json(first));
    }
    String path = "/invoices/" + id;
    String tag = header(rig.send("GET", path, null), "ETag").orElseThrow();
    HttpResponse<String> marked = rig.send("POST", path + "/status", "{\"status\":\"Invalid\"}");
    assertThat(header(marked, "ETag")).isEmpty();
    HttpResponse<String> changed = rig.send("GET", path, null, "If-None-Match", tag);
    assertThat(ok(changed).path("status").asText()).isEqualTo("Invalid");
    // A refusal is no content to compare.
    HttpResponse<String> refused = rig.send("GET", "/stores/none", null, "If-None-Match", "*");
    assertThat(refused.statusCode()).isEqualTo(404);
    assertThat(header(refused, "ETag")).isEmpty();
  }

  /** More than are looked up and sorted, so that the newest are searched instead. */
  @Test
  void aTextThatManyBeginWithIsFoundToo() {
    String store = rig.newPayableStore();
    String path = "/stores/" + store + "/invoices";
    String old = make(store, "rare");
    rig.database.execute(
        """
        INSERT INTO invoice (id, store_id, amount, currency, due_sat, tolerance_percent, status,
          additional_status, metadata, checkout, receipt, search_terms, created_millis,
          expiration_millis, monitoring_millis)
        SELECT 'copy' || n, store_id, amount, currency, due_sat, tolerance_percent, status,
          additional_status, jsonb_build_object('orderId', 'many-' || n), checkout, receipt,
          ARRAY['term-' || n], created_millis + n, expiration_millis, monitoring_millis
        FROM invoice, generate_series(1, 10100) n WHERE id = '%s'"""
            .formatted(old));
    rig.database.execute("ANALYZE invoice, invoice_search_term");
    for (String text : List.of("many-", "term-", "copy")) {
      HttpResponse<String> newest =
          rig.send("GET", path + "?take=2&includeTotal=true&textSearch=" + text, null);
      assertThat(ids(ok(newest))).containsExactly("copy10100", "copy10099");
      assertThat(header(newest, "X-Total-Count")).hasValue("10100");
    }
    for (String text : List.of("many-7777", "term-7777", "copy7777")) {
      assertThat(ids(rig.ok("GET", path + "?textSearch=" + text, null)))
          .containsExactly("copy7777");
    }
    assertThat(ids(rig.ok("GET", path + "?textSearch=rar", null))).containsExactly(old);
    assertThat(rig.ok("GET", path + "?textSearch=none", null)).isEmpty();
    assertThat(rig.ok("GET", path + "?textSearch=%25", null)).isEmpty();
  }

  /** Copies of one invoice, each newer than the one before; ids of all, newest first. */
  private static List<String> copies(String store, String mark, int count) {
    String first = make(store, mark);
    rig.database.execute(
        """
        INSERT INTO invoice (id, store_id, amount, currency, due_sat, tolerance_percent, status,
          additional_status, metadata, checkout, receipt, search_terms, created_millis,
          expiration_millis, monitoring_millis)
        SELECT '%2$s' || n, store_id, amount, currency, due_sat, tolerance_percent, status,
          additional_status,
          jsonb_build_object('orderId', 'o' || n %% 2, 'note', repeat('x', 1000)), checkout,
          receipt, '{}', created_millis + (n + 1) / 2, expiration_millis, monitoring_millis
        FROM invoice, generate_series(1, %3$d) n WHERE id = '%1$s'"""
            .formatted(first, mark, count));
    rig.database.execute("ANALYZE invoice");
    List<String> ids = new ArrayList<>();
    ids.add(first);
    for (int n = 1; n <= count; n++) {
      ids.add(mark + n);
    }
    return ids;
  }

  @Test
  void aListWithoutTakeIsWholeHoweverLongItIs() {
    String store = rig.newPayableStore();
    String path = "/stores/" + store + "/invoices";
    List<String> made = copies(store, "long", 2_345);
    HttpResponse<String> whole = rig.send("GET", path + "?includeTotal=true", null);
    List<String> all = ids(ok(whole));
    assertThat(all)
        .hasSize(2_346)
        .doesNotHaveDuplicates()
        .containsExactlyInAnyOrderElementsOf(made);
    assertThat(all.get(0)).isIn("long2345", "long2344");
    assertThat(all.get(2_345)).isEqualTo(made.get(0));
    assertThat(header(whole, "X-Total-Count")).hasValue("2346");
    assertThat(next(whole)).isEmpty();
    assertThat(header(whole, "Content-Type")).hasValue("application/json; charset=utf-8");
    assertThat(json(whole).path(7)).isEqualTo(rig.ok("GET", "/invoices/" + all.get(7), null));

    assertThat(ids(rig.ok("GET", path + "?skip=7&status=new", null)))
        .isEqualTo(all.subList(7, 2_346));
    assertThat(ids(rig.ok("GET", path + "?orderId=o0&includePaymentMethods=true", null)))
        .isEqualTo(all.stream().filter(id -> id.matches("long[0-9]*[02468]")).toList());
    assertThat(ids(rig.ok("GET", path + "?textSearch=long", null))).hasSize(2_346);
    HttpResponse<String> head = rig.send("HEAD", path, null);
    assertThat(head.statusCode()).isEqualTo(200);
    assertThat(head.body()).isEmpty();
  }

  @Test
  void aTakeAboveAThousandIsMeantSo() {
    String store = rig.newPayableStore();
    String path = "/stores/" + store + "/invoices";
    copies(store, "take", 2_345);
    List<String> all = ids(rig.ok("GET", path + "?take=100000", null));
    assertThat(all).hasSize(2_346);
    HttpResponse<String> some = rig.send("GET", path + "?take=1500&skip=3", null);
    assertThat(ids(ok(some))).isEqualTo(all.subList(3, 1_503));
    assertThat(next(some)).isPresent();
    assertThat(walk(path + "?take=1500&skip=3", () -> {})).isEqualTo(all.subList(3, 2_346));
    assertThat(next(rig.send("GET", path + "?take=2346", null))).isEmpty();
    assertThat(ids(rig.ok("GET", path + "?take=1000", null))).isEqualTo(all.subList(0, 1_000));
    assertThat(next(rig.send("GET", path + "?take=1000", null))).isPresent();
  }

  /** Their answers are larger than what the system keeps for a connection. */
  @Test
  void readersWhoDoNotReadKeepNoOtherStoreWaiting() throws IOException {
    String store = rig.newPayableStore();
    String other = rig.newPayableStore();
    copies(store, "slow", 12_000);
    copies(other, "other", 1_100);
    List<Socket> sockets = new ArrayList<>();
    for (int i = 0; i < InvoiceWalks.MAX_OF_STORE; i++) {
      sockets.add(lazyReader("/stores/" + store + "/invoices"));
    }
    try {
      HttpResponse<String> refused = rig.send("GET", "/stores/" + store + "/invoices", null);
      assertThat(refused.statusCode()).as(refused.body()).isEqualTo(503);
      assertThat(json(refused).path("code").asText()).isEqualTo("too-many-lists");
      assertThat(header(refused, "Retry-After")).isPresent();
      assertThat(rig.ok("GET", "/stores/" + store + "/invoices?take=2", null)).hasSize(2);
      assertThat(rig.ok("GET", "/stores/" + other + "/invoices", null)).hasSize(1_101);
      // One of them reads after all, and gets all of it.
      String rest =
          new String(sockets.get(0).getInputStream().readAllBytes(), StandardCharsets.UTF_8);
      assertThat(rest).contains("\"slow12000\"", "\"slow1\"").endsWith("]\r\n0\r\n\r\n");
    } finally {
      for (Socket socket : sockets) {
        socket.close();
      }
    }
    until(
        "the places are free again",
        () -> rig.send("GET", "/stores/" + store + "/invoices", null).statusCode() == 200);
  }

  @ParameterizedTest
  @ValueSource(strings = {"GET", "HEAD"})
  void whoHangsUpBeforeAListBeginsLeavesNothingBehind(String verb) throws IOException {
    String store = rig.newPayableStore();
    String path = "/stores/" + store + "/invoices";
    copies(store, "gone" + verb, 1_100);
    for (int i = 0; i <= InvoiceWalks.MAX_OF_STORE; i++) {
      hangUpWhileReading(verb, path);
    }
    until(
        "none of them holds a walk",
        () -> rig.fixture.registry.get("tender_invoice_walks").gauge().value() == 0);
    until("none of them holds room", () -> metric("tender.http.answers.unread.bytes") == 0);
    assertThat(rig.ok("GET", path, null)).hasSize(1_101);
  }

  /** The first invoices are not there before the reader is gone. */
  private static void hangUpWhileReading(String verb, String path) throws IOException {
    SqlConnection holder = await(rig.fixture.pool().getConnection());
    Transaction held = await(holder.begin());
    await(holder.query("LOCK TABLE invoice IN ACCESS EXCLUSIVE MODE").execute());
    double others = metric("tender.http.connections");
    try (Socket socket = ask(verb, path)) {
      until("the list is asked for", () -> metric("tender.http.questions") == 1);
      assertThat(metric("tender.http.connections")).isGreaterThan(others);
      assertThat(socket.isClosed()).isFalse();
    }
    until("the hang-up is known", () -> metric("tender.http.connections") <= others);
    await(held.rollback());
    await(holder.close());
    until("the list was read", () -> metric("tender.http.questions") == 0);
  }

  private static double metric(String name) {
    return rig.server.registry.get(name).gauge().value();
  }

  /** Sends a request and reads the first line of the answer, no more. */
  private static Socket lazyReader(String path) throws IOException {
    Socket socket = ask("GET", path);
    byte[] status = socket.getInputStream().readNBytes("HTTP/1.1 200 OK".length());
    assertThat(new String(status, StandardCharsets.US_ASCII)).isEqualTo("HTTP/1.1 200 OK");
    return socket;
  }

  private static Socket ask(String verb, String path) throws IOException {
    Socket socket = new Socket();
    socket.setReceiveBufferSize(8 * 1024);
    socket.setSoTimeout(20_000);
    socket.connect(new InetSocketAddress(InetAddress.getLoopbackAddress(), rig.server.port()));
    String request =
        "%s /api/v1%s HTTP/1.1\r\nHost: localhost\r\nAuthorization: token %s\r\nConnection: close\r\n\r\n"
            .formatted(verb, path, rig.admin);
    socket.getOutputStream().write(request.getBytes(StandardCharsets.US_ASCII));
    return socket;
  }

  @ParameterizedTest
  @ValueSource(
      strings = {
        "status=complete",
        "status=Confirmed",
        "status=SETTLED",
        "status=expired&status=complete",
        "status[]=complete",
        "status=paid&status=confirmed"
      })
  void oldNamesOfStatusesStillFilter(String query) {
    String store = rig.newPayableStore();
    String id = make(store, "1");
    make(store, "2");
    rig.ok("POST", "/invoices/" + id + "/status", "{\"status\":\"Settled\"}");
    assertThat(
            ids(
                rig.ok(
                    "GET",
                    "/stores/"
                        + store
                        + "/invoices?"
                        + query.replace("[", "%5B").replace("]", "%5D"),
                    null)))
        .containsExactly(id);
  }
}
