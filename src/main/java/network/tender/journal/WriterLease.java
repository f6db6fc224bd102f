package network.tender.journal;

import io.vertx.core.Future;
import io.vertx.core.internal.VertxInternal;
import io.vertx.pgclient.PgConnection;
import io.vertx.sqlclient.Row;
import io.vertx.sqlclient.SqlClient;
import io.vertx.sqlclient.Tuple;
import java.net.InetAddress;
import java.net.UnknownHostException;
import java.time.Duration;
import java.util.ArrayDeque;
import java.util.Deque;
import java.util.Optional;
import java.util.concurrent.TimeUnit;
import java.util.function.Consumer;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * The right to write to a database, which one process at a time has.
 *
 * <p>Two things make it up. An advisory lock on a connection of its own keeps a second process out;
 * PostgreSQL frees it the moment its holder's connection ends. And a generation number in the
 * cursor rows, raised by each new holder, is checked inside every transaction that writes: so a
 * holder that was cut off or paused, and replaced, can't commit anything any more, whatever it
 * believes.
 */
public final class WriterLease {
  /**
   * How to get and keep a lease.
   *
   * @param waitLimit how long to wait for another holder to go away before refusing
   * @param pollDelay wait between two tries, and first wait after the connection broke
   * @param heartbeat how often the connection and the generation are checked
   */
  public record Options(Duration waitLimit, Duration pollDelay, Duration heartbeat) {
    /** What suits a node. */
    public static final Options DEFAULT =
        new Options(Duration.ofSeconds(5), Duration.ofMillis(200), Duration.ofSeconds(5));
  }

  private static final Logger LOG = LoggerFactory.getLogger(WriterLease.class);

  /** "TENDER" in ASCII; advisory locks are counted per database. */
  static final long LOCK_KEY = 0x54454e444552L;

  /** Most sessions that are remembered; by the time of so many, keepalives have ended the first. */
  private static final int MAX_SESSIONS = 16;

  private static final String RAISE_GENERATION =
      """
      WITH head AS (
        UPDATE chain_head
        SET generation = generation + 1, holder_host = $1, holder_pid = $2, held_since = now()
        RETURNING generation),
      coins AS (UPDATE coin_cursor SET generation = head.generation FROM head),
      places AS (UPDATE index_cursor SET generation = head.generation FROM head)
      SELECT generation FROM head""";

  private final Database database;
  private final EventLoop loop;
  private final Options options;
  private final Consumer<String> onLost;
  private volatile long generation;
  private volatile boolean held;
  private volatile boolean closed;
  private volatile @Nullable String lostBecause;

  // On the context only.
  private @Nullable PgConnection connection;

  /** Of the connection and, before it, of those that broke since the lock was last taken. */
  private final Deque<LeaseSession> sessions = new ArrayDeque<>();

  private long heartbeatTimer = -1;

  private WriterLease(Database database, Options options, Consumer<String> onLost) {
    this.database = database;
    this.loop = EventLoop.current(database.vertx());
    this.options = options;
    this.onLost = onLost;
  }

  /**
   * Takes the lease.
   *
   * @param onLost told once, with a sentence for the operator, if another process takes it over:
   *     the node must stop
   * @return fails with {@link DatabaseRefusedException} if another process keeps it
   */
  public static Future<WriterLease> acquire(
      Database database, Options options, Consumer<String> onLost) {
    WriterLease lease = new WriterLease(database, options, onLost);
    long tries = 1 + options.waitLimit().toMillis() / Math.max(1, options.pollDelay().toMillis());
    return lease.loop.call(
        () ->
            database
                .vertx()
                .executeBlocking(WriterLease::hostName)
                .compose(host -> lease.acquire(host, tries))
                .onFailure(error -> lease.drop())
                .map(lease));
  }

  private static String hostName() {
    try {
      return InetAddress.getLocalHost().getHostName();
    } catch (UnknownHostException e) {
      return "unknown host";
    }
  }

