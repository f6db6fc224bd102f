package network.tender.follower;

import io.vertx.core.Future;
import io.vertx.core.Promise;
import io.vertx.core.VerticleBase;
import io.vertx.core.WorkerExecutor;
import java.util.ArrayList;
import java.util.Iterator;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.concurrent.TimeUnit;
import java.util.function.Consumer;
import network.tender.chain.Hash;
import network.tender.chain.Outpoint;
import network.tender.journal.Journal;
import network.tender.ledger.CertifiedBlock;
import network.tender.ledger.ChainState;
import network.tender.ledger.ChainTotals;
import network.tender.ledger.Coin;
import network.tender.ledger.Ledger;
import network.tender.ledger.Receipt;
import network.tender.ledger.Receipts;
import network.tender.ledger.SealedBlock;
import network.tender.script.TransferVerifier;
import network.tender.settlement.ChainReport;
import network.tender.settlement.ChainStart;
import network.tender.settlement.CoinFlusher;
import network.tender.settlement.LedgerQuestions;
import network.tender.settlement.MedianTimes;
import network.tender.settlement.RecentReceipts;
import network.tender.settlement.Settlement;
import network.tender.settlement.Storage;
import network.tender.settlement.SupplyAudit;
import network.tender.settlement.Writer;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * The single writer of a follower: takes blocks from the node, has them judged, makes those that
 * keep every rule durable, and stops for good at the first that does not. While a batch is judged
 * and written, the next one is already on its way.
 */
final class FollowerVerticle extends VerticleBase {
  private static final Logger LOG = LoggerFactory.getLogger(FollowerVerticle.class);

  /** Blocks of one request; the node sends fewer if they are large. */
  private static final int MAX_BLOCKS = 500;

  /** How long the node may wait for its next block before it answers that there is none. */
  private static final int WAIT_MILLIS = 20_000;

  private static final long FIRST_PAUSE_MILLIS = 250;
  private static final long LONGEST_PAUSE_MILLIS = 10_000;
  private static final long REPORT_MILLIS = 1_000;

  /** How long the start waits for the node to say which network it serves. */
  private static final long FIRST_CONTACT_SECONDS = 10;

  private static final long JUDGE_MINUTES = 10;

  /** Receipts of blocks further back are made when somebody asks for them. */
  private static final int RECENT_BLOCKS = 20;

  private final FollowerParts parts;
  private final List<Consumer<SealedBlock>> listeners = new CopyOnWriteArrayList<>();
  private volatile Settlement.Status status =
      new Settlement.Status(0, Hash.ZERO, 0, ChainTotals.NONE, 0);
  private final FollowingState state;
  private volatile @Nullable Storage storage;
  private volatile boolean waitsForFlush;

  // All below is the writer's alone.
  private final RecentReceipts recent;
  private final List<Long> timers = new ArrayList<>();
  private final Arrivals arrivals = new Arrivals();
  private @Nullable UpstreamNode node;
  private @Nullable Writer writer;
  private @Nullable Ledger ledger;
  private @Nullable BlockJudge judge;
  private @Nullable CoinLoader loader;
  private @Nullable CoinFlusher flusher;
  private @Nullable LedgerQuestions questions;
  private @Nullable WorkerExecutor worker;
  private @Nullable Future<UpstreamNode.Blocks> ahead;
  private @Nullable Promise<Void> room;
  private Future<Void> underWay = Future.succeededFuture();
  private boolean anchored;

  /** True while the judge may be ahead of what is durable. */
  private boolean judgeIsAhead;

  private boolean warnedBehind;
  private boolean ended;
  private int failures;

  FollowerVerticle(FollowerParts parts) {
    this.parts = parts;
    this.recent = new RecentReceipts(parts.policy().salt());
    this.state = new FollowingState(parts.node(), parts.clock(), parts.metrics());
  }

  private static <T> T started(@Nullable T part) {
    if (part == null) {
      throw new IllegalStateException("the follower is not started");
    }
    return part;
  }

