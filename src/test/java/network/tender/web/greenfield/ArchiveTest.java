package network.tender.web.greenfield;

import static network.tender.merchant.MerchantFixture.await;
import static network.tender.merchant.MerchantFixture.pays;
import static network.tender.web.greenfield.ApiUnderTest.assertRefused;
import static network.tender.web.greenfield.ApiUnderTest.json;
import static network.tender.web.greenfield.ApiUnderTest.ok;
import static org.assertj.core.api.Assertions.assertThat;

import com.fasterxml.jackson.databind.JsonNode;
import io.vertx.sqlclient.SqlConnection;
import io.vertx.sqlclient.Transaction;
import java.net.http.HttpRequest;
import java.net.http.HttpResponse;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.TimeUnit;
import network.tender.chain.TransferOutput;
import network.tender.ledger.SealedBlock;
import network.tender.merchant.Invoice;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** Invoices that are put away and brought back, as clients do it, while blocks pay them. */
class ArchiveTest {
  private static final long DUE_SAT = 10_000;
  private static ApiUnderTest api;

  @BeforeAll
  static void start() {
    api = new ApiUnderTest();
  }

  @AfterAll
  static void stop() {
    api.close();
  }

  private static String newInvoice(String store) {
    return api.ok(
            "POST",
            "/stores/" + store + "/invoices",
            "{\"amount\":\"5\",\"currency\":\"USD\",\"metadata\":{\"orderId\":\"a\"}}")
        .path("id")
        .asText();
  }

  private static Invoice stored(String id) {
    return await(api.fixture.merchant.invoices().find(id)).orElseThrow();
  }

  private static void assertEmpty(HttpResponse<String> response) {
    assertThat(response.statusCode()).as(response.body()).isEqualTo(200);
    assertThat(response.body()).isEmpty();
  }

  private static List<String> ids(String store, String query) {
    List<String> ids = new ArrayList<>();
    api.ok("GET", "/stores/" + store + "/invoices" + query, null)
        .forEach(invoice -> ids.add(invoice.path("id").asText()));
    return ids;
  }

  /** .NET's client sends neither a body nor its type with any of them. */
  @ParameterizedTest
  @ValueSource(strings = {"/stores/%s/invoices/%s", "/invoices/%2$s", "/invoices/%2$s/"})
  void whatIsArchivedLeavesTheListsAndComesBack(String family) {
    String store = api.newPayableStore();
    String id = newInvoice(store);
    String path = family.formatted(store, id);
    String unarchive = path.replaceAll("/$", "") + "/unarchive";
    assertRefused(api.send(api.admin, "POST", unarchive, null), 400, "already-unarchived");

    assertEmpty(api.send(api.admin, "DELETE", path, null));
    assertEmpty(api.send(api.admin, "DELETE", path, null));
    assertThat(ids(store, "")).isEmpty();
    assertThat(ids(store, "?orderId=a&includeArchived=False")).isEmpty();
    assertThat(ids(store, "?includeArchived=True")).containsExactly(id);
    assertThat(api.ok("GET", path, null).path("archived").booleanValue()).isTrue();

    JsonNode back = api.ok("POST", unarchive, null);
    assertThat(back.path("id").asText()).isEqualTo(id);
    assertThat(back.path("archived").booleanValue()).isFalse();
    assertThat(back).isEqualTo(api.ok("GET", path, null));
    assertThat(ids(store, "?orderId=a")).containsExactly(id);
    assertRefused(api.send(api.admin, "POST", unarchive, null), 400, "already-unarchived");
  }

  @Test
  void whatIsArchivedIsPaidAndToldOfLikeAnyOther() {
    String store = api.newPayableStore();
    String id = newInvoice(store);
    assertEmpty(api.send(api.admin, "DELETE", "/invoices/" + id, null));
    api.fixture.commit(api.fixture.block(pays(stored(id), DUE_SAT)));
    JsonNode paid = api.ok("GET", "/invoices/" + id, null);
    assertThat(paid.path("status").asText()).isEqualTo("Settled");
    assertThat(paid.path("archived").booleanValue()).isTrue();
    List<String> told = new ArrayList<>();
    api.ok("GET", "/stores/" + store + "/events", null)
        .forEach(event -> told.add(event.path("type").asText()));
    // Putting it away is told to nobody.
    assertThat(told)
        .containsExactly(
            "InvoiceCreated",
            "InvoiceReceivedPayment",
            "InvoiceProcessing",
            "InvoicePaymentSettled",
            "InvoiceSettled");
  }

