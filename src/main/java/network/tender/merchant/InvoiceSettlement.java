package network.tender.merchant;

import io.vertx.core.Future;
import io.vertx.core.buffer.Buffer;
import io.vertx.sqlclient.Pool;
import io.vertx.sqlclient.Row;
import io.vertx.sqlclient.RowStream;
import io.vertx.sqlclient.SqlConnection;
import io.vertx.sqlclient.Tuple;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.HashMap;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.concurrent.ConcurrentHashMap;
import network.tender.chain.Address;
import network.tender.chain.Amount;
import network.tender.chain.Hash;
import network.tender.chain.Network;
import network.tender.chain.Outpoint;
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
        RETURNING invoice_id, txid, vout, sat)
      SELECT i.id, i.store_id, i.due_sat, i.tolerance_percent, i.expiration_millis,
        i.status, i.additional_status, i.paid_in_time_sat, i.paid_sat, i.script,
        r.txid, r.vout, r.sat
      FROM received r JOIN invoice i ON i.id = r.invoice_id
      FOR UPDATE OF i
      """;

  private static final String SCRIPTS = "SELECT script FROM invoice WHERE script IS NOT NULL";

  private final Network network;
  private final WatchedScripts watched;
  private final InvoiceEvents events;
  private final InvoiceTransitions transitions;
  private final InvoiceEventLog log;

  /** What was written for blocks that are not known to be durable yet: one, or none. */
  private final Map<Hash, List<InvoiceChange>> unpublished = new ConcurrentHashMap<>();

  /** A participant that knows the scripts in {@code watched}. */
  InvoiceSettlement(
      Network network,
      WatchedScripts watched,
      InvoiceEvents events,
      InvoiceTransitions transitions,
      InvoiceEventLog log) {
    this.network = network;
    this.watched = watched;
    this.events = events;
    this.transitions = transitions;
    this.log = log;
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
        .compose(rows -> update(connection, block, outputs, rows));
  }

  /** Outputs that may pay an invoice, as columns. */
  private static final class Outputs {
    /** Each with its place in the block, which is the order that its events are told in. */
    final Map<Outpoint, Integer> places = new HashMap<>();

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
          found.places.put(new Outpoint(transfer.txid(), i), found.places.size());
          found.scripts.add(Buffer.buffer(script.toBytes()));
          found.txids.add(Buffer.buffer(transfer.txid().toBytes()));
          found.indexes.add((long) i);
          found.sats.add(transfer.outputSat(i));
        }
      }
    }
    return found;
  }

  /**
   * A payment that is new.
   *
   * @param row its invoice, locked
   * @param payment what came
   * @param place its output's in the block
   */
  private record Received(Row row, Payment payment, int place) {}

  private static List<Received> received(SealedBlock block, Outputs outputs, Iterable<Row> rows) {
    List<Received> received = new ArrayList<>();
    for (Row row : rows) {
      Outpoint outpoint =
          new Outpoint(
              Hash.of(row.getBuffer("txid").getBytes()),
              (int) Objects.requireNonNull(row.getLong("vout")).longValue());
      Payment payment =
          new Payment(
              outpoint,
              Amount.ofSat(Objects.requireNonNull(row.getLong("sat"))),
              block.height(),
              block.hash(),
              block.timeMillis());
      received.add(
          new Received(row, payment, Objects.requireNonNull(outputs.places.get(outpoint))));
    }
    received.sort(Comparator.comparingInt(Received::place));
    return received;
  }

  private Future<Void> update(
      SqlConnection connection, SealedBlock block, Outputs outputs, Iterable<Row> rows) {
    Map<String, InvoiceTransition> changes = new LinkedHashMap<>();
    for (Received next : received(block, outputs, rows)) {
      Row row = next.row();
      InvoiceTransition before =
          changes.computeIfAbsent(row.getString("id"), id -> unchanged(id, block, row));
      changes.put(
          before.change().invoiceId(),
          before.then(
              InvoiceRules.paid(
                  InvoiceRows.readTerms(row), before.change().after(), next.payment())));
    }
    return transitions
        .write(connection, changes.values())
        .map(
            written -> {
              if (!changes.isEmpty()) {
                unpublished.put(
                    block.hash(),
                    changes.values().stream().map(InvoiceTransition::change).toList());
              }
              return null;
            });
  }

  private InvoiceTransition unchanged(String id, SealedBlock block, Row row) {
    InvoiceState state = InvoiceRows.readState(row);
    Script script = Script.of(row.getBuffer("script").getBytes());
    return new InvoiceTransition(
        new InvoiceChange(id, row.getString("store_id"), state, state),
        List.of(),
        block.timeMillis(),
        Address.format(script, network).orElse(""));
  }

  @Override
  public void committed(SealedBlock block) {
    List<InvoiceChange> changes = unpublished.remove(block.hash());
    if (changes != null) {
      for (InvoiceChange change : changes) {
        events.publish(change);
        log.written(change.storeId());
      }
    }
  }
}