  @Override
  public Future<?> start() {
    Writer own = new Writer(context);
    writer = own;
    node = new UpstreamNode(vertx, parts.node());
    worker = vertx.createSharedWorkerExecutor("tender-judge", 1, JUDGE_MINUTES, TimeUnit.MINUTES);
    return own.here(parts.storage().get())
        .compose(
            opened -> {
              storage = opened;
              return ChainStart.ofFollower(vertx, own, parts.network(), parts.policy(), opened)
                  .open();
            })
        .compose(opened -> begin(opened).compose(done -> demandNetwork()));
  }

  private Future<Void> begin(Ledger opened) {
    Storage kept = storage();
    ledger = opened;
    CoinFlusher coins =
        new CoinFlusher(
            opened,
            kept.coins(),
            started(writer),
            parts.chainMetrics(),
            parts.policy().promptChanges(),
            this::flushed);
    flusher = coins;
    loader = new CoinLoader(opened, kept.coins(), started(writer));
    questions =
        new LedgerQuestions(
            parts.network().name(),
            opened,
            kept,
            recent,
            started(writer),
            parts.settings().readMillis());
    parts.chainMetrics().flushed(opened.coins().storedHeight());
    parts.metrics().start(opened.tip().height());
    SupplyAudit audit = new SupplyAudit(kept.coins(), started(writer), parts.chainMetrics());
    audit.run();
    ChainReport report = new ChainReport(opened, kept, parts.chainMetrics());
    timers.add(vertx.setPeriodic(parts.settings().auditMillis(), id -> audit.run()));
    timers.add(vertx.setPeriodic(parts.settings().flushMillis(), id -> coins.flush()));
    timers.add(
        vertx.setPeriodic(
            REPORT_MILLIS,
            id -> {
              report.run(parts.clock().millis());
              waitsForFlush = opened.waitsForFlush();
            }));
    updateStatus();
    return openJudge();
  }

  private Future<Void> openJudge() {
    return started(writer)
        .here(headerTimes(storage().journal(), ledgerTip()))
        .map(
            state -> {
              judgeIsAhead = false;
              judge =
                  new BlockJudge(
                      parts.network(),
                      parts.curve(),
                      // Nothing is checked twice here, so there is nothing to remember.
                      new TransferVerifier(parts.curve()),
                      state,
                      parts.clock(),
                      parts.settings().verifyThreads());
              return null;
            });
  }

  /**
   * The ledger tells of the last eleven times only; the judge wants as many as the ledger keeps.
   */
  private static Future<ChainState> headerTimes(Journal journal, ChainState tip) {
    int from = Math.max(0, tip.height() - Ledger.MAX_HEADER_TIMES + 1);
    return journal
        .headerTimes(from, tip.height() - from + 1)
        .map(
            times ->
                new ChainState(tip.height(), tip.hash(), tip.timeMillis(), times, tip.totals()));
  }

  /**
   * A node of another network is most likely a slip of the operator's, who should hear of it at
   * once. One that does not answer may come back.
   */
  private Future<Void> demandNetwork() {
    Promise<Void> promise = Promise.promise();
    started(writer)
        .here(started(node).facts().timeout(FIRST_CONTACT_SECONDS, TimeUnit.SECONDS))
        .onComplete(
            facts -> {
              if (facts.succeeded() && !facts.result().network().equals(parts.network().name())) {
                promise.fail(new IllegalStateException(otherNetwork(facts.result()).detail()));
                return;
              }
              if (facts.failed()) {
                LOG.warn(
                    "The node {} can't be followed yet, it will be tried again: {}",
                    parts.node(),
                    String.valueOf(facts.cause().getMessage()));
              }
              promise.complete();
              next();
            });
    return promise.future();
  }

  private Alarm otherNetwork(UpstreamNode.Facts facts) {
    return new Alarm(
        0,
        Optional.empty(),
        Alarm.OTHER_NETWORK,
        "The node "
            + parts.node()
            + " serves network "
            + facts.network()
            + ", not "
            + parts.network().name()
            + "; follow another node, or configure its network.");
  }

  Storage storage() {
    return started(storage);
  }

  Settlement.Status status() {
    return status;
  }

  FollowerStatus following() {
    return state.status();
  }

  boolean waitsForFlush() {
    return waitsForFlush;
  }

  /** Runs something on the writer's context. */
  void execute(Runnable question) {
    context.runOnContext(run -> question.run());
  }

