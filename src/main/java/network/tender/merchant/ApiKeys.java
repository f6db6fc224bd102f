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
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.function.Function;
import network.tender.chain.Hash;
import network.tender.chain.Hashing;

/**
 * API keys. Only a key's SHA-256 is stored: a key has 160 random bits, so that a slow hash would
 * add nothing but load.
 */
public final class ApiKeys {
  /** The address of the account made at first start. */
  public static final String ADMINISTRATOR_EMAIL = "admin@localhost";

  /** Most keys of one account. */
  public static final int MAX_KEYS = 1_000;

  private static final int CACHED_KEYS = 1_000;

  /** How long another process's revocation may go unnoticed here. */
  private static final long CACHE_MILLIS = 5_000;

  private static final String FIND =
      """
      SELECT k.account_id, k.label, k.permissions, a.administrator, %s AS roles
      FROM api_key k JOIN account a ON a.id = k.account_id
      WHERE k.hash = $1 AND NOT a.disabled
      """
          .formatted(Accounts.ROLES);

  private static final String INSERT =
      """
      INSERT INTO api_key (hash, account_id, label, permissions, initial, created_millis)
      SELECT $1, $2, $3, $4, $5, $6
      WHERE (SELECT count(*) FROM api_key WHERE account_id = $2) < %d
      """
          .formatted(MAX_KEYS);
  private static final String DELETE = "DELETE FROM api_key WHERE hash = $1";
  private static final String DELETE_OF_ACCOUNT =
      "DELETE FROM api_key WHERE hash = $1 AND account_id = $2";
  private static final String DELETE_INITIAL = "DELETE FROM api_key WHERE initial";
  private static final String INSERT_ADMINISTRATOR =
      """
      INSERT INTO account (id, email, administrator, first, created_millis)
      SELECT $1, $2, true, true, $3 WHERE NOT EXISTS (SELECT FROM account WHERE administrator)
      ON CONFLICT DO NOTHING
      """;
  private static final String FIND_ADMINISTRATOR =
      "SELECT id FROM account WHERE administrator ORDER BY first DESC, created_millis, id"
          + " LIMIT 1 FOR UPDATE";

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
                    .compose(deleted -> addInitialKey(connection, keep)))
        .onComplete(done -> cache.clear());
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
                                true)))
        .mapEmpty();
  }

  /** What a key may do; empty if there is no such key or its user is locked out. */
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

  /** To be called when somebody's rights have changed: what was remembered of keys is void. */
  void forget() {
    cache.clear();
  }

  /**
   * Makes a key.
   *
   * @param permissions exactly as asked for
   * @return the key in clear text, which can't be read again later; empty if the account has {@link
   *     #MAX_KEYS} already
   */
  public Future<Optional<String>> create(String accountId, String label, List<String> permissions) {
    String key = ids.apiKey();
    return insert(pool, key, accountId, label, permissions, false)
        .map(made -> made ? Optional.of(key) : Optional.empty());
  }

  /** Revokes a key; false if there is none. It stops working here at once. */
  public Future<Boolean> delete(String key) {
    return delete(key, DELETE, Tuple.of(buffer(hash(key))));
  }

  /** Revokes a key of an account; false if it has no such key. It stops working here at once. */
  public Future<Boolean> delete(String accountId, String key) {
    return delete(key, DELETE_OF_ACCOUNT, Tuple.of(buffer(hash(key)), accountId));
  }

  private Future<Boolean> delete(String key, String statement, Tuple tuple) {
    return pool.preparedQuery(statement)
        .execute(tuple)
        .map(rows -> rows.rowCount() > 0)
        .onComplete(done -> cache.remove(hash(key)));
  }

  private Future<Boolean> insert(
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
        .map(rows -> rows.rowCount() > 0);
  }

  private static ApiKey read(Row row) {
    return new ApiKey(
        row.getString(0),
        row.getString(1),
        List.of(row.getArrayOfStrings(2)),
        row.getBoolean(3),
        readRoles(row.getString(4)));
  }

  /** Reads what {@link Accounts#ROLES} has written; unknown roles open nothing. */
  static Map<String, StoreRole> readRoles(String json) {
    Map<String, StoreRole> roles = new HashMap<>();
    ExactJson.read(json)
        .properties()
        .forEach(
            property ->
                StoreRole.parse(property.getValue().asText())
                    .ifPresent(role -> roles.put(property.getKey(), role)));
    return roles;
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
