package network.tender.merchant;

import com.fasterxml.jackson.databind.node.ObjectNode;
import io.micrometer.core.instrument.MeterRegistry;
import io.vertx.core.Future;
import io.vertx.core.buffer.Buffer;
import io.vertx.sqlclient.Pool;
import io.vertx.sqlclient.Row;
import io.vertx.sqlclient.RowSet;
import io.vertx.sqlclient.Tuple;
import java.time.InstantSource;
import java.util.Collection;
import java.util.HashSet;
import java.util.List;
import java.util.Optional;
import java.util.Set;
import network.tender.chain.MalformedException;
import network.tender.chain.Network;
import network.tender.script.Curve;
import network.tender.script.OutputDescriptor;

/** Stores and their wallets in the database. */
public final class Stores {
  /** Most stores that one person makes who is no administrator; those that are gone don't count. */
  public static final int MAX_MADE = 1_000;

  private static final int CACHED_STORES = 1_000;

  /** How long another process's change may go unnoticed here. */
  private static final long CACHE_MILLIS = 5_000;

  /** So many are read together; the settings of one may be 80 KB. */
  private static final int TOGETHER = 40;

  private static final String INSERT =
      "INSERT INTO store (id, settings, created_millis) VALUES ($1, $2::text::jsonb, $3)";

  private static final String INSERT_OWNED =
      """
      WITH made AS (
        INSERT INTO store (id, settings, created_millis, made_by)
        SELECT $1, $2::text::jsonb, $3::bigint, $4::text
        WHERE $5::boolean
          OR (SELECT count(*) FROM store WHERE made_by = $4::text AND deleted_millis IS NULL) < %d
        RETURNING id)
      INSERT INTO store_user (store_id, account_id, role, created_millis)
      SELECT id, $4::text, 'Owner', $3::bigint FROM made
      """
          .formatted(MAX_MADE);

  /** Its invoices stay, and so must its row; nobody works there any more. */
  private static final String DELETE =
      """
      WITH closed AS (
        UPDATE store SET deleted_millis = $2 WHERE id = $1 AND deleted_millis IS NULL RETURNING id)
      DELETE FROM store_user u USING closed WHERE u.store_id = closed.id
      """;

  private static final String SET_RATES = "UPDATE store SET rates = $2::text::jsonb WHERE id = $1";

  private static final String SELECT =
      """
      SELECT s.id, s.created_millis, s.settings::text AS settings, s.rates::text AS rates,
        m.wallet_id, m.enabled, m.config::text AS config, w.derivation
      FROM store s
        LEFT JOIN store_payment_method m ON m.store_id = s.id AND m.payment_method_id = $1
        LEFT JOIN wallet w ON w.id = m.wallet_id
      """;

  private static final String FIND = SELECT + "WHERE s.id = $2 AND s.deleted_millis IS NULL";
  private static final String IN_ORDER =
      "s.deleted_millis IS NULL AND (s.created_millis, s.id) > ($2::bigint, $3)"
          + " ORDER BY s.created_millis, s.id LIMIT "
          + TOGETHER;
  private static final String EXISTING =
      "SELECT id FROM store WHERE id = ANY($1) AND deleted_millis IS NULL";
  private static final String LIST = SELECT + "WHERE " + IN_ORDER;
  private static final String LIST_SOME = SELECT + "WHERE s.id = ANY($4) AND " + IN_ORDER;

  /** Only what changed, so that two changes of different keys don't undo each other. */
  private static final String UPDATE =
      "UPDATE store SET settings = settings || $2::text::jsonb WHERE id = $1";

  private static final String SET_WALLET =
      """
      WITH same AS (
        INSERT INTO wallet (first_script, derivation) VALUES ($3, $4)
        ON CONFLICT (first_script) DO UPDATE SET first_script = excluded.first_script
        RETURNING id)
      INSERT INTO store_payment_method (store_id, payment_method_id, wallet_id, enabled, config)
      SELECT $1, $2, id, $5, $6::text::jsonb FROM same
      ON CONFLICT (store_id, payment_method_id) DO UPDATE
        SET wallet_id = excluded.wallet_id, enabled = excluded.enabled, config = excluded.config
      """;

