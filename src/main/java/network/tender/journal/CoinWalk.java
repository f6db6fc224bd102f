package network.tender.journal;

import io.vertx.core.Future;
import io.vertx.core.WorkerExecutor;
import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.Deque;
import java.util.List;
import java.util.Map;
import java.util.PriorityQueue;

/**
 * Goes through the entries of several runs in the order of their keys, without those that cancel
 * out: a coin that one run made and a later one spent. Pages are read as they are needed.
 */
final class CoinWalk {
  /** Pages read of a run at a time. */
  private static final int READ_PAGES = 32;

  /** What takes the entries. */
  interface Sink {
    /** The next entry. */
    void add(byte[] from, int start, int length, int net, long sat);

    /** True if that is enough for now. */
    boolean isFull();
  }

  /**
   * Some pages of a run.
   *
   * @param from the first page
   * @param to the page behind the last
   */
  record Part(CoinRun run, int from, int to) {
    /** All pages of a run. */
    static Part whole(CoinRun run) {
      return new Part(run, 0, run.fences().pages());
    }
  }

  /** An entry on a page. */
  private static final class Entry {
    private final byte[] page;
    private final int start;
    private final int end;
    private final int net;
    private final long sat;

    Entry(CoinPageReader reader) {
      this.page = reader.page();
      this.start = reader.start();
      this.end = reader.end();
      this.net = reader.net();
      this.sat = reader.sat();
    }
  }

  private final CoinKind kind;
  private final CoinRuns runs;
  private final WorkerExecutor worker;
  private final PriorityQueue<Source> next = new PriorityQueue<>();
  private final List<Source> hungry = new ArrayList<>();

  /** Entries under one key that did not cancel out so far: first those spent, then those made. */
  private final Deque<Entry> spent = new ArrayDeque<>();

  private final Deque<Entry> made = new ArrayDeque<>();
  private final CoinEntry scratch = new CoinEntry();

  /**
   * A walk that has not begun.
   *
   * @param parts of runs of one kind, the oldest first
   * @param worker where entries are compared
   */
  CoinWalk(CoinKind kind, CoinRuns runs, WorkerExecutor worker, List<Part> parts) {
    this.kind = kind;
    this.runs = runs;
    this.worker = worker;
    for (int i = 0; i < parts.size(); i++) {
      if (parts.get(i).from() < parts.get(i).to()) {
        hungry.add(new Source(parts.get(i), i));
      }
    }
  }

  /** Fills a sink; true if there is more then. Fails if a page is not there any more. */
  Future<Boolean> fill(Sink sink) {
    return Rounds.run(
            () ->
                load()
                    .compose(loaded -> worker.executeBlocking(() -> walk(sink), false))
                    .map(enough -> !enough))
        .map(done -> !isOver());
  }

  private boolean isOver() {
    return next.isEmpty() && hungry.isEmpty() && spent.isEmpty() && made.isEmpty();
  }

  /** Until a run's loaded pages are used up (false), or all, or the sink is full. */
  private boolean walk(Sink sink) {
    while (hungry.isEmpty() && !sink.isFull()) {
      Source first = next.poll();
      if (first == null) {
        give(sink);
        return true;
      }
      if (!isPending(first)) {
        give(sink);
      }
      take(first.entry());
      if (first.advance()) {
        next.add(first);
      } else if (first.nextPage < first.part.to()) {
        hungry.add(first);
      }
    }
    return sink.isFull();
  }

  private boolean isPending(Source source) {
    Entry pending = made.isEmpty() ? spent.peekLast() : made.peekLast();
    return pending != null
        && CoinEntry.compareKeys(
                kind, pending.page, pending.start, source.reader.page(), source.reader.start())
            == 0;
  }

  /** A coin that was made and then spent is as good as never made. */
  private void take(Entry entry) {
    if (kind == CoinKind.SCRIPT || entry.net > 0) {
      made.add(entry);
    } else if (made.isEmpty()) {
      spent.add(entry);
    } else {
      made.removeLast();
    }
  }

  private void give(Sink sink) {
    if (kind == CoinKind.SCRIPT && made.size() > 1) {
      Entry one = made.element();
      int net = made.stream().mapToInt(entry -> entry.net).sum();
      if (net != 0) {
        scratch.ofScript(one.page, one.start, net);
        sink.add(scratch.bytes(), 0, scratch.length(), net, 0);
      }
    } else {
      spent.forEach(entry -> give(entry, sink));
      made.forEach(entry -> give(entry, sink));
    }
    spent.clear();
    made.clear();
  }

  private static void give(Entry entry, Sink sink) {
    sink.add(entry.page, entry.start, entry.end - entry.start, entry.net, entry.sat);
  }

  private Future<Void> load() {
    if (hungry.isEmpty()) {
      return Future.succeededFuture();
    }
    List<CoinRun.Page> wanted = new ArrayList<>();
    for (Source source : hungry) {
      for (int page = source.nextPage; page < source.readTo(); page++) {
        wanted.add(new CoinRun.Page(source.part.run().number(), page));
      }
    }
    return runs.pages(wanted)
        .map(
            pages -> {
              for (Source source : hungry) {
                source.take(pages);
                next.add(source);
              }
              hungry.clear();
              return null;
            });
  }

  /** The entries of one of the runs, in order. */
  private final class Source implements Comparable<Source> {
    private final Part part;
    private final int age;
    private final Deque<byte[]> pages = new ArrayDeque<>();
    private CoinPageReader reader;
    private int nextPage;

    Source(Part part, int age) {
      this.part = part;
      this.age = age;
      this.nextPage = part.from();
      this.reader = new CoinPageReader(kind, new byte[0]);
    }

    int readTo() {
      return Math.min(part.to(), nextPage + READ_PAGES);
    }

    /** Stands at the first entry of the new pages then; there is one, for no page is empty. */
    void take(Map<CoinRun.Page, byte[]> stored) {
      int to = readTo();
      for (; nextPage < to; nextPage++) {
        byte[] page = stored.get(new CoinRun.Page(part.run().number(), nextPage));
        if (page == null) {
          throw new CoinRuns.ReplacedException();
        }
        pages.add(page);
      }
      advance();
    }

    /** Goes on by an entry; false if more pages have to be read first, or there are none. */
    boolean advance() {
      while (!reader.next()) {
        byte[] page = pages.poll();
        if (page == null) {
          return false;
        }
        reader = new CoinPageReader(kind, page);
      }
      return true;
    }

    Entry entry() {
      return new Entry(reader);
    }

    /** The smaller key first; of equal ones, what the older run says. */
    @Override
    public int compareTo(Source other) {
      int order =
          CoinEntry.compareKeys(
              kind, reader.page(), reader.start(), other.reader.page(), other.reader.start());
      return order != 0 ? order : Integer.compare(age, other.age);
    }
  }
}
