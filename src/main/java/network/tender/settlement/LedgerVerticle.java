package network.tender.settlement;

import io.vertx.core.Future;
import io.vertx.core.Promise;
import io.vertx.core.VerticleBase;
import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.Collection;
import java.util.Deque;
import java.util.HashMap;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.OptionalLong;
import java.util.Queue;
import java.util.Set;
import java.util.concurrent.ConcurrentLinkedQueue;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicBoolean;
import java.util.function.Consumer;
import java.util.function.IntConsumer;
import java.util.function.Supplier;
import network.tender.chain.Hash;
import network.tender.chain.Outpoint;
import network.tender.chain.Transaction;
import network.tender.journal.IndexOffException;
import network.tender.journal.Journal;
import network.tender.ledger.Admission;
import network.tender.ledger.ChainTotals;
import network.tender.ledger.Coin;
import network.tender.ledger.CoinLoad;
import network.tender.ledger.Ledger;
import network.tender.ledger.PendingTransfer;
import network.tender.ledger.Reason;
import network.tender.ledger.Receipt;
import network.tender.ledger.Receipts;
import network.tender.ledger.Rejection;
import network.tender.ledger.Resolution;
import network.tender.ledger.SealedBlock;
import network.tender.script.ScriptVerdict;
import network.tender.telemetry.SettlementMetrics.Stage;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * The single writer: it alone touches the ledger, on its own context. Others leave transfers and
 * finished checks in queues; a turn takes what is there, so that the hand-over costs one task for
 * many transfers.
 */
final class LedgerVerticle extends VerticleBase {
  /** Keeps a turn of the event loop at a few milliseconds. */
  private static final int MAX_PER_TURN = 256;

  /** Statements for coins under way at a time; while they are, the next one gathers transfers. */
  private static final int MAX_LOADS = 2;

  /** Most outpoints of one statement, unless a single transfer has more. */
  private static final int MAX_LOAD_OUTPOINTS = 4_000;

  /** Look-ups of unknown coins at a time; each is two statements. */
  private static final int MAX_LOOKUPS = 4;

  /**
   * Transfers that wait for such a look-up. Much fewer than have a place at the intake, because
   * anybody can make up coins, and nobody else's payment shall be turned away for them.
   */
  static final int MAX_WAITING_LOOKUPS = 256;

  /** Coins that keep moving under a transfer mean a flood, not bad luck. */
  private static final int MAX_ATTEMPTS = 10;

  /** Small enough that a lone batch does not delay the first of its transfers noticeably. */
  private static final int MAX_BATCH = 32;

  /** Transfers with general scripts or many inputs that wait for a check; some seconds' work. */
  private static final int MAX_WAITING_SCRIPTS = 200;

  private static final int MAX_WAITERS_OF_ONE = 1_000;

  private static final long SWEEP_MILLIS = 100;
  private static final int RETRY_SECONDS = 1;
  private static final int RETRY_LATER_SECONDS = 5;

  private static final Logger LOG = LoggerFactory.getLogger(LedgerVerticle.class);

  private final SettlementParts parts;
  private final IntConsumer leave;
  private final Queue<Submission> arrivals = new ConcurrentLinkedQueue<>();
  private final Queue<List<Flight>> verified = new ConcurrentLinkedQueue<>();
  private final Queue<Runnable> questions = new ConcurrentLinkedQueue<>();
  private final AtomicBoolean scheduled = new AtomicBoolean();
  private final List<Consumer<SealedBlock>> listeners = new CopyOnWriteArrayList<>();
  private final List<Consumer<PendingTransfer>> pendingListeners = new CopyOnWriteArrayList<>();

  // All below is the writer's alone.
  private final Map<Hash, Flight> flights = new HashMap<>();
  private final Deque<Waiter> deadlines = new ArrayDeque<>();
  private final Deque<Flight> toLoad = new ArrayDeque<>();
  private final Deque<Runnable> toLookUp = new ArrayDeque<>();
  private final List<Flight> toVerify = new ArrayList<>();
  private final RecentReceipts recent;
  private final Answers answers = new Answers();
  private int loads;
  private int lookups;
  private long sealTimer = -1;
  private boolean stopped;
  private boolean failed;
  private boolean finished;
  private final List<Long> timers = new ArrayList<>();
  private @Nullable Promise<Void> drained;

