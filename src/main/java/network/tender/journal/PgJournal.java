package network.tender.journal;

import io.vertx.core.Future;
import io.vertx.core.Vertx;
import io.vertx.core.buffer.Buffer;
import io.vertx.sqlclient.Row;
import io.vertx.sqlclient.SqlConnection;
import io.vertx.sqlclient.Tuple;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.function.Consumer;
import network.tender.chain.Hash;
import network.tender.chain.Network;
import network.tender.ledger.Certificate;
import network.tender.ledger.CertifiedBlock;
import network.tender.ledger.ChainTotals;
import network.tender.ledger.SealedBlock;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * The journal in PostgreSQL. A block is one transaction: move the head on the condition that it is
 * where the block expects it and that the lease is still ours, insert the block, let the
 * participants write, commit.
 */
public final class PgJournal implements Journal {
  private static final Logger LOG = LoggerFactory.getLogger(PgJournal.class);

  /** Bounds of one transaction of {@link #appendAll}. */
  private static final int MAX_BLOCKS_TOGETHER = 50;

  private static final int MAX_WEIGHT_TOGETHER = 16_000_000;

  /** Head check and insert in one round trip; no row if the check fails. */
  private static final String APPEND =
      """
      WITH head AS (
        UPDATE chain_head SET height = $2, hash = $3
        WHERE generation = $1 AND height = $2 - 1 AND hash = $4
        RETURNING height)
      INSERT INTO block (
        height, hash, header, time_millis, transfers, total_transfers, total_coins,
        unspent_sat, burned_sat, issued_sat, certificate, spent, body)
      SELECT head.height, $3, $5, $6, $7, $8, $9, $10, $11, $12, $13, $14, $15 FROM head""";

  private static final String RESOLVE =
      """
      SELECT head.generation, head.height, head.hash AS head_hash, block.hash
      FROM chain_head AS head LEFT JOIN block ON block.height = $1""";

  /** Writes and commits, and changes nothing. */
  private static final String PROBE =
      "UPDATE chain_head SET generation = generation WHERE generation = $1";

  /** Within this time it is noticed that the database has gone, even while nobody pays. */
  private static final long PROBE_MILLIS = 5_000;

  private final Vertx vertx;
  private final WriterLease lease;
  private final List<CommitParticipant> participants;
  private final BlockReader reader;
  private final WriterConnection writer;
  private volatile long probeTimer = -1;

  private PgJournal(
      Database database,
      WriterLease lease,
      List<CommitParticipant> participants,
      RetryPolicy policy) {
    this.vertx = database.vertx();
    this.lease = lease;
    this.participants = List.copyOf(participants);
    this.reader = database.blocks();
    this.writer = new WriterConnection(database, "journal", policy);
    writer.onIdleLoss(this::probe);
  }

  /**
   * Opens the journal for writing; writes the genesis block into an empty one. Call it on the
   * context that will append, which spares a hop between threads for each block.
   *
   * @param participants who writes in each block's transaction, in this order
   * @return fails with {@link DatabaseRefusedException} if the journal does not begin with the
   *     genesis block
   */
  public static Future<PgJournal> open(
      Database database,
      WriterLease lease,
      List<CommitParticipant> participants,
      RetryPolicy policy) {
    PgJournal journal = new PgJournal(database, lease, participants, policy);
    SealedBlock genesis = genesis();
    return journal
        .reader
        .byHeight(0)
        .compose(
            first -> {
              if (first.isEmpty()) {
                return journal
                    .write(List.of(genesis), List.of())
                    .compose(PgJournal::requireDurable);
              }
              if (!first.get().hash().equals(genesis.hash())) {
                return Future.failedFuture(
                    new DatabaseRefusedException(
                        "The chain in this database does not begin with the genesis block; use"
                            + " another database."));
              }
              return Future.succeededFuture();
            })
        .map(
            opened -> {
              journal.probeTimer =
                  journal.vertx.setPeriodic(PROBE_MILLIS, id -> journal.probeIfIdle());
              return journal;
            });
  }

  private static Future<Void> requireDurable(Appended appended) {
    if (appended instanceof Appended.LeaseLost lost) {
      return Future.failedFuture(new LeaseLostException(lost.explanation()));
    }
    return appended instanceof Appended.Durable
        ? Future.succeededFuture()
        : Future.failedFuture(new IllegalStateException("closed while being opened"));
  }