  UpstreamNode node() {
    return started(node);
  }

  Runnable onBlock(Consumer<SealedBlock> listener) {
    listeners.add(listener);
    return () -> listeners.remove(listener);
  }

  // ---- On the writer's context.

  Future<Optional<Receipt>> receipt(Hash txid) {
    return started(questions).receipt(txid);
  }

  Future<Map<Outpoint, Coin>> coinsOf(Hash scriptHash, int limit) {
    return started(questions).coinsOf(scriptHash, limit);
  }

  /** Completes when this node's own chain has a height, or when the time is over. */
  Future<Void> reached(int height, long millis) {
    return status.height() >= height
        ? Future.succeededFuture()
        : arrivals.await(vertx, height, millis);
  }

  private void next() {
    if (ended || state.isStopped()) {
      return;
    }
    Future<Void> turn =
        mendJudge()
            .compose(done -> anchor())
            .compose(done -> whenRoom())
            .compose(done -> started(writer).here(fetch()))
            .compose(this::take);
    underWay = turn;
    turn.onComplete(
        done -> {
          if (done.failed()) {
            failed(done.cause());
          } else {
            failures = 0;
            context.runOnContext(again -> next());
          }
        });
  }

  private void failed(Throwable cause) {
    ahead = null;
    anchored = false;
    if (ended) {
      return;
    }
    if (failures == 0) {
      if (cause instanceof UpstreamException) {
        LOG.warn("The node {} can't be followed now: {}", parts.node(), cause.getMessage());
      } else {
        LOG.error("Following {} failed; it will be tried again", parts.node(), cause);
      }
    }
    state.unreachable();
    long longest =
        Math.min(LONGEST_PAUSE_MILLIS, FIRST_PAUSE_MILLIS << Math.min(failures, Integer.SIZE - 1));
    failures = Math.min(failures + 1, 10);
    vertx.setTimer(longest / 2 + parts.random().nextLong(longest / 2), id -> next());
  }

  /** After a failure half-way, the judge begins anew where the durable chain stands. */
  private Future<Void> mendJudge() {
    if (!judgeIsAhead) {
      return Future.succeededFuture();
    }
    started(judge).close();
    return openJudge();
  }

  /** Makes sure, at each new contact, that the node still has the chain that was judged so far. */
  private Future<Void> anchor() {
    if (anchored) {
      return Future.succeededFuture();
    }
    return started(writer)
        .here(node().facts())
        .compose(
            facts -> {
              state.contact(facts.height());
              if (!facts.network().equals(parts.network().name())) {
                halt(otherNetwork(facts));
                return Future.succeededFuture();
              }
              return compare(Math.min(facts.height(), ledgerTip().height()));
            });
  }

  private ChainState ledgerTip() {
    return started(ledger).tip();
  }

  private Future<Void> compare(int height) {
    return Future.all(node().blocks(height, 1, 0), storage().journal().byHeight(height))
        .compose(
            both -> {
              UpstreamNode.Blocks theirs = both.resultAt(0);
              Optional<network.tender.journal.StoredBlock> ours = both.resultAt(1);
              Promise<Void> promise = Promise.promise();
              context.runOnContext(
                  here -> {
                    if (theirs.blocks().isEmpty() || ours.isEmpty()) {
                      promise.fail(new UpstreamException("it does not show block " + height, true));
                      return;
                    }
                    Optional<Hash> hash = BlockJudge.hashOf(theirs.blocks().get(0).raw());
                    if (hash.isEmpty() || !hash.get().equals(ours.get().hash())) {
                      halt(otherChain(height, hash, ours.get().hash()));
                    } else {
                      anchored = true;
                      LOG.info("Following {} from block {}", parts.node(), ledgerTip().height());
                      state.set(
                          state.status().nodeHeight() > ledgerTip().height()
                              ? FollowerStatus.State.CATCHING_UP
                              : FollowerStatus.State.FOLLOWING);
                    }
                    promise.complete();
                  });
              return promise.future();
            });
  }

  private static Alarm otherChain(int height, Optional<Hash> theirs, Hash ours) {
    return new Alarm(
        height,
        theirs,
        Alarm.OTHER_CHAIN,
        "The node has another block there than the valid one that this node has kept, "
            + ours
            + ": it has rewritten its chain, or it is another node.");
  }