  private static CompletableFuture<HttpResponse<String>> sendLater(String verb, String path) {
    HttpRequest request =
        api.server
            .request("/api/v1" + path)
            .header("Authorization", "token " + api.admin)
            .method(verb, HttpRequest.BodyPublishers.noBody())
            .build();
    return api.server.client.sendAsync(request, HttpResponse.BodyHandlers.ofString());
  }

  private static void untilOneWaitsToArchive() {
    String waiting =
        "SELECT count(*) FROM pg_stat_activity WHERE datname = current_database()"
            + " AND wait_event_type = 'Lock' AND query LIKE 'UPDATE invoice SET archived%'";
    long deadline = System.nanoTime() + TimeUnit.SECONDS.toNanos(10);
    while (await(api.fixture.pool().query(waiting).execute()).iterator().next().getLong(0) == 0) {
      assertThat(System.nanoTime()).as("somebody waits for the block").isLessThan(deadline);
    }
  }

  @Test
  void neitherABlockNorAnArchivingUndoesTheOther() throws Exception {
    String store = api.newPayableStore();
    String id = newInvoice(store);
    SealedBlock block = api.fixture.block(pays(stored(id), DUE_SAT));
    SqlConnection connection = await(api.fixture.pool().getConnection());
    Transaction transaction = await(connection.begin());
    await(api.fixture.merchant.participant().write(connection, block));
    CompletableFuture<HttpResponse<String>> archiving = sendLater("DELETE", "/invoices/" + id);
    untilOneWaitsToArchive();
    await(transaction.commit());
    await(connection.close());
    api.fixture.merchant.participant().committed(block);
    assertEmpty(archiving.get(10, TimeUnit.SECONDS));
    JsonNode paid = api.ok("GET", "/invoices/" + id, null);
    assertThat(paid.path("status").asText()).isEqualTo("Settled");
    assertThat(paid.path("paidAmount").asText()).isEqualTo("5.00");
    assertThat(paid.path("archived").booleanValue()).isTrue();
  }

  @Test
  void manyArePaidByBlocksWhileTheyArePutAwayAndBroughtBack() throws Exception {
    String store = api.newPayableStore();
    List<String> ids = new ArrayList<>();
    for (int i = 0; i < 40; i++) {
      ids.add(newInvoice(store));
    }
    List<CompletableFuture<HttpResponse<String>>> answers = new ArrayList<>();
    for (int start = 0; start < ids.size(); start += 10) {
      List<String> some = ids.subList(start, start + 10);
      some.forEach(id -> answers.add(sendLater("DELETE", "/invoices/" + id)));
      api.fixture.commit(
          api.fixture.block(
              some.stream().map(id -> pays(stored(id), DUE_SAT)).toArray(TransferOutput[]::new)));
    }
    for (CompletableFuture<HttpResponse<String>> answer : answers) {
      assertEmpty(answer.get(10, TimeUnit.SECONDS));
    }
    JsonNode all = api.ok("GET", "/stores/" + store + "/invoices?includeArchived=true", null);
    assertThat(all).hasSize(40);
    for (JsonNode invoice : all) {
      assertThat(invoice.path("status").asText()).isEqualTo("Settled");
      assertThat(invoice.path("archived").booleanValue()).isTrue();
    }
    // Of those who bring one back at the same time, one does.
    List<CompletableFuture<HttpResponse<String>>> back = new ArrayList<>();
    for (int i = 0; i < 8; i++) {
      back.add(sendLater("POST", "/invoices/" + ids.get(0) + "/unarchive"));
    }
    int done = 0;
    for (CompletableFuture<HttpResponse<String>> answer : back) {
      HttpResponse<String> response = answer.get(10, TimeUnit.SECONDS);
      if (response.statusCode() == 200) {
        done++;
        assertThat(json(response).path("status").asText()).isEqualTo("Settled");
      } else {
        assertRefused(response, 400, "already-unarchived");
      }
    }
    assertThat(done).isEqualTo(1);
  }

