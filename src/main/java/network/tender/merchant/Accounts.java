package network.tender.merchant;

import io.micrometer.core.instrument.Counter;
import io.micrometer.core.instrument.MeterRegistry;
import io.vertx.core.Future;
import io.vertx.core.Vertx;
import io.vertx.pgclient.PgException;
import io.vertx.sqlclient.Pool;
import io.vertx.sqlclient.Row;
import io.vertx.sqlclient.RowSet;
import io.vertx.sqlclient.SqlClient;
import io.vertx.sqlclient.SqlConnection;
import io.vertx.sqlclient.Tuple;
import java.nio.charset.StandardCharsets;
import java.security.SecureRandom;
import java.time.InstantSource;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Optional;
import java.util.function.Function;
import java.util.function.LongSupplier;
import java.util.regex.Pattern;
import network.tender.chain.Hash;
import network.tender.chain.Hashing;

/** People who use the merchant API: their accounts, passwords and what they may do. */
public final class Accounts {
  /** Fewest characters of a password. */
  public static final int MIN_PASSWORD_CHARS = Passwords.MIN_CHARS;

  /** Most characters of a password. */
  public static final int MAX_PASSWORD_CHARS = Passwords.MAX_CHARS;

  /** Most accounts in one answer. */
  private static final int MAX_LISTED = 1_000;

  private static final int CACHED = 1_000;

  /** How long another process's change may go unnoticed here. */
  private static final long CACHE_MILLIS = 5_000;

  /**
   * How long a password that was right needs no new look: a day, so that whoever guesses at an
   * account does not lock out those who use it.
   */
  private static final long VERIFIED_MILLIS = 24 * 60 * 60 * 1_000L;

  /** No text that is stored for a password. */
  private static final String NO_PASSWORD = "none";

  private static final int SALT_BYTES = 32;
  private static final String UNIQUE_VIOLATION = "23505";

  /** Colons would end the name in {@code Authorization: Basic}. */
  private static final Pattern EMAIL = Pattern.compile("[^\\s@:<>\"]{1,64}@[^\\s@:<>\"]{1,190}");

  /**
   * What an account {@code a} is in which store, as a JSON object. There are no more than that, as
   * {@link Stores} and {@link StoreUsers} see to; of what an earlier release has let in, those
   * stores come first that the account has made itself, and then the oldest roles.
   */
  static final String ROLES =
      """
      (SELECT coalesce(json_object_agg(u.store_id, u.role), '{}')::text
         FROM (SELECT r.store_id, r.role FROM store_user r JOIN store s ON s.id = r.store_id
               WHERE r.account_id = a.id
               ORDER BY s.made_by IS NOT DISTINCT FROM a.id DESC, r.created_millis, r.store_id
               LIMIT %d) u)\
      """
          .formatted(Stores.MAX_MADE + StoreUsers.MAX_GIVEN);

  private static final String COLUMNS =
      "a.id, a.email, a.name, a.image_url, a.administrator, a.disabled, a.created_millis";
  private static final String FIND = "SELECT " + COLUMNS + " FROM account a WHERE a.id = $1";
  private static final String FIND_EITHER =
      "SELECT "
          + COLUMNS
          + " FROM account a WHERE a.id = $1 OR lower(a.email) = lower($1)"
          + " ORDER BY (a.id = $1) DESC LIMIT 1";
  private static final String LIST =
      "SELECT " + COLUMNS + " FROM account a ORDER BY a.created_millis, a.id LIMIT " + MAX_LISTED;
  private static final String INSERT =
      """
      INSERT INTO account AS a (id, email, name, image_url, administrator, password, created_millis)
      VALUES ($1, $2, $3, $4, $5, $6, $7) RETURNING %s
      """
          .formatted(COLUMNS);
  private static final String UPDATE =
      """
      UPDATE account a SET email = coalesce($2, email), name = coalesce($3, name),
        image_url = coalesce($4, image_url), password = coalesce($5, password)
      WHERE id = $1 RETURNING %s
      """
          .formatted(COLUMNS);
  private static final String LOCK_ADMINISTRATORS =
      "SELECT id FROM account WHERE administrator AND NOT disabled ORDER BY id FOR UPDATE";
  private static final String DELETE = "DELETE FROM account WHERE id = $1";
  private static final String DISABLE = "UPDATE account SET disabled = $2 WHERE id = $1";
  private static final String DELETE_SESSIONS = "DELETE FROM browser_session WHERE account_id = $1";
  private static final String FIND_LOGIN =
      "SELECT "
          + COLUMNS
          + ", a.password, "
          + ROLES
          + " AS roles"
          + " FROM account a WHERE lower(a.email) = lower($1)";
  private static final String FIND_PASSWORD = "SELECT password FROM account WHERE id = $1";

