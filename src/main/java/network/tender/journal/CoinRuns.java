package network.tender.journal;

import io.vertx.core.Future;
import io.vertx.core.WorkerExecutor;
import io.vertx.sqlclient.Pool;
import io.vertx.sqlclient.Row;
import io.vertx.sqlclient.Tuple;
import java.io.ByteArrayOutputStream;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.Collection;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import network.tender.chain.Hash;
import network.tender.chain.Outpoint;
import network.tender.ledger.Coin;
import org.jspecify.annotations.Nullable;

/**
 * The runs of packed coins, and what can be asked of them. Which runs there are, where their pages
 * begin and their filters are in memory; the pages are in the database.
 *
 * <p>Merging replaces runs at any time. A question that finds a page gone is asked again of the
 * runs that there are then.
 */
final class CoinRuns {
  /** Most pages of one statement: a MiB. */
  private static final int MAX_PAGES = 512;

  /** Outpoints looked for at a time. */
  private static final int MAX_TARGETS = 1_000;

  private static final String RUNS =
      """
      SELECT number, kind, from_height, to_height, entries, pages
      FROM coin_run WHERE from_height > $1 ORDER BY from_height""";

  private static final String LOOK_UP =
      "SELECT bytes FROM coin_look_up WHERE run = $1 AND part = $2 ORDER BY number";

  /**
   * Reads pages; a test looks at its plan. One by one, whatever the planner thinks of their number:
   * a plan that was good for a new chain is kept for long.
   */
  static final String PAGES =
      """
      SELECT wanted.run, wanted.number, page.entries
      FROM unnest($1::bigint[], $2::int[]) AS wanted(run, number)
      CROSS JOIN LATERAL (
        SELECT entries FROM coin_page
        WHERE coin_page.run = wanted.run AND coin_page.number = wanted.number
        LIMIT 1) AS page""";

  /** A page that is read, and which of the targets may be on it. */
  private record Wanted(SortedRun.Page page, List<Integer> targets) {}

  /** What the newest run that speaks of an outpoint says. */
  private record Said(long run, @Nullable Coin coin) {}

  private final Pool pool;

  private final RunList<CoinKind, CoinRun> runs;

  /** Height of the last block that any run was of, if only of coins that have cancelled out. */
  private volatile int toHeight;

  private CoinRuns(Pool pool, List<CoinRun> runs) {
    this.pool = pool;
    this.runs = new RunList<>(runs);
    this.toHeight = runs.stream().mapToInt(CoinRun::toHeight).max().orElse(-1);
  }

  /** Reads which runs there are. */
  static Future<CoinRuns> open(Pool pool) {
    return read(pool, -1).map(runs -> new CoinRuns(pool, runs));
  }

  /** Takes in runs of newer blocks than any that were known, if there are such. */
  Future<Void> refresh() {
    return read(pool, toHeight)
        .map(
            newer -> {
              added(newer);
              return null;
            });
  }

  private static Future<List<CoinRun>> read(Pool pool, int aboveHeight) {
    return pool.preparedQuery(RUNS)
        .execute(Tuple.of(aboveHeight))
        .compose(
            rows -> {
              Future<List<CoinRun>> all = Future.succeededFuture(new ArrayList<>());
              for (Row row : rows) {
                all =
                    all.compose(
                        before ->
                            run(pool, row)
                                .map(
                                    run -> {
                                      before.add(run);
                                      return before;
                                    }));
              }
              return all;
            })
        .map(List::copyOf);
  }

  private static Future<CoinRun> run(Pool pool, Row row) {
    long number = row.getLong(0);
    CoinKind kind = CoinKind.of(row.getInteger(1));
    int pages = row.getInteger(5);
    return lookUp(pool, number, CoinLookUp.FENCES)
        .compose(
            fences ->
                lookUp(pool, number, CoinLookUp.FILTER)
                    .map(
                        filter ->
                            new CoinRun(
                                number,
                                kind,
                                row.getInteger(2),
                                row.getInteger(3),
                                row.getLong(4),
                                fences(number, pages, fences),
                                kind == CoinKind.OUTPOINT
                                    ? Optional.of(CoinFilter.parse(filter))
                                    : Optional.empty())));
  }

  private static Fences fences(long run, int pages, byte[] bytes) {
    Fences fences = Fences.parse(bytes);
    if (fences.pages() != pages) {
      throw new IllegalArgumentException("the fences of the run " + run + " are cut off");
    }
    return fences;
  }

