package network.tender.merchant;

import io.micrometer.core.instrument.Counter;
import io.micrometer.core.instrument.DistributionSummary;
import io.micrometer.core.instrument.Gauge;
import io.micrometer.core.instrument.MeterRegistry;
import io.vertx.core.AsyncResult;
import io.vertx.core.Context;
import io.vertx.core.Future;
import io.vertx.core.Promise;
import io.vertx.core.Vertx;
import io.vertx.pgclient.PgException;
import io.vertx.sqlclient.Pool;
import io.vertx.sqlclient.Row;
import java.time.Duration;
import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.Deque;
import java.util.HashMap;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Queue;
import java.util.Set;
import java.util.concurrent.ConcurrentLinkedQueue;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.TimeoutException;
import java.util.concurrent.atomic.AtomicBoolean;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.function.Consumer;
import java.util.function.LongSupplier;
import network.tender.settlement.BusyException;

/**
 * Writes new invoices. What is asked for while two statements are under way is written together by
 * the next one: one round trip and one flush of the log for all of them. Two, so that the database
 * works on the one while this node makes the other. A wallet's addresses are handed out in the
 * order of the requests; those who have to wait for more of them keep nobody else waiting. A lone
 * invoice waits for nobody.
 *
 * <p>An invoice that can't be written does not keep the others back: they are written without it.
 * Too many at once are refused with {@link BusyException}.
 */
final class InvoiceWriter {
  /** Most invoices that wait or are being written. */
  static final int MAX_WAITING = 2_048;

  /** Most statements at a time. */
  private static final int MAX_UNDER_WAY = 2;

  /** Most invoices in one statement. */
  static final int MAX_TOGETHER = 128;

  /** More text than this is not written by one statement, unless it is of one invoice. */
  private static final int MAX_CHARS_TOGETHER = 2_000_000;

  /** How often numbers are read again that somebody else was faster to take. */
  private static final int MAX_ATTEMPTS = 8;

  /** Whoever asked has been told by then to try again. */
  private static final Duration PATIENCE = Duration.ofSeconds(15);

  private static final String UNIQUE_VIOLATION = "23505";

  /** SQLSTATE class: deadlocks and the like. */
  private static final String ROLLBACK = "40";

  /** SQLSTATE class: no room on the disk, no memory, no connection. */
  private static final String RESOURCES = "53";

  private static final String OUT_OF_MEMORY = "53200";

  /** By a time limit, or by somebody. */
  private static final String CANCELED = "57014";

  /** Those, and: data that a column can't hold, constraints, limits of the database. */
  private static final Set<String> ROLLED_BACK = Set.of("22", "23", ROLLBACK, RESOURCES, "54");

  private static final Set<String> ADDRESS_CONSTRAINTS =
      Set.of("invoice_script", "invoice_wallet_address");

  /** An invoice on its way. */
  private static final class Waiting {
    final InvoiceDraft draft;
    final InvoiceColumns.Texts texts;
    final Context caller;
    final long sinceNanos;
    final Promise<Optional<Invoice>> promise = Promise.promise();
    Optional<FreshAddresses.Address> address = Optional.empty();

    /** How often it was tried to be written with numbers that somebody else was faster to take. */
    int attempts;

    /** With how many it may be written together: ever fewer, if one of them is to blame. */
    int together = MAX_TOGETHER;

    Waiting(InvoiceDraft draft, Context caller, long sinceNanos) {
      this.draft = draft;
      this.texts = InvoiceColumns.Texts.of(draft);
      this.caller = caller;
      this.sinceNanos = sinceNanos;
    }

    Optional<Invoice.Target> target() {
      return address.flatMap(
          taken ->
              draft
                  .payee()
                  .map(
                      payee ->
                          new Invoice.Target(
                              payee.rate(),
                              taken.script(),
                              payee.wallet().walletId(),
                              taken.index())));
    }

    Invoice written() {
      return target().map(draft.invoice()::with).orElse(draft.invoice());
    }
  }

  private final Vertx vertx;
  private final Pool pool;
  private final WatchedScripts watched;
  private final FreshAddresses addresses;
  private final EventDetails details;
  private final InvoiceEventLog log;
  private final LongSupplier nanoTime;
  private final Context context;
  private final Queue<Waiting> queue = new ConcurrentLinkedQueue<>();
  private final AtomicInteger waiting = new AtomicInteger();

  /** True if {@link #next} will be called without being asked to. */
  private final AtomicBoolean called = new AtomicBoolean();

  /** On the context: statements under way. */
  private int underWay;

  /** On the context: what has waited already and goes before the queue. */
  private final Deque<Waiting> first = new ArrayDeque<>();

  /** On the context: what waits for more addresses, by wallet, in the order of the requests. */
  private final Map<Long, List<Waiting>> withoutAddress = new HashMap<>();

  private final Counter refused;
  private final DistributionSummary together;

