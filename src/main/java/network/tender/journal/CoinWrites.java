package network.tender.journal;

import io.vertx.core.Future;
import io.vertx.core.buffer.Buffer;
import io.vertx.sqlclient.Row;
import io.vertx.sqlclient.SqlConnection;
import io.vertx.sqlclient.Tuple;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import network.tender.journal.CursorWrite.Statement;

/**
 * The transactions that change the packed coins. Each begins with the cursor's row, so that they
 * follow each other, and so that a node that has lost its lease changes nothing.
 */
final class CoinWrites {
  /** Pages of one statement: half a MiB. */
  private static final int MAX_PAGES = 256;

  /** Pages removed at a time. */
  private static final int REMOVE_PAGES = 4_000;

  /** Pieces of look-ups that are written at a time: a MiB. */
  private static final int MAX_PIECES = 4;

  private static final String MOVE_CURSOR =
      "UPDATE coin_cursor SET height = $2 WHERE generation = $1 AND height = $3";
  private static final String HOLD_CURSOR =
      "UPDATE coin_cursor SET height = height WHERE generation = $1";

  private static final String INSERT_RUN =
      """
      INSERT INTO coin_run (number, kind, from_height, to_height, entries, pages)
      VALUES ($1, $2, $3, $4, $5, $6)""";

  private static final String INSERT_PAGES =
      """
      INSERT INTO coin_page (run, number, coins, sat, entries)
      SELECT $1, page.number, page.coins, page.sat, page.entries
      FROM unnest($2::int[], $3::int[], $4::bigint[], $5::bytea[])
        AS page(number, coins, sat, entries)
      ON CONFLICT DO NOTHING""";

  private static final String INSERT_LOOK_UP =
      """
      INSERT INTO coin_look_up (run, part, number, bytes)
      VALUES ($1, $2, $3, $4) ON CONFLICT DO NOTHING""";

  private static final String REMOVE_RUNS = "DELETE FROM coin_run WHERE number = ANY($1::bigint[])";

  private static final String REMOVE_LOOK_UPS = "DELETE FROM coin_look_up WHERE run = $1";

  private static final String REMOVE_SOME_PAGES =
      "DELETE FROM coin_page WHERE run = $1 AND number >= $2 AND number < $3";

  private static final String RESOLVE = "SELECT generation, height FROM coin_cursor";

  private static final String RESOLVE_REPLACED =
      "SELECT NOT EXISTS (SELECT FROM coin_run WHERE number = $1) AS replaced";

  private final WriterConnection writer;
  private final WriterLease lease;

  CoinWrites(WriterConnection writer, WriterLease lease) {
    this.writer = writer;
    this.lease = lease;
  }

  /** Moves the coins on by some blocks. */
  Future<Boolean> append(int from, CoinBatch batch) {
    int to = batch.toHeight();
    List<Statement> statements = new ArrayList<>();
    for (CoinBatch.Made made : batch.runs()) {
      statements.add(insert(made.run()));
      addPages(statements, made.run().number(), 0, made.pages());
      addLookUps(statements, made.run().number(), made.lookUps());
    }
    return writer.run(
        new CursorWrite(
            lease,
            RESOLVE,
            new Statement(MOVE_CURSOR, Tuple.of(lease.generation(), to, from)),
            statements) {
          @Override
          Optional<Boolean> outcome(Row cursor) {
            int height = cursor.getInteger("height");
            if (height == to) {
              return Optional.of(true);
            }
            demandLease(cursor);
            if (height != from) {
              throw new WriterConnection.HopelessException(
                  "The coin store stands at " + height + " instead of " + from + ".");
            }
            return Optional.empty();
          }
        });
  }

  /** Writes pages of a run that is being made. They may have been written before. */
  Future<Void> pages(long run, int from, List<CoinPages.Page> pages) {
    List<Statement> statements = new ArrayList<>();
    addPages(statements, run, from, pages);
    return write(statements);
  }