  private static Future<byte[]> lookUp(Pool pool, long run, int part) {
    return pool.preparedQuery(LOOK_UP)
        .execute(Tuple.of(run, (short) part))
        .map(
            rows -> {
              ByteArrayOutputStream all = new ByteArrayOutputStream();
              rows.forEach(piece -> all.writeBytes(piece.getBuffer(0).getBytes()));
              return all.toByteArray();
            });
  }

  /** Which runs there are. */
  RunList<CoinKind, CoinRun> list() {
    return runs;
  }

  /** How much memory they take. */
  long bytes() {
    return runs.all().stream().mapToLong(CoinRun::bytes).sum();
  }

  /** Takes in runs of the newest blocks, which are durable. */
  synchronized void added(List<CoinRun> newest) {
    runs.added(newest);
    newest.forEach(run -> toHeight = Math.max(toHeight, run.toHeight()));
  }

  /** The unspent ones among some coins. */
  Future<Map<Outpoint, Coin>> find(Collection<Outpoint> outpoints) {
    return find(CoinTargets.of(outpoints))
        .map(
            found -> {
              // Others may begin like those.
              found
                  .keySet()
                  .retainAll(outpoints instanceof Set ? outpoints : Set.copyOf(outpoints));
              return found;
            });
  }

  /** The unspent coins that begin like the targets. */
  private Future<Map<Outpoint, Coin>> find(CoinTargets targets) {
    Map<Outpoint, Coin> found = new HashMap<>();
    int[] next = {0};
    return Rounds.run(
            () -> {
              int from = next[0];
              next[0] = Math.min(targets.count(), from + MAX_TARGETS);
              return RunReplacedException.retry(() -> findAtOnce(targets.range(from, next[0])))
                  .map(
                      some -> {
                        found.putAll(some);
                        return next[0] < targets.count();
                      });
            })
        .map(found);
  }

  private Future<Map<Outpoint, Coin>> findAtOnce(CoinTargets targets) {
    List<CoinRun> all = runs.of(CoinKind.OUTPOINT);
    // Those of the newest run first: what they say counts.
    List<Wanted> wanted = new ArrayList<>();
    int[] some = new int[targets.count()];
    for (int i = all.size() - 1; i >= 0; i--) {
      CoinRun run = all.get(i);
      addPages(run, targets, some, run.select(targets, some), wanted);
    }
    Map<Outpoint, Said> said = new HashMap<>();
    return read(wanted, targets, said)
        .map(
            done -> {
              Map<Outpoint, Coin> coins = new HashMap<>();
              said.forEach(
                  (outpoint, last) -> {
                    Coin coin = last.coin();
                    if (coin != null) {
                      coins.put(outpoint, coin);
                    }
                  });
              return coins;
            });
  }

  /** Where a run may have some targets; its pages and the targets are both in order. */
  private static void addPages(
      CoinRun run, CoinTargets targets, int[] some, int count, List<Wanted> wanted) {
    int ofRun = wanted.size();
    for (int i = 0; i < count; i++) {
      int target = some[i];
      int last = run.lastPage(targets.beginning(target), targets.index(target));
      int page = run.firstPage(targets.beginning(target), targets.index(target), last);
      for (; page <= last; page++) {
        int at = wanted.size() - 1;
        while (at >= ofRun && wanted.get(at).page().number() > page) {
          at--;
        }
        if (at < ofRun || wanted.get(at).page().number() < page) {
          at++;
          wanted.add(at, new Wanted(new SortedRun.Page(run.number(), page), new ArrayList<>(1)));
        }
        wanted.get(at).targets().add(target);
      }
    }
  }

  private Future<Void> read(List<Wanted> wanted, CoinTargets targets, Map<Outpoint, Said> said) {
    int[] next = {0};
    return Rounds.run(
        () -> {
          List<Wanted> some = wanted.subList(next[0], Math.min(wanted.size(), next[0] + MAX_PAGES));
          next[0] += some.size();
          return some.isEmpty()
              ? Future.succeededFuture(false)
              : pages(some.stream().map(Wanted::page).toList())
                  .map(
                      stored -> {
                        for (Wanted page : some) {
                          byte[] entries = stored.get(page.page());
                          if (entries == null) {
                            throw new RunReplacedException(CoinTables.NAME, page.page());
                          }
                          look(page, entries, targets, said);
                        }
                        return next[0] < wanted.size();
                      });
        });
  }