  InvoiceWriter(
      Vertx vertx,
      Pool pool,
      WatchedScripts watched,
      FreshAddresses addresses,
      EventDetails details,
      InvoiceEventLog log,
      LongSupplier nanoTime,
      MeterRegistry registry) {
    this.vertx = vertx;
    this.pool = pool;
    this.watched = watched;
    this.addresses = addresses;
    this.details = details;
    this.log = log;
    this.nanoTime = nanoTime;
    this.context = vertx.getOrCreateContext();
    Gauge.builder("tender_invoice_writes_waiting", waiting, AtomicInteger::get)
        .description("New invoices that wait to be written or are being written")
        .register(registry);
    this.refused =
        Counter.builder("tender_invoice_writes_refused")
            .description("New invoices refused because too many were waiting")
            .register(registry);
    this.together =
        DistributionSummary.builder("tender_invoice_writes_together")
            .description("New invoices written by one statement")
            .serviceLevelObjectives(1, 2, 4, 8, 16, 32, 64, MAX_TOGETHER)
            .register(registry);
  }

  /**
   * Writes an invoice, with the next unused address of its wallet. The address is watched before
   * the invoice can be seen, so that no payment to it is missed.
   *
   * @return the invoice once it is durable, on the caller's context; empty if its request's key was
   *     used before, so that it was not written
   */
  Future<Optional<Invoice>> write(InvoiceDraft draft) {
    if (JoinedTransaction.current().isPresent()) {
      // It would be durable before the transaction is, which may still be rolled back.
      return Future.failedFuture(
          new IllegalStateException(
              "an invoice is no part of a joined transaction; make it with issueOnce"));
    }
    if (waiting.incrementAndGet() > MAX_WAITING) {
      waiting.decrementAndGet();
      refused.increment();
      return Future.failedFuture(new BusyException());
    }
    Waiting invoice = new Waiting(draft, vertx.getOrCreateContext(), nanoTime.getAsLong());
    queue.add(invoice);
    if (called.compareAndSet(false, true)) {
      context.runOnContext(v -> next());
    }
    return invoice.promise.future();
  }

  /** Writes what waits; what comes later, when a statement is done. */
  private void next() {
    while (underWay < MAX_UNDER_WAY) {
      List<Waiting> batch = batch();
      if (batch.isEmpty()) {
        called.set(false);
        if (queue.isEmpty() || !called.compareAndSet(false, true)) {
          return;
        }
      } else {
        underWay++;
        together.record(batch.size());
        write(batch)
            .onComplete(
                done ->
                    context.runOnContext(
                        v -> {
                          underWay--;
                          next();
                        }));
      }
    }
  }

  private List<Waiting> batch() {
    List<Waiting> batch = new ArrayList<>();
    List<Waiting> late = new ArrayList<>();
    int chars = 0;
    int room = MAX_TOGETHER;
    while (batch.size() < room && (batch.isEmpty() || chars < MAX_CHARS_TOGETHER)) {
      Waiting invoice = first.isEmpty() ? queue.poll() : first.poll();
      if (invoice == null) {
        break;
      }
      if (nanoTime.getAsLong() - invoice.sinceNanos >= PATIENCE.toNanos()) {
        late.add(invoice);
      } else if (takeAddress(invoice)) {
        batch.add(invoice);
        chars += invoice.texts.chars();
        room = Math.min(room, invoice.together);
      }
    }
    if (!late.isEmpty()) {
      fail(late, new TimeoutException("no place to write an invoice within " + PATIENCE));
    }
    return batch;
  }

  /** False if it has to wait for one; then it is written once there are more. */
  private boolean takeAddress(Waiting invoice) {
    if (invoice.draft.payee().isEmpty()) {
      return true;
    }
    StoreWallet wallet = invoice.draft.payee().get().wallet();
    List<Waiting> before = withoutAddress.get(wallet.walletId());
    if (before != null) {
      before.add(invoice);
      return false;
    }
    invoice.address = addresses.take(wallet);
    if (invoice.address.isPresent()) {
      watched.add(invoice.address.get().script());
      return true;
    }
    List<Waiting> waitingForIt = new ArrayList<>(List.of(invoice));
    withoutAddress.put(wallet.walletId(), waitingForIt);
    int wanted = Math.min(MAX_TOGETHER, 1 + first.size());
    limited(addresses.provide(wallet, wanted))
        .onComplete(provided -> context.runOnContext(v -> provided(wallet, provided)));
    return false;
  }

  private void provided(StoreWallet wallet, AsyncResult<Void> result) {
    List<Waiting> those = withoutAddress.remove(wallet.walletId());
    if (those == null) {
      return;
    }
    if (result.succeeded()) {
      goFirst(those);
    } else {
      fail(those, result.cause());
    }
    next();
  }

  /** They go on before the others, in their order. */
  private void goFirst(List<Waiting> those) {
    for (int i = those.size() - 1; i >= 0; i--) {
      first.addFirst(those.get(i));
    }
  }

