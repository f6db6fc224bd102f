package network.tender.merchant;

import io.vertx.core.Future;
import io.vertx.core.buffer.Buffer;
import io.vertx.sqlclient.Pool;
import io.vertx.sqlclient.Row;
import io.vertx.sqlclient.RowSet;
import io.vertx.sqlclient.SqlClient;
import io.vertx.sqlclient.Tuple;
import java.nio.charset.StandardCharsets;
import java.time.InstantSource;
import java.util.List;
import java.util.Optional;
import java.util.function.Function;
import network.tender.chain.Hash;
import network.tender.chain.Hashing;

/**
 * API keys and the accounts behind them. Only a key's SHA-256 is stored: a key has 160 random bits,
 * so that a slow hash would add nothing but load.
 */
public final class ApiKeys {
  /** The address of the account made at first start. */
  public static final String ADMINISTRATOR_EMAIL = "admin@localhost";

  private static final int CACHED_KEYS = 1_000;

  /** How long another process's revocation may go unnoticed here. */
  private static final long CACHE_MILLIS = 5_000;

  private static final String FIND =
      "SELECT account_id, label, permissions FROM api_key WHERE hash = $1";
  private static final String INSERT =
      "INSERT INTO api_key (hash, account_id, label, permissions, initial, created_millis)"
          + " VALUES ($1, $2, $3, $4, $5, $6)";
  private static final String DELETE = "DELETE FROM api_key WHERE hash = $1";
  private static final String DELETE_INITIAL = "DELETE FROM api_key WHERE initial";
  private static final String FIND_ACCOUNT =
      "SELECT id, email, administrator, created_millis FROM account WHERE id = $1";
  private static final String INSERT_ADMINISTRATOR =
      "INSERT INTO account (id, email, administrator, created_millis) VALUES ($1, $2, true, $3)"
          + " ON CONFLICT DO NOTHING";
  private static final String FIND_ADMINISTRATOR =
      "SELECT id FROM account WHERE administrator FOR UPDATE";

  private final Pool pool;
  private final Ids ids;
  private final InstantSource clock;
  private final ExpiringCache<Hash, ApiKey> cache;

  /** Keys in this database. */
  public ApiKeys(Pool pool, Ids ids, InstantSource clock) {
    this.pool = pool;
    this.ids = ids;
    this.clock = clock;
    this.cache = new ExpiringCache<>(clock, CACHE_MILLIS, CACHED_KEYS);
  }

  /**
   * Makes the administrator's account and key, if this database has none yet.
   *
   * @param keep puts the key where the administrator finds it; called before the key becomes valid,
   *     so that a crash in between leaves a useless key behind, never a node without a known one
   * @return true if it was made now
   */
  public Future<Boolean> ensureAdministratorKey(Function<String, Future<Void>> keep) {
    return pool.withTransaction(
        connection ->
            connection
                .preparedQuery(INSERT_ADMINISTRATOR)
                .execute(Tuple.of(ids.invoice(), ADMINISTRATOR_EMAIL, clock.millis()))
                .compose(
                    inserted ->
                        inserted.rowCount() == 0
                            ? Future.succeededFuture(false)
                            : addInitialKey(connection, keep).map(true)));
  }

  /**
   * Makes a new key for the administrator and revokes the one made before by this method or at
   * first start; for when the file that held it is lost.
   *
   * @param keep as in {@link #ensureAdministratorKey}
   */
  public Future<Void> renewAdministratorKey(Function<String, Future<Void>> keep) {
    return pool.withTransaction(
        connection ->
            connection
                .query(DELETE_INITIAL)
                .execute()
                .compose(deleted -> addInitialKey(connection, keep)));
  }

  private Future<Void> addInitialKey(SqlClient connection, Function<String, Future<Void>> keep) {
    String key = ids.apiKey();
    return connection
        .query(FIND_ADMINISTRATOR)
        .execute()
        .compose(
            rows ->
                keep.apply(key)
                    .compose(
                        kept ->
                            insert(
                                connection,
                                key,
                                rows.iterator().next().getString(0),
                                "administrator",
                                List.of(Permission.UNRESTRICTED),
                                true)));
  }

  /** What a key may do; empty if there is no such key. */
  public Future<Optional<ApiKey>> find(String key) {
    if (!Ids.isApiKey(key)) {
      return Future.succeededFuture(Optional.empty());
    }
    Hash hash = hash(key);
    Optional<ApiKey> cached = cache.get(hash);
    if (cached.isPresent()) {
      return Future.succeededFuture(cached);
    }
    long generation = cache.generation();
    return pool.preparedQuery(FIND)
        .execute(Tuple.of(buffer(hash)))
        .map(
            rows -> {
              Optional<ApiKey> found = first(rows).map(ApiKeys::read);
              found.ifPresent(apiKey -> cache.put(hash, apiKey, generation));
              return found;
            });
  }

  /**
   * Makes a key.
   *
   * @param permissions exactly as asked for
   * @return the key in clear text, which can't be read again later
   */
  public Future<String> create(String accountId, String label, List<String> permissions) {
    String key = ids.apiKey();
    return insert(pool, key, accountId, label, permissions, false).map(key);
  }

  /** Revokes a key; false if there is none. It stops working here at once. */
  public Future<Boolean> delete(String key) {
    Hash hash = hash(key);
    return pool.preparedQuery(DELETE)
        .execute(Tuple.of(buffer(hash)))
        .map(rows -> rows.rowCount() > 0)
        .onComplete(done -> cache.remove(hash));
  }

  /** The account of an id. */
  public Future<Optional<Account>> account(String id) {
    return pool.preparedQuery(FIND_ACCOUNT)
        .execute(Tuple.of(id))
        .map(
            rows ->
                first(rows)
                    .map(
                        row ->
                            new Account(
                                row.getString(0),
                                row.getString(1),
                                row.getBoolean(2),
                                row.getLong(3))));
  }

  private Future<Void> insert(
      SqlClient client,
      String key,
      String accountId,
      String label,
      List<String> permissions,
      boolean initial) {
    return client
        .preparedQuery(INSERT)
        .execute(
            Tuple.of(
                buffer(hash(key)),
                accountId,
                label,
                permissions.toArray(String[]::new),
                initial,
                clock.millis()))
        .mapEmpty();
  }

  private static ApiKey read(Row row) {
    return new ApiKey(row.getString(0), row.getString(1), List.of(row.getArrayOfStrings(2)));
  }

  private static Optional<Row> first(RowSet<Row> rows) {
    return rows.size() == 0 ? Optional.empty() : Optional.of(rows.iterator().next());
  }

  private static Hash hash(String key) {
    return Hash.of(Hashing.sha256(key.getBytes(StandardCharsets.US_ASCII)));
  }

  private static Buffer buffer(Hash hash) {
    return Buffer.buffer(hash.toBytes());
  }
}
