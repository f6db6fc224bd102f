package network.tender.journal;

import io.vertx.core.AsyncResult;
import io.vertx.core.Future;
import io.vertx.sqlclient.Pool;
import io.vertx.sqlclient.Row;
import java.time.Duration;
import java.util.ArrayDeque;
import java.util.Deque;
import java.util.List;
import java.util.Optional;
import java.util.Set;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicLong;
import java.util.function.Consumer;
import java.util.stream.Collectors;

/**
 * Keeps the runs of a store few, and removes the pages of those that are merged once nobody reads
 * them. Whoever adds runs says so; for pages that are to go later it comes back by itself.
 *
 * <p>There is one merge at a time, and beside a long one another that is short: a long one takes
 * minutes on a busy node, and the runs that are added meanwhile would be a hundred, each of which a
 * coin is looked for in.
 *
 * @param <K> the kinds of keys
 * @param <R> the runs
 * @param <P> what a page is before it is written
 */
final class Compaction<K, R extends SortedRun<K>, P> {
  /**
   * Pages by run, with the highest number of each, and whether anybody reads them. Those that
   * nobody does are of a merge that was cut off, or whose removal was.
   */
  private static final String PAGED =
      """
      WITH RECURSIVE paged AS (
        SELECT min(run) AS run FROM %1$s_page
        UNION ALL
        SELECT (SELECT min(run) FROM %1$s_page WHERE run > paged.run)
        FROM paged WHERE paged.run IS NOT NULL)
      SELECT paged.run,
        (SELECT max(number) FROM %1$s_page WHERE %1$s_page.run = paged.run) + 1 AS pages,
        EXISTS (SELECT FROM %1$s_run WHERE number = paged.run) AS used
      FROM paged WHERE paged.run IS NOT NULL ORDER BY paged.run""";

  /** More entries than this make a merge a long one. */
  static final long SHORT_ENTRIES = 3_000_000;

  /** It comes back no sooner. */
  private static final long MIN_WAIT_MILLIS = 1_000;

  /** The same after a failure: what is damaged would else be merged all the time, in vain. */
  private static final long FAILED_WAIT_MILLIS = 10_000;

  private static final long NO_TIMER = -1;

  /**
   * Finds the merge to do next.
   *
   * @param <R> the runs
   * @param <P> what a page is before it is written
   */
  interface Due<R extends SortedRun<?>, P> {
    /**
     * The merge to do next, if one is due.
     *
     * @param merging numbers of runs that are being merged
     * @param maxEntries most entries of all its runs
     */
    Optional<RunMerge<R, P>> next(Set<Long> merging, long maxEntries);
  }

  /** Pages of a run that nobody begins to read any more. */
  private record Unread(long run, int pages, long sinceNanos) {}

  private final EventLoop loop;
  private final RunWrites<R, P> writes;
  private final RunList<K, R> runs;
  private final Due<R, P> due;
  private final Consumer<Throwable> onFailure;
  private final long graceNanos;
  private final Deque<Unread> unread = new ArrayDeque<>();
  private final AtomicLong unreadPages = new AtomicLong();

  /** A long one first, if there are two. */
  private final List<RunMerge<R, P>> merges = new CopyOnWriteArrayList<>();

  private volatile boolean removing;
  private volatile boolean closed;
  private long timer = NO_TIMER;
  private final AtomicLong failures = new AtomicLong();

  /**
   * Does nothing before it is told to.
   *
   * @param grace for how long the pages of replaced runs stay
   * @param due finds the merge to do next
   * @param onFailure hears of each step that failed
   */
  Compaction(
      EventLoop loop,
      RunWrites<R, P> writes,
      RunList<K, R> runs,
      Duration grace,
      Due<R, P> due,
      Consumer<Throwable> onFailure) {
    this.loop = loop;
    this.writes = writes;
    this.runs = runs;
    this.graceNanos = grace.toNanos();
    this.due = due;
    this.onFailure = onFailure;
  }

