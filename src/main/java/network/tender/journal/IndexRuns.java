package network.tender.journal;

import io.vertx.core.Future;
import io.vertx.core.buffer.Buffer;
import io.vertx.sqlclient.Pool;
import io.vertx.sqlclient.Row;
import io.vertx.sqlclient.RowSet;
import io.vertx.sqlclient.Tuple;
import java.util.ArrayList;
import java.util.Collection;
import java.util.Comparator;
import java.util.HashMap;
import java.util.HashSet;
import java.util.LinkedHashMap;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.function.Consumer;
import network.tender.chain.Hash;

/**
 * The runs of the chain index, and what can be asked of them. Which runs there are, and the first
 * entry of each of their pages, is in memory; the pages are in the database, those read last in
 * memory too.
 *
 * <p>Merging replaces runs at any time. A question that finds a page gone is asked again of the
 * runs that there are then.
 */
final class IndexRuns {
  /** Most pages of one statement: a quarter of a MiB. */
  private static final int MAX_PAGES = 64;

  /** Pages in memory, 16 MiB at most. */
  private static final int MAX_CACHED_PAGES = 4_096;

  /** Runs whose newest page on a script is read at once. */
  private static final int RUNS_AT_ONCE = 8;

  /** Pages of a long history that are read at once. */
  private static final int PAGES_AT_ONCE = 4;

  private static final String RUNS =
      """
      SELECT number, kind, from_height, to_height, entries, fences
      FROM index_run ORDER BY from_height""";

  private static final String PAGES =
      """
      SELECT page.run, page.number, page.entries
      FROM unnest($1::bigint[], $2::int[]) AS wanted(run, number)
      JOIN index_page AS page ON page.run = wanted.run AND page.number = wanted.number""";

  /** The pages read last. */
  private static final class Cache extends LinkedHashMap<SortedRun.Page, byte[]> {
    private static final long serialVersionUID = 1L;

    Cache() {
      super(16, 0.75f, true);
    }

    @Override
    protected boolean removeEldestEntry(Map.Entry<SortedRun.Page, byte[]> eldest) {
      return size() > MAX_CACHED_PAGES;
    }
  }

  private final Pool pool;
  private final Cache cache = new Cache();

  private final RunList<IndexKind, IndexRun> runs;

  private IndexRuns(Pool pool, List<IndexRun> runs) {
    this.pool = pool;
    this.runs = new RunList<>(runs);
  }

  /** Reads which runs there are. */
  static Future<IndexRuns> open(Pool pool) {
    return pool.query(RUNS)
        .execute()
        .map(
            rows -> {
              List<IndexRun> runs = new ArrayList<>();
              for (Row row : rows) {
                runs.add(
                    new IndexRun(
                        row.getLong(0),
                        IndexKind.of(row.getInteger(1)),
                        row.getInteger(2),
                        row.getInteger(3),
                        row.getLong(4),
                        Fences.parse(row.getBuffer(5).getBytes())));
              }
              return new IndexRuns(pool, runs);
            });
  }

  /** Which runs there are. */
  RunList<IndexKind, IndexRun> list() {
    return runs;
  }

  /** How much memory the fences of all runs take. */
  long fenceBytes() {
    return runs.all().stream().mapToLong(run -> run.fences().bytes()).sum();
  }

  /**
   * What is under some keys, in blocks below a height, from old to new.
   *
   * @param keys of one transaction's outputs, or a few others: all their pages are read
   */
  Future<List<IndexEntry>> find(IndexKind kind, Set<Long> keys, int belowHeight) {
    return RunReplacedException.retry(
        () -> {
          long[] sorted = keys.stream().mapToLong(Long::longValue).sorted().toArray();
          List<SortedRun.Page> pages = new ArrayList<>();
          for (IndexRun run : runs.of(kind)) {
            if (run.fromHeight() < belowHeight) {
              run.fences()
                  .eachPage(
                      sorted,
                      belowHeight,
                      page -> pages.add(new SortedRun.Page(run.number(), page)));
            }
          }
          List<IndexEntry> found = new ArrayList<>();
          return each(
                  pages,
                  page -> {
                    for (IndexEntry entry : IndexPages.read(kind, page, sorted)) {
                      if (entry.height() < belowHeight) {
                        found.add(entry);
                      }
                    }
                  })
              .map(
                  done -> {
                    found.sort(
                        Comparator.comparingInt(IndexEntry::height)
                            .thenComparingInt(IndexEntry::position));
                    return found;
                  });
        });
  }