  private @Nullable Writer writer;
  private @Nullable SpendLookup lookup;
  private volatile @Nullable Storage storage;
  private @Nullable Ledger ledger;
  private @Nullable SignatureWorkers workers;
  private @Nullable SignatureWorkers slowWorkers;
  private @Nullable CoinFlusher flusher;
  private @Nullable LedgerQuestions questionsToLedger;
  private @Nullable ChainReport report;
  private volatile boolean waitsForFlush;
  private volatile Settlement.Status status =
      new Settlement.Status(0, Hash.ZERO, 0, ChainTotals.NONE, 0);

  /**
   * A writer that is not started.
   *
   * @param leave gives so many places at the intake back
   */
  LedgerVerticle(SettlementParts parts, IntConsumer leave) {
    this.parts = parts;
    this.recent = new RecentReceipts(parts.policy().salt());
    this.leave = leave;
  }

  @Override
  public Future<?> start() {
    Writer own = new Writer(context);
    writer = own;
    Consumer<List<Flight>> verdicts =
        batch -> {
          verified.add(batch);
          schedule();
        };
    workers =
        new SignatureWorkers(
            "tender-signatures",
            parts.verifier(),
            parts.settings().verifyThreads(),
            MAX_BATCH,
            parts.settings().maxInFlight(),
            verdicts);
    // One thread: the processors are for those who can be answered at once.
    slowWorkers =
        new SignatureWorkers(
            "tender-scripts", parts.verifier(), 1, 1, MAX_WAITING_SCRIPTS, verdicts);
    return own.here(parts.storage().get())
        .compose(
            opened -> {
              storage = opened;
              lookup = new SpendLookup(parts.network().name(), opened);
              return ChainStart.ofWriter(vertx, own, parts, opened).open();
            })
        .map(this::begin);
  }

  private Ledger begin(Ledger opened) {
    ledger = opened;
    CoinFlusher coins =
        new CoinFlusher(
            opened,
            storage().coins(),
            writer(),
            parts.chainMetrics(),
            parts.policy().promptChanges(),
            this::schedule);
    flusher = coins;
    report = new ChainReport(opened, storage(), parts.chainMetrics());
    questionsToLedger =
        new LedgerQuestions(
            opened,
            started(lookup),
            storage().coins(),
            recent,
            writer(),
            parts.settings().readMillis());
    parts.chainMetrics().flushed(opened.coins().storedHeight());
    SupplyAudit audit = new SupplyAudit(storage().coins(), writer(), parts.chainMetrics());
    audit.run();
    timers.add(vertx.setPeriodic(parts.settings().auditMillis(), id -> audit.run()));
    timers.add(vertx.setPeriodic(parts.settings().flushMillis(), id -> coins.flush()));
    timers.add(vertx.setPeriodic(SWEEP_MILLIS, id -> sweep()));
    updateStatus();
    reportHead();
    reportCoins();
    return opened;
  }

  private Ledger ledger() {
    return started(ledger);
  }

  private Writer writer() {
    return started(writer);
  }

  Storage storage() {
    return started(storage);
  }

  private static <T> T started(@Nullable T part) {
    if (part == null) {
      throw new IllegalStateException("the ledger is not started");
    }
    return part;
  }

  // ---- What any thread may call.

  /** Takes a transfer in. */
  void arrive(Submission submission) {
    arrivals.add(submission);
    schedule();
  }

  /** Runs something on the writer's context. */
  void execute(Runnable question) {
    questions.add(question);
    schedule();
  }

  boolean waitsForFlush() {
    return waitsForFlush;
  }

  Settlement.Status status() {
    return status;
  }

  Runnable onBlock(Consumer<SealedBlock> listener) {
    listeners.add(listener);
    return () -> listeners.remove(listener);
  }

  Runnable onPending(Consumer<PendingTransfer> listener) {
    pendingListeners.add(listener);
    return () -> pendingListeners.remove(listener);
  }

  private void schedule() {
    if (scheduled.compareAndSet(false, true)) {
      context.runOnContext(turn -> turn());
    }
  }

  // ---- A turn of the writer.