  /**
   * A new account, or what is to change of one.
   *
   * @param email the address; empty for no change
   * @param name what it is called; empty for none or no change
   * @param imageUrl its picture; empty for none or no change
   * @param password in clear text; empty for no change
   */
  public record Details(
      Optional<String> email,
      Optional<String> name,
      Optional<String> imageUrl,
      Optional<String> password) {}

  /** What became of a change. */
  public sealed interface Change {
    /**
     * It is durable.
     *
     * @param account after it
     */
    record Done(Account account) implements Change {}

    /** Another account has that address. */
    record EmailTaken() implements Change {}

    /** There is no such account. */
    record NotFound() implements Change {}

    /** Nobody would be left to run the server. */
    record LastAdministrator() implements Change {}
  }

  /** What became of a login. */
  public sealed interface Login {
    /**
     * The password is the right one.
     *
     * @param account whose it is
     * @param caller all that the account may do
     */
    record Welcome(Account account, ApiKey caller) implements Login {}

    /** There is no such account, it is locked, or the password is another; nobody is told which. */
    record Wrong() implements Login {}

    /** There were too many wrong tries. */
    record TooMany() implements Login {}
  }

  private record Person(Account account, Optional<String> password, Map<String, StoreRole> roles) {}

  private final Pool pool;
  private final Ids ids;
  private final InstantSource clock;
  private final ApiKeys keys;
  private final Passwords passwords;
  private final LoginLimit limit;
  private final ExpiringCache<String, Person> people;
  private final ExpiringCache<Hash, Boolean> verified;
  private final byte[] salt = new byte[SALT_BYTES];
  private final Counter wrong;
  private final Counter tooMany;

  Accounts(
      Vertx vertx,
      Pool pool,
      Ids ids,
      ApiKeys keys,
      InstantSource clock,
      LongSupplier nanoTime,
      SecureRandom random,
      MeterRegistry registry) {
    this.pool = pool;
    this.ids = ids;
    this.clock = clock;
    this.keys = keys;
    this.passwords = new Passwords(vertx, random, registry);
    this.limit = new LoginLimit(nanoTime);
    this.people = new ExpiringCache<>(clock, CACHE_MILLIS, CACHED);
    this.verified = new ExpiringCache<>(clock, VERIFIED_MILLIS, CACHED);
    random.nextBytes(salt);
    this.wrong = logins(registry, "wrong");
    this.tooMany = logins(registry, "limit");
  }

  private static Counter logins(MeterRegistry registry, String reason) {
    return Counter.builder("tender_logins_refused")
        .description("Logins with a password that were refused")
        .tag("reason", reason)
        .register(registry);
  }

  /** True if a text can be an account's address. */
  public static boolean isEmail(String text) {
    return EMAIL.matcher(text).matches();
  }

  /** To be called when somebody's rights have changed, so that the change counts at once. */
  void forget() {
    people.clear();
    keys.forget();
  }

  // ---- Accounts.

  /** The account of an id. */
  public Future<Optional<Account>> find(String id) {
    return pool.preparedQuery(FIND).execute(Tuple.of(id)).map(Accounts::first);
  }

  /** The account of an id or an address. */
  public Future<Optional<Account>> findByIdOrEmail(String idOrEmail) {
    return pool.preparedQuery(FIND_EITHER).execute(Tuple.of(idOrEmail)).map(Accounts::first);
  }

  /** All accounts, the oldest first. */
  public Future<List<Account>> list() {
    return pool.query(LIST)
        .execute()
        .map(
            rows -> {
              List<Account> accounts = new ArrayList<>();
              rows.forEach(row -> accounts.add(read(row)));
              return accounts;
            });
  }

  /**
   * Makes an account.
   *
   * @param details with an address
   */
  public Future<Change> create(Details details, boolean administrator) {
    return hash(details)
        .compose(
            password ->
                pool.preparedQuery(INSERT)
                    .execute(
                        Tuple.of(
                            ids.invoice(),
                            details.email().orElseThrow(),
                            details.name().orElse(null),
                            details.imageUrl().orElse(null),
                            administrator,
                            password.orElse(null),
                            clock.millis())))
        .map(Accounts::changed)
        .recover(Accounts::emailTaken);
  }