  /** Sums over the history of a script, in blocks above one height and up to another. */
  Future<ScriptTotals> totals(long key, int check, int aboveHeight, int toHeight) {
    return RunReplacedException.retry(
        () -> {
          Set<SortedRun.Page> pages = new LinkedHashSet<>();
          for (IndexRun run : runs.of(IndexKind.SCRIPT)) {
            if (run.toHeight() > aboveHeight && run.fromHeight() <= toHeight) {
              addPages(pages, run, key, aboveHeight + 1, toHeight + 1);
            }
          }
          ScriptTotals[] sum = {ScriptTotals.NONE};
          long[] wanted = {key};
          return each(
                  List.copyOf(pages),
                  page -> {
                    for (IndexEntry entry : IndexPages.read(IndexKind.SCRIPT, page, wanted)) {
                      if (entry.check() == check
                          && entry.height() > aboveHeight
                          && entry.height() <= toHeight) {
                        sum[0] = sum[0].plus(entry.totals());
                      }
                    }
                  })
              .map(done -> sum[0]);
        });
  }

  /**
   * Which of some scripts have any entry, by the first 12 bytes of their hashes; where many share
   * their first 8 bytes, more may be named.
   */
  Future<Set<Hash>> known(List<Hash> scriptHashes) {
    return RunReplacedException.retry(
        () -> {
          Map<Long, List<Hash>> byKey = new HashMap<>();
          Set<SortedRun.Page> pages = new LinkedHashSet<>();
          for (Hash hash : scriptHashes) {
            byKey.computeIfAbsent(IndexBatch.key(hash), k -> new ArrayList<>(1)).add(hash);
          }
          for (IndexRun run : runs.of(IndexKind.SCRIPT)) {
            for (long key : byKey.keySet()) {
              // If a run has the key at all, it has it on this page.
              int last = run.fences().lastPage(key, Integer.MAX_VALUE, 0);
              if (last >= 0) {
                pages.add(new SortedRun.Page(run.number(), last));
              }
            }
          }
          Set<Hash> known = new HashSet<>();
          return each(
                  List.copyOf(pages),
                  page -> take(IndexPages.read(IndexKind.SCRIPT, page), byKey, known))
              .map(known);
        });
  }

  private static void take(List<IndexEntry> page, Map<Long, List<Hash>> byKey, Set<Hash> known) {
    long first = page.get(0).key();
    for (IndexEntry entry : page) {
      for (Hash hash : byKey.getOrDefault(entry.key(), List.of())) {
        // A page that begins with the key is not the only one that has it.
        if (entry.key() == first || entry.check() == IndexBatch.check(hash)) {
          known.add(hash);
        }
      }
    }
  }

  private static void addPages(
      Set<SortedRun.Page> pages, IndexRun run, long key, int fromHeight, int belowHeight) {
    int last = run.fences().lastPage(key, belowHeight, 0);
    for (int page = run.fences().firstPage(key, fromHeight); page <= last; page++) {
      pages.add(new SortedRun.Page(run.number(), page));
    }
  }

  /** What is known of a script below a place, newest first, at most so much. */
  Future<List<IndexEntry>> newest(
      long key, int check, int belowHeight, int belowPosition, int limit) {
    return RunReplacedException.retry(
        () -> {
          List<IndexRun> newestFirst = new ArrayList<>();
          for (IndexRun run : runs.of(IndexKind.SCRIPT)) {
            if (run.fences().lastPage(key, belowHeight, belowPosition) >= 0) {
              newestFirst.add(0, run);
            }
          }
          return new Walk(key, check, belowHeight, belowPosition, limit, newestFirst).run(0);
        });
  }

  /** A walk through the history of one script, from new to old. */
  private final class Walk {
    private final long key;
    private final int check;
    private final int belowHeight;
    private final int belowPosition;
    private final int limit;
    private final List<IndexRun> newestFirst;
    private final List<IndexEntry> found = new ArrayList<>();

    Walk(
        long key,
        int check,
        int belowHeight,
        int belowPosition,
        int limit,
        List<IndexRun> newestFirst) {
      this.key = key;
      this.check = check;
      this.belowHeight = belowHeight;
      this.belowPosition = belowPosition;
      this.limit = limit;
      this.newestFirst = newestFirst;
    }

    Future<List<IndexEntry>> run(int index) {
      if (index == newestFirst.size() || found.size() >= limit) {
        return Future.succeededFuture(found);
      }
      IndexRun run = newestFirst.get(index);
      return (index % RUNS_AT_ONCE == 0 ? readAhead(index) : Future.<Void>succeededFuture())
          .compose(ahead -> pages(run, last(run), 1))
          .compose(done -> run(index + 1));
    }