  private void turn() {
    // Before the queues are read, so that whatever comes later schedules another turn.
    scheduled.set(false);
    int taken = 0;
    for (Runnable question = questions.poll();
        question != null;
        question = poll(questions, taken)) {
      question.run();
      taken++;
    }
    for (List<Flight> batch = verified.poll(); batch != null; batch = poll(verified, taken)) {
      batch.forEach(this::afterVerification);
      taken += batch.size();
    }
    for (Submission submission = poll(arrivals, taken);
        submission != null;
        submission = poll(arrivals, taken)) {
      begin(submission);
      taken++;
    }
    settle();
    if (!arrivals.isEmpty() || !verified.isEmpty() || !questions.isEmpty()) {
      schedule();
    }
  }

  private static <T> @Nullable T poll(Queue<T> queue, int taken) {
    return taken < MAX_PER_TURN ? queue.poll() : null;
  }

  /** Ends every step: starts what it has gathered, and answers. */
  private void settle() {
    load();
    verify();
    seal();
    updateStatus();
    answers.send();
    checkDrained();
  }

  private void begin(Submission submission) {
    Transaction transfer = submission.transfer();
    Waiter waiter = submission.waiter();
    if (stopped) {
      leave.accept(1);
      putOff(waiter, Outcome.Cause.NOT_READY, RETRY_LATER_SECONDS);
      return;
    }
    Optional<RecentReceipts.Settled> settled = recent.find(transfer.txid());
    if (settled.isPresent()) {
      leave.accept(1);
      parts.metrics().repeated();
      answers.add(waiter, settledAnswer(settled.get()));
      return;
    }
    Flight flight = flights.get(transfer.wtxid());
    if (flight != null) {
      join(flight, waiter);
      return;
    }
    Flight created = new Flight(transfer, submission.arrivedNanos());
    created.places = 1;
    addWaiter(created, waiter);
    flights.put(transfer.wtxid(), created);
    resolve(created);
  }

  private void addWaiter(Flight flight, Waiter waiter) {
    flight.waiters.add(waiter);
    deadlines.add(waiter);
  }

  private void join(Flight flight, Waiter waiter) {
    if (flight.waiters.size() >= MAX_WAITERS_OF_ONE) {
      leave.accept(1);
      putOff(waiter, Outcome.Cause.BUSY, RETRY_SECONDS);
      return;
    }
    parts.metrics().repeated();
    if (!flight.admitted) {
      flight.places++;
      addWaiter(flight, waiter);
      return;
    }
    leave.accept(1);
    if (waiter.wait == Settlement.Wait.ACCEPTED) {
      answers.add(waiter, new Outcome.Accepted(flight.transfer.txid()));
    } else {
      addWaiter(flight, waiter);
    }
  }

  private static Supplier<Outcome> settledAnswer(RecentReceipts.Settled settled) {
    return () -> new Outcome.Settled(settled.receipts().receipt(settled.position()));
  }

  // ---- Resolve.

  private void resolve(Flight flight) {
    handle(flight, ledger().resolve(flight.transfer), Set.of());
  }

  private void handle(Flight flight, Resolution resolution, Set<Outpoint> found) {
    if (resolution instanceof Resolution.Resolved resolved) {
      resolved(flight, resolved);
    } else if (resolution instanceof Resolution.Refused refused) {
      refusedOrSettled(flight, refused.rejection(), found);
    } else if (resolution instanceof Resolution.AlreadyPending) {
      admitted(flight);
    } else if (flight.attempts++ >= MAX_ATTEMPTS) {
      putOff(flight, Outcome.Cause.BUSY, RETRY_SECONDS);
    } else if (resolution instanceof Resolution.MissingTimes missing) {
      queueLookUp(flight, () -> loadTimes(flight, missing.heights()));
    } else if (resolution instanceof Resolution.MissingCoins missing) {
      flight.missing = missing.outpoints();
      toLoad.add(flight);
    }
  }

  /** The times of old blocks, which a coin that is locked by time needs. */
  private void loadTimes(Flight flight, Set<Integer> heights) {
    writer()
        .here(limited(new MedianTimes(storage().journal()).at(heights)))
        .onComplete(
            result -> {
              lookups--;
              if (result.failed()) {
                storageFailed(List.of(flight), "Header times could not be read", result.cause());
              } else {
                ledger().keepMedianTimes(result.result());
                resolve(flight);
              }
              lookUp();
              settle();
            });
  }

