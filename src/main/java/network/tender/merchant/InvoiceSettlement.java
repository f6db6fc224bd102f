package network.tender.merchant;

import io.vertx.core.Future;
import io.vertx.core.buffer.Buffer;
import io.vertx.sqlclient.Pool;
import io.vertx.sqlclient.Row;
import io.vertx.sqlclient.RowStream;
import io.vertx.sqlclient.SqlConnection;
import io.vertx.sqlclient.Tuple;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.concurrent.ConcurrentHashMap;
import network.tender.chain.Amount;
import network.tender.chain.Hash;
import network.tender.chain.Script;
import network.tender.chain.Transaction;
import network.tender.journal.CommitParticipant;
import network.tender.ledger.SealedBlock;

/**
 * What a block means for invoices, written in the block's own transaction: which of its outputs pay
 * which invoice, and how those invoices stand afterwards. Two statements at most, none at all for a
 * block that pays no invoice.
 *
 * <p>Writing a block again gives the same result: a payment that is there already is passed over.
 */
public final class InvoiceSettlement implements CommitParticipant {
  private static final int LOAD_ROWS = 5_000;

  /**
   * Writes the payments and locks the invoices they are for. Payments known already are not
   * returned, so they count once.
   */
  private static final String RECEIVE =
      """
      WITH received AS (
        INSERT INTO payment (txid, vout, invoice_id, sat, height, block_hash, sealed_millis)
        SELECT o.txid, o.vout, i.id, o.sat, $5, $6, $7
        FROM unnest($1::bytea[], $2::bytea[], $3::bigint[], $4::bigint[])
               AS o (script, txid, vout, sat)
          JOIN invoice i ON i.script = o.script
        ON CONFLICT (txid, vout) DO NOTHING
        RETURNING invoice_id, sat)
      SELECT i.id, i.store_id, i.due_sat, i.tolerance_percent, i.expiration_millis,
        i.status, i.additional_status, i.paid_in_time_sat, i.paid_sat, r.sat
      FROM received r JOIN invoice i ON i.id = r.invoice_id
      FOR UPDATE OF i
      """;

  private static final String UPDATE =
      """
      UPDATE invoice i
      SET status = u.status, additional_status = u.additional_status,
        paid_in_time_sat = u.paid_in_time_sat, paid_sat = u.paid_sat
      FROM unnest($1::text[], $2::text[], $3::text[], $4::bigint[], $5::bigint[])
             AS u (id, status, additional_status, paid_in_time_sat, paid_sat)
      WHERE i.id = u.id
      """;

  private static final String SCRIPTS = "SELECT script FROM invoice WHERE script IS NOT NULL";

  private final WatchedScripts watched;
  private final InvoiceEvents events;

  /** What was written for blocks that are not known to be durable yet: one, or none. */
  private final Map<Hash, List<InvoiceChange>> unpublished = new ConcurrentHashMap<>();

  /** A participant that knows the scripts in {@code watched}. */
  public InvoiceSettlement(WatchedScripts watched, InvoiceEvents events) {
    this.watched = watched;
    this.events = events;
  }

  /**
   * Reads the scripts of all invoices, old ones too: a late payment is a payment. Must be done
   * before the first block.
   */
  static Future<Void> load(Pool pool, WatchedScripts watched) {
    return pool.withTransaction(
        connection ->
            connection
                .prepare(SCRIPTS)
                .compose(
                    statement -> {
                      RowStream<Row> rows = statement.createStream(LOAD_ROWS);
                      io.vertx.core.Promise<Void> end = io.vertx.core.Promise.promise();
                      rows.exceptionHandler(end::tryFail);
                      rows.endHandler(done -> end.tryComplete());
                      rows.handler(row -> watched.add(Script.of(row.getBuffer(0).getBytes())));
                      return end.future();
                    }));
  }

  @Override
  public Future<Void> write(SqlConnection connection, SealedBlock block) {
    Outputs outputs = candidates(block);
    if (outputs.scripts.isEmpty()) {
      return Future.succeededFuture();
    }
    return connection
        .preparedQuery(RECEIVE)
        .execute(
            Tuple.tuple()
                .addArrayOfBuffer(outputs.scripts.toArray(Buffer[]::new))
                .addArrayOfBuffer(outputs.txids.toArray(Buffer[]::new))
                .addArrayOfLong(outputs.indexes.toArray(Long[]::new))
                .addArrayOfLong(outputs.sats.toArray(Long[]::new))
                .addInteger(block.height())
                .addBuffer(Buffer.buffer(block.hash().toBytes()))
                .addLong(block.timeMillis()))
        .compose(rows -> update(connection, block, rows));
  }

  /** Outputs that may pay an invoice, as columns. */
  private static final class Outputs {
    final List<Buffer> scripts = new ArrayList<>();
    final List<Buffer> txids = new ArrayList<>();
    final List<Long> indexes = new ArrayList<>();
    final List<Long> sats = new ArrayList<>();
  }

  private Outputs candidates(SealedBlock block) {
    Outputs found = new Outputs();
    List<Transaction> transactions = block.block().transactions();
    // The coinbase pays nobody's bill: its coins can't be spent for a hundred blocks.
    for (Transaction transfer : transactions.subList(1, transactions.size())) {
      for (int i = 0; i < transfer.outputCount(); i++) {
        Script script = transfer.script(i);
        if (watched.mayContain(script)) {
          found.scripts.add(Buffer.buffer(script.toBytes()));
          found.txids.add(Buffer.buffer(transfer.txid().toBytes()));
          found.indexes.add((long) i);
          found.sats.add(transfer.outputSat(i));
        }
      }
    }
    return found;
  }

  private Future<Void> update(SqlConnection connection, SealedBlock block, Iterable<Row> rows) {
    Map<String, InvoiceChange> changes = new LinkedHashMap<>();
    for (Row row : rows) {
      String id = row.getString("id");
      InvoiceChange soFar = changes.get(id);
      InvoiceState before = soFar == null ? InvoiceRows.readState(row) : soFar.before();
      InvoiceState after =
          InvoiceRules.paid(
              InvoiceRows.readTerms(row),
              soFar == null ? before : soFar.after(),
              block.timeMillis(),
              Amount.ofSat(Objects.requireNonNull(row.getLong("sat"))));
      changes.put(id, new InvoiceChange(id, row.getString("store_id"), before, after));
    }
    if (changes.isEmpty()) {
      return Future.succeededFuture();
    }
    int count = changes.size();
    String[] ids = new String[count];
    String[] statuses = new String[count];
    String[] additional = new String[count];
    Long[] inTime = new Long[count];
    Long[] paid = new Long[count];
    int next = 0;
    for (InvoiceChange change : changes.values()) {
      ids[next] = change.invoiceId();
      statuses[next] = change.after().status().text();
      additional[next] = change.after().additional().text();
      inTime[next] = change.after().paidInTime().sat();
      paid[next] = change.after().paid().sat();
      next++;
    }
    return connection
        .preparedQuery(UPDATE)
        .execute(Tuple.of(ids, statuses, additional, inTime, paid))
        .map(
            updated -> {
              unpublished.put(block.hash(), List.copyOf(changes.values()));
              return null;
            });
  }

  @Override
  public void committed(SealedBlock block) {
    List<InvoiceChange> changes = unpublished.remove(block.hash());
    if (changes != null) {
      changes.forEach(events::publish);
    }
  }
}
