package network.tender.journal;

import io.vertx.core.Future;
import io.vertx.core.WorkerExecutor;
import java.util.List;
import java.util.Optional;
import java.util.function.BooleanSupplier;

/**
 * Makes one run of some neighbouring ones: their pages are read, merged and written part by part,
 * each part in a transaction of its own, and only the last one lets the new run take the place of
 * the old ones. A merge that does not end leaves pages behind that nobody reads.
 */
final class CoinMerge implements CoinWalk.Sink {
  /** Pages written at a time: half a MiB. */
  private static final int WRITE_PAGES = 256;

  private final CoinWrites writes;
  private final BooleanSupplier closed;
  private final List<CoinRun> parts;
  private final long number;
  private final CoinPages pages;
  private final CoinWalk walk;
  private final WorkerExecutor worker;
  private int written;
  private Optional<CoinRun> whole = Optional.empty();

  /**
   * A merge that has not begun.
   *
   * @param parts neighbours of one kind, the oldest first
   * @param number of the new run
   * @param worker where entries are compared
   * @param closed tells when to give up
   */
  CoinMerge(
      CoinRuns runs,
      CoinWrites writes,
      WorkerExecutor worker,
      BooleanSupplier closed,
      List<CoinRun> parts,
      long number) {
    this.writes = writes;
    this.worker = worker;
    this.closed = closed;
    this.parts = parts;
    this.number = number;
    CoinKind kind = parts.get(0).kind();
    this.pages = new CoinPages(kind, parts.stream().mapToLong(CoinRun::entries).sum());
    this.walk = new CoinWalk(kind, runs, worker, parts.stream().map(CoinWalk.Part::whole).toList());
  }

  @Override
  public void add(byte[] from, int start, int length, int net, long sat) {
    pages.add(from, start, length, net, sat);
  }

  @Override
  public boolean isFull() {
    return pages.fullPages() >= WRITE_PAGES;
  }

  /**
   * Merges.
   *
   * @return false if the store was closed before; else the new run, if the old ones left anything,
   *     is durable then
   */
  Future<Boolean> run() {
    return Rounds.run(this::part)
        .compose(
            read ->
                closed.getAsBoolean()
                    ? Future.succeededFuture(false)
                    : worker.executeBlocking(this::lookUps, false).compose(this::finish).map(true));
  }

  /** True if there is another part. */
  private Future<Boolean> part() {
    if (closed.getAsBoolean()) {
      return Future.succeededFuture(false);
    }
    return walk.fill(this)
        .compose(
            more -> {
              if (!more) {
                pages.end();
              }
              List<CoinPages.Page> full = pages.take();
              int from = written;
              written += full.size();
              return full.isEmpty()
                  ? Future.succeededFuture(more)
                  : writes.pages(number, from, full).map(more);
            });
  }

  private List<CoinLookUp> lookUps() {
    whole =
        pages.entries() == 0
            ? Optional.empty()
            : Optional.of(
                pages.run(
                    number, parts.get(0).fromHeight(), parts.get(parts.size() - 1).toHeight()));
    return whole.map(CoinLookUp::of).orElse(List.of());
  }

  private Future<Void> finish(List<CoinLookUp> lookUps) {
    return writes.lookUps(number, lookUps).compose(done -> writes.replace(parts, whole));
  }

  /** The new run, if there is anything in it; once {@link #run} has ended. */
  Optional<CoinRun> whole() {
    return whole;
  }

  /** How many pages of the new run may be in the database, if the merge does not end. */
  int writtenPages() {
    return written;
  }
}