  private void resolved(Flight flight, Resolution.Resolved resolved) {
    flight.resolved = resolved;
    if (flight.verdict != null) {
      // Only the coins had moved; what the signatures sign has not changed.
      admit(flight, resolved);
      return;
    }
    flight.resolvedNanos = now();
    parts.metrics().stage(Stage.RESOLVE, flight.resolvedNanos - flight.arrivedNanos);
    toVerify.add(flight);
  }

  /** One statement for the coins of many transfers. */
  private void load() {
    while (!toLoad.isEmpty() && loads < MAX_LOADS) {
      List<Flight> batch = new ArrayList<>();
      Set<Outpoint> outpoints = new LinkedHashSet<>();
      while (!toLoad.isEmpty() && outpoints.size() < MAX_LOAD_OUTPOINTS) {
        Flight flight = toLoad.remove();
        outpoints.addAll(flight.missing);
        batch.add(flight);
      }
      load(batch, outpoints);
    }
  }

  private void load(List<Flight> batch, Collection<Outpoint> outpoints) {
    loads++;
    CoinLoad load = ledger().beginLoad(outpoints);
    writer()
        .here(limited(storage().coins().load(load.outpoints())))
        .onComplete(
            result -> {
              loads--;
              if (result.succeeded()) {
                Map<Outpoint, Coin> found = result.result();
                for (Flight flight : batch) {
                  flight.missing = List.of();
                  handle(flight, ledger().resolve(flight.transfer, load, found), found.keySet());
                }
              } else {
                storageFailed(batch, "Coins could not be loaded", result.cause());
              }
              settle();
            });
  }

  /** A database that does not answer must not keep the few places for such work for ever. */
  private <T> Future<T> limited(Future<T> reading) {
    return reading.timeout(parts.settings().readMillis(), TimeUnit.MILLISECONDS);
  }

  private void storageFailed(List<Flight> batch, String what, Throwable cause) {
    LOG.warn("{}: {}", what, cause.toString());
    boolean available = storage().journal().isAvailable();
    for (Flight flight : batch) {
      putOff(
          flight,
          available ? Outcome.Cause.BUSY : Outcome.Cause.JOURNAL_DOWN,
          available ? RETRY_SECONDS : RETRY_LATER_SECONDS);
    }
  }

  // ---- Refusals, and transfers that are only known already.

  private void refusedOrSettled(Flight flight, Rejection rejection, Set<Outpoint> found) {
    boolean unexplained =
        rejection.reason() == Reason.UNKNOWN_COIN
            || (rejection.reason() == Reason.DOUBLE_SPEND && rejection.conflict().isEmpty());
    if (!unexplained) {
      refuse(flight, rejection);
      return;
    }
    // A coin that the store still had may have been spent since then.
    boolean spent = rejection.reason() == Reason.DOUBLE_SPEND;
    List<Outpoint> missing = new ArrayList<>();
    for (int i = 0; i < flight.transfer.inputCount(); i++) {
      Outpoint prevout = flight.transfer.prevout(i);
      if (spent || !found.contains(prevout)) {
        missing.add(prevout);
      }
    }
    queueLookUp(flight, () -> explain(flight, rejection, missing));
  }

  private void queueLookUp(Flight flight, Runnable question) {
    if (toLookUp.size() >= MAX_WAITING_LOOKUPS) {
      parts.metrics().lookupTurnedAway();
      putOff(flight, Outcome.Cause.BUSY, RETRY_SECONDS);
      return;
    }
    toLookUp.add(question);
    lookUp();
  }

  private void lookUp() {
    while (lookups < MAX_LOOKUPS && !toLookUp.isEmpty()) {
      lookups++;
      toLookUp.remove().run();
    }
  }

  private void explain(Flight flight, Rejection rejection, List<Outpoint> missing) {
    writer()
        .here(limited(started(lookup).explain(flight.transfer, missing)))
        .onComplete(
            result -> {
              lookups--;
              if (result.cause() instanceof IndexOffException) {
                // It may be settled: "refused" would make its sender pay once more.
                putOff(flight, Outcome.Cause.OUTCOME_UNKNOWN, RETRY_LATER_SECONDS);
              } else if (result.failed()) {
                storageFailed(List.of(flight), "A transfer could not be looked up", result.cause());
              } else {
                explained(flight, rejection, result.result());
              }
              lookUp();
              settle();
            });
  }