  private static SealedBlock genesis() {
    return new SealedBlock(
        0,
        Network.genesis().hash(),
        Network.genesis(),
        Network.genesis().header().unixSeconds() * 1000,
        new Certificate(List.of()),
        List.of(List.of()),
        ChainTotals.NONE);
  }

  @Override
  public Future<Appended> append(SealedBlock block) {
    return write(List.of(block), participants);
  }

  @Override
  public Future<Appended> appendAll(List<SealedBlock> blocks) {
    Future<Appended> result = Future.succeededFuture(new Appended.Durable());
    for (List<SealedBlock> part : parts(blocks)) {
      result =
          result.compose(
              appended ->
                  appended instanceof Appended.Durable
                      ? write(part, participants)
                      : Future.succeededFuture(appended));
    }
    return result;
  }

  private static List<List<SealedBlock>> parts(List<SealedBlock> blocks) {
    List<List<SealedBlock>> parts = new ArrayList<>();
    List<SealedBlock> part = new ArrayList<>();
    long weight = 0;
    for (SealedBlock block : blocks) {
      int blockWeight = block.block().weight();
      if (part.size() == MAX_BLOCKS_TOGETHER
          || (!part.isEmpty() && weight + blockWeight > MAX_WEIGHT_TOGETHER)) {
        parts.add(part);
        part = new ArrayList<>();
        weight = 0;
      }
      part.add(block);
      weight += blockWeight;
    }
    if (!part.isEmpty()) {
      parts.add(part);
    }
    return parts;
  }

  private Future<Appended> write(List<SealedBlock> blocks, List<CommitParticipant> writers) {
    Append append = new Append(blocks, writers);
    return writer
        .run(append)
        .<Appended>map(durable -> durable)
        .recover(
            error -> {
              if (error instanceof LeaseLostException lost) {
                lease.lost(lost.explanation());
                return Future.succeededFuture(new Appended.LeaseLost(lost.explanation()));
              }
              if (error instanceof WriterConnection.ClosedException) {
                return Future.succeededFuture(new Appended.Closed());
              }
              return Future.failedFuture(error);
            })
        .onSuccess(
            appended -> {
              if (appended instanceof Appended.Durable) {
                append.packed.forEach(reader::remember);
                blocks.forEach(block -> committed(block, writers));
              }
            });
  }

  private void committed(SealedBlock block, List<CommitParticipant> writers) {
    for (CommitParticipant participant : writers) {
      try {
        participant.committed(block);
      } catch (RuntimeException e) {
        LOG.error("A participant failed after block {} was committed", block.height(), e);
      }
    }
  }

  private void probeIfIdle() {
    if (!writer.isBusy()) {
      probe();
    }
  }

  /** Finds out in the background when the database takes writes again. */
  private void probe() {
    writer
        .run(new Probe())
        .onFailure(
            error -> {
              if (error instanceof LeaseLostException lost) {
                lease.lost(lost.explanation());
              }
            });
  }

  @Override
  public boolean isAvailable() {
    return writer.isAvailable();
  }

  @Override
  public Duration silence() {
    return writer.silence();
  }

  @Override
  public int failedAttempts() {
    return writer.failedAttempts();
  }

  /** Tells a listener of every change of {@link #isAvailable}, on the journal's context. */
  public void onAvailability(Consumer<Boolean> listener) {
    writer.onAvailability(listener);
  }

  @Override
  public Future<Optional<StoredBlock>> byHeight(int height) {
    return reader.byHeight(height);
  }

  @Override
  public Future<Optional<StoredBlock>> byHash(Hash hash) {
    return reader.byHash(hash);
  }

  @Override
  public Future<List<StoredBlock>> read(int fromHeight, int maxBlocks) {
    return reader.read(fromHeight, maxBlocks);
  }

  @Override
  public Future<List<CertifiedBlock>> certified(int fromHeight, int maxBlocks, int maxBytes) {
    return reader.certified(fromHeight, maxBlocks, maxBytes);
  }

  @Override
  public Future<List<Long>> headerTimes(int fromHeight, int count) {
    return reader.headerTimes(fromHeight, count);
  }

  @Override
  public Future<StoredBlock> tip() {
    return reader
        .tip()
        .map(
            found ->
                found.orElseThrow(() -> new IllegalStateException("the journal has no blocks")));
  }

  /** Closes the journal's own connection; an append under way fails without a certain outcome. */
  public Future<Void> close() {
    vertx.cancelTimer(probeTimer);
    return writer.close();
  }