  /** Blocks that are on their way already, or the next ones. */
  private Future<UpstreamNode.Blocks> fetch() {
    Future<UpstreamNode.Blocks> coming = ahead;
    ahead = null;
    if (state.isStopped()) {
      return Future.succeededFuture(
          new UpstreamNode.Blocks(List.of(), state.status().nodeHeight()));
    }
    return coming != null
        ? coming
        : node().blocks(ledgerTip().height() + 1, MAX_BLOCKS, WAIT_MILLIS);
  }

  private Future<Void> take(UpstreamNode.Blocks fetched) {
    if (ended || state.isStopped()) {
      return Future.succeededFuture();
    }
    state.contact(fetched.tipHeight());
    List<CertifiedBlock> blocks = fetched.blocks();
    if (blocks.isEmpty()) {
      return noBlocks(fetched.tipHeight());
    }
    warnedBehind = false;
    parts.metrics().received(blocks.stream().mapToLong(block -> block.raw().length).sum());
    int last = blocks.get(blocks.size() - 1).height();
    if (fetched.tipHeight() > last) {
      state.set(FollowerStatus.State.CATCHING_UP);
      ahead = node().blocks(last + 1, MAX_BLOCKS, 0);
    }
    return onWorker(() -> BlockJudge.decode(blocks))
        .compose(this::judge)
        .compose(
            judgement ->
                append(judgement.valid())
                    .map(
                        done -> {
                          judgement.broken().ifPresent(this::halt);
                          if (ledgerTip().height() >= state.status().nodeHeight()) {
                            state.set(FollowerStatus.State.FOLLOWING);
                          }
                          return null;
                        }));
  }

  private Future<Void> noBlocks(int nodeHeight) {
    int height = ledgerTip().height();
    if (nodeHeight > height) {
      return Future.failedFuture(
          new UpstreamException(
              "it has block " + nodeHeight + " and does not give block " + (height + 1), true));
    }
    state.set(FollowerStatus.State.FOLLOWING);
    if (nodeHeight < height) {
      behind(nodeHeight);
    }
    // An honest node has waited long before it says so; the other kind must not keep us busy.
    return started(writer).here(vertx.timer(FIRST_PAUSE_MILLIS)).mapEmpty();
  }

  private Future<BlockJudge.Judgement> judge(BlockJudge.Decoded decoded) {
    return started(loader)
        .load(decoded.wanted())
        .compose(
            coins ->
                onWorker(() -> started(judge).missingTimes(decoded, coins))
                    .compose(this::medians)
                    .compose(
                        medians -> {
                          judgeIsAhead = true;
                          return onWorker(() -> started(judge).judge(decoded, coins, medians));
                        }));
  }

  private Future<Map<Integer, Long>> medians(Set<Integer> heights) {
    Map<Integer, Long> found = new java.util.HashMap<>();
    return medians(heights, found).map(found);
  }

  private Future<Void> medians(Set<Integer> heights, Map<Integer, Long> found) {
    heights.removeAll(found.keySet());
    if (heights.isEmpty()) {
      return Future.succeededFuture();
    }
    return started(writer)
        .here(new MedianTimes(storage().journal()).at(heights))
        .compose(
            some -> {
              found.putAll(some);
              return medians(heights, found);
            });
  }

  private <T> Future<T> onWorker(java.util.concurrent.Callable<T> work) {
    return started(writer).here(started(worker).executeBlocking(work));
  }

  /** The node has lost blocks that it had: its database was set back, or it is another node. */
  private void behind(int height) {
    anchored = false;
    if (!warnedBehind) {
      warnedBehind = true;
      LOG.warn(
          "The node {} is at block {} only; this one has {} valid blocks of it and waits",
          parts.node(),
          height,
          ledgerTip().height());
    }
  }

  private void halt(Alarm alarm) {
    ahead = null;
    state.stop(alarm, ledgerTip().height());
  }

  // ---- Valid blocks.