  @Test
  void aRepeatedUnarchivingIsAnsweredAsAtFirst() {
    String store = api.newPayableStore();
    String id = newInvoice(store);
    assertEmpty(api.send(api.admin, "DELETE", "/invoices/" + id, null));
    HttpRequest.Builder request =
        api.server
            .request("/api/v1/stores/" + store + "/invoices/" + id + "/unarchive")
            .header("Authorization", "token " + api.admin)
            .header("Idempotency-Key", "back-1")
            .POST(HttpRequest.BodyPublishers.noBody());
    HttpResponse<String> first = api.server.send(request);
    assertThat(ok(first).path("archived").booleanValue()).isFalse();
    HttpResponse<String> again = api.server.send(request);
    assertThat(again.statusCode()).isEqualTo(200);
    assertThat(again.headers().firstValue("Idempotent-Replayed")).hasValue("true");
    assertThat(again.body()).isEqualTo(first.body());
  }

  @Test
  void onlyThoseWhoMayChangeInvoicesPutThemAway() {
    String store = api.newPayableStore();
    String id = newInvoice(store);
    String viewer = api.newKey(api.admin, "btcpay.store.canviewinvoices:" + store);
    String stranger = api.newKey(api.admin, "btcpay.store.canmodifyinvoices:" + api.newStore());
    String owner = api.newKey(api.admin, "btcpay.store.canmodifyinvoices:" + store);
    for (String path : List.of("/invoices/" + id, "/stores/" + store + "/invoices/" + id)) {
      for (String key : List.of(viewer, stranger)) {
        for (HttpResponse<String> response :
            List.of(
                api.send(key, "DELETE", path, null),
                api.send(key, "POST", path + "/unarchive", null))) {
          assertRefused(response, 403, "missing-permission");
          assertThat(json(response).path("missingPermission").asText())
              .isEqualTo("btcpay.store.canmodifyinvoices");
        }
      }
      assertRefused(api.send("", "DELETE", path, null), 401, "unauthenticated");
    }
    assertThat(stored(id).archived()).isFalse();
    for (String action : List.of("DELETE ", "POST /unarchive")) {
      String[] parts = action.split(" ", -1);
      assertRefused(
          api.send(owner, parts[0], "/stores/" + store + "/invoices/none" + parts[1], null),
          404,
          "invoice-not-found");
      assertRefused(
          api.send(owner, parts[0], "/invoices/none" + parts[1], null), 403, "missing-permission");
    }
    assertEmpty(api.send(owner, "DELETE", "/invoices/" + id, null));
    assertThat(stored(id).archived()).isTrue();
  }

  @Test
  void anInvoiceHasItsAddressBeforeItIsActivated() {
    String store = api.newPayableStore();
    String coin = api.fixture.network.coinCode();
    String id =
        api.ok(
                "POST",
                "/stores/" + store + "/invoices",
                "{\"amount\":\"5\",\"currency\":\"USD\",\"checkout\":{\"lazyPaymentMethods\":true}}")
            .path("id")
            .asText();
    String viewer = api.newKey(api.admin, "btcpay.store.canviewinvoices:" + store);
    JsonNode before = api.ok("GET", "/invoices/" + id + "/payment-methods", null);
    assertThat(before.path(0).path("activated").booleanValue()).isTrue();
    for (String path : List.of("/invoices/" + id, "/stores/" + store + "/invoices/" + id)) {
      for (String method : List.of(coin + "-CHAIN", coin, coin + "_OnChain")) {
        assertEmpty(
            api.send(viewer, "POST", path + "/payment-methods/" + method + "/activate", null));
      }
      assertRefused(
          api.send(viewer, "POST", path + "/payment-methods/" + coin + "-LN/activate", null),
          404,
          "paymentmethod-not-found");
    }
    assertThat(api.ok("GET", "/invoices/" + id + "/payment-methods", null)).isEqualTo(before);
    String free =
        api.ok("POST", "/stores/" + store + "/invoices", "{\"amount\":\"0\",\"currency\":\"USD\"}")
            .path("id")
            .asText();
    assertRefused(
        api.send(
            viewer, "POST", "/invoices/" + free + "/payment-methods/" + coin + "/activate", null),
        404,
        "paymentmethod-not-found");
    String maker = api.newKey(api.admin, "btcpay.store.cancreateinvoice:" + store);
    assertRefused(
        api.send(maker, "POST", "/invoices/" + id + "/payment-methods/" + coin + "/activate", null),
        403,
        "missing-permission");
  }
}