  /**
   * Finds pages that were left over before this start, and which numbers runs have had; on the
   * store's context.
   */
  Future<Void> begin(Pool pool) {
    return pool.query(PAGED.formatted(writes.tables().name()))
        .execute()
        .map(
            rows -> {
              for (Row row : rows) {
                long run = row.getLong(0);
                runs.used(run);
                if (!row.getBoolean(2)) {
                  unread(run, row.getInteger(1));
                }
              }
              // Later, so as not to slow the start down; also for merges that a stop cut off.
              timer = loop.vertx().setTimer(MIN_WAIT_MILLIS + graceNanos / 1_000_000, id -> run());
              return null;
            });
  }

  /** True while runs are merged, or pages of merged ones are removed. */
  boolean isBusy() {
    return removing || !merges.isEmpty();
  }

  /** How many pages of runs that nobody reads wait for their removal. */
  long unreadPages() {
    return unreadPages.get();
  }

  /** How many steps have failed since the start. */
  long failures() {
    return failures.get();
  }

  /** Does all that is due, unless that is being done. */
  void run() {
    loop.call(
        () -> {
          step();
          return Future.succeededFuture();
        });
  }

  private void step() {
    // Removals first, so that the disk does not fill while one merge follows the other.
    if (!closed) {
      removeNext();
      mergeNext();
      if (!isBusy()) {
        comeBack(MIN_WAIT_MILLIS);
      }
    }
  }

  private void removeNext() {
    Unread pages = unread.peek();
    if (removing || pages == null || System.nanoTime() - pages.sinceNanos() < graceNanos) {
      return;
    }
    unread.remove();
    unreadPages.addAndGet(-pages.pages());
    removing = true;
    writes
        .remove(pages.run(), pages.pages())
        .onComplete(
            result -> {
              removing = false;
              if (result.failed()) {
                unread(pages.run(), pages.pages());
              }
              ended(result);
            });
  }

  private void mergeNext() {
    while (merges.size() < 2) {
      if (merges.size() == 1 && !isLong(merges.get(0))) {
        return;
      }
      long maxEntries = merges.isEmpty() ? Long.MAX_VALUE : SHORT_ENTRIES;
      Optional<RunMerge<R, P>> next = due.next(merging(), maxEntries);
      if (next.isEmpty()) {
        return;
      }
      RunMerge<R, P> merge = next.get();
      merges.add(merge);
      merge
          .run()
          .onComplete(
              result -> {
                merges.remove(merge);
                if (result.failed()) {
                  unread(merge.number(), merge.writtenPages());
                } else if (result.result()) {
                  runs.merged(merge.parts(), merge.whole());
                  merge.parts().forEach(part -> unread(part.number(), part.fences().pages()));
                }
                ended(result);
              });
    }
  }

  private boolean isLong(RunMerge<R, P> merge) {
    return MergePolicy.entries(merge.parts()) > SHORT_ENTRIES;
  }

  private Set<Long> merging() {
    return merges.stream()
        .flatMap(merge -> merge.parts().stream().map(SortedRun::number))
        .collect(Collectors.toSet());
  }

  private void ended(AsyncResult<?> result) {
    if (result.succeeded()) {
      step();
    } else {
      failures.incrementAndGet();
      onFailure.accept(result.cause());
      comeBack(FAILED_WAIT_MILLIS);
    }
  }

  /** Else the pages of an idle node's last merge would stay for ever. */
  private void comeBack(long minMillis) {
    loop.vertx().cancelTimer(timer);
    timer = NO_TIMER;
    Unread pages = unread.peek();
    if (pages != null && !closed) {
      long waitNanos = graceNanos - (System.nanoTime() - pages.sinceNanos());
      long waitMillis = Math.max(minMillis, TimeUnit.NANOSECONDS.toMillis(waitNanos) + 1);
      timer = loop.vertx().setTimer(waitMillis, id -> run());
    }
  }

  private void unread(long run, int pages) {
    unread.add(new Unread(run, pages, System.nanoTime()));
    unreadPages.addAndGet(pages);
  }

  /** Begins nothing more. */
  Future<Void> close() {
    closed = true;
    return loop.call(
        () -> {
          loop.vertx().cancelTimer(timer);
          return Future.succeededFuture();
        });
  }
}
