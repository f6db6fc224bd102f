package network.tender.journal;

import io.vertx.core.Future;
import io.vertx.sqlclient.Row;
import io.vertx.sqlclient.SqlConnection;
import io.vertx.sqlclient.Tuple;
import java.util.ArrayList;
import java.util.Iterator;
import java.util.List;
import java.util.Optional;
import network.tender.journal.CursorWrite.Statement;

/**
 * The transactions that change a store of runs. Each begins with the cursor's row, so that they
 * follow each other, and so that a node that has lost its lease changes nothing.
 *
 * @param <R> the runs
 * @param <P> what a page is before it is written
 */
final class RunWrites<R extends SortedRun<?>, P> {
  /** Pages of one statement: a MiB at most. */
  private static final int MAX_PAGES = 256;

  /** What is removed at a time. */
  private static final int REMOVE_BYTES = 8_000_000;

  /** Statements beside the pages that are run at a time: a MiB. */
  private static final int MAX_LOOK_UPS = 4;

  private final WriterConnection writer;
  private final WriterLease lease;
  private final RunTables<R, P> tables;
  private final String cursorQuery;
  private final Statement hold;

  RunWrites(WriterConnection writer, WriterLease lease, RunTables<R, P> tables) {
    this.writer = writer;
    this.lease = lease;
    this.tables = tables;
    this.cursorQuery = "SELECT generation, height FROM %s_cursor".formatted(tables.name());
    this.hold =
        new Statement(
            "UPDATE %s_cursor SET height = height WHERE generation = $1".formatted(tables.name()),
            Tuple.of(lease.generation()));
  }

  /** What they change. */
  RunTables<R, P> tables() {
    return tables;
  }

  /** Moves the store on by some blocks. */
  Future<Boolean> append(int from, RunBatch<R, P> batch) {
    int to = batch.toHeight();
    Statement move =
        new Statement(
            "UPDATE %s_cursor SET height = $2 WHERE generation = $1 AND height = $3"
                .formatted(tables.name()),
            Tuple.of(lease.generation(), to, from));
    List<Statement> statements = new ArrayList<>();
    for (RunBatch.Made<R, P> made : batch.made()) {
      statements.add(tables.insert(made.run()));
      addPages(statements, made.run().number(), 0, made.pages());
      statements.addAll(made.lookUps());
    }
    return writer.run(
        new CursorWrite(lease, cursorQuery, move, statements) {
          @Override
          Optional<Boolean> outcome(Row cursor) {
            int height = cursor.getInteger("height");
            if (height == to) {
              return Optional.of(true);
            }
            demandLease(cursor);
            if (height != from) {
              throw new WriterConnection.HopelessException(
                  "The "
                      + tables.name()
                      + " cursor stands at "
                      + height
                      + " instead of "
                      + from
                      + ".");
            }
            return Optional.empty();
          }
        });
  }

  /** Writes pages of a run that is being made. They may have been written before. */
  Future<Void> pages(long run, int first, List<P> pages) {
    List<Statement> statements = new ArrayList<>();
    addPages(statements, run, first, pages);
    return write(statements);
  }

  private void addPages(List<Statement> statements, long run, int first, List<P> pages) {
    for (int from = 0; from < pages.size(); from += MAX_PAGES) {
      int to = Math.min(pages.size(), from + MAX_PAGES);
      statements.add(tables.insert(run, first + from, pages.subList(from, to)));
    }
  }

  /** Writes what is beside the pages of a run, once those are written. */
  Future<Void> lookUps(Iterator<Statement> lookUps) {
    return Rounds.run(
        () -> {
          List<Statement> some = new ArrayList<>();
          while (lookUps.hasNext() && some.size() < MAX_LOOK_UPS) {
            some.add(lookUps.next());
          }
          return some.isEmpty()
              ? Future.succeededFuture(false)
              : write(some).map(done -> lookUps.hasNext());
        });
  }

  /** Lets a run that is written take the place of others; none, if they cancelled out. */
  Future<Void> replace(List<R> parts, Optional<R> whole) {
    Long[] numbers = parts.stream().map(SortedRun::number).toArray(Long[]::new);
    List<Statement> statements = new ArrayList<>();
    statements.add(
        new Statement(
            "DELETE FROM %s_run WHERE number = ANY($1::bigint[])".formatted(tables.name()),
            Tuple.tuple().addValue(numbers)));
    whole.ifPresent(run -> statements.add(tables.insert(run)));
    String isReplaced =
        "SELECT %s (SELECT FROM %s_run WHERE number = $1)"
            .formatted(whole.isPresent() ? "EXISTS" : "NOT EXISTS", tables.name());
    long telling = whole.<Long>map(SortedRun::number).orElse(numbers[0]);
    return writer
        .run(
            new CursorWrite(lease, cursorQuery, hold, statements) {
              @Override
              public Future<Optional<Boolean>> resolve(SqlConnection connection) {
                return connection
                    .preparedQuery(isReplaced)
                    .execute(Tuple.of(telling))
                    .compose(
                        rows ->
                            rows.iterator().next().getBoolean(0)
                                ? Future.succeededFuture(Optional.of(true))
                                : super.resolve(connection));
              }
            })
        .mapEmpty();
  }

  /** Removes the pages of a run that nobody reads, and what is beside them before them. */
  Future<Void> remove(long run, int pages) {
    List<Statement> lookUps = tables.removeLookUps(run);
    return (lookUps.isEmpty() ? Future.<Void>succeededFuture() : write(lookUps))
        .compose(done -> removePages(run, pages));
  }

  private Future<Void> removePages(long run, int pages) {
    String removeSome =
        "DELETE FROM %s_page WHERE run = $1 AND number >= $2 AND number < $3"
            .formatted(tables.name());
    int[] next = {0};
    return Rounds.run(
        () -> {
          if (next[0] >= pages) {
            return Future.succeededFuture(false);
          }
          int from = next[0];
          next[0] = Math.min(pages, from + REMOVE_BYTES / tables.pageBytes());
          return write(List.of(new Statement(removeSome, Tuple.of(run, from, next[0]))))
              .map(removed -> next[0] < pages);
        });
  }

  private Future<Void> write(List<Statement> statements) {
    return writer.run(new CursorWrite(lease, cursorQuery, hold, statements)).mapEmpty();
  }
}
