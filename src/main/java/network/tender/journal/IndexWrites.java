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
 * The transactions that change the chain index. Each begins with the cursor's row, so that they
 * follow each other, and so that a node that has lost its lease changes nothing.
 */
final class IndexWrites {
  /** Pages of one statement: a MiB. */
  private static final int MAX_PAGES = 256;

  /** Pages removed at a time. */
  private static final int REMOVE_PAGES = 2_000;

  private static final String MOVE_CURSOR =
      "UPDATE index_cursor SET height = $2 WHERE generation = $1 AND height = $3";
  private static final String HOLD_CURSOR =
      "UPDATE index_cursor SET height = height WHERE generation = $1";

  private static final String INSERT_RUN =
      """
      INSERT INTO index_run (number, kind, from_height, to_height, entries, fences)
      VALUES ($1, $2, $3, $4, $5, $6)""";

  private static final String INSERT_PAGES =
      """
      INSERT INTO index_page (run, number, entries)
      SELECT $1, page.number, page.entries
      FROM unnest($2::int[], $3::bytea[]) AS page(number, entries)
      ON CONFLICT DO NOTHING""";

  private static final String REMOVE_RUNS =
      "DELETE FROM index_run WHERE number = ANY($1::bigint[])";

  private static final String REMOVE_SOME_PAGES =
      "DELETE FROM index_page WHERE run = $1 AND number >= $2 AND number < $3";

  private static final String RESOLVE = "SELECT generation, height FROM index_cursor";

  private static final String RESOLVE_RUN =
      "SELECT EXISTS (SELECT FROM index_run WHERE number = $1) AS made";

  /** A new run and its pages. */
  record Made(IndexRun run, List<byte[]> pages) {}

  private final WriterConnection writer;
  private final WriterLease lease;

  IndexWrites(WriterConnection writer, WriterLease lease) {
    this.writer = writer;
    this.lease = lease;
  }

  /** Moves the index on by some blocks. */
  Future<Boolean> append(int from, int to, List<Made> runs) {
    List<Statement> statements = new ArrayList<>();
    for (Made made : runs) {
      statements.add(insert(made.run()));
      addPages(statements, made.run().number(), 0, made.pages());
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
                  "The chain index stands at " + height + " instead of " + from + ".");
            }
            return Optional.empty();
          }
        });
  }

  /** Writes pages of a run that is being made. They may have been written before. */
  Future<Void> pages(long run, int from, List<byte[]> pages) {
    List<Statement> statements = new ArrayList<>();
    addPages(statements, run, from, pages);
    return writer.run(new CursorWrite(lease, RESOLVE, hold(), statements)).mapEmpty();
  }

  /** Lets a run whose pages are written take the place of others. */
  Future<Void> replace(List<IndexRun> parts, IndexRun whole) {
    Long[] numbers = parts.stream().map(IndexRun::number).toArray(Long[]::new);
    List<Statement> statements =
        List.of(new Statement(REMOVE_RUNS, Tuple.tuple().addValue(numbers)), insert(whole));
    return writer
        .run(
            new CursorWrite(lease, RESOLVE, hold(), statements) {
              @Override
              public Future<Optional<Boolean>> resolve(SqlConnection connection) {
                return connection
                    .preparedQuery(RESOLVE_RUN)
                    .execute(Tuple.of(whole.number()))
                    .compose(
                        rows ->
                            rows.iterator().next().getBoolean(0)
                                ? Future.succeededFuture(Optional.of(true))
                                : super.resolve(connection));
              }
            })
        .mapEmpty();
  }

  /** Removes the pages of a run that nobody reads. */
  Future<Void> removePages(long run, int pages) {
    int[] next = {0};
    return Rounds.run(
        () -> {
          if (next[0] >= pages) {
            return Future.succeededFuture(false);
          }
          int from = next[0];
          next[0] = Math.min(pages, from + REMOVE_PAGES);
          Statement some = new Statement(REMOVE_SOME_PAGES, Tuple.of(run, from, next[0]));
          return writer
              .run(new CursorWrite(lease, RESOLVE, hold(), List.of(some)))
              .map(removed -> next[0] < pages);
        });
  }

  private Statement hold() {
    return new Statement(HOLD_CURSOR, Tuple.of(lease.generation()));
  }

  private static Statement insert(IndexRun run) {
    return new Statement(
        INSERT_RUN,
        Tuple.of(
            run.number(),
            (short) run.kind().code(),
            run.fromHeight(),
            run.toHeight(),
            run.entries(),
            Buffer.buffer(run.fences().toBytes())));
  }

  private static void addPages(
      List<Statement> statements, long run, int first, List<byte[]> pages) {
    for (int start = 0; start < pages.size(); start += MAX_PAGES) {
      int count = Math.min(MAX_PAGES, pages.size() - start);
      Integer[] numbers = new Integer[count];
      Buffer[] entries = new Buffer[count];
      for (int i = 0; i < count; i++) {
        numbers[i] = first + start + i;
        entries[i] = Buffer.buffer(pages.get(start + i));
      }
      statements.add(
          new Statement(
              INSERT_PAGES, Tuple.tuple().addLong(run).addValue(numbers).addValue(entries)));
    }
  }
}