  /** Writes what the coins of a run are found by, once its pages are written. */
  Future<Void> lookUps(long run, List<CoinLookUp> pieces) {
    int[] next = {0};
    return Rounds.run(
        () -> {
          if (next[0] >= pieces.size()) {
            return Future.succeededFuture(false);
          }
          int from = next[0];
          next[0] = Math.min(pieces.size(), from + MAX_PIECES);
          List<Statement> statements = new ArrayList<>();
          addLookUps(statements, run, pieces.subList(from, next[0]));
          return write(statements).map(done -> next[0] < pieces.size());
        });
  }

  /** Lets a run that is written take the place of others; none, if they cancelled out. */
  Future<Void> replace(List<CoinRun> parts, Optional<CoinRun> whole) {
    Long[] numbers = parts.stream().map(CoinRun::number).toArray(Long[]::new);
    List<Statement> statements = new ArrayList<>();
    statements.add(new Statement(REMOVE_RUNS, Tuple.tuple().addValue(numbers)));
    whole.ifPresent(run -> statements.add(insert(run)));
    return writer
        .run(
            new CursorWrite(lease, RESOLVE, hold(), statements) {
              @Override
              public Future<Optional<Boolean>> resolve(SqlConnection connection) {
                return connection
                    .preparedQuery(RESOLVE_REPLACED)
                    .execute(Tuple.of(numbers[0]))
                    .compose(
                        rows ->
                            rows.iterator().next().getBoolean(0)
                                ? Future.succeededFuture(Optional.of(true))
                                : super.resolve(connection));
              }
            })
        .mapEmpty();
  }

  /** Removes the pages of a run that nobody reads, and what they were found by before them. */
  Future<Void> remove(long run, int pages) {
    int[] next = {0};
    return write(List.of(new Statement(REMOVE_LOOK_UPS, Tuple.of(run))))
        .compose(
            done ->
                Rounds.run(
                    () -> {
                      if (next[0] >= pages) {
                        return Future.succeededFuture(false);
                      }
                      int from = next[0];
                      next[0] = Math.min(pages, from + REMOVE_PAGES);
                      Tuple some = Tuple.of(run, from, next[0]);
                      return write(List.of(new Statement(REMOVE_SOME_PAGES, some)))
                          .map(removed -> next[0] < pages);
                    }));
  }

  private Future<Void> write(List<Statement> statements) {
    return writer.run(new CursorWrite(lease, RESOLVE, hold(), statements)).mapEmpty();
  }

  private Statement hold() {
    return new Statement(HOLD_CURSOR, Tuple.of(lease.generation()));
  }

  private static Statement insert(CoinRun run) {
    return new Statement(
        INSERT_RUN,
        Tuple.of(
            run.number(),
            (short) run.kind().code(),
            run.fromHeight(),
            run.toHeight(),
            run.entries(),
            run.fences().pages()));
  }

  private static void addLookUps(List<Statement> statements, long run, List<CoinLookUp> pieces) {
    for (CoinLookUp piece : pieces) {
      statements.add(
          new Statement(
              INSERT_LOOK_UP,
              Tuple.of(run, (short) piece.part(), piece.number(), Buffer.buffer(piece.bytes()))));
    }
  }

  private static void addPages(
      List<Statement> statements, long run, int first, List<CoinPages.Page> pages) {
    for (int start = 0; start < pages.size(); start += MAX_PAGES) {
      int count = Math.min(MAX_PAGES, pages.size() - start);
      Integer[] numbers = new Integer[count];
      Integer[] coins = new Integer[count];
      Long[] sats = new Long[count];
      Buffer[] entries = new Buffer[count];
      for (int i = 0; i < count; i++) {
        CoinPages.Page page = pages.get(start + i);
        numbers[i] = first + start + i;
        coins[i] = page.coins();
        sats[i] = page.sat();
        entries[i] = Buffer.buffer(page.entries());
      }
      statements.add(
          new Statement(
              INSERT_PAGES,
              Tuple.tuple()
                  .addLong(run)
                  .addValue(numbers)
                  .addValue(coins)
                  .addValue(sats)
                  .addValue(entries)));
    }
  }
}
