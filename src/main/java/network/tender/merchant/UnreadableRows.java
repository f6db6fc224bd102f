package network.tender.merchant;

import io.micrometer.core.instrument.Counter;
import io.micrometer.core.instrument.MeterRegistry;
import io.vertx.sqlclient.Row;
import java.util.ArrayList;
import java.util.List;
import java.util.Set;
import java.util.concurrent.ConcurrentHashMap;
import java.util.function.Function;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Rows of one table that can't be read, though none should be. Lists are shown without them, for
 * one must not take all others with it, and the operator is told.
 */
final class UnreadableRows {
  private static final Logger LOG = LoggerFactory.getLogger(UnreadableRows.class);

  /** So many are named in the log; all are counted. */
  private static final int MOST_TOLD = 100;

  private final String table;
  private final Counter counter;
  private final Set<String> told = ConcurrentHashMap.newKeySet();

  /**
   * Those of a table.
   *
   * @param table its name; its rows have an {@code id}
   */
  UnreadableRows(String table, MeterRegistry registry) {
    this.table = table;
    this.counter =
        Counter.builder("tender_rows_unreadable")
            .description("Rows left out of lists because they can't be read")
            .tag("table", table)
            .register(registry);
  }

  /** Reads all rows but those that can't be. */
  <T> List<T> readOthers(Iterable<Row> rows, Function<Row, T> reader) {
    List<T> read = new ArrayList<>();
    for (Row row : rows) {
      try {
        read.add(reader.apply(row));
      } catch (RuntimeException e) {
        counter.increment();
        tell(row.getString("id"), e);
      }
    }
    return read;
  }

  /** Once for each row: lists are asked for again and again. */
  private void tell(String id, RuntimeException e) {
    if (told.size() < MOST_TOLD && told.add(id)) {
      LOG.error("A list leaves out {} {}, which can't be read", table, id, e);
    }
  }
}