  private static void look(
      Wanted page, byte[] entries, CoinTargets targets, Map<Outpoint, Said> said) {
    CoinPageReader reader = new CoinPageReader(CoinKind.OUTPOINT, entries);
    List<Integer> some = page.targets();
    long run = page.page().run();
    long last = targets.fence(some.get(some.size() - 1));
    while (reader.next()) {
      long fence = CoinRun.fence(reader.beginning());
      if (fence > last) {
        return;
      }
      for (int target : some) {
        if (targets.fence(target) == fence && targets.index(target) == reader.index()) {
          Outpoint outpoint = reader.outpoint();
          Said before = said.get(outpoint);
          boolean made = reader.net() > 0;
          // What a run both spends and makes, it makes last.
          if (before == null || (made && before.run() == run)) {
            said.put(outpoint, new Said(run, made ? reader.coin() : null));
          }
        }
      }
    }
  }

  /**
   * Unspent coins of a script; of more than the limit, any so many.
   *
   * @param scriptHash SHA-256 of the script
   * @param worker where entries are compared
   */
  Future<Map<Outpoint, Coin>> ofScript(Hash scriptHash, int limit, WorkerExecutor worker) {
    return RunReplacedException.retry(
        () -> {
          long key = scriptHash.a();
          List<RunWalk.Part> parts = new ArrayList<>();
          for (CoinRun run : runs.of(CoinKind.SCRIPT)) {
            int last = run.lastPage(key, 0);
            if (last >= 0) {
              parts.add(new RunWalk.Part(run.number(), run.firstPage(key, 0), last + 1));
            }
          }
          CoinWalk walk = new CoinWalk(CoinKind.SCRIPT, this, worker, parts);
          Map<Outpoint, Coin> found = new HashMap<>();
          return Rounds.run(() -> ofScript(scriptHash, limit, walk, found)).map(found);
        });
  }

  /** A round of it; true if there is another one. */
  private Future<Boolean> ofScript(
      Hash scriptHash, int limit, CoinWalk walk, Map<Outpoint, Coin> found) {
    ScriptTargets targets =
        new ScriptTargets(scriptHash.a(), Math.min(limit - found.size(), MAX_TARGETS));
    return walk.fill(targets)
        .compose(
            more ->
                find(targets.targets())
                    .map(
                        coins -> {
                          coins.forEach(
                              (outpoint, coin) -> {
                                if (found.size() < limit
                                    && coin.script().hash().equals(scriptHash)) {
                                  found.put(outpoint, coin);
                                }
                              });
                          return more && found.size() < limit;
                        }));
  }

  /** Collects what is counted under a script. */
  private static final class ScriptTargets implements CoinWalk.Sink {
    private final long key;
    private final long[] beginnings;
    private final int[] indexes;
    private int count;

    ScriptTargets(long key, int limit) {
      this.key = key;
      this.beginnings = new long[limit];
      this.indexes = new int[limit];
    }

    @Override
    public void add(byte[] from, int start, int length, int net, long sat) {
      if (CoinEntry.beginning(from, start) == key && net > 0) {
        beginnings[count] = CoinEntry.continuation(from, start);
        indexes[count++] = CoinEntry.index(CoinKind.SCRIPT, from, start);
      }
    }

    @Override
    public boolean isFull() {
      return count == beginnings.length;
    }

    CoinTargets targets() {
      return CoinTargets.of(Arrays.copyOf(beginnings, count), Arrays.copyOf(indexes, count));
    }
  }

  /** Those of some pages that are in the database. */
  Future<Map<SortedRun.Page, byte[]>> pages(Collection<SortedRun.Page> pages) {
    int count = pages.size();
    Long[] numbers = new Long[count];
    Integer[] places = new Integer[count];
    int i = 0;
    for (SortedRun.Page page : pages) {
      numbers[i] = page.run();
      places[i++] = page.number();
    }
    return pool.preparedQuery(PAGES)
        .execute(Tuple.tuple().addValue(numbers).addValue(places))
        .map(
            rows -> {
              Map<SortedRun.Page, byte[]> stored = new HashMap<>(rows.size() * 2);
              for (Row row : rows) {
                stored.put(
                    new SortedRun.Page(row.getLong(0), row.getInteger(1)),
                    row.getBuffer(2).getBytes());
              }
              return stored;
            });
  }
}