  /** Changes an account; a new password ends its logins in browsers. */
  public Future<Change> update(String id, Details details) {
    return hash(details)
        .compose(
            password ->
                pool.withTransaction(
                    connection ->
                        (password.isEmpty()
                                ? Future.succeededFuture()
                                : connection.preparedQuery(DELETE_SESSIONS).execute(Tuple.of(id)))
                            .compose(
                                ended ->
                                    connection
                                        .preparedQuery(UPDATE)
                                        .execute(
                                            Tuple.of(
                                                id,
                                                details.email().orElse(null),
                                                details.name().orElse(null),
                                                details.imageUrl().orElse(null),
                                                password.orElse(null))))))
        .map(Accounts::changed)
        .recover(Accounts::emailTaken)
        .onComplete(done -> forget());
  }

  private Future<Optional<String>> hash(Details details) {
    return details.password().isEmpty()
        ? Future.succeededFuture(Optional.empty())
        : passwords.hash(details.password().get()).map(Optional::of);
  }

  private static Change changed(RowSet<Row> rows) {
    return first(rows).<Change>map(Change.Done::new).orElseGet(Change.NotFound::new);
  }

  private static Future<Change> emailTaken(Throwable error) {
    return error instanceof PgException pg && UNIQUE_VIOLATION.equals(pg.getSqlState())
        ? Future.succeededFuture(new Change.EmailTaken())
        : Future.failedFuture(error);
  }

  /** Deletes an account with its keys and roles; what it has sold stays. */
  public Future<Change> delete(String id) {
    return change(id, true, connection -> connection.preparedQuery(DELETE).execute(Tuple.of(id)));
  }

  /** Locks an account out, or lets it in again. */
  public Future<Change> lock(String id, boolean locked) {
    Function<SqlConnection, Future<RowSet<Row>>> change =
        connection ->
            connection
                .preparedQuery(DISABLE)
                .execute(Tuple.of(id, locked))
                .compose(done -> connection.preparedQuery(DELETE_SESSIONS).execute(Tuple.of(id)));
    return change(id, locked, change);
  }

  /**
   * Changes an account.
   *
   * @param ends true if the account is of no use afterwards, which the last administrator's must be
   */
  private Future<Change> change(
      String id, boolean ends, Function<SqlConnection, Future<RowSet<Row>>> change) {
    return pool.withTransaction(
            connection ->
                administrators(connection)
                    .compose(
                        administrators -> {
                          if (ends && administrators.equals(List.of(id))) {
                            return Future.succeededFuture(new Change.LastAdministrator());
                          }
                          return connection
                              .preparedQuery(FIND)
                              .execute(Tuple.of(id))
                              .map(Accounts::changed)
                              .compose(found -> change.apply(connection).map(found));
                        }))
        .onComplete(done -> forget());
  }

  private static Future<List<String>> administrators(SqlClient connection) {
    return connection
        .query(LOCK_ADMINISTRATORS)
        .execute()
        .map(
            rows -> {
              List<String> found = new ArrayList<>();
              rows.forEach(row -> found.add(row.getString(0)));
              return found;
            });
  }

  // ---- Logins.

  /**
   * Looks at a name and a password. Instead of the password an API key of the same account will do
   * that may do everything: so the administrator gets in who has no password yet.
   *
   * @param address where the request came from, for the limit
   */
  public Future<Login> login(String address, String email, String password) {
    String name = email.strip().toLowerCase(Locale.ROOT);
    if (!isEmail(name) || password.length() > MAX_PASSWORD_CHARS || !ExactJson.isStorable(name)) {
      wrong.increment();
      return Future.succeededFuture(new Login.Wrong());
    }
    return person(name)
        .compose(
            found ->
                Ids.isApiKey(password)
                    ? byKey(found, password)
                        .compose(
                            key ->
                                key.isPresent()
                                    ? Future.succeededFuture(key.get())
                                    : byPassword(address, name, found, password))
                    : byPassword(address, name, found, password));
  }

  private Future<Optional<Person>> person(String email) {
    Optional<Person> known = people.get(email);
    if (known.isPresent()) {
      return Future.succeededFuture(known);
    }
    long generation = people.generation();
    return pool.preparedQuery(FIND_LOGIN)
        .execute(Tuple.of(email))
        .map(
            rows -> {
              if (rows.size() == 0) {
                return Optional.<Person>empty();
              }
              Row row = rows.iterator().next();
              Person person =
                  new Person(
                      read(row),
                      Optional.ofNullable(row.getString("password")),
                      ApiKeys.readRoles(row.getString("roles")));
              people.put(email, person, generation);
              return Optional.of(person);
            });
  }

