package network.tender.journal;

import java.sql.Connection;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.sql.Statement;
import java.util.Map;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Whether what a server has committed survives its crash.
 *
 * @param fsync its setting of that name: off means that nothing is forced to disk
 * @param fullPageWrites its setting of that name: off means that a torn page stays torn
 * @param synchronousCommit its setting of that name for our sessions: off means that a commit is
 *     answered before it is on disk
 */
record Durability(boolean fsync, boolean fullPageWrites, boolean synchronousCommit) {
  private static final Logger LOG = LoggerFactory.getLogger(Durability.class);

  /** Asks the server; blocks. */
  static Durability read(Connection connection) throws SQLException {
    try (Statement statement = connection.createStatement();
        ResultSet row =
            statement.executeQuery(
                "SELECT current_setting('fsync') <> 'off',"
                    + " current_setting('full_page_writes') <> 'off',"
                    + " current_setting('synchronous_commit') <> 'off'")) {
      row.next();
      return new Durability(row.getBoolean(1), row.getBoolean(2), row.getBoolean(3));
    }
  }

  /**
   * Refuses a server that forgets what it has acknowledged, since a settled payment would be
   * forgotten with it.
   *
   * @param allowUnsafe true if the operator takes that upon themselves
   */
  void demand(boolean allowUnsafe) {
    if (fsync && fullPageWrites) {
      return;
    }
    String text =
        "The database server is not durable ("
            + (fsync ? "" : "fsync=off ")
            + (fullPageWrites ? "" : "full_page_writes=off ")
            + "): a settled payment may be lost when it crashes.";
    if (!allowUnsafe) {
      throw new DatabaseRefusedException(
          text.replace(" )", ")")
              + " Switch that on; or, if its storage is known to be safe without, set"
              + " database.allowUnsafe.");
    }
    LOG.error("{} It is used all the same, as configured", text.replace(" )", ")"));
  }

  /** What our sessions have to ask for by themselves. */
  Map<String, String> sessionSettings() {
    // Only then: a stronger setting than "on" is to stay.
    return synchronousCommit ? Map.of() : Map.of("synchronous_commit", "on");
  }
}