  private Future<Void> acquire(String host, long tries) {
    return connect()
        .compose(this::tryLock)
        .compose(
            locked -> {
              if (locked) {
                return raiseGeneration(host);
              }
              if (tries <= 1) {
                return refuse();
              }
              return delay().compose(v -> acquire(host, tries - 1));
            });
  }

  private Future<PgConnection> connect() {
    PgConnection current = connection;
    if (current != null) {
      return Future.succeededFuture(current);
    }
    return database.connect(LeaseSession.ROLE).compose(this::adopt);
  }

  private Future<PgConnection> adopt(PgConnection fresh) {
    return loop.within(database.options().limits().connectTimeout(), LeaseSession.of(fresh))
        .compose(
            session -> {
              if (isGivenUp()) {
                return Future.<PgConnection>failedFuture("the lease has been given up");
              }
              if (sessions.size() == MAX_SESSIONS) {
                sessions.removeFirst();
              }
              sessions.addLast(session);
              connection = fresh;
              fresh.closeHandler(v -> onClosed(fresh));
              fresh.exceptionHandler(error -> LOG.debug("lease connection: {}", error.toString()));
              return Future.succeededFuture(fresh);
            })
        .onFailure(error -> fresh.close());
  }

  private Future<Boolean> tryLock(PgConnection current) {
    return loop.within(
        database.options().limits().statementTimeout(),
        current
            .preparedQuery("SELECT pg_try_advisory_lock($1)")
            .execute(Tuple.of(LOCK_KEY))
            .map(rows -> rows.iterator().next().getBoolean(0)));
  }

  private Future<Void> raiseGeneration(String host) {
    PgConnection current = connection;
    if (current == null) {
      return Future.failedFuture("the lease connection broke");
    }
    return current
        .preparedQuery(RAISE_GENERATION)
        .execute(Tuple.of(host, ProcessHandle.current().pid()))
        .map(
            rows -> {
              generation = rows.iterator().next().getLong(0);
              held = true;
              heartbeatTimer =
                  loop.vertx().setPeriodic(options.heartbeat().toMillis(), id -> checkHeartbeat());
              LOG.info("Writer lease taken, generation {}", generation);
              return null;
            });
  }

  private Future<Void> refuse() {
    return holder(database.pool())
        .compose(
            holder ->
                Future.failedFuture(
                    new DatabaseRefusedException(
                        "Another node writes to this database: "
                            + holder
                            + ". Stop it first, or give this node a database of its own.")));
  }

  /** Who took the lease last, in words. */
  private static Future<String> holder(SqlClient client) {
    return client
        .query(
            "SELECT holder_host, holder_pid,"
                + " to_char(held_since AT TIME ZONE 'UTC', 'YYYY-MM-DD HH24:MI:SS') AS since"
                + " FROM chain_head")
        .execute()
        .map(
            rows -> {
              Row row = rows.iterator().next();
              return row.getString("holder_host") == null
                  ? "one that is just starting"
                  : "process "
                      + row.getLong("holder_pid")
                      + " on "
                      + row.getString("holder_host")
                      + ", since "
                      + row.getString("since")
                      + " UTC";
            });
  }

  private Future<Void> delay() {
    return loop.vertx().timer(options.pollDelay().toMillis(), TimeUnit.MILLISECONDS).mapEmpty();
  }

  private void checkHeartbeat() {
    PgConnection current = connection;
    if (current == null || !held) {
      return;
    }
    loop.within(options.heartbeat(), readGeneration(current))
        .onComplete(
            result -> {
              if (connection != current) {
                return;
              }
              if (result.failed()) {
                LOG.warn("The lease connection does not answer: {}", result.cause().toString());
                drop();
                onClosed(current);
              } else if (result.result() != generation) {
                lose();
              }
            });
  }