  private static Buffer buffer(Hash hash) {
    return Buffer.buffer(hash.toBytes());
  }

  /** Consecutive blocks in one transaction. */
  private final class Append implements WriterConnection.Work<Appended.Durable> {
    private final List<SealedBlock> blocks;
    private final List<CommitParticipant> writers;
    private final List<PackedBlock> packed;

    Append(List<SealedBlock> blocks, List<CommitParticipant> writers) {
      this.blocks = blocks;
      this.writers = writers;
      this.packed = blocks.stream().map(PackedBlock::of).toList();
    }

    private Tuple row(SealedBlock block, PackedBlock bytes) {
      return Tuple.tuple()
          .addLong(lease.generation())
          .addInteger(block.height())
          .addBuffer(buffer(block.hash()))
          .addBuffer(buffer(block.block().header().previous()))
          .addBuffer(Buffer.buffer(block.block().header().toBytes()))
          .addLong(block.timeMillis())
          .addInteger(block.transferCount())
          .addLong(block.totals().transfers())
          .addLong(block.totals().coins())
          .addLong(block.totals().unspent().sat())
          .addLong(block.totals().burned().sat())
          .addLong(block.totals().issued().sat())
          .addBuffer(Buffer.buffer(bytes.certificate()))
          .addBuffer(Buffer.buffer(bytes.spent()))
          .addBuffer(Buffer.buffer(bytes.body()));
    }

    @Override
    public Future<Optional<Appended.Durable>> write(SqlConnection connection, Runnable answered) {
      Future<Boolean> result = Future.succeededFuture(true);
      for (int i = 0; i < blocks.size(); i++) {
        SealedBlock block = blocks.get(i);
        Tuple row = row(block, packed.get(i));
        result =
            result.compose(
                going ->
                    going
                        ? writeOne(connection, block, row, answered)
                        : Future.succeededFuture(false));
      }
      return result.map(
          written -> written ? Optional.of(new Appended.Durable()) : Optional.empty());
    }

    /** Everything is sent at once; if the head check fails, all of it is rolled back. */
    private Future<Boolean> writeOne(
        SqlConnection connection, SealedBlock block, Tuple row, Runnable answered) {
      Future<Boolean> head =
          connection.preparedQuery(APPEND).execute(row).map(rows -> rows.rowCount() == 1);
      List<Future<?>> all = new ArrayList<>();
      all.add(head);
      for (CommitParticipant participant : writers) {
        all.add(participant.write(connection, block));
      }
      all.forEach(part -> part.onSuccess(done -> answered.run()));
      return Future.join(all).map(joined -> head.result());
    }

    @Override
    public Future<Optional<Appended.Durable>> resolve(SqlConnection connection) {
      SealedBlock first = blocks.get(0);
      SealedBlock last = blocks.get(blocks.size() - 1);
      return connection
          .preparedQuery(RESOLVE)
          .execute(Tuple.of(last.height()))
          .map(
              rows -> {
                Row row = rows.iterator().next();
                if (buffer(last.hash()).equals(row.getBuffer("hash"))) {
                  return Optional.of(new Appended.Durable());
                }
                if (row.getLong("generation") != lease.generation()) {
                  throw lease.takenOver(row.getLong("generation"));
                }
                if (row.getInteger("height") == first.height() - 1
                    && buffer(first.block().header().previous())
                        .equals(row.getBuffer("head_hash"))) {
                  return Optional.empty();
                }
                throw new WriterConnection.HopelessException(
                    "Block "
                        + first.height()
                        + " does not follow the journal's newest block, which is "
                        + row.getInteger("height")
                        + ".");
              });
    }
  }

  /** A write that changes nothing. */
  private final class Probe implements WriterConnection.Work<Boolean> {
    @Override
    public Future<Optional<Boolean>> write(SqlConnection connection, Runnable answered) {
      return connection
          .preparedQuery(PROBE)
          .execute(Tuple.of(lease.generation()))
          .map(rows -> rows.rowCount() == 1 ? Optional.of(true) : Optional.empty());
    }

    @Override
    public Future<Optional<Boolean>> resolve(SqlConnection connection) {
      return connection
          .query("SELECT generation FROM chain_head")
          .execute()
          .map(
              rows -> {
                long found = rows.iterator().next().getLong(0);
                if (found != lease.generation()) {
                  throw lease.takenOver(found);
                }
                // Whether an earlier probe was committed does not matter.
                return Optional.empty();
              });
    }
  }
}
