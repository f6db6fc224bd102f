package network.tender.journal;

import io.vertx.core.AsyncResult;
import io.vertx.core.Future;
import io.vertx.sqlclient.Pool;
import java.time.Duration;
import java.util.ArrayDeque;
import java.util.Deque;
import java.util.HashSet;
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
  /** More entries than this make a merge a long one. */
  static final long SHORT_ENTRIES = 3_000_000;

  /** It comes back for pages no sooner. */
  private static final long MIN_WAIT_MILLIS = 1_000;

  /** How often the wait after failures is doubled at most. */
  private static final int MAX_DOUBLINGS = 4;

  private static final long NO_TIMER = -1;

  /**
   * When things are done.
   *
   * @param grace for how long the pages of replaced runs stay
   * @param retry until the next attempt after one that failed; doubled for each merge that fails
   *     behind another, up to sixteen times as long
   * @param shortEntries more make a merge a long one
   */
  record Pace(Duration grace, Duration retry, long shortEntries) {
    /** What suits a node. */
    static Pace of(Duration grace) {
      return new Pace(grace, Duration.ofSeconds(10), SHORT_ENTRIES);
    }
  }

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
  private final long retryNanos;
  private final long shortEntries;
  private final Deque<Unread> unread = new ArrayDeque<>();
  private final AtomicLong unreadPages = new AtomicLong();

  /** A long one first, if there are two. */
  private final List<RunMerge<R, P>> merges = new CopyOnWriteArrayList<>();

  private volatile boolean removing;
  private volatile boolean closed;
  private final AtomicLong failures = new AtomicLong();
  private long timer = NO_TIMER;
  private long leftOverTimer = NO_TIMER;

  /** Runs whose pages were found to be left over. */
  private final Set<Long> leftOver = new HashSet<>();

  /** Merges that have failed since the last one that did not. */
  private int failedMerges;

  /** No merge begins before: what is damaged would else be merged all the time, in vain. */
  private long mergeAtNanos = System.nanoTime();

  /** The same for removals. */
  private long removeAtNanos = mergeAtNanos;

  /**
   * Does nothing before it is told to.
   *
   * @param pace when things are done
   * @param due finds the merge to do next
   * @param onFailure hears of each step that failed
   */
  Compaction(
      EventLoop loop,
      RunWrites<R, P> writes,
      RunList<K, R> runs,
      Pace pace,
      Due<R, P> due,
      Consumer<Throwable> onFailure) {
    this.loop = loop;
    this.writes = writes;
    this.runs = runs;
    this.graceNanos = pace.grace().toNanos();
    this.retryNanos = pace.retry().toNanos();
    this.shortEntries = pace.shortEntries();
    this.due = due;
    this.onFailure = onFailure;
  }

  /**
   * Finds which numbers runs have had, and later, so as not to slow the start down, pages that were
   * left over before it; on the store's context, before anything is written.
   */
  Future<Void> begin(Pool pool) {
    Set<Long> used = runs.all().stream().map(SortedRun::number).collect(Collectors.toSet());
    return LeftOverPages.of(pool, writes.tables().name(), used)
        .map(
            pages -> {
              runs.used(pages.highest());
              findLeftOvers(pages, MIN_WAIT_MILLIS + graceNanos / 1_000_000);
              return null;
            });
  }

  /** Finds them, and does then what is due: also merges that a stop cut off. */
  private void findLeftOvers(LeftOverPages pages, long waitMillis) {
    leftOverTimer =
        loop.vertx()
            .setTimer(
                waitMillis,
                id ->
                    loop.call(() -> pages.find(() -> !closed, this::leftOver))
                        .onComplete(
                            result -> {
                              if (result.failed() && !closed) {
                                failed(result.cause());
                                findLeftOvers(
                                    pages, Math.max(MIN_WAIT_MILLIS, retryNanos / 1_000_000));
                              }
                              run();
                            }));
  }

  /** What was found by an attempt that failed later is not removed twice. */
  private void leftOver(long run, int pages) {
    if (leftOver.add(run)) {
      unread(run, pages);
    }
  }

  /** True while runs are merged, or pages of merged ones are removed. */
  boolean isBusy() {
    return removing || !merges.isEmpty();
  }

  /** How many merges are under way: two at most. */
  int merging() {
    return merges.size();
  }

  /** How many pages that nobody reads are there until they are removed. */
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
      comeBack();
    }
  }

  private void removeNext() {
    Unread pages = unread.peek();
    if (removing || pages == null || nanosUntilRemoval(pages) > 0) {
      return;
    }
    unread.remove();
    removing = true;
    writes
        .remove(pages.run(), pages.pages())
        .onComplete(
            result -> {
              removing = false;
              unreadPages.addAndGet(-pages.pages());
              if (result.failed()) {
                unread(pages.run(), pages.pages());
                removeAtNanos = System.nanoTime() + retryNanos;
                failed(result.cause());
              }
              step();
            });
  }

  private long nanosUntilRemoval(Unread pages) {
    long now = System.nanoTime();
    return Math.max(removeAtNanos - now, pages.sinceNanos() + graceNanos - now);
  }

  private void mergeNext() {
    // A store that is closed meanwhile ends a merge before it has begun, again and again.
    while (!closed && mergeAtNanos - System.nanoTime() <= 0 && hasRoom()) {
      long maxEntries = merges.isEmpty() ? Long.MAX_VALUE : shortEntries;
      Optional<RunMerge<R, P>> next;
      try {
        next = due.next(partsOfAll(), maxEntries);
      } catch (RuntimeException e) {
        mergeFailed(e);
        return;
      }
      if (next.isEmpty()) {
        return;
      }
      RunMerge<R, P> merge = next.get();
      merges.add(merge);
      merge.run().onComplete(result -> ended(merge, result));
    }
  }

  private void ended(RunMerge<R, P> merge, AsyncResult<Boolean> result) {
    merges.remove(merge);
    if (result.failed()) {
      unread(merge.number(), merge.writtenPages());
      mergeFailed(result.cause());
    } else if (result.result()) {
      runs.merged(merge.parts(), merge.whole());
      merge.parts().forEach(part -> unread(part.number(), part.fences().pages()));
      failedMerges = 0;
      mergeAtNanos = System.nanoTime();
    } else {
      // The store is closed.
      return;
    }
    step();
  }

  private boolean hasRoom() {
    return merges.isEmpty()
        || (merges.size() == 1 && MergePolicy.entries(merges.get(0).parts()) > shortEntries);
  }

  private Set<Long> partsOfAll() {
    return merges.stream()
        .flatMap(merge -> merge.parts().stream().map(SortedRun::number))
        .collect(Collectors.toSet());
  }

  private void mergeFailed(Throwable error) {
    mergeAtNanos = System.nanoTime() + (retryNanos << Math.min(failedMerges, MAX_DOUBLINGS));
    failedMerges++;
    failed(error);
  }

  private void failed(Throwable error) {
    failures.incrementAndGet();
    onFailure.accept(error);
  }

  /**
   * Else the pages of an idle node's last merge would stay for ever, and a merge that failed there
   * would not be tried again.
   */
  private void comeBack() {
    loop.vertx().cancelTimer(timer);
    timer = NO_TIMER;
    long waitMillis = Long.MAX_VALUE;
    long mergeNanos = mergeAtNanos - System.nanoTime();
    if (mergeNanos > 0) {
      waitMillis = TimeUnit.NANOSECONDS.toMillis(mergeNanos) + 1;
    }
    Unread pages = unread.peek();
    if (pages != null && !removing) {
      long removalMillis = TimeUnit.NANOSECONDS.toMillis(nanosUntilRemoval(pages)) + 1;
      waitMillis = Math.min(waitMillis, Math.max(MIN_WAIT_MILLIS, removalMillis));
    }
    if (waitMillis < Long.MAX_VALUE) {
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
          loop.vertx().cancelTimer(leftOverTimer);
          return Future.succeededFuture();
        });
  }
}
