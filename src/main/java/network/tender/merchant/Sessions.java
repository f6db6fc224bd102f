package network.tender.merchant;

import io.vertx.core.Future;
import io.vertx.core.buffer.Buffer;
import io.vertx.sqlclient.Pool;
import io.vertx.sqlclient.Row;
import io.vertx.sqlclient.Tuple;
import java.nio.charset.StandardCharsets;
import java.time.InstantSource;
import java.util.Optional;
import network.tender.chain.Hashing;

/**
 * Browsers that somebody has logged in with. Only the SHA-256 of a session's secret is stored. What
 * a session opens is part of that hash: one of a till is none of the pages that give out keys.
 */
public final class Sessions {
  /** How long a login lasts. */
  public static final long LIFE_MILLIS = 12 * 3_600_000L;

  /** Older logins of one account end when it has more. */
  private static final int MAX_OF_ACCOUNT = 20;

  private static final String INSERT =
      """
      WITH ended AS (
        DELETE FROM browser_session
        WHERE expires_millis <= $4 OR hash IN (
          SELECT hash FROM browser_session WHERE account_id = $2
          ORDER BY expires_millis DESC OFFSET %d))
      INSERT INTO browser_session (hash, account_id, expires_millis) VALUES ($1, $2, $3)
      """
          .formatted(MAX_OF_ACCOUNT - 1);

  private static final String FIND =
      """
      SELECT a.id, a.email, a.name, a.image_url, a.administrator, a.disabled, a.created_millis,
        %s AS roles
      FROM browser_session s JOIN account a ON a.id = s.account_id
      WHERE s.hash = $1 AND s.expires_millis > $2 AND NOT a.disabled
      """
          .formatted(Accounts.ROLES);

  private static final String DELETE = "DELETE FROM browser_session WHERE hash = $1";

  /**
   * Somebody at a browser.
   *
   * @param secret what the browser's cookie holds
   * @param account who it is
   * @param caller all that the account may do
   */
  public record Visitor(String secret, Account account, ApiKey caller) {
    /**
     * What this node's own forms carry, and no other site can know: a request with it was made on
     * one of our pages.
     */
    public String formToken() {
      byte[] text = ("form " + secret).getBytes(StandardCharsets.US_ASCII);
      return java.util.HexFormat.of().formatHex(Hashing.sha256(text));
    }
  }

  private final Pool pool;
  private final Ids ids;
  private final InstantSource clock;
  private final String place;

  private Sessions(Pool pool, Ids ids, InstantSource clock, String place) {
    this.pool = pool;
    this.ids = ids;
    this.clock = clock;
    this.place = place;
  }

  /** Logins to the pages of people who have an account. */
  static Sessions ofPages(Pool pool, Ids ids, InstantSource clock) {
    return new Sessions(pool, ids, clock, "session ");
  }

  /** Logins of cashiers at tills. */
  static Sessions ofTills(Pool pool, Ids ids, InstantSource clock) {
    return new Sessions(pool, ids, clock, "till ");
  }

  /** Begins a session; returns its secret, for the browser's cookie. */
  public Future<String> begin(String accountId) {
    String secret = ids.apiKey();
    long now = clock.millis();
    return pool.preparedQuery(INSERT)
        .execute(Tuple.of(hash(secret), accountId, now + LIFE_MILLIS, now))
        .map(secret);
  }

  /** Who has a session; empty if it is over or never was. */
  public Future<Optional<Visitor>> find(String secret) {
    if (!Ids.isApiKey(secret)) {
      return Future.succeededFuture(Optional.empty());
    }
    return pool.preparedQuery(FIND)
        .execute(Tuple.of(hash(secret), clock.millis()))
        .map(
            rows -> {
              if (rows.size() == 0) {
                return Optional.empty();
              }
              Row row = rows.iterator().next();
              Account account = Accounts.read(row);
              ApiKey caller = Accounts.caller(account, ApiKeys.readRoles(row.getString("roles")));
              return Optional.of(new Visitor(secret, account, caller));
            });
  }

  /** A number for a form, so that what is sent twice can be told from what is meant twice. */
  public String newFormId() {
    return ids.invoice();
  }

  /** Ends a session. */
  public Future<Void> end(String secret) {
    return pool.preparedQuery(DELETE).execute(Tuple.of(hash(secret))).mapEmpty();
  }

  private Buffer hash(String secret) {
    return Buffer.buffer(Hashing.sha256((place + secret).getBytes(StandardCharsets.US_ASCII)));
  }
}
