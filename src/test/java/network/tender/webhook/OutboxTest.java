package network.tender.webhook;

import static network.tender.merchant.MerchantFixture.await;
import static network.tender.webhook.WebhookFixture.until;
import static org.assertj.core.api.Assertions.assertThat;

import io.vertx.sqlclient.Row;
import io.vertx.sqlclient.Tuple;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import network.tender.merchant.Invoice;
import network.tender.merchant.Store;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;

/** What the outbox costs those who write events, and those who look into it. */
@Timeout(90)
class OutboxTest {
  private static final Pattern PAGES = Pattern.compile("shared (?:hit=(\\d+))?(?: ?read=(\\d+))?");
  private static final String GONE = "gone";

  private WebhookFixture fixture;

  @BeforeEach
  void open() {
    fixture = new WebhookFixture();
  }

  @AfterEach
  void close() {
    fixture.close();
  }

  private long count(String table) {
    return await(fixture.merchants.pool().query("SELECT count(*) FROM " + table).execute())
        .iterator()
        .next()
        .getLong(0);
  }

  @Test
  void whoWritesEventsWritesOneRowForEachHoweverManyWebhooksThereAre() {
    Store store = fixture.merchants.store();
    Receiver receiver = new Receiver(fixture.merchants.vertx);
    List<Webhook> webhooks = new ArrayList<>();
    for (int i = 0; i < Webhooks.MAX_OF_STORE - 1; i++) {
      webhooks.add(fixture.webhook(store, receiver.url("/" + i)));
    }
    fixture.stop();
    Invoice invoice = fixture.invoice(store);
    fixture.pay(invoice);
    assertThat(count("webhook_handover")).isEqualTo(5);
    assertThat(count("webhook_delivery")).isZero();

    // It is made after the events, though before anybody found out where they go.
    Webhook late = fixture.webhook(store, receiver.url("/late"));
    fixture.start();
    for (Webhook webhook : webhooks) {
      until(
          "all is delivered",
          () -> fixture.deliveries(webhook, Delivery.State.DELIVERED).size() == 5);
    }
    assertThat(count("webhook_handover")).isZero();
    assertThat(fixture.deliveries(late)).isEmpty();
    assertThat(fixture.deliveries(late, Delivery.State.PENDING)).isEmpty();
    receiver.close();
  }

  /** A look comes after every commit: it must not grow with what is not due or can't be sent. */
  @Test
  void aLookCostsNoMoreForAllThatWaits() {
    fixture.stop();
    long now = fixture.merchants.now.get();
    String insert =
        """
        INSERT INTO webhook_delivery
          (webhook_id, receiver, event_id, invoice_id, type, created_millis, due_millis, attempts)
        SELECT 'hook' || n, 'hook' || n, n, 'invoice' || n,
          'InvoiceCreated', $1::bigint, $1 + 1000000, 1
        FROM generate_series($2::int, $2 + 4999) n
        UNION ALL
        SELECT 'gone', '%s', n, 'invoice' || (n / 3), 'InvoiceCreated', $1,
          CASE WHEN n %% 3 = 0 THEN $1 - n %% 1000 END, CASE WHEN n %% 6 = 0 THEN 3 ELSE 0 END
        FROM generate_series(999999 + 3 * $2, 999999 + 3 * ($2 + 4999) + 2) n
        """
            .formatted(GONE);
    for (int from = 0; from < 20_000; from += 5_000) {
      await(fixture.merchants.pool().preparedQuery(insert).execute(Tuple.of(now, from)));
    }
    Outbox outbox = new Outbox(fixture.merchants.pool(), 8);
    for (String statistics : List.of("SELECT 1", "ANALYZE webhook_delivery")) {
      await(fixture.merchants.pool().query(statistics).execute());
      assertCheap(
          "bigint, uuid[], text[], boolean[]",
          Outbox.due(8, 4),
          "%d, '{}', '{%s,hook7,hook8}', '{f,f,t}'".formatted(now, GONE));
      assertCheap("text", Outbox.FIND, "''");
      assertCheap("text", Outbox.HAND_OVER, "''");
    }
    Outbox.Look look = await(outbox.due(now, List.of(), Map.of(GONE, false, "hook7", false)));
    assertThat(look.due()).hasSize(12).allMatch(due -> due.receiver().equals(GONE));
    assertThat(look.due().subList(0, 8)).as("what was never tried").noneMatch(Outbox.Due::isRetry);
    assertThat(look.due().subList(8, 12)).as("and behind it").allMatch(Outbox.Due::isRetry);
    assertThat(look.nextMillis()).containsEntry(GONE, now).containsEntry("hook7", now + 1_000_000);
    assertThat(await(outbox.find("")).dueMillis()).hasSize(Outbox.MAX_FOUND).containsKey(GONE);

    assertThat(first(outbox, now, false)).isEqualTo(now - 999);
    assertThat(first(outbox, now, true))
        .as("the newest, if it may hang over old ones")
        .isEqualTo(now - 1);

    // When the first of an invoice's is done with, the next of it is due, and no other.
    Outbox.Due first = look.due().get(0);
    await(
        outbox.write(
            List.of(
                new Outbox.Result(
                    first.id(), Delivery.State.DELIVERED, now, now, Outcome.answered(200))),
            now));
    assertThat(
            await(
                    fixture
                        .merchants
                        .pool()
                        .query(
                            "SELECT event_id FROM webhook_delivery"
                                + " WHERE due_millis IS NOT NULL AND event_id % 3 = 1"
                                + " AND webhook_id = 'gone'")
                        .execute())
                .size())
        .isEqualTo(1);
  }

  /** When the one that comes first was due. */
  private long first(Outbox outbox, long now, boolean newest) {
    Outbox.Due due = await(outbox.due(now, List.of(), Map.of(GONE, newest))).due().get(0);
    return await(
            fixture
                .merchants
                .pool()
                .preparedQuery("SELECT due_millis FROM webhook_delivery WHERE id = $1")
                .execute(Tuple.of(due.id())))
        .iterator()
        .next()
        .getLong(0);
  }

  private void assertCheap(String types, String statement, String parameters) {
    List<String> plan =
        await(
            fixture
                .merchants
                .pool()
                .withConnection(
                    connection ->
                        connection
                            .query(
                                "SET plan_cache_mode = force_generic_plan; PREPARE look (%s) AS %s"
                                    .formatted(types, statement))
                            .execute()
                            .compose(
                                prepared ->
                                    connection
                                        .query(
                                            "EXPLAIN (ANALYZE, BUFFERS, TIMING OFF) EXECUTE look (%s)"
                                                .formatted(parameters))
                                        .execute())
                            .compose(
                                rows -> {
                                  List<String> lines = new ArrayList<>();
                                  for (Row row : rows) {
                                    lines.add(row.getString(0));
                                  }
                                  return connection
                                      .query("DEALLOCATE look; RESET plan_cache_mode")
                                      .execute()
                                      .map(done -> lines);
                                })));
    String text = String.join("\n", plan);
    Optional<Matcher> pages = plan.stream().map(PAGES::matcher).filter(Matcher::find).findFirst();
    assertThat(pages).as(text).isPresent();
    long touched = number(pages.get(), 1) + number(pages.get(), 2);
    assertThat(touched).as("pages touched by\n" + text).isLessThan(5_000);
  }

  private static long number(Matcher matcher, int group) {
    String digits = matcher.group(group);
    return digits == null ? 0 : Long.parseLong(digits);
  }
}
