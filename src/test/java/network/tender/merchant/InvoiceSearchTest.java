package network.tender.merchant;

import static network.tender.merchant.MerchantFixture.await;
import static org.assertj.core.api.Assertions.assertThat;

import io.vertx.core.Future;
import io.vertx.sqlclient.Row;
import java.math.BigDecimal;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.Random;
import java.util.Set;
import network.tender.journal.TestDatabase;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;

/** Lists, searches and counts on a real database, against the plain way to find the same. */
class InvoiceSearchTest {
  private static final long SEED = 20_261_126;
  private static final int INVOICES = 300;
  private static final TestDatabase DATABASE = TestDatabase.create();
  private static final MerchantFixture FIXTURE = new MerchantFixture(DATABASE);
  private static final Random RANDOM = new Random(SEED);
  private static final List<Invoice> MADE = new ArrayList<>();
  private static final List<String> LETTERS = List.of("a", "b", "%", "_", "\\", "é", "😀");
  private static Store store;

  @BeforeAll
  static void make() {
    System.out.println("InvoiceSearchTest: seed " + SEED);
    store = FIXTURE.store();
    Store other = FIXTURE.store();
    List<Future<InvoiceIssuer.Issued>> issued = new ArrayList<>();
    for (int i = 0; i < INVOICES; i++) {
      // Several at one time, so that the order of ids counts too.
      FIXTURE.now.addAndGet(RANDOM.nextInt(2));
      issued.add(FIXTURE.merchant.issuer().issue(i % 10 == 0 ? other : store, request()));
      if (i % 20 == 0) {
        issued.forEach(MerchantFixture::await);
      }
    }
    for (Future<InvoiceIssuer.Issued> each : issued) {
      MADE.add(((InvoiceIssuer.Issued.Made) await(each)).invoice());
    }
    for (int i = 0; i < INVOICES; i += 7) {
      DATABASE.execute("UPDATE invoice SET archived = true WHERE id = '" + MADE.get(i).id() + "'");
    }
  }

  @AfterAll
  static void close() {
    FIXTURE.close();
  }

  /** With texts of few letters, some of them with a meaning elsewhere. */
  private static String text(int most) {
    StringBuilder text = new StringBuilder();
    for (int i = RANDOM.nextInt(most + 1); i > 0; i--) {
      text.append(LETTERS.get(RANDOM.nextInt(LETTERS.size())));
    }
    return text.toString();
  }

  private static InvoiceRequest request() {
    InvoiceRequest plain = InvoiceRequest.of(BigDecimal.ONE, Optional.of("USD"));
    List<String> terms = new ArrayList<>();
    for (int i = RANDOM.nextInt(4); i > 0; i--) {
      terms.add(text(4));
    }
    return new InvoiceRequest(
        plain.amount(),
        plain.currency(),
        RANDOM.nextInt(4) == 0 ? ExactJson.object() : ExactJson.object().put("orderId", text(4)),
        Optional.empty(),
        Optional.empty(),
        Optional.empty(),
        Optional.empty(),
        Optional.empty(),
        Optional.empty(),
        Optional.empty(),
        Optional.empty(),
        Optional.empty(),
        Optional.empty(),
        terms,
        Optional.empty(),
        Optional.empty());
  }

  private static InvoiceFilter filter(
      Optional<String> text, boolean archivedToo, int take, Optional<InvoiceCursor> after) {
    return new InvoiceFilter(
        List.of(), Set.of(), Optional.empty(), Optional.empty(), text, archivedToo, 0, take, after);
  }

  private static List<String> ids(InvoiceListing listing) {
    List<String> ids = new ArrayList<>();
    for (Row row :
        await(FIXTURE.pool().preparedQuery(listing.statement()).execute(listing.tuple()))) {
      ids.add(row.getString("id"));
    }
    return ids;
  }

  private static long count(InvoiceListing listing) {
    return await(FIXTURE.pool().preparedQuery(listing.statement()).execute(listing.tuple()))
        .iterator()
        .next()
        .getLong(0);
  }

