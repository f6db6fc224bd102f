package network.tender.journal;

import io.vertx.core.Future;
import io.vertx.core.WorkerExecutor;
import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.Deque;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.PriorityQueue;
import java.util.function.BooleanSupplier;

/**
 * Makes one run of some neighbouring ones: their pages are read, merged and written part by part,
 * each part in a transaction of its own, and only the last one lets the new run take the place of
 * the old ones. A merge that does not end leaves pages behind that nobody reads.
 */
final class IndexMerge {
  /** So many runs of about one size become one. */
  static final int FACTOR = 8;

  /** Most runs that become one at a time: some pages of each are in memory. */
  static final int MAX_PARTS = 64;

  /** Pages read of a run at a time. */
  private static final int READ_PAGES = 16;

  /** Pages written at a time: a MiB. */
  private static final int WRITE_PAGES = 256;

  private final IndexRuns runs;
  private final IndexWrites writes;
  private final WorkerExecutor worker;
  private final BooleanSupplier closed;
  private final List<IndexRun> parts;
  private final long number;
  private final IndexPages pages;
  private final List<Source> sources = new ArrayList<>();
  private final PriorityQueue<Source> next = new PriorityQueue<>();
  private int written;

  /**
   * A merge that has not begun.
   *
   * @param parts neighbours of one kind, the oldest first
   * @param number of the new run
   * @param worker where entries are compared
   * @param closed tells when to give up
   */
  IndexMerge(
      IndexRuns runs,
      IndexWrites writes,
      WorkerExecutor worker,
      BooleanSupplier closed,
      List<IndexRun> parts,
      long number) {
    this.runs = runs;
    this.writes = writes;
    this.worker = worker;
    this.closed = closed;
    this.parts = parts;
    this.number = number;
    this.pages = new IndexPages(parts.get(0).kind(), parts.get(0).fromHeight());
    parts.forEach(part -> sources.add(new Source(part)));
  }

  /**
   * Which runs should become one: the newest ones of about one size, if there are {@value #FACTOR}
   * of them. After a long merge there may be very many; then the oldest of them.
   *
   * @param oldestFirst the runs of one kind
   * @return empty if none should
   */
  static List<IndexRun> candidates(List<IndexRun> oldestFirst) {
    if (oldestFirst.isEmpty()) {
      return List.of();
    }
    int from = oldestFirst.size();
    int sizeClass = 0;
    List<IndexRun> due = List.of();
    while (from > 0) {
      // All at the end that are not larger: smaller ones in between would stay small for ever.
      sizeClass = Math.max(sizeClass, oldestFirst.get(from - 1).sizeClass());
      while (from > 0 && oldestFirst.get(from - 1).sizeClass() <= sizeClass) {
        from--;
      }
      int limit = sizeClass;
      List<IndexRun> tail = oldestFirst.subList(from, oldestFirst.size());
      if (tail.stream().filter(run -> run.sizeClass() == limit).count() >= FACTOR) {
        due = tail;
      }
    }
    return due.subList(0, Math.min(due.size(), MAX_PARTS));
  }

  /** Merges; the new run, which is durable then, or empty if the index was closed. */
  Future<Optional<IndexRun>> run() {
    return load(List.copyOf(sources))
        .compose(loaded -> Rounds.run(this::step))
        .compose(
            done -> closed.getAsBoolean() ? Future.succeededFuture(Optional.empty()) : finish());
  }

  /** How many pages of the new run may be in the database, if the merge does not end. */
  int writtenPages() {
    return written;
  }

  /** True if there is another step. */
  private Future<Boolean> step() {
    if (closed.getAsBoolean()) {
      return Future.succeededFuture(false);
    }
    return worker
        .executeBlocking(this::merge)
        .compose(
            hungry -> {
              List<byte[]> full = pages.take();
              int from = written;
              written += full.size();
              Future<Void> wrote =
                  full.isEmpty() ? Future.succeededFuture() : writes.pages(number, from, full);
              return hungry.isPresent()
                  ? wrote.compose(done -> load(List.of(hungry.get()))).map(true)
                  : wrote.map(done -> !next.isEmpty());
            });
  }

  /** Until a run's loaded pages are used up, or there is enough to write. */
  private Optional<Source> merge() {
    while (!next.isEmpty() && pages.fullPages() < WRITE_PAGES) {
      Source first = next.remove();
      pages.add(first.entries.remove());
      if (!first.entries.isEmpty()) {
        next.add(first);
      } else if (first.nextPage < first.run.fences().pages()) {
        return Optional.of(first);
      }
    }
    if (next.isEmpty()) {
      pages.end();
    }
    return Optional.empty();
  }

  private Future<Void> load(List<Source> hungry) {
    List<IndexRun.Page> wanted = new ArrayList<>();
    for (Source source : hungry) {
      int to = Math.min(source.run.fences().pages(), source.nextPage + READ_PAGES);
      for (int page = source.nextPage; page < to; page++) {
        wanted.add(new IndexRun.Page(source.run.number(), page));
      }
    }
    return runs.stored(wanted)
        .compose(
            stored ->
                worker.executeBlocking(
                    () -> {
                      for (Source source : hungry) {
                        source.take(stored);
                        next.add(source);
                      }
                      return null;
                    }));
  }

  private Future<Optional<IndexRun>> finish() {
    IndexRun whole =
        new IndexRun(
            number,
            parts.get(0).kind(),
            parts.get(0).fromHeight(),
            parts.get(parts.size() - 1).toHeight(),
            pages.entries(),
            pages.fences());
    return writes.replace(parts, whole).map(Optional.of(whole));
  }

  /** The entries of one of the runs, in order. */
  private static final class Source implements Comparable<Source> {
    private final IndexRun run;
    private final Deque<IndexEntry> entries = new ArrayDeque<>();
    private int nextPage;

    Source(IndexRun run) {
      this.run = run;
    }

    void take(Map<IndexRun.Page, byte[]> stored) {
      int to = Math.min(run.fences().pages(), nextPage + READ_PAGES);
      for (; nextPage < to; nextPage++) {
        byte[] page = stored.get(new IndexRun.Page(run.number(), nextPage));
        if (page == null) {
          throw new IllegalStateException(
              "page " + nextPage + " of run " + run.number() + " of the chain index is missing");
        }
        entries.addAll(IndexPages.read(run.kind(), page));
      }
    }

    @Override
    public int compareTo(Source other) {
      return entries.element().compareTo(other.entries.element());
    }
  }
}
