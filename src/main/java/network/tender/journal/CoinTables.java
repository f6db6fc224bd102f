package network.tender.journal;

import io.vertx.core.buffer.Buffer;
import io.vertx.sqlclient.Tuple;
import java.util.Iterator;
import java.util.List;
import network.tender.journal.CursorWrite.Statement;

/** The tables of the packed coins. */
final class CoinTables implements RunTables<CoinRun, CoinPages.Page> {
  /** What their names begin with. */
  static final String NAME = "coin";

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

  private static final String REMOVE_LOOK_UPS = "DELETE FROM coin_look_up WHERE run = $1";

  @Override
  public String name() {
    return NAME;
  }

  @Override
  public int pageBytes() {
    return CoinPages.MAX_BYTES;
  }

  @Override
  public Statement insert(CoinRun run) {
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

  @Override
  public Statement insert(long run, int first, List<CoinPages.Page> pages) {
    int count = pages.size();
    Integer[] numbers = new Integer[count];
    Integer[] coins = new Integer[count];
    Long[] sats = new Long[count];
    Buffer[] entries = new Buffer[count];
    for (int i = 0; i < count; i++) {
      CoinPages.Page page = pages.get(i);
      numbers[i] = first + i;
      coins[i] = page.coins();
      sats[i] = page.sat();
      entries[i] = Buffer.buffer(page.entries());
    }
    return new Statement(
        INSERT_PAGES,
        Tuple.tuple()
            .addLong(run)
            .addValue(numbers)
            .addValue(coins)
            .addValue(sats)
            .addValue(entries));
  }

  @Override
  public Iterator<Statement> lookUps(CoinRun run) {
    return CoinLookUp.of(run)
        .map(
            piece ->
                new Statement(
                    INSERT_LOOK_UP,
                    Tuple.of(
                        run.number(),
                        (short) piece.part(),
                        piece.number(),
                        Buffer.buffer(piece.bytes()))))
        .iterator();
  }

  @Override
  public List<Statement> removeLookUps(long run) {
    return List.of(new Statement(REMOVE_LOOK_UPS, Tuple.of(run)));
  }
}