  private void explained(Flight flight, Rejection rejection, SpendLookup.Found found) {
    if (found instanceof SpendLookup.Found.Settled settled) {
      parts.metrics().repeated();
      end(flight, settledAnswer(settled.place()));
    } else if (found instanceof SpendLookup.Found.SpentBy spent) {
      refuse(
          flight,
          Rejection.conflict(
              Reason.DOUBLE_SPEND,
              "The coin "
                  + spent.outpoint()
                  + " has been spent by the settled transfer "
                  + spent.winner()
                  + ".",
              spent.winner()));
    } else {
      refuse(flight, rejection);
    }
  }

  private void refuse(Flight flight, Rejection rejection) {
    parts.metrics().refused(rejection.reason().code());
    Outcome outcome = new Outcome.Refused(rejection);
    end(flight, () -> outcome);
  }

  private void putOff(Flight flight, Outcome.Cause cause, int retryAfterSeconds) {
    parts.metrics().unavailable(cause.code());
    Outcome outcome = new Outcome.Unavailable(cause, retryAfterSeconds);
    end(flight, () -> outcome);
  }

  private void putOff(Waiter waiter, Outcome.Cause cause, int retryAfterSeconds) {
    parts.metrics().unavailable(cause.code());
    answers.add(waiter, new Outcome.Unavailable(cause, retryAfterSeconds));
  }

  /** The last word on a transfer that is not pending. */
  private void end(Flight flight, Supplier<Outcome> outcome) {
    flights.remove(flight.transfer.wtxid(), flight);
    givePlacesBack(flight);
    flight.waiters.forEach(waiter -> answers.add(waiter, outcome));
  }

  private void givePlacesBack(Flight flight) {
    leave.accept(flight.places);
    flight.places = 0;
  }

  // ---- Verify and admit.

  private void verify() {
    if (toVerify.isEmpty()) {
      return;
    }
    List<Flight> quick = new ArrayList<>(toVerify.size());
    List<Flight> slow = new ArrayList<>();
    for (Flight flight : toVerify) {
      (SignatureWorkers.isSlow(started(flight.resolved)) ? slow : quick).add(flight);
    }
    toVerify.clear();
    turnAway(started(workers).verify(quick));
    turnAway(started(slowWorkers).verify(slow));
  }

  private void turnAway(List<Flight> refused) {
    for (Flight flight : refused) {
      parts.metrics().verificationTurnedAway();
      putOff(flight, Outcome.Cause.BUSY, RETRY_SECONDS);
    }
  }

  private void afterVerification(Flight flight) {
    parts.metrics().stage(Stage.VERIFY, now() - flight.resolvedNanos);
    if (flight.verdict instanceof ScriptVerdict.Invalid invalid) {
      refuse(flight, Rejection.script(invalid));
    } else {
      admit(flight, started(flight.resolved));
    }
  }

  private void admit(Flight flight, Resolution.Resolved resolved) {
    Admission admission = ledger().admit(resolved, parts.clock().millis());
    if (admission instanceof Admission.Admitted || admission instanceof Admission.AlreadyPending) {
      admitted(flight);
      if (admission instanceof Admission.Admitted && !pendingListeners.isEmpty()) {
        tellOfPending(flight.transfer.txid());
      }
    } else if (admission instanceof Admission.Refused refused) {
      refusedOrSettled(flight, refused.rejection(), Set.of());
    } else if (admission instanceof Admission.Stale && flight.attempts++ < MAX_ATTEMPTS) {
      resolve(flight);
    } else {
      putOff(flight, Outcome.Cause.BUSY, RETRY_SECONDS);
    }
  }

  private void admitted(Flight flight) {
    flight.admitted = true;
    flight.admittedNanos = now();
    givePlacesBack(flight);
    Hash txid = flight.transfer.txid();
    for (Waiter waiter : flight.waiters) {
      if (waiter.wait == Settlement.Wait.ACCEPTED) {
        answers.add(waiter, new Outcome.Accepted(txid));
      }
    }
  }