  private static final String SET_ENABLED =
      "UPDATE store_payment_method SET enabled = $3 WHERE store_id = $1 AND payment_method_id = $2";
  private static final String REMOVE_WALLET =
      "DELETE FROM store_payment_method WHERE store_id = $1 AND payment_method_id = $2";

  private final Pool pool;
  private final Network network;
  private final Curve curve;
  private final Ids ids;
  private final InstantSource clock;
  private final Runnable rolesChanged;
  private final ExpiringCache<String, Store> cache;
  private final UnreadableRows unreadable;

  /**
   * Stores in this database.
   *
   * @param rolesChanged told when somebody's rights have changed because of a store
   */
  public Stores(
      Pool pool,
      Network network,
      Curve curve,
      Ids ids,
      InstantSource clock,
      Runnable rolesChanged,
      MeterRegistry registry) {
    this.pool = pool;
    this.network = network;
    this.curve = curve;
    this.ids = ids;
    this.clock = clock;
    this.rolesChanged = rolesChanged;
    this.cache = new ExpiringCache<>(clock, CACHE_MILLIS, CACHED_STORES);
    this.unreadable = new UnreadableRows("store", registry);
  }

  /**
   * Makes a store that belongs to an account. Fails with {@link StoreLimitException} if that has
   * made {@link #MAX_MADE} already; what others have made it an owner of does not count.
   *
   * @param administrator true if the account is one, for which there is no limit
   */
  public Future<Store> create(StoreSettings settings, String ownerId, boolean administrator) {
    String id = ids.store();
    Tuple values =
        Tuple.of(id, ExactJson.write(settings.toJson()), clock.millis(), ownerId, administrator);
    return pool.withTransaction(
            connection ->
                connection
                    .preparedQuery(StoreUsers.LOCK_ACCOUNT)
                    .execute(Tuple.of(ownerId))
                    .compose(locked -> connection.preparedQuery(INSERT_OWNED).execute(values)))
        .compose(
            inserted ->
                inserted.rowCount() == 0
                    ? Future.failedFuture(new StoreLimitException())
                    : Future.succeededFuture(
                        new Store(id, settings, Optional.empty(), RateBook.DEFAULT)))
        .onComplete(done -> rolesChanged.run());
  }

  /** Closes a store for good. Its invoices stay: what was paid has to be accounted for. */
  public Future<Void> delete(String storeId) {
    return pool.preparedQuery(DELETE)
        .execute(Tuple.of(storeId, clock.millis()))
        .<Void>mapEmpty()
        .onComplete(
            done -> {
              cache.remove(storeId);
              rolesChanged.run();
            });
  }

  /** Sets where a store's rates come from. */
  public Future<Void> setRates(String storeId, RateBook rates) {
    return pool.preparedQuery(SET_RATES)
        .execute(Tuple.of(storeId, ExactJson.write(rates.toJson())))
        .<Void>mapEmpty()
        .onComplete(done -> cache.remove(storeId));
  }

  /** Makes a store that belongs to nobody but the administrators. */
  public Future<Store> create(StoreSettings settings) {
    String id = ids.store();
    return pool.preparedQuery(INSERT)
        .execute(Tuple.of(id, ExactJson.write(settings.toJson()), clock.millis()))
        .map(inserted -> new Store(id, settings, Optional.empty(), RateBook.DEFAULT));
  }

  /** The store of an id; what changed elsewhere shows after five seconds at most. */
  public Future<Optional<Store>> find(String id) {
    Optional<Store> cached = cache.get(id);
    if (cached.isPresent()) {
      return Future.succeededFuture(cached);
    }
    long generation = cache.generation();
    return pool.preparedQuery(FIND)
        .execute(Tuple.of(network.paymentMethodId(), id))
        .map(
            rows -> {
              if (rows.size() == 0) {
                return Optional.<Store>empty();
              }
              Store store = read(rows.iterator().next());
              cache.put(id, store, generation);
              return Optional.of(store);
            });
  }

  /** Some of all stores, the oldest first, behind a place. */
  public Future<ListPart<Store>> list(ListPart.Place after) {
    return pool.preparedQuery(LIST).execute(place(after)).map(this::part);
  }

