package network.tender.journal;

import io.vertx.core.buffer.Buffer;
import io.vertx.sqlclient.Tuple;
import java.util.List;
import network.tender.journal.CursorWrite.Statement;

/** The tables of the chain index. */
final class IndexTables implements RunTables<IndexRun, byte[]> {
  /** What their names begin with. */
  static final String NAME = "index";

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

  @Override
  public String name() {
    return NAME;
  }

  @Override
  public int pageBytes() {
    return IndexPages.TARGET_BYTES;
  }

  @Override
  public Statement insert(IndexRun run) {
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

  @Override
  public Statement insert(long run, int first, List<byte[]> pages) {
    int count = pages.size();
    Integer[] numbers = new Integer[count];
    Buffer[] entries = new Buffer[count];
    for (int i = 0; i < count; i++) {
      numbers[i] = first + i;
      entries[i] = Buffer.buffer(pages.get(i));
    }
    return new Statement(
        INSERT_PAGES, Tuple.tuple().addLong(run).addValue(numbers).addValue(entries));
  }
}
