package network.tender.journal;

import java.util.ArrayList;
import java.util.List;

/**
 * Sorted entries that are packed into the pages of a run.
 *
 * @param <R> the run
 * @param <P> what a page is before it is written
 */
abstract class RunPages<R, P> {
  /** Pages written at a time: a MiB at most. */
  private static final int WRITE_PAGES = 256;

  private final List<P> full = new ArrayList<>();

  /** Ends the last page, if it has begun. */
  public abstract void end();

  /** How many entries were added. */
  abstract long entries();

  /**
   * The run that the pages are, once they have ended.
   *
   * @param number of the run
   */
  abstract R run(long number, int fromHeight, int toHeight);

  /** Takes a page that is full. */
  final void ended(P page) {
    full.add(page);
  }

  /** True if there are enough full pages to be written. */
  public final boolean isFull() {
    return full.size() >= WRITE_PAGES;
  }

  /** The pages that are full and were not taken before. */
  final List<P> take() {
    List<P> taken = List.copyOf(full);
    full.clear();
    return taken;
  }
}
