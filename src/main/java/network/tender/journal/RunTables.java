package network.tender.journal;

import java.util.Collections;
import java.util.Iterator;
import java.util.List;
import network.tender.journal.CursorWrite.Statement;

/**
 * Where the runs of one store are in the database, and as which rows. Its tables begin with its
 * name: {@code _cursor} is one row with the {@code height} that the runs reach and the {@code
 * generation} of the lease, {@code _run} has the runs by {@code number}, and {@code _page} their
 * pages by {@code run} and {@code number}; also those of runs that are being made, or have been
 * replaced, which nobody reads.
 *
 * @param <R> the runs
 * @param <P> what a page is before it is written
 */
interface RunTables<R, P> {
  /** What the names of its tables begin with. */
  String name();

  /** About how large a page is. */
  int pageBytes();

  /** Lets a run be there. */
  Statement insert(R run);

  /**
   * Writes pages of a run, unless they are there.
   *
   * @param first the number of the first of them
   */
  Statement insert(long run, int first, List<P> pages);

  /** Writes what is beside a run's row and its pages; each is made only when it is asked for. */
  default Iterator<Statement> lookUps(R run) {
    return Collections.emptyIterator();
  }

  /** Removes that. */
  default List<Statement> removeLookUps(long run) {
    return List.of();
  }
}