  /** Writes some and answers each of them, whatever comes; never fails. */
  private Future<Void> write(List<Waiting> batch) {
    InvoiceColumns columns = new InvoiceColumns(batch.size(), details);
    try {
      for (Waiting invoice : batch) {
        columns.add(invoice.draft, invoice.texts, invoice.target());
        invoice.draft.once().ifPresent(once -> columns.once(once, invoice.written()));
      }
    } catch (RuntimeException e) {
      // An answer that can't be made is a bug, which must not hold up all who come after.
      giveBack(batch);
      return fail(batch, e);
    }
    return limited(pool.preparedQuery(columns.statement()).execute(columns.tuple()))
        .compose(
            rows -> {
              if (!columns.mayRepeat()) {
                return answerAll(batch);
              }
              Set<String> made = new HashSet<>();
              for (Row row : rows) {
                made.add(row.getString(0));
              }
              return answer(batch, made);
            })
        .recover(error -> recover(batch, error));
  }

  private Future<Void> answerAll(List<Waiting> batch) {
    for (Waiting invoice : batch) {
      invoice.address.ifPresent(addresses::used);
      log.written(invoice.draft.invoice().storeId());
    }
    return complete(batch, invoice -> invoice.promise.complete(Optional.of(invoice.written())));
  }

  private Future<Void> answer(List<Waiting> batch, Set<String> made) {
    List<Waiting> written = new ArrayList<>();
    List<Waiting> repeated = new ArrayList<>();
    for (Waiting invoice : batch) {
      (made.contains(invoice.draft.invoice().id()) ? written : repeated).add(invoice);
    }
    giveBack(repeated);
    complete(repeated, invoice -> invoice.promise.complete(Optional.empty()));
    return answerAll(written);
  }

  /** Nothing of a batch was written, or nobody knows. */
  private Future<Void> recover(List<Waiting> batch, Throwable error) {
    if (!(error instanceof PgException refusal) || !isRolledBack(refusal)) {
      forgetWallets(batch);
      return fail(batch, error);
    }
    if (isAddressTaken(refusal)) {
      forgetWallets(batch);
    } else {
      giveBack(batch);
    }
    if (isOutOfRoom(refusal)) {
      return fail(batch, error);
    }
    List<Waiting> given = new ArrayList<>();
    List<Waiting> again = new ArrayList<>();
    for (Waiting invoice : batch) {
      if (mayGoWellNextTime(refusal)) {
        (++invoice.attempts < MAX_ATTEMPTS ? again : given).add(invoice);
      } else {
        // One of them is to blame, or they were too many; the others are written without it.
        invoice.together = Math.max(1, batch.size() / 2);
        (batch.size() > 1 ? again : given).add(invoice);
      }
    }
    context.runOnContext(v -> goFirst(again));
    return fail(given, error);
  }

  /** True if nothing of a statement is in the database: it said that it would not do it. */
  private static boolean isRolledBack(PgException refusal) {
    String state = refusal.getSqlState();
    return state != null
        && (ROLLED_BACK.stream().anyMatch(state::startsWith) || state.equals(CANCELED));
  }

  private static boolean mayGoWellNextTime(PgException refusal) {
    return isAddressTaken(refusal) || refusal.getSqlState().startsWith(ROLLBACK);
  }

  /** True if it would refuse one alone just as well: its disk is full, or it has no connection. */
  private static boolean isOutOfRoom(PgException refusal) {
    return refusal.getSqlState().startsWith(RESOURCES)
        && !OUT_OF_MEMORY.equals(refusal.getSqlState());
  }

  private static boolean isAddressTaken(PgException refusal) {
    return UNIQUE_VIOLATION.equals(refusal.getSqlState())
        && refusal.getConstraint() != null
        && ADDRESS_CONSTRAINTS.contains(refusal.getConstraint());
  }

  private void giveBack(List<Waiting> batch) {
    Map<Long, List<FreshAddresses.Address>> byWallet = new HashMap<>();
    for (Waiting invoice : batch) {
      invoice
          .target()
          .ifPresent(
              target ->
                  byWallet
                      .computeIfAbsent(target.walletId(), id -> new ArrayList<>())
                      .add(invoice.address.orElseThrow()));
    }
    byWallet.forEach(addresses::giveBack);
  }

  private void forgetWallets(List<Waiting> batch) {
    for (Waiting invoice : batch) {
      invoice.address.ifPresent(addresses::used);
      invoice.draft.payee().ifPresent(payee -> addresses.forget(payee.wallet().walletId()));
    }
  }

  /** A database that hangs must not hold the queue up for ever. */
  private static <T> Future<T> limited(Future<T> work) {
    return work.timeout(PATIENCE.toMillis(), TimeUnit.MILLISECONDS);
  }

  private Future<Void> fail(List<Waiting> batch, Throwable error) {
    return complete(batch, invoice -> invoice.promise.tryFail(error));
  }

  /** Answers many with one step on each caller's context. */
  private Future<Void> complete(List<Waiting> batch, Consumer<Waiting> answer) {
    waiting.addAndGet(-batch.size());
    Map<Context, List<Waiting>> byCaller = new HashMap<>();
    for (Waiting invoice : batch) {
      byCaller.computeIfAbsent(invoice.caller, caller -> new ArrayList<>()).add(invoice);
    }
    byCaller.forEach((caller, invoices) -> caller.runOnContext(v -> invoices.forEach(answer)));
    return Future.succeededFuture();
  }
}