  @Test
  void whatIsLookedUpIsWhatASearchOfAllFinds() {
    int found = 0;
    for (int i = 0; i < 200; i++) {
      String start =
          switch (RANDOM.nextInt(3)) {
            case 0 -> text(3);
            case 1 -> MADE.get(RANDOM.nextInt(INVOICES)).id().substring(0, 1 + RANDOM.nextInt(5));
            default -> text(1);
          };
      InvoiceFilter filter =
          filter(Optional.of(start), RANDOM.nextBoolean(), 1_000, Optional.empty());
      long now = FIXTURE.now.get();
      List<String> all = ids(InvoiceListing.list(store.id(), filter, Optional.empty(), false, now));
      assertThat(ids(InvoiceListing.list(store.id(), filter, Optional.empty(), true, now)))
          .as("those that begin with \"%s\"", start)
          .isEqualTo(all);
      assertThat(count(InvoiceListing.count(store.id(), filter, Optional.empty(), true, now)))
          .isEqualTo(all.size());
      assertThat(count(InvoiceListing.count(store.id(), filter, Optional.empty(), false, now)))
          .isEqualTo(all.size());
      assertThat(await(FIXTURE.merchant.invoices().count(store.id(), filter, Optional.empty())))
          .isEqualTo(all.size());
      found += all.size();
    }
    assertThat(found).isGreaterThan(1_000);
  }

  @Test
  void allAreCountedWithAndWithoutThosePutAway() {
    for (boolean archivedToo : new boolean[] {true, false}) {
      InvoiceFilter filter = filter(Optional.empty(), archivedToo, 1_000, Optional.empty());
      assertThat(await(FIXTURE.merchant.invoices().count(store.id(), filter, Optional.empty())))
          .isEqualTo(await(FIXTURE.merchant.invoices().list(store.id(), filter)).size());
    }
  }

  @Test
  void cursorsGoThroughAllWithoutAGapOrARepeat() {
    List<String> all =
        ids(
            InvoiceListing.list(
                store.id(),
                filter(Optional.empty(), true, 1_000, Optional.empty()),
                Optional.empty(),
                false,
                FIXTURE.now.get()));
    assertThat(all).hasSize(INVOICES - INVOICES / 10);
    List<String> walked = new ArrayList<>();
    Optional<InvoiceCursor> after = Optional.empty();
    while (true) {
      InvoiceFilter filter = filter(Optional.empty(), true, 1 + RANDOM.nextInt(20), after);
      List<Invoice> page = await(FIXTURE.merchant.invoices().list(store.id(), filter));
      if (page.isEmpty()) {
        break;
      }
      page.forEach(invoice -> walked.add(invoice.id()));
      String text = InvoiceCursor.after(page.get(page.size() - 1)).text();
      assertThat(text).matches("[A-Za-z0-9_-]+");
      after = InvoiceCursor.parse(text);
    }
    assertThat(walked).isEqualTo(all);
  }

  @Test
  void whatIsNoCursorIsNotReadAsOne() {
    for (String text : List.of("", "x", "MTIz", "%%%", "MSBhJzs", "é")) {
      assertThat(InvoiceCursor.parse(text)).as(text).isEmpty();
    }
  }

  /** A lookup reads what begins with the text, and not all that the store has. */
  @Test
  void aTextIsFoundByIndexes() {
    StringBuilder plan = new StringBuilder();
    InvoiceListing found = InvoiceListing.found(store.id(), "abc");
    String literal = found.statement();
    for (int i = found.tuple().size(); i > 0; i--) {
      Object value = found.tuple().getValue(i - 1);
      literal = literal.replace("$" + i, value instanceof Long ? "" + value : "'" + value + "'");
    }
    String explained = literal;
    await(
            FIXTURE
                .pool()
                .withTransaction(
                    connection ->
                        connection
                            .query("SET LOCAL enable_seqscan = off")
                            .execute()
                            .compose(
                                set ->
                                    connection
                                        .query("EXPLAIN (COSTS OFF) " + explained)
                                        .execute())))
        .forEach(row -> plan.append(row.getString(0)).append('\n'));
    assertThat(plan.toString())
        .contains("Index Cond")
        .contains("id >= 'abc'")
        .contains("order_id >= 'abc'")
        .contains("term >= 'abc'");
  }
}
