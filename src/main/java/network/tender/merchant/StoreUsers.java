package network.tender.merchant;

import io.vertx.core.Future;
import io.vertx.pgclient.PgException;
import io.vertx.sqlclient.Pool;
import io.vertx.sqlclient.SqlConnection;
import io.vertx.sqlclient.Tuple;
import java.time.InstantSource;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;

/** Who works in which store, and as what. */
public final class StoreUsers {
  /** Most people in one store. */
  public static final int MAX_USERS = 1_000;

  /** Most stores of others that one person is taken into. */
  public static final int MAX_GIVEN = 1_000;

  /** One after the other: so none comes in beyond the limit. */
  static final String LOCK_ACCOUNT = "SELECT id FROM account WHERE id = $1 FOR NO KEY UPDATE";

  private static final String COUNT_GIVEN =
      """
      SELECT count(*) FROM store_user u JOIN store s ON s.id = u.store_id
      WHERE u.account_id = $1 AND u.store_id <> $2 AND s.made_by IS DISTINCT FROM $1
      """;
  private static final String LIST =
      """
      SELECT a.id, a.email, a.name, a.image_url, a.administrator, a.disabled, a.created_millis,
        u.role
      FROM store_user u JOIN account a ON a.id = u.account_id
      WHERE u.store_id = $1 ORDER BY u.created_millis, a.id LIMIT %d
      """
          .formatted(MAX_USERS);
  private static final String INSERT =
      """
      INSERT INTO store_user (store_id, account_id, role, created_millis)
      SELECT $1, $2, $3, $4 WHERE (SELECT count(*) FROM store_user WHERE store_id = $1) < %d
      ON CONFLICT DO NOTHING
      """
          .formatted(MAX_USERS);
  private static final String UPDATE =
      "UPDATE store_user SET role = $3 WHERE store_id = $1 AND account_id = $2";
  private static final String DELETE =
      "DELETE FROM store_user WHERE store_id = $1 AND account_id = $2";
  private static final String LOCK_OWNERS =
      "SELECT account_id FROM store_user WHERE store_id = $1 AND role = 'Owner'"
          + " ORDER BY account_id FOR UPDATE";

  /**
   * Somebody in a store.
   *
   * @param account who
   * @param role as what
   */
  public record StoreUser(Account account, StoreRole role) {}

  /** What became of a change. */
  public enum Change {
    /** It is durable. */
    DONE,
    /** Already in the store, or the store is full. */
    DUPLICATE,
    /** In too many stores of others. */
    TOO_MANY_STORES,
    /** Not in the store. */
    NOT_FOUND,
    /** The store would have no owner any more. */
    LAST_OWNER
  }

  private final Pool pool;
  private final InstantSource clock;
  private final Accounts accounts;

  StoreUsers(Pool pool, InstantSource clock, Accounts accounts) {
    this.pool = pool;
    this.clock = clock;
    this.accounts = accounts;
  }

  /** Everybody in a store, who came first first. */
  public Future<List<StoreUser>> list(String storeId) {
    return pool.preparedQuery(LIST)
        .execute(Tuple.of(storeId))
        .map(
            rows -> {
              List<StoreUser> users = new ArrayList<>();
              rows.forEach(
                  row ->
                      StoreRole.parse(row.getString("role"))
                          .ifPresent(role -> users.add(new StoreUser(Accounts.read(row), role))));
              return users;
            });
  }

  /**
   * Takes somebody into a store, unless that person is in {@link #MAX_GIVEN} stores of others
   * already: a role that is given also counts.
   */
  public Future<Change> add(String storeId, String accountId, StoreRole role) {
    return pool.withTransaction(
            connection ->
                connection
                    .preparedQuery(LOCK_ACCOUNT)
                    .execute(Tuple.of(accountId))
                    .compose(
                        locked ->
                            connection
                                .preparedQuery(COUNT_GIVEN)
                                .execute(Tuple.of(accountId, storeId)))
                    .compose(
                        counted ->
                            counted.iterator().next().getLong(0) >= MAX_GIVEN
                                ? Future.succeededFuture(Change.TOO_MANY_STORES)
                                : insert(connection, storeId, accountId, role)))
        // The account has just been deleted.
        .recover(
            error ->
                error instanceof PgException pg && "23503".equals(pg.getSqlState())
                    ? Future.succeededFuture(Change.NOT_FOUND)
                    : Future.failedFuture(error))
        .onComplete(done -> accounts.forget());
  }

  private Future<Change> insert(
      SqlConnection connection, String storeId, String accountId, StoreRole role) {
    return connection
        .preparedQuery(INSERT)
        .execute(Tuple.of(storeId, accountId, role.text(), clock.millis()))
        .map(rows -> rows.rowCount() == 0 ? Change.DUPLICATE : Change.DONE);
  }

  /** Gives somebody in a store another role. */
  public Future<Change> update(String storeId, String accountId, StoreRole role) {
    return change(storeId, accountId, Optional.of(role));
  }

  /** Sends somebody away from a store. */
  public Future<Change> remove(String storeId, String accountId) {
    return change(storeId, accountId, Optional.empty());
  }

  private Future<Change> change(String storeId, String accountId, Optional<StoreRole> role) {
    return pool.withTransaction(
            connection ->
                connection
                    .preparedQuery(LOCK_OWNERS)
                    .execute(Tuple.of(storeId))
                    .compose(
                        owners -> {
                          boolean isLast =
                              owners.size() == 1
                                  && owners.iterator().next().getString(0).equals(accountId);
                          if (isLast && role.filter(StoreRole.OWNER::equals).isEmpty()) {
                            return Future.succeededFuture(Change.LAST_OWNER);
                          }
                          return write(connection, storeId, accountId, role);
                        }))
        .onComplete(done -> accounts.forget());
  }

  private static Future<Change> write(
      SqlConnection connection, String storeId, String accountId, Optional<StoreRole> role) {
    return (role.isPresent()
            ? connection
                .preparedQuery(UPDATE)
                .execute(Tuple.of(storeId, accountId, role.get().text()))
            : connection.preparedQuery(DELETE).execute(Tuple.of(storeId, accountId)))
        .map(rows -> rows.rowCount() == 0 ? Change.NOT_FOUND : Change.DONE);
  }
}
