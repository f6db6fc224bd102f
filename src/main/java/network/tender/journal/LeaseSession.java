package network.tender.journal;

import io.vertx.core.Future;
import io.vertx.pgclient.PgConnection;
import io.vertx.sqlclient.Row;
import io.vertx.sqlclient.Tuple;
import java.time.OffsetDateTime;
import java.util.Collection;
import java.util.Map;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * The server's end of a lease connection. When the link between the two ends is cut, the server
 * does not notice for a long time (by default TCP asks after two hours), and all that while keeps
 * the lock. So the server is asked to look more often, and a session can be ended from another one.
 *
 * @param processId of the server process
 * @param start when it began; a later process may have the same id
 */
record LeaseSession(int processId, OffsetDateTime start) {
  /** What such connections are for, as {@link Database#connect} takes it. */
  static final String ROLE = "lease";

  /**
   * How soon the server finds out that the link is cut: 10 s of silence, then three questions 5 s
   * apart; 20 s for what it sent itself; and 5 s in the midst of a statement.
   */
  static final Map<String, String> KEEPALIVES =
      Map.of(
          "tcp_keepalives_idle", "10s",
          "tcp_keepalives_interval", "5s",
          "tcp_keepalives_count", "3",
          "tcp_user_timeout", "20s",
          "client_connection_check_interval", "5s");

  private static final Logger LOG = LoggerFactory.getLogger(LeaseSession.class);

  private static final String OWN =
      "SELECT pid, backend_start FROM pg_stat_activity WHERE pid = pg_backend_pid()";

  private static final String END =
      """
      SELECT pg_terminate_backend(session.pid)
      FROM pg_stat_activity AS session
      JOIN unnest($1::int[], $2::timestamptz[]) AS ours(pid, start)
        ON session.pid = ours.pid AND session.backend_start = ours.start
      WHERE session.application_name = $3 AND session.datname = current_database()
        AND session.pid <> pg_backend_pid()""";

  /** Sets up a fresh connection and finds out which session it has. */
  static Future<LeaseSession> of(PgConnection connection) {
    set(connection, KEEPALIVES);
    return connection
        .query(OWN)
        .execute()
        .map(
            rows -> {
              Row row = rows.iterator().next();
              return new LeaseSession(row.getInteger(0), row.getOffsetDateTime(1));
            });
  }

  /**
   * Changes settings of a session, each by itself and after connecting: some platforms refuse one
   * or another, and would refuse the whole connection for one among its first properties.
   */
  static void set(PgConnection connection, Map<String, String> settings) {
    settings.forEach(
        (name, value) ->
            connection
                .query("SET " + name + " = '" + value + "'")
                .execute()
                .onFailure(error -> LOG.debug("{} can't be set: {}", name, error.toString())));
  }

  /** Ends those of the sessions that are still there, and no other. */
  static Future<Void> end(PgConnection connection, Collection<LeaseSession> sessions) {
    return connection
        .preparedQuery(END)
        .execute(
            Tuple.tuple()
                .addValue(sessions.stream().map(LeaseSession::processId).toArray(Integer[]::new))
                .addValue(sessions.stream().map(LeaseSession::start).toArray(OffsetDateTime[]::new))
                .addValue("tender " + ROLE))
        .onSuccess(
            rows -> {
              if (rows.size() > 0) {
                LOG.warn("The lease was still held behind a broken link; that session was ended");
              }
            })
        .mapEmpty();
  }
}
