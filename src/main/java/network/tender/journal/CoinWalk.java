package network.tender.journal;

import io.vertx.core.Future;
import io.vertx.core.WorkerExecutor;
import java.util.ArrayDeque;
import java.util.Deque;
import java.util.List;

/**
 * Goes through the entries of several runs in the order of their keys, without those that cancel
 * out: a coin that one run made and a later one spent.
 */
final class CoinWalk {
  /** What takes the entries. */
  interface Sink {
    /** The next entry. */
    void add(byte[] from, int start, int length, int net, long sat);

    /** True if that is enough for now. */
    boolean isFull();
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
  private final RunWalk<CoinPageReader> walk;

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
  CoinWalk(CoinKind kind, CoinRuns runs, WorkerExecutor worker, List<RunWalk.Part> parts) {
    this.kind = kind;
    this.walk =
        new RunWalk<>(
            CoinTables.NAME,
            CoinPages.MAX_BYTES,
            runs::pages,
            page -> new CoinPageReader(kind, page),
            worker,
            parts);
  }

  /** Fills a sink; see {@link RunWalk#fill}. */
  Future<Boolean> fill(Sink sink) {
    return walk.fill(new Left(sink));
  }

  private boolean isPending(CoinPageReader entry) {
    Entry pending = made.isEmpty() ? spent.peekLast() : made.peekLast();
    return pending != null
        && CoinEntry.compareKeys(kind, pending.page, pending.start, entry.page(), entry.start())
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
      int net = 0;
      for (Entry entry : made) {
        net += entry.net;
      }
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

  /** Hands on what is left under a key once the next one comes. */
  private final class Left implements RunWalk.Sink<CoinPageReader> {
    private final Sink sink;

    Left(Sink sink) {
      this.sink = sink;
    }

    @Override
    public void add(CoinPageReader entry) {
      if (!isPending(entry)) {
        give(sink);
      }
      take(new Entry(entry));
    }

    @Override
    public boolean isFull() {
      return sink.isFull();
    }

    @Override
    public void end() {
      give(sink);
    }
  }
}