    private int last(IndexRun run) {
      return run.fences().lastPage(key, belowHeight, belowPosition);
    }

    /** In most histories the last page of each run is all that is needed. */
    private Future<Void> readAhead(int index) {
      List<SortedRun.Page> pages = new ArrayList<>();
      for (int i = index; i < Math.min(newestFirst.size(), index + RUNS_AT_ONCE); i++) {
        pages.add(new SortedRun.Page(newestFirst.get(i).number(), last(newestFirst.get(i))));
      }
      return read(pages).mapEmpty();
    }

    private Future<Void> pages(IndexRun run, int last, int count) {
      int first = run.fences().firstPage(key, 0);
      int[] next = {last, count};
      return Rounds.run(
          () -> {
            if (next[0] < first || found.size() >= limit) {
              return Future.succeededFuture(false);
            }
            int from = Math.max(first, next[0] - next[1] + 1);
            List<SortedRun.Page> pages = new ArrayList<>();
            for (int page = next[0]; page >= from; page--) {
              pages.add(new SortedRun.Page(run.number(), page));
            }
            next[0] = from - 1;
            next[1] = PAGES_AT_ONCE;
            return read(pages)
                .map(
                    all -> {
                      for (byte[] page : all) {
                        take(IndexPages.read(IndexKind.SCRIPT, page));
                      }
                      return true;
                    });
          });
    }

    private void take(List<IndexEntry> entries) {
      for (int i = entries.size() - 1; i >= 0 && found.size() < limit; i--) {
        IndexEntry entry = entries.get(i);
        if (entry.key() == key
            && entry.check() == check
            && (entry.height() < belowHeight
                || (entry.height() == belowHeight && entry.position() < belowPosition))) {
          found.add(entry);
        }
      }
    }
  }

  private Future<Void> each(List<SortedRun.Page> pages, Consumer<byte[]> use) {
    int[] next = {0};
    return Rounds.run(
        () -> {
          List<SortedRun.Page> part =
              pages.subList(next[0], Math.min(pages.size(), next[0] + MAX_PAGES));
          next[0] += part.size();
          return part.isEmpty()
              ? Future.succeededFuture(false)
              : read(part)
                  .map(
                      found -> {
                        found.forEach(use);
                        return next[0] < pages.size();
                      });
        });
  }

  /**
   * Pages from memory or else from the database, in the order asked for; all of them, or the
   * question is asked again.
   */
  private Future<List<byte[]>> read(List<SortedRun.Page> pages) {
    Map<SortedRun.Page, byte[]> found = new HashMap<>();
    List<SortedRun.Page> missing = new ArrayList<>();
    synchronized (cache) {
      for (SortedRun.Page page : pages) {
        byte[] cached = cache.get(page);
        if (cached != null) {
          found.put(page, cached);
        } else {
          missing.add(page);
        }
      }
    }
    if (missing.isEmpty()) {
      return Future.succeededFuture(inOrder(pages, found));
    }
    return stored(missing)
        .map(
            stored -> {
              synchronized (cache) {
                cache.putAll(stored);
              }
              found.putAll(stored);
              return inOrder(pages, found);
            });
  }

  private static List<byte[]> inOrder(
      List<SortedRun.Page> pages, Map<SortedRun.Page, byte[]> found) {
    List<byte[]> all = new ArrayList<>(pages.size());
    for (SortedRun.Page page : pages) {
      byte[] entries = found.get(page);
      if (entries == null) {
        throw new RunReplacedException(IndexTables.NAME, page);
      }
      all.add(entries);
    }
    return all;
  }

  /** Those of some pages that are in the database. */
  Future<Map<SortedRun.Page, byte[]>> stored(Collection<SortedRun.Page> pages) {
    Long[] numbers = pages.stream().map(SortedRun.Page::run).toArray(Long[]::new);
    Integer[] places = pages.stream().map(SortedRun.Page::number).toArray(Integer[]::new);
    return pool.preparedQuery(PAGES)
        .execute(Tuple.tuple().addValue(numbers).addValue(places))
        .map(IndexRuns::pages);
  }

  private static Map<SortedRun.Page, byte[]> pages(RowSet<Row> rows) {
    Map<SortedRun.Page, byte[]> pages = new HashMap<>(rows.size() * 2);
    for (Row row : rows) {
      Buffer entries = row.getBuffer(2);
      pages.put(new SortedRun.Page(row.getLong(0), row.getInteger(1)), entries.getBytes());
    }
    return pages;
  }
}