  private void tellOfPending(Hash txid) {
    PendingTransfer pending = ledger().pending(txid).orElseThrow();
    for (Consumer<PendingTransfer> listener : pendingListeners) {
      try {
        listener.accept(pending);
      } catch (RuntimeException e) {
        LOG.error("A listener failed at the pending transfer {}", txid, e);
      }
    }
  }

  // ---- Seal and commit.

  private void seal() {
    if (sealTimer >= 0 || failed) {
      return;
    }
    Ledger core = ledger();
    long millis = parts.clock().millis();
    OptionalLong next = core.nextSealMillis(millis);
    if (next.isEmpty()) {
      return;
    }
    if (next.getAsLong() > millis) {
      sealTimer =
          vertx.setTimer(
              next.getAsLong() - millis,
              id -> {
                sealTimer = -1;
                settle();
              });
      return;
    }
    long begun = now();
    Optional<SealedBlock> sealed;
    try {
      sealed = core.seal(millis);
    } catch (IllegalStateException e) {
      LOG.error("No block can be sealed any more", e);
      fail("The ledger's sums do not add up: " + e.getMessage());
      return;
    }
    sealed.ifPresent(block -> commit(block, begun));
  }

  private void commit(SealedBlock block, long begun) {
    long sealedNanos = now();
    parts.metrics().stage(Stage.SEAL, sealedNanos - begun);
    List<Transaction> transactions = block.block().transactions();
    for (int i = 1; i < transactions.size(); i++) {
      Flight flight = flights.get(transactions.get(i).wtxid());
      if (flight != null) {
        parts.metrics().stage(Stage.QUEUE, begun - flight.admittedNanos);
      }
    }
    writer()
        .here(storage().journal().append(block))
        .onComplete(
            result -> {
              if (result.failed()) {
                LOG.error("Block {} could not be appended", block.height(), result.cause());
                fail("The journal failed in a way that must not happen: " + result.cause());
                return;
              }
              if (result.result() instanceof Journal.Appended.LeaseLost lost) {
                ledger().abandoned(block);
                fail(lost.explanation());
              } else if (result.result() instanceof Journal.Appended.Closed) {
                LOG.warn(
                    "Stopped before it was known whether block {} is durable; the next start finds"
                        + " out",
                    block.height());
                stopped = true;
                failed = true;
                putOffAll();
              } else {
                parts.metrics().stage(Stage.COMMIT, now() - sealedNanos);
                committed(block, begun);
                settle();
              }
            });
  }

  private void committed(SealedBlock block, long begun) {
    ledger().committed(block);
    // Before the index can name the block: nobody shall hear of it and then not find it.
    updateStatus();
    storage().index().onBlock(block);
    Receipts receipts = Receipts.of(parts.network().name(), block);
    recent.add(block, receipts);
    long durableNanos = now();
    List<Transaction> transactions = block.block().transactions();
    long weight = transactions.get(0).weight();
    for (int i = 1; i < transactions.size(); i++) {
      Transaction transfer = transactions.get(i);
      weight += transfer.weight();
      Flight flight = flights.remove(transfer.wtxid());
      if (flight != null) {
        parts.metrics().settled(durableNanos - flight.arrivedNanos);
        Supplier<Outcome> answer = settledAnswer(new RecentReceipts.Settled(receipts, i));
        flight.waiters.forEach(waiter -> answers.add(waiter, answer));
      }
    }
    parts
        .metrics()
        .block(
            block.transferCount(),
            (double) weight / parts.network().maxBlockWeight(),
            durableNanos - begun);
    reportHead();
    for (Consumer<SealedBlock> listener : listeners) {
      try {
        listener.accept(block);
      } catch (RuntimeException e) {
        LOG.error("A listener failed at block {}", block.height(), e);
      }
    }
    started(flusher).flushIfMany();
  }

  /** This process must not write any more. */
  private void fail(String explanation) {
    LOG.error("The ledger stops: {}", explanation);
    stopped = true;
    failed = true;
    putOffAll();
    parts.fatal().accept(explanation);
  }

  // ---- Questions.

  Future<Optional<Receipt>> receipt(Hash txid) {
    return started(questionsToLedger).receipt(txid);
  }

  Optional<PendingTransfer> pending(Hash txid) {
    return ledger().pending(txid);
  }

