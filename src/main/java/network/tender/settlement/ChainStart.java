package network.tender.settlement;

import io.vertx.core.Future;
import io.vertx.core.Vertx;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import network.tender.chain.Network;
import network.tender.journal.Journal;
import network.tender.journal.Rounds;
import network.tender.journal.StoredBlock;
import network.tender.ledger.BlockSigner;
import network.tender.ledger.Bootstrap;
import network.tender.ledger.ChainState;
import network.tender.ledger.CoinChanges;
import network.tender.ledger.Ledger;
import network.tender.ledger.Policy;
import network.tender.ledger.SealedBlock;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Brings a ledger to the newest durable block: makes the first blocks of a new chain, if it is its
 * writer's, then goes on from the coin store's cursor with the blocks after it. Runs on the
 * writer's context.
 */
public final class ChainStart {
  /** Bounds memory and, since each batch is one step of the event loop, the length of a step. */
  private static final int BATCH_BLOCKS = 8;

  private static final long TELL_NANOS = 5_000_000_000L;

  private static final Logger LOG = LoggerFactory.getLogger(ChainStart.class);

  private final Vertx vertx;
  private final Writer writer;
  private final Network network;
  private final Policy policy;
  private final BlockSigner signer;
  private final boolean makesFirstBlocks;
  private final Storage storage;
  private long toldNanos;

  private ChainStart(
      Vertx vertx,
      Writer writer,
      Network network,
      Policy policy,
      BlockSigner signer,
      boolean makesFirstBlocks,
      Storage storage) {
    this.vertx = vertx;
    this.writer = writer;
    this.network = network;
    this.policy = policy;
    this.signer = signer;
    this.makesFirstBlocks = makesFirstBlocks;
    this.storage = storage;
  }

  /** Of the node that seals the chain's blocks. */
  static ChainStart ofWriter(Vertx vertx, Writer writer, SettlementParts parts, Storage storage) {
    return new ChainStart(
        vertx, writer, parts.network(), parts.policy(), parts.signer(), true, storage);
  }

  /** Of a node that takes blocks from another, from the first one on. */
  public static ChainStart ofFollower(
      Vertx vertx, Writer writer, Network network, Policy policy, Storage storage) {
    BlockSigner none =
        (hash, height) -> {
          throw new IllegalStateException("a follower certifies no blocks");
        };
    return new ChainStart(vertx, writer, network, policy, none, false, storage);
  }

  /** The ledger at the newest durable block. */
  public Future<Ledger> open() {
    Future<ChainState> start =
        storage
            .journal()
            .tip()
            .compose(this::bootstrap)
            .compose(done -> storage.coins().cursor())
            .compose(this::stateAt);
    return writer
        .here(start)
        .compose(
            state -> {
              Ledger ledger = new Ledger(network, policy, state, signer);
              return replay(ledger).map(ledger);
            });
  }

  private Future<Void> bootstrap(StoredBlock tip) {
    if (!makesFirstBlocks || tip.height() >= Network.BOOTSTRAP_BLOCKS) {
      return Future.succeededFuture();
    }
    return vertx
        .executeBlocking(() -> Bootstrap.blocks(network, signer), false)
        .compose(
            blocks -> {
              if (tip.height() > 0 && !blocks.get(tip.height() - 1).hash().equals(tip.hash())) {
                return Future.failedFuture(
                    new IllegalStateException(
                        "The stored chain begins otherwise than network "
                            + network.name()
                            + " with this validator's key does."));
              }
              LOG.info("New chain: making its first {} blocks", blocks.size());
              return append(blocks.subList(tip.height(), blocks.size()));
            });
  }

  private Future<Void> append(List<SealedBlock> blocks) {
    return storage
        .journal()
        .appendAll(blocks)
        .compose(
            appended -> {
              if (appended instanceof Journal.Appended.LeaseLost lost) {
                return Future.failedFuture(new IllegalStateException(lost.explanation()));
              }
              if (!(appended instanceof Journal.Appended.Durable)) {
                return Future.failedFuture(
                    new IllegalStateException("The journal was closed during the start."));
              }
              blocks.forEach(storage.index()::onBlock);
              return Future.succeededFuture();
            });
  }

  private Future<ChainState> stateAt(int height) {
    int from = Math.max(0, height - Ledger.MAX_HEADER_TIMES + 1);
    return storage
        .journal()
        .byHeight(height)
        .compose(
            found ->
                found.isPresent()
                    ? storage
                        .journal()
                        .headerTimes(from, height - from + 1)
                        .map(times -> state(found.get(), times))
                    : Future.failedFuture(
                        new IllegalStateException(
                            "The coin store is ahead of the journal: block "
                                + height
                                + " is missing. Restore the database from one consistent"
                                + " backup.")));
  }

  private static ChainState state(StoredBlock block, List<Long> headerTimes) {
    return new ChainState(
        block.height(), block.hash(), block.timeMillis(), headerTimes, block.totals());
  }

  private Future<Void> replay(Ledger ledger) {
    long begunNanos = System.nanoTime();
    int first = ledger.tip().height() + 1;
    toldNanos = begunNanos;
    List<Future<List<StoredBlock>>> reading = new ArrayList<>();
    reading.add(read(first));
    return Rounds.run(() -> replay(ledger, reading))
        .onSuccess(
            done ->
                LOG.info(
                    "The chain stands at height {}; {} blocks were replayed in {} ms",
                    ledger.tip().height(),
                    ledger.tip().height() + 1 - first,
                    (System.nanoTime() - begunNanos) / 1_000_000));
  }

  private Future<List<StoredBlock>> read(int fromHeight) {
    return writer.here(storage.journal().read(fromHeight, BATCH_BLOCKS));
  }

  /** Some blocks, whose reading has begun; true if there may be more. */
  private Future<Boolean> replay(Ledger ledger, List<Future<List<StoredBlock>>> reading) {
    return reading
        .remove(0)
        .compose(
            blocks -> {
              if (blocks.isEmpty()) {
                return Future.succeededFuture(false);
              }
              // The next ones are read and decoded elsewhere meanwhile.
              reading.add(read(blocks.get(blocks.size() - 1).height() + 1));
              for (StoredBlock block : blocks) {
                ledger.replay(sealed(block));
              }
              tell(ledger.tip().height());
              return flushIfMany(ledger).map(true);
            });
  }

  /** Whoever waits for a long replay is to see that it goes on. */
  private void tell(int height) {
    long nanos = System.nanoTime();
    if (nanos - toldNanos >= TELL_NANOS) {
      toldNanos = nanos;
      LOG.info("The journal is replayed to make the coins; it is at height {}", height);
    }
  }

  /** A long tail must not pile up in memory. */
  private Future<Void> flushIfMany(Ledger ledger) {
    if (ledger.coins().unflushedChanges() < policy.promptChanges()) {
      return Future.succeededFuture();
    }
    Optional<CoinChanges> changes = ledger.coins().takeChanges();
    return changes.isEmpty()
        ? Future.succeededFuture()
        : writer
            .here(storage.coins().flush(changes.get()))
            .onSuccess(done -> ledger.coins().flushed(changes.get()));
  }

  private static SealedBlock sealed(StoredBlock block) {
    return new SealedBlock(
        block.height(),
        block.hash(),
        block.block(),
        block.timeMillis(),
        block.certificate(),
        block.spent(),
        block.totals());
  }
}
