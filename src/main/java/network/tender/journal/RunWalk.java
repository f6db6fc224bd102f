package network.tender.journal;

import io.vertx.core.Future;
import io.vertx.core.WorkerExecutor;
import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.Collection;
import java.util.Deque;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.function.Function;
import org.jspecify.annotations.Nullable;

/**
 * Goes through the entries of several runs in the order of their keys. Pages are read as they are
 * needed.
 *
 * @param <C> what stands at an entry
 */
final class RunWalk<C extends PageCursor<C>> {
  /** What is in memory of all runs together, about. */
  private static final int READ_BYTES = 1 << 20;

  /** At least so much of each. */
  private static final int MIN_READ_PAGES = 4;

  /** And at most: whoever asks for a script's coins often needs the first ones only. */
  private static final int MAX_READ_PAGES = 64;

  private static final int NOBODY = -1;

  /** What takes the entries. */
  interface Sink<C> {
    /** The next entry; where the cursor stands only until this returns. */
    void add(C entry);

    /** True if that is enough for now. */
    boolean isFull();

    /** There is no other entry. */
    void end();
  }

  /**
   * Some pages of a run.
   *
   * @param from the first page
   * @param to the page behind the last
   */
  record Part(long run, int from, int to) {
    /** All pages of a run. */
    static Part whole(SortedRun<?> run) {
      return new Part(run.number(), 0, run.fences().pages());
    }
  }

  private final String store;
  private final int readPages;
  private final Function<Collection<SortedRun.Page>, Future<Map<SortedRun.Page, byte[]>>> stored;
  private final Function<byte[], C> cursors;
  private final WorkerExecutor worker;
  private final List<Source> sources = new ArrayList<>();

  /**
   * A tournament for the next entry. At each inner node, from 1 on, who lost there; first of all
   * who won. With each entry only the winner's path is played again, a comparison on each level.
   */
  private final int[] losers;

  /** Those whose pages are used up and that have more: all in the beginning, then the winner. */
  private final List<Source> hungry = new ArrayList<>();

  private final List<Source> fed = new ArrayList<>();
  private boolean over;

  /**
   * A walk that has not begun.
   *
   * @param store what the names of its tables begin with
   * @param pageBytes about how large a page is
   * @param stored reads pages; those that are there
   * @param cursors makes one before the first entry of a page, of which there is one at least
   * @param worker where entries are compared
   * @param parts of runs of one kind, the oldest first
   */
  RunWalk(
      String store,
      int pageBytes,
      Function<Collection<SortedRun.Page>, Future<Map<SortedRun.Page, byte[]>>> stored,
      Function<byte[], C> cursors,
      WorkerExecutor worker,
      List<Part> parts) {
    this.store = store;
    int share = READ_BYTES / pageBytes / Math.max(1, parts.size());
    this.readPages = Math.max(MIN_READ_PAGES, Math.min(MAX_READ_PAGES, share));
    this.stored = stored;
    this.cursors = cursors;
    this.worker = worker;
    for (int i = 0; i < parts.size(); i++) {
      if (parts.get(i).from() < parts.get(i).to()) {
        sources.add(new Source(parts.get(i), sources.size()));
      }
    }
    hungry.addAll(sources);
    losers = new int[Math.max(1, sources.size())];
    Arrays.fill(losers, NOBODY);
  }

  /**
   * Fills a sink; true if there is more then.
   *
   * @return fails with {@link RunReplacedException} if a page is not there any more
   */
  Future<Boolean> fill(Sink<C> sink) {
    return Rounds.run(
            () ->
                feed()
                    .compose(done -> worker.executeBlocking(() -> walk(sink), false))
                    .map(enough -> !enough))
        .map(done -> !over);
  }

  /** Until a run's loaded pages are used up (false), or all, or the sink is full. */
  private boolean walk(Sink<C> sink) {
    for (Source source : fed) {
      source.advance();
      play(source);
    }
    fed.clear();
    while (hungry.isEmpty() && !sink.isFull()) {
      if (losers[0] == NOBODY || sources.get(losers[0]).ended) {
        sink.end();
        over = true;
        return true;
      }
      Source first = sources.get(losers[0]);
      sink.add(first.entry());
      if (first.advance() || first.ended) {
        play(first);
      } else {
        hungry.add(first);
      }
    }
    return sink.isFull();
  }

  /** A source meets whoever lost on its way up; the first to come to a node waits there. */
  private void play(Source source) {
    int winner = source.age;
    for (int node = (winner + sources.size()) / 2; node > 0; node /= 2) {
      int other = losers[node];
      if (other == NOBODY) {
        losers[node] = winner;
        return;
      }
      if (sources.get(other).compareTo(sources.get(winner)) < 0) {
        losers[node] = winner;
        winner = other;
      }
    }
    losers[0] = winner;
  }

  /** Those that will soon have no pages get some too: on a busy node each statement waits. */
  private Future<Void> feed() {
    if (hungry.isEmpty()) {
      return Future.succeededFuture();
    }
    List<Source> low = sources.stream().filter(Source::isLow).toList();
    return stored
        .apply(low.stream().flatMap(source -> source.wanted().stream()).toList())
        .map(
            found -> {
              low.forEach(source -> source.feed(found));
              fed.addAll(hungry);
              hungry.clear();
              return null;
            });
  }

  /** The entries of one of the runs, in order. */
  private final class Source implements Comparable<Source> {
    private final Part part;
    private final int age;
    private final Deque<byte[]> loaded = new ArrayDeque<>();
    private @Nullable C cursor;
    private int nextPage;

    /** There is no other entry. */
    private boolean ended;

    Source(Part part, int age) {
      this.part = part;
      this.age = age;
      this.nextPage = part.from();
    }

    boolean isLow() {
      return nextPage < part.to() && loaded.size() <= readPages / 2;
    }

    List<SortedRun.Page> wanted() {
      List<SortedRun.Page> wanted = new ArrayList<>();
      int to = Math.min(part.to(), nextPage + readPages - loaded.size());
      for (int page = nextPage; page < to; page++) {
        wanted.add(new SortedRun.Page(part.run(), page));
      }
      return wanted;
    }

    void feed(Map<SortedRun.Page, byte[]> found) {
      for (SortedRun.Page page : wanted()) {
        byte[] entries = found.get(page);
        if (entries == null) {
          throw new RunReplacedException(store, page);
        }
        loaded.add(entries);
        nextPage++;
      }
    }

    /** Goes on by an entry; false if more pages have to be read first, or there are none. */
    boolean advance() {
      while (cursor == null || !cursor.next()) {
        byte[] page = loaded.poll();
        if (page == null) {
          ended = nextPage == part.to();
          return false;
        }
        cursor = cursors.apply(page);
      }
      return true;
    }

    /** Where it stands. */
    C entry() {
      return Objects.requireNonNull(cursor);
    }

    /** The smaller key first; of equal ones, what the older run says. Who has ended comes last. */
    @Override
    public int compareTo(Source other) {
      if (ended || other.ended) {
        return Boolean.compare(ended, other.ended);
      }
      int order = entry().compareKeys(other.entry());
      return order != 0 ? order : Integer.compare(age, other.age);
    }
  }
}