  Map<Outpoint, PendingTransfer> pendingSpenders(Collection<Outpoint> outpoints) {
    Map<Outpoint, PendingTransfer> spenders = new HashMap<>();
    for (Outpoint outpoint : outpoints) {
      ledger().pendingSpender(outpoint).ifPresent(spender -> spenders.put(outpoint, spender));
    }
    return spenders;
  }

  Settlement.Pending pendingTransfers() {
    return new Settlement.Pending(ledger().tip().height(), ledger().pending());
  }

  Future<Map<Outpoint, Coin>> coinsOf(Hash scriptHash, int limit) {
    return started(questionsToLedger).coinsOf(scriptHash, limit);
  }

  // ---- Time limits and figures.

  private void sweep() {
    long now = now();
    for (Waiter waiter = deadlines.peek();
        waiter != null && (waiter.answered || waiter.deadlineNanos - now <= 0);
        waiter = deadlines.peek()) {
      deadlines.remove();
      if (!waiter.answered) {
        putOff(waiter, Outcome.Cause.DELAYED, RETRY_SECONDS);
      }
    }
    answers.send();
    reportQueues();
    reportCoins();
  }

  private void reportQueues() {
    parts
        .metrics()
        .queues(
            toLoad.size(),
            toLookUp.size(),
            started(workers).waitingBatches(),
            started(slowWorkers).waitingBatches());
  }

  private void updateStatus() {
    Ledger core = ledger();
    Settlement.Status last = status;
    int pending = core.pendingTransfers();
    if (core.tip().height() != last.height()
        || pending != last.pendingTransfers()
        || last.hash().equals(Hash.ZERO)) {
      status =
          new Settlement.Status(
              core.tip().height(),
              core.tip().hash(),
              core.tip().timeMillis(),
              core.tip().totals(),
              pending);
      parts.metrics().pending(pending, core.pendingWeight());
    }
  }

  private void reportHead() {
    Settlement.Status head = status;
    parts.chainMetrics().head(head.height(), head.timeMillis(), head.totals().coins());
  }

  private void reportCoins() {
    started(report).run(parts.clock().millis());
    waitsForFlush = ledger().waitsForFlush();
  }

  private long now() {
    return parts.nanoClock().getAsLong();
  }

  // ---- Stop.

  @Override
  public Future<?> stop() {
    return finish();
  }

  /**
   * Takes no more transfers, settles those under way, writes all coins to their store. The storage
   * is not needed any more once this is complete.
   */
  Future<Void> finish() {
    if (finished) {
      return Future.succeededFuture();
    }
    finished = true;
    if (ledger == null) {
      closeWorkers();
      return Future.succeededFuture();
    }
    Promise<Void> promise = Promise.promise();
    drained = promise;
    checkDrained();
    return writer()
        .here(promise.future().timeout(parts.settings().drainMillis(), TimeUnit.MILLISECONDS))
        .recover(
            late -> {
              stopped = true;
              LOG.warn("Stopping with {} transfers under way", flights.size());
              return Future.succeededFuture();
            })
        .compose(done -> flushBeforeStop())
        .onComplete(
            done -> {
              timers.forEach(vertx::cancelTimer);
              putOffAll();
              closeWorkers();
            });
  }

  private void closeWorkers() {
    for (SignatureWorkers running : Arrays.asList(workers, slowWorkers)) {
      if (running != null) {
        running.close();
      }
    }
  }

  private Future<Void> flushBeforeStop() {
    return started(flusher)
        .flushAll()
        .timeout(parts.settings().drainMillis(), TimeUnit.MILLISECONDS)
        .recover(
            error -> {
              LOG.warn(
                  "Coins were not all written; the next start replays the journal instead: {}",
                  error.toString());
              return Future.succeededFuture();
            });
  }

  private void putOffAll() {
    for (Flight flight : List.copyOf(flights.values())) {
      putOff(flight, Outcome.Cause.NOT_READY, RETRY_LATER_SECONDS);
    }
    answers.send();
  }

  private void checkDrained() {
    Promise<Void> waiting = drained;
    // What came in before the door was closed is still finished.
    if (waiting != null && flights.isEmpty() && arrivals.isEmpty()) {
      stopped = true;
      waiting.tryComplete();
    }
  }
}