  private Future<Optional<Login>> byKey(Optional<Person> person, String key) {
    return keys.find(key)
        .map(
            found ->
                found
                    .filter(known -> known.allows(Permission.UNRESTRICTED))
                    .flatMap(
                        known ->
                            person
                                .filter(one -> one.account().id().equals(known.userId()))
                                .map(Accounts::welcome)));
  }

  private Future<Login> byPassword(
      String address, String name, Optional<Person> person, String password) {
    Optional<Person> able = person.filter(found -> !found.account().disabled());
    String stored = able.flatMap(Person::password).orElse(NO_PASSWORD);
    Hash tried = fingerprint(name, stored, password);
    if (able.isPresent() && verified.get(tried).isPresent()) {
      return Future.succeededFuture(welcome(able.get()));
    }
    LoginLimit.Taken taken = limit.tryTake(address, name, able.isPresent());
    if (taken == LoginLimit.Taken.NOTHING) {
      tooMany.increment();
      return Future.succeededFuture(new Login.TooMany());
    }
    long generation = verified.generation();
    return passwords
        .matches(password, stored)
        .onFailure(busy -> limit.giveBack(address, name, taken))
        .map(
            matches -> {
              if (!matches || able.isEmpty()) {
                return refused(taken);
              }
              limit.giveBack(address, name, taken);
              verified.put(tried, true, generation);
              return welcome(able.get());
            });
  }

  private Login refused(LoginLimit.Taken taken) {
    if (taken == LoginLimit.Taken.ACCOUNT) {
      // As for a name that nobody has.
      tooMany.increment();
      return new Login.TooMany();
    }
    wrong.increment();
    return new Login.Wrong();
  }

  private static Login welcome(Person person) {
    return new Login.Welcome(person.account(), caller(person.account(), person.roles()));
  }

  /** All that an account may do. */
  static ApiKey caller(Account account, Map<String, StoreRole> roles) {
    return new ApiKey(
        account.id(), "", List.of(Permission.UNRESTRICTED), account.administrator(), roles);
  }

  /**
   * Tells one right try from all others for as long as the process lives. It stays in memory, and
   * the salt does too.
   */
  private Hash fingerprint(String name, String stored, String password) {
    String text = name + "\n" + stored + "\n" + password;
    byte[] bytes = text.getBytes(StandardCharsets.UTF_8);
    byte[] salted = java.util.Arrays.copyOf(salt, SALT_BYTES + bytes.length);
    System.arraycopy(bytes, 0, salted, SALT_BYTES, bytes.length);
    return Hash.of(Hashing.sha256(salted));
  }

  /** True if somebody can log in to an account with a password. */
  public Future<Boolean> hasPassword(String id) {
    return pool.preparedQuery(FIND_PASSWORD)
        .execute(Tuple.of(id))
        .map(rows -> rows.size() > 0 && rows.iterator().next().getString(0) != null);
  }

  /**
   * True if a password is the account's own. Counts against the limit if not, and is empty if there
   * were too many wrong ones.
   *
   * @param address where the request came from, for the limit
   */
  public Future<Optional<Boolean>> isPassword(String address, Account account, String password) {
    return pool.preparedQuery(FIND_PASSWORD)
        .execute(Tuple.of(account.id()))
        .compose(
            rows -> {
              String found = rows.size() == 0 ? null : rows.iterator().next().getString(0);
              String stored = found == null ? NO_PASSWORD : found;
              String name = account.email().toLowerCase(Locale.ROOT);
              LoginLimit.Taken taken = limit.tryTake(address, name, true);
              if (taken == LoginLimit.Taken.NOTHING) {
                tooMany.increment();
                return Future.succeededFuture(Optional.empty());
              }
              return passwords
                  .matches(password, stored)
                  .onFailure(busy -> limit.giveBack(address, name, taken))
                  .map(
                      matches -> {
                        if (matches) {
                          limit.giveBack(address, name, taken);
                        }
                        return Optional.of(matches);
                      });
            });
  }

  // ---- Rows.

  private static Optional<Account> first(RowSet<Row> rows) {
    return rows.size() == 0 ? Optional.empty() : Optional.of(read(rows.iterator().next()));
  }

  static Account read(Row row) {
    return new Account(
        row.getString("id"),
        row.getString("email"),
        Optional.ofNullable(row.getString("name")),
        Optional.ofNullable(row.getString("image_url")),
        row.getBoolean("administrator"),
        row.getBoolean("disabled"),
        row.getLong("created_millis"));
  }

  Future<Void> close() {
    return passwords.close();
  }
}
