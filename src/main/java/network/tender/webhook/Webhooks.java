package network.tender.webhook;

import io.vertx.core.Future;
import io.vertx.sqlclient.Pool;
import io.vertx.sqlclient.Row;
import io.vertx.sqlclient.Tuple;
import java.time.InstantSource;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Optional;
import java.util.function.Consumer;
import network.tender.merchant.HookTarget;
import network.tender.merchant.Ids;

/**
 * The webhooks of stores in the database. Those of single invoices are made with the invoices,
 * never changed, and removed when nothing more is to be sent there.
 */
public final class Webhooks {
  /** Most webhooks of one store. */
  public static final int MAX_OF_STORE = 50;

  private static final String SELECT =
      """
      SELECT id, store_id, invoice_id, url, secret, enabled, automatic_redelivery, everything,
        specific_events
      FROM webhook
      """;

  private static final String LIST =
      SELECT
          + "WHERE store_id = $1 AND invoice_id IS NULL ORDER BY created_millis, id LIMIT "
          + MAX_OF_STORE;

  private static final String OF_INVOICE = SELECT + "WHERE invoice_id = $2 AND store_id = $1";

  private static final String FIND = SELECT + "WHERE id = $1";

  /** Two at once may make one too many, which does no harm. */
  private static final String INSERT =
      """
      INSERT INTO webhook (id, store_id, url, endpoint, secret, enabled, automatic_redelivery,
        everything, specific_events, created_millis)
      SELECT $1, $2, $3, $4, $5, $6, $7, $8, $9::text[], $10
      WHERE (SELECT count(*) FROM webhook WHERE store_id = $2 AND invoice_id IS NULL) < %d
      """
          .formatted(MAX_OF_STORE);

  /** What waits goes to where the webhook points now. */
  private static final String UPDATE =
      """
      UPDATE webhook SET url = $2, endpoint = $3, secret = $4, enabled = $5,
        automatic_redelivery = $6, everything = $7, specific_events = $8::text[]
      WHERE id = $1 AND invoice_id IS NULL
      """;

  private static final String DELETE = "DELETE FROM webhook WHERE id = $1 AND invoice_id IS NULL";

  private static final String FORGET = "DELETE FROM webhook_delivery WHERE webhook_id = $1";

  private final Pool pool;
  private final Ids ids;
  private final InstantSource clock;
  private final Consumer<String> storeHasOne;

  Webhooks(Pool pool, Ids ids, InstantSource clock, Consumer<String> storeHasOne) {
    this.pool = pool;
    this.ids = ids;
    this.clock = clock;
    this.storeHasOne = storeHasOne;
  }

  /** A store's webhooks, without those of its invoices, the oldest first. */
  public Future<List<Webhook>> list(String storeId) {
    return pool.preparedQuery(LIST).execute(Tuple.of(storeId)).map(Webhooks::readAll);
  }

  /** The webhook that an invoice of a store has of its own: one, or none. */
  public Future<List<Webhook>> ofInvoice(String storeId, String invoiceId) {
    return pool.preparedQuery(OF_INVOICE)
        .execute(Tuple.of(storeId, invoiceId))
        .map(Webhooks::readAll);
  }

  private static List<Webhook> readAll(Iterable<Row> rows) {
    List<Webhook> list = new ArrayList<>();
    rows.forEach(row -> list.add(read(row)));
    return list;
  }

  /** The webhook of an id, also that of an invoice. */
  public Future<Optional<Webhook>> find(String id) {
    return pool.preparedQuery(FIND)
        .execute(Tuple.of(id))
        .map(
            rows ->
                rows.size() == 0 ? Optional.empty() : Optional.of(read(rows.iterator().next())));
  }

  /**
   * Makes a webhook, with a secret of our own if none is given.
   *
   * @param settings with a url
   * @return empty if the store has {@link #MAX_OF_STORE} already
   */
  public Future<Optional<Webhook>> create(String storeId, Webhook.Settings settings) {
    Webhook made =
        merge(
            new Webhook(
                ids.invoice(),
                storeId,
                Optional.empty(),
                "",
                Optional.of(ids.invoice()),
                true,
                true,
                Webhook.Events.ALL),
            settings);
    return pool.preparedQuery(INSERT)
        .execute(
            Tuple.of(made.id(), storeId, made.url(), endpoint(made), made.secret().orElse(null))
                .addBoolean(made.enabled())
                .addBoolean(made.automaticRedelivery())
                .addBoolean(made.events().everything())
                .addArrayOfString(made.events().specific().toArray(String[]::new))
                .addLong(clock.millis()))
        .map(
            inserted -> {
              if (inserted.rowCount() == 0) {
                return Optional.empty();
              }
              storeHasOne.accept(storeId);
              return Optional.of(made);
            });
  }

  /** Changes a webhook of a store. */
  public Future<Webhook> update(Webhook webhook, Webhook.Settings settings) {
    Webhook changed = merge(webhook, settings);
    return pool.preparedQuery(UPDATE)
        .execute(
            Tuple.of(changed.id(), changed.url(), endpoint(changed))
                .addString(changed.secret().orElse(null))
                .addBoolean(changed.enabled())
                .addBoolean(changed.automaticRedelivery())
                .addBoolean(changed.events().everything())
                .addArrayOfString(changed.events().specific().toArray(String[]::new)))
        .map(updated -> changed);
  }

  /**
   * Removes a webhook of a store with everything that it was sent or is still to be sent. What is
   * left because it is too much for one statement, or comes in that moment, is not sent and dropped
   * by age.
   */
  public Future<Void> delete(String id) {
    return pool.preparedQuery(DELETE)
        .execute(Tuple.of(id))
        .compose(deleted -> pool.preparedQuery(FORGET).execute(Tuple.of(id)).otherwiseEmpty())
        .mapEmpty();
  }

  private static Webhook merge(Webhook webhook, Webhook.Settings settings) {
    return new Webhook(
        webhook.id(),
        webhook.storeId(),
        webhook.invoiceId(),
        settings.url().orElse(webhook.url()),
        settings.secret().or(webhook::secret),
        settings.enabled().orElse(webhook.enabled()),
        settings.automaticRedelivery().orElse(webhook.automaticRedelivery()),
        settings.events().orElse(webhook.events()));
  }

  private static String endpoint(Webhook webhook) {
    return HookTarget.parse(webhook.url())
        .map(HookTarget::endpoint)
        .orElseThrow(() -> new IllegalArgumentException("not checked: " + webhook.url()));
  }

  private static Webhook read(Row row) {
    return new Webhook(
        row.getString("id"),
        row.getString("store_id"),
        Optional.ofNullable(row.getString("invoice_id")),
        row.getString("url"),
        Optional.ofNullable(row.getString("secret")),
        row.getBoolean("enabled"),
        row.getBoolean("automatic_redelivery"),
        new Webhook.Events(
            row.getBoolean("everything"), Arrays.asList(row.getArrayOfStrings("specific_events"))));
  }
}