  /** Some of the stores with these ids, the oldest first, behind a place. */
  public Future<ListPart<Store>> list(Collection<String> storeIds, ListPart.Place after) {
    return pool.preparedQuery(LIST_SOME)
        .execute(place(after).addArrayOfString(storeIds.toArray(String[]::new)))
        .map(this::part);
  }

  private Tuple place(ListPart.Place after) {
    return Tuple.of(network.paymentMethodId(), after.createdMillis(), after.id());
  }

  private ListPart<Store> part(RowSet<Row> rows) {
    return ListPart.of(rows, TOGETHER, this::readAll);
  }

  /** Which of these ids are those of stores. */
  public Future<Set<String>> existing(Collection<String> storeIds) {
    return pool.preparedQuery(EXISTING)
        .execute(Tuple.tuple().addArrayOfString(storeIds.toArray(String[]::new)))
        .map(
            rows -> {
              Set<String> ids = new HashSet<>();
              rows.forEach(row -> ids.add(row.getString("id")));
              return ids;
            });
  }

  /** Writes the settings that differ between the store as it was read and as it should be. */
  public Future<Store> update(Store store, StoreSettings settings) {
    ObjectNode before = store.settings().toJson();
    ObjectNode changes = settings.toJson();
    before
        .properties()
        .forEach(
            property -> {
              if (property.getValue().equals(changes.get(property.getKey()))) {
                changes.remove(property.getKey());
              }
            });
    return pool.preparedQuery(UPDATE)
        .execute(Tuple.of(store.id(), ExactJson.write(changes)))
        .map(updated -> new Store(store.id(), settings, store.wallet(), store.rates()))
        .onComplete(done -> cache.remove(store.id()));
  }

  /**
   * Gives a store the key that its addresses follow from. A key that was used before, here or by
   * another store, goes on with the addresses behind those already handed out.
   *
   * @param config as in {@link StoreWallet#config}
   */
  public Future<Void> setWallet(
      String storeId, OutputDescriptor descriptor, boolean enabled, ObjectNode config) {
    return pool.preparedQuery(SET_WALLET)
        .execute(
            Tuple.of(
                storeId,
                network.paymentMethodId(),
                Buffer.buffer(descriptor.scriptAt(0).toBytes()),
                descriptor.canonical(),
                enabled,
                ExactJson.write(config)))
        .<Void>mapEmpty()
        .onComplete(done -> cache.remove(storeId));
  }

  /** Switches a store's payment method on or off. */
  public Future<Void> setWalletEnabled(String storeId, boolean enabled) {
    return pool.preparedQuery(SET_ENABLED)
        .execute(Tuple.of(storeId, network.paymentMethodId(), enabled))
        .<Void>mapEmpty()
        .onComplete(done -> cache.remove(storeId));
  }

  /** Takes a store's payment method away; its invoices stay payable. */
  public Future<Void> removeWallet(String storeId) {
    return pool.preparedQuery(REMOVE_WALLET)
        .execute(Tuple.of(storeId, network.paymentMethodId()))
        .<Void>mapEmpty()
        .onComplete(done -> cache.remove(storeId));
  }

  /**
   * Understands a key that a merchant has entered.
   *
   * @throws MalformedException with a sentence for the merchant
   */
  public OutputDescriptor parseKey(String text) throws MalformedException {
    return OutputDescriptor.parse(text, curve);
  }

  private List<Store> readAll(Iterable<Row> rows) {
    return unreadable.readOthers(rows, this::read);
  }

  private Store read(Row row) {
    return new Store(
        row.getString("id"),
        StoreSettings.ofStored(row.getString("settings")),
        row.getLong("wallet_id") == null ? Optional.empty() : Optional.of(readWallet(row)),
        row.getString("rates") == null
            ? RateBook.DEFAULT
            : RateBook.ofJson(ExactJson.read(row.getString("rates"))));
  }

  private StoreWallet readWallet(Row row) {
    try {
      return new StoreWallet(
          row.getLong("wallet_id"),
          OutputDescriptor.parse(row.getString("derivation"), curve),
          row.getBoolean("enabled"),
          (ObjectNode) ExactJson.read(row.getString("config")));
    } catch (MalformedException e) {
      throw new IllegalStateException("a stored descriptor does not parse", e);
    }
  }
}
