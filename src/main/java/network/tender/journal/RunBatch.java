package network.tender.journal;

import java.util.List;
import network.tender.journal.CursorWrite.Statement;

/**
 * What some consecutive blocks add to a store of runs.
 *
 * @param toHeight height of the last block
 * @param made at most a run of each kind
 * @param <R> the runs
 * @param <P> what a page is before it is written
 */
record RunBatch<R, P>(int toHeight, List<Made<R, P>> made) {
  /** A new run, its pages, and what is written beside them. */
  record Made<R, P>(R run, List<P> pages, List<Statement> lookUps) {}

  /** The new runs. */
  List<R> runs() {
    return made.stream().map(Made::run).toList();
  }
}
