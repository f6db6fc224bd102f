package network.tender.journal;

import io.vertx.core.Future;
import io.vertx.core.WorkerExecutor;
import java.util.Collections;
import java.util.Iterator;
import java.util.List;
import java.util.Optional;
import java.util.function.BooleanSupplier;
import java.util.function.Supplier;
import network.tender.journal.CursorWrite.Statement;

/**
 * Makes one run of some neighbouring ones: their pages are read, merged and written part by part,
 * each part in a transaction of its own, and only the last one lets the new run take the place of
 * the old ones. A merge that does not end leaves pages behind that nobody reads.
 *
 * @param <R> the runs
 * @param <P> what a page is before it is written
 */
final class RunMerge<R extends SortedRun<?>, P> {
  private final RunWrites<R, P> writes;
  private final WorkerExecutor worker;
  private final BooleanSupplier closed;
  private final List<R> parts;
  private final long number;
  private final RunPages<R, P> pages;
  private final Supplier<Future<Boolean>> fill;
  private int written;
  private Future<Void> writing = Future.succeededFuture();
  private Optional<R> whole = Optional.empty();

  /**
   * A merge that has not begun.
   *
   * @param worker where the new run is made
   * @param closed tells when to give up
   * @param parts neighbours of one kind, the oldest first
   * @param number of the new run
   * @param pages of the new run, still without entries
   * @param fill adds entries until the pages are full; true if there are more
   */
  RunMerge(
      RunWrites<R, P> writes,
      WorkerExecutor worker,
      BooleanSupplier closed,
      List<R> parts,
      long number,
      RunPages<R, P> pages,
      Supplier<Future<Boolean>> fill) {
    this.writes = writes;
    this.worker = worker;
    this.closed = closed;
    this.parts = parts;
    this.number = number;
    this.pages = pages;
    this.fill = fill;
  }

  /**
   * Merges.
   *
   * @return false if the store was closed before; else the new run, if the old ones left anything,
   *     is durable then
   */
  Future<Boolean> run() {
    return Rounds.run(this::part)
        // If it fails too: pages that are still being written can't be removed.
        .eventually(() -> writing.otherwiseEmpty())
        .compose(read -> writing)
        .compose(
            done ->
                closed.getAsBoolean()
                    ? Future.succeededFuture(false)
                    : worker.executeBlocking(this::lookUps, false).compose(this::finish).map(true));
  }

  /** Reads on while the part before is written; true if there is another part. */
  private Future<Boolean> part() {
    if (closed.getAsBoolean()) {
      return Future.succeededFuture(false);
    }
    return fill.get()
        .compose(
            more -> {
              if (!more) {
                pages.end();
              }
              return writing.map(
                  before -> {
                    List<P> full = pages.take();
                    int from = written;
                    written += full.size();
                    if (!full.isEmpty()) {
                      writing = writes.pages(number, from, full);
                    }
                    return more;
                  });
            });
  }

  private Iterator<Statement> lookUps() {
    whole =
        pages.entries() == 0
            ? Optional.empty()
            : Optional.of(
                pages.run(
                    number, parts.get(0).fromHeight(), parts.get(parts.size() - 1).toHeight()));
    return whole.map(writes.tables()::lookUps).orElse(Collections.emptyIterator());
  }

  private Future<Void> finish(Iterator<Statement> lookUps) {
    return writes.lookUps(lookUps).compose(done -> writes.replace(parts, whole));
  }

  /** The runs that it makes one of. */
  List<R> parts() {
    return parts;
  }

  /** The number of the new run. */
  long number() {
    return number;
  }

  /** The new run, if there is anything in it; once {@link #run} has ended. */
  Optional<R> whole() {
    return whole;
  }

  /** How many pages of the new run may be in the database, if the merge does not end. */
  int writtenPages() {
    return written;
  }
}