  private Future<Void> append(List<SealedBlock> valid) {
    if (valid.isEmpty()) {
      return Future.succeededFuture();
    }
    return started(writer)
        .here(storage().journal().appendAll(valid))
        .recover(
            error -> {
              ended = true;
              LOG.error("Blocks could not be appended", error);
              parts.fatal().accept("The journal failed in a way that must not happen: " + error);
              return Future.succeededFuture(new Journal.Appended.Closed());
            })
        .compose(
            appended -> {
              if (appended instanceof Journal.Appended.LeaseLost lost) {
                ended = true;
                parts.fatal().accept(lost.explanation());
                return Future.succeededFuture();
              }
              if (appended instanceof Journal.Appended.Closed) {
                ended = true;
                return Future.succeededFuture();
              }
              Promise<Void> promise = Promise.promise();
              applyNext(valid.iterator(), promise);
              return promise.future();
            });
  }

  /** One block in a turn, so that questions get their turns too. */
  private void applyNext(Iterator<SealedBlock> blocks, Promise<Void> done) {
    if (!blocks.hasNext()) {
      judgeIsAhead = false;
      started(flusher).flushIfMany();
      done.complete();
      return;
    }
    try {
      apply(blocks.next());
    } catch (RuntimeException e) {
      ended = true;
      LOG.error("A durable block can't be taken in", e);
      parts.fatal().accept("The ledger's sums do not add up: " + e.getMessage());
      done.complete();
      return;
    }
    context.runOnContext(turn -> applyNext(blocks, done));
  }

  private void apply(SealedBlock block) {
    started(ledger).replay(block);
    // Before the index can name the block, so that no answer is ahead of the tip.
    updateStatus();
    storage().index().onBlock(block);
    if (state.status().nodeHeight() - block.height() < RECENT_BLOCKS) {
      recent.add(block, Receipts.of(parts.network().name(), block));
    }
    parts.metrics().verified(block.height(), block.transferCount());
    for (Consumer<SealedBlock> listener : listeners) {
      try {
        listener.accept(block);
      } catch (RuntimeException e) {
        LOG.error("A listener failed at block {}", block.height(), e);
      }
    }
    arrivals.reached(block.height());
  }

  private void updateStatus() {
    ChainState tip = ledgerTip();
    status = new Settlement.Status(tip.height(), tip.hash(), tip.timeMillis(), tip.totals(), 0);
    parts.chainMetrics().head(tip.height(), tip.timeMillis(), tip.totals().coins());
  }

  /** Waits while too many changed coins have not been written. */
  private Future<Void> whenRoom() {
    if (!started(ledger).waitsForFlush()) {
      return Future.succeededFuture();
    }
    Promise<Void> waiting = Promise.promise();
    room = waiting;
    started(flusher).flush();
    return waiting.future();
  }

  private void flushed() {
    Promise<Void> waiting = room;
    if (waiting != null && !started(ledger).waitsForFlush()) {
      room = null;
      waiting.tryComplete();
    } else if (waiting != null) {
      started(flusher).flush();
    }
  }

  // ---- Stop.

  @Override
  public Future<?> stop() {
    return finish();
  }

  /** Takes no more blocks; finishes the batch under way and writes all coins to their store. */
  Future<Void> finish() {
    if (ended && ledger == null) {
      return Future.succeededFuture();
    }
    ended = true;
    timers.forEach(vertx::cancelTimer);
    timers.clear();
    Future<Void> closed = node == null ? Future.succeededFuture() : node.close();
    Promise<Void> waiting = room;
    if (waiting != null) {
      waiting.tryComplete();
    }
    CoinFlusher coins = flusher;
    return closed
        .transform(done -> underWay.timeout(parts.settings().drainMillis(), TimeUnit.MILLISECONDS))
        .transform(
            done ->
                coins == null
                    ? Future.<Void>succeededFuture()
                    : started(writer)
                        .here(Future.<Void>succeededFuture())
                        .compose(here -> coins.flushAll())
                        .timeout(parts.settings().drainMillis(), TimeUnit.MILLISECONDS))
        .recover(
            error -> {
              LOG.warn(
                  "Coins were not all written; the next start replays the journal instead: {}",
                  error.toString());
              return Future.succeededFuture();
            })
        .onComplete(
            done -> {
              BlockJudge running = judge;
              if (running != null) {
                running.close();
              }
            })
        .mapEmpty();
  }
}