  private static Future<Long> readGeneration(SqlClient client) {
    return client
        .query("SELECT generation FROM chain_head")
        .execute()
        .map(rows -> rows.iterator().next().getLong(0));
  }

  private void drop() {
    PgConnection current = connection;
    connection = null;
    if (current != null) {
      current.close();
    }
  }

  private void onClosed(PgConnection dead) {
    if (connection == dead) {
      connection = null;
    }
    if (held && connection == null && !closed) {
      held = false;
      if (isGivenUp()) {
        return;
      }
      LOG.warn("The lease connection broke; taking the lease again");
      reacquire(options.pollDelay());
    }
  }

  /**
   * Whether nothing may be taken any more. A Vert.x that closes breaks all connections; one that is
   * made while it does may be left open, and keeps the lock from the next holder.
   */
  private boolean isGivenUp() {
    return closed || lostBecause != null || ((VertxInternal) loop.vertx()).closeFuture().isClosed();
  }

  private void reacquire(Duration delay) {
    if (isGivenUp()) {
      return;
    }
    Future<Optional<Boolean>> attempt =
        connect().compose(current -> tryLock(current).compose(locked -> check(current, locked)));
    loop.within(database.options().limits().statementTimeout(), attempt)
        .onComplete(
            result -> {
              if (result.succeeded() && result.result().isEmpty()) {
                lose();
                return;
              }
              if (result.succeeded() && result.result().get()) {
                held = true;
                LOG.info("Writer lease taken again, generation {}", generation);
                return;
              }
              if (result.failed()) {
                drop();
              }
              Duration longer = delay.multipliedBy(2);
              Duration next =
                  longer.compareTo(options.heartbeat()) < 0 ? longer : options.heartbeat();
              loop.vertx().setTimer(delay.toMillis(), id -> reacquire(next));
            });
  }

  /**
   * Empty if another process has taken the lease. If nobody has, and yet the lock is taken, then it
   * is a session of ours that has it, whose link is cut: it is ended.
   */
  private Future<Optional<Boolean>> check(PgConnection current, boolean locked) {
    return readGeneration(current)
        .compose(
            found -> {
              if (found != generation) {
                return Future.succeededFuture(Optional.empty());
              }
              LeaseSession own = sessions.getLast();
              if (locked || sessions.size() == 1) {
                sessions.removeIf(session -> !session.equals(own));
                return Future.succeededFuture(Optional.of(locked));
              }
              return LeaseSession.end(
                      current, sessions.stream().filter(session -> !session.equals(own)).toList())
                  .map(Optional.of(false));
            });
  }

  private void lose() {
    holder(database.pool())
        .otherwise("another process")
        .onSuccess(holder -> lost("The writer lease was taken over by " + holder + "."));
  }

  /** Records that the lease is lost and tells the node, once. */
  void lost(String explanation) {
    loop.context()
        .runOnContext(
            v -> {
              if (lostBecause != null || closed) {
                return;
              }
              lostBecause = explanation;
              held = false;
              loop.vertx().cancelTimer(heartbeatTimer);
              drop();
              LOG.error("{} This node must stop writing.", explanation);
              onLost.accept(explanation);
            });
  }

  /** What to fail with when a cursor row has another generation than ours. */
  LeaseLostException takenOver(long foundGeneration) {
    return new LeaseLostException(
        "Another process has become the writer of this database (generation "
            + foundGeneration
            + ", ours is "
            + generation
            + ").");
  }

  /** The number that every transaction checks. */
  long generation() {
    return generation;
  }

  /**
   * True while the lock is held. False for a while after the connection broke, and for good once
   * the lease is lost.
   */
  public boolean isHeld() {
    return held;
  }

  /** Gives the lease back. */
  public Future<Void> close() {
    return loop.call(
        () -> {
          closed = true;
          held = false;
          loop.vertx().cancelTimer(heartbeatTimer);
          PgConnection current = connection;
          connection = null;
          return current == null ? Future.succeededFuture() : current.close();
        });
  }
}
