package network.tender.merchant;

import static network.tender.merchant.MerchantFixture.await;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.vertx.core.Context;
import io.vertx.core.Future;
import io.vertx.core.Promise;
import io.vertx.core.Vertx;
import io.vertx.core.buffer.Buffer;
import io.vertx.core.internal.ContextInternal;
import java.math.BigDecimal;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.function.Supplier;
import network.tender.chain.Hash;
import network.tender.journal.TestDatabase;
import network.tender.settlement.BusyException;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** Answers and what they tell of: both or none, on a real database. */
class IdempotentAnswersTest {
  private static final TestDatabase DATABASE = TestDatabase.create();
  private static final MerchantFixture FIXTURE = new MerchantFixture(DATABASE);
  private static final Merchant MERCHANT = FIXTURE.merchant;

  @AfterAll
  static void close() {
    FIXTURE.close();
  }

  private static Hash random() {
    return new Hash(FIXTURE.random.nextLong(), FIXTURE.random.nextLong(), 1, 2);
  }

  private static IdempotentAnswers.Claim claim() {
    return new IdempotentAnswers.Claim(random(), random());
  }

  private static IdempotentAnswers.Answer answer(IdempotentAnswers.Claim claim, String text) {
    return new IdempotentAnswers.Answer(claim.request(), 200, Buffer.buffer(text));
  }

  /** On a context of its own, as a request is. */
  private static <T> T request(Supplier<Future<T>> work) {
    return await(begin(work));
  }

  private static <T> Future<T> begin(Supplier<Future<T>> work) {
    Promise<T> promise = Promise.promise();
    ContextInternal own = ((ContextInternal) FIXTURE.vertx.getOrCreateContext()).duplicate();
    own.runOnContext(v -> Future.succeededFuture().compose(x -> work.get()).onComplete(promise));
    return promise.future();
  }

  private static Future<Store> newStore() {
    return MERCHANT.stores().create(StoreSettings.defaults());
  }

  private static int count(String table) {
    return DATABASE.queryInt("SELECT count(*) FROM " + table);
  }

  @Test
  void whatIsMadeIsUndoneIfItsAnswerCanNotBeWritten() {
    int stores = count("store");
    int answers = count("idempotent_answer");
    IdempotentAnswers.Claim claim = claim();
    assertThatThrownBy(
            () ->
                request(
                    () ->
                        MERCHANT
                            .idempotentAnswers()
                            .together(
                                claim,
                                IdempotentAnswersTest::newStore,
                                made -> {
                                  throw new IllegalStateException("no answer");
                                })))
        .hasMessage("no answer");
    assertThat(count("store")).isEqualTo(stores);
    assertThat(count("idempotent_answer")).isEqualTo(answers);
  }

  @Test
  void workThatFailsAfterItHasWrittenLeavesNothing() {
    int stores = count("store");
    IdempotentAnswers.Claim claim = claim();
    assertThatThrownBy(
            () ->
                request(
                    () ->
                        MERCHANT
                            .idempotentAnswers()
                            .<Store>together(
                                claim,
                                () ->
                                    newStore()
                                        .compose(
                                            made ->
                                                Future.failedFuture(
                                                    new IllegalArgumentException("no"))),
                                made -> answer(claim, "x"))))
        .hasMessage("no");
    assertThat(count("store")).isEqualTo(stores);
    // The connection went back to the pool, and the request may be tried again.
    for (int i = 0; i < 50; i++) {
      assertThatThrownBy(
              () ->
                  request(
                      () ->
                          MERCHANT
                              .idempotentAnswers()
                              .<Store>together(
                                  claim,
                                  () -> {
                                    throw new IllegalArgumentException("again");
                                  },
                                  made -> answer(claim, "x"))))
          .hasMessage("again");
    }
    request(
        () ->
            MERCHANT
                .idempotentAnswers()
                .together(claim, IdempotentAnswersTest::newStore, made -> answer(claim, "x")));
    assertThat(count("store")).isEqualTo(stores + 1);
  }

  /** Whether the database or the code refuses: half of what a request writes is never kept. */
  @ParameterizedTest
  @ValueSource(strings = {"('twice', '{}', 1), ('twice', '{}', 1)", "('half', '{}', 1)"})
  void nothingStaysIfATransactionWithinFails(String rows) {
    int stores = count("store");
    IdempotentAnswers.Claim claim = claim();
    JoiningPool pool = new JoiningPool(FIXTURE.pool());
    assertThatThrownBy(
            () ->
                request(
                    () ->
                        MERCHANT
                            .idempotentAnswers()
                            .<String>together(
                                claim,
                                () ->
                                    pool.withTransaction(
                                            connection ->
                                                connection
                                                    .query("INSERT INTO store VALUES " + rows)
                                                    .execute()
                                                    .compose(x -> Future.failedFuture("refused")))
                                        .recover(failed -> newStore().map(Store::id))
                                        .otherwise("none")
                                        .map("none"),
                                id -> answer(claim, id))))
        .isInstanceOf(Exception.class);
    assertThat(count("store")).isEqualTo(stores);
    assertThat(
            count(
                "idempotent_answer WHERE key = '\\x"
                    + java.util.HexFormat.of().formatHex(claim.key().toBytes())
                    + "'"))
        .isZero();
  }

  @Test
  void nobodyIsToldBeforeItIsDurable() {
    Invoice invoice = FIXTURE.invoice(FIXTURE.store(), "1", "USD");
    List<String> seen = new ArrayList<>();
    Runnable end =
        MERCHANT
            .events()
            .subscribe(
                invoice.id(),
                change ->
                    seen.add(
                        "told, and the database says "
                            + (DATABASE.queryInt(
                                        "SELECT count(*) FROM invoice WHERE id = '"
                                            + invoice.id()
                                            + "' AND status = 'Invalid'")
                                    == 1
                                ? "so"
                                : "otherwise")))
            .orElseThrow();
    IdempotentAnswers.Claim claim = claim();
    request(
        () ->
            MERCHANT
                .idempotentAnswers()
                .together(
                    claim,
                    () -> MERCHANT.invoices().mark(invoice.id(), InvoiceStatus.INVALID),
                    marked -> answer(claim, "x")));
    end.run();
    assertThat(seen).containsExactly("told, and the database says so");
  }

  @Test
  void anInvoiceIsNoPartOfAJoinedTransaction() {
    Store store = FIXTURE.store();
    IdempotentAnswers.Claim claim = claim();
    InvoiceRequest request = InvoiceRequest.of(BigDecimal.ONE, Optional.of("USD"));
    assertThatThrownBy(
            () ->
                request(
                    () ->
                        MERCHANT
                            .idempotentAnswers()
                            .together(
                                claim,
                                () -> MERCHANT.issuer().issue(store, request),
                                made -> answer(claim, "x"))))
        .hasMessageContaining("issueOnce");
  }

  /** An answer that can't be made must not keep the invoices of others from being written. */
  @Test
  void anAnswerThatCanNotBeMadeIsAFailureOfItsOwn() {
    Store store = FIXTURE.store();
    InvoiceRequest request = InvoiceRequest.of(BigDecimal.ONE, Optional.of("USD"));
    assertThatThrownBy(
            () ->
                await(
                    MERCHANT
                        .issuer()
                        .issueOnce(
                            store,
                            request,
                            Optional.empty(),
                            claim(),
                            made -> {
                              throw new IllegalArgumentException("no answer");
                            })))
        .hasMessage("no answer");
    for (int i = 0; i < 5; i++) {
      assertThat(FIXTURE.invoice(store, "1", "USD").target().orElseThrow().addressIndex())
          .isEqualTo(i);
    }
  }

  @Test
  void oldAnswersAreRemovedAFewAtATimeAndTheirKeysAreFreeAgain() {
    DATABASE.execute(
        "INSERT INTO idempotent_answer SELECT sha256(('old' || n)::bytea), sha256(''), 200, '', "
            + (FIXTURE.now.get() - IdempotentAnswers.KEPT.toMillis() - 1)
            + " FROM generate_series(1, 1500) n");
    IdempotentAnswers.Claim claim = claim();
    Runnable make =
        () ->
            request(
                () ->
                    MERCHANT
                        .idempotentAnswers()
                        .together(
                            claim, IdempotentAnswersTest::newStore, made -> answer(claim, "x")));
    make.run();
    assertThat(await(MERCHANT.idempotentAnswers().prune())).as("there is more").isTrue();
    assertThat(await(MERCHANT.idempotentAnswers().prune())).isFalse();
    assertThat(count("idempotent_answer WHERE created_millis < " + (FIXTURE.now.get() - 1_000)))
        .isZero();
    assertThatThrownBy(make::run).isInstanceOf(IdempotentAnswers.AnsweredException.class);

    FIXTURE.now.addAndGet(IdempotentAnswers.KEPT.toMillis() + 1);
    assertThat(await(MERCHANT.idempotentAnswers().prune())).isFalse();
    make.run();
  }

  /** What is completed anywhere, on the request's context, as clients of servers do. */
  private static Future<Void> here(Future<?> anywhere) {
    Context context = Vertx.currentContext();
    Promise<Void> here = Promise.promise();
    anywhere.onComplete(
        done ->
            context.runOnContext(
                v -> {
                  if (done.succeeded()) {
                    here.complete();
                  } else {
                    here.fail(done.cause());
                  }
                }));
    return here.future();
  }

  private static Future<Store> together(IdempotentAnswers.Claim claim, Supplier<Future<?>> before) {
    return begin(
        () ->
            MERCHANT
                .idempotentAnswers()
                .together(
                    claim,
                    () -> here(before.get()).compose(x -> newStore()),
                    made -> answer(claim, "x")));
  }

  /** Requests that wait for others, having only read, hold nothing that anybody else needs. */
  @Test
  void waitingBeforeTheFirstWriteHoldsNoConnection() {
    int stores = count("store");
    JoiningPool pool = new JoiningPool(FIXTURE.pool());
    Promise<Void> slow = Promise.promise();
    List<Future<Void>> asked = new ArrayList<>();
    List<Future<Store>> waiting = new ArrayList<>();
    for (int i = 0; i < 40; i++) {
      Promise<Void> read = Promise.promise();
      asked.add(read.future());
      waiting.add(
          together(
              claim(),
              () ->
                  pool.preparedQuery("SELECT count(*) FROM store")
                      .execute()
                      .onSuccess(rows -> read.complete())
                      .compose(rows -> slow.future())));
    }
    await(Future.all(asked));
    assertThat(openTransactions()).isZero();
    await(together(claim(), Future::succeededFuture));
    slow.complete();
    await(Future.all(waiting));
    assertThat(count("store")).isEqualTo(stores + 41);
  }

  private static int openTransactions() {
    return count(
        "pg_stat_activity WHERE state LIKE 'idle in transaction%' AND pid IN"
            + " (SELECT pid FROM pg_stat_activity WHERE datname = current_database())");
  }

  /** Those that wait after they have written are few, are undone soon, and write nothing later. */
  @Test
  void aTransactionThatTakesLongIsUndone() {
    int stores = count("store");
    Promise<Void> never = Promise.promise();
    List<Future<Store>> stuck = new ArrayList<>();
    for (int i = 0; i < TransactionPlaces.MAX_OPEN; i++) {
      stuck.add(together(claim(), () -> newStore().compose(made -> never.future())));
    }
    Future<Store> behind = together(claim(), Future::succeededFuture);
    // The pool has more connections than such requests may take.
    FIXTURE.invoice(FIXTURE.store(), "1", "USD");
    for (Future<Store> one : stuck) {
      assertThatThrownBy(() -> await(one)).isInstanceOf(BusyException.class);
    }
    assertThat(behind.isComplete()).as("their places are taken until they are over").isFalse();
    int made = count("store");
    assertThat(made).isEqualTo(stores + 1);
    never.complete();
    await(behind);
    assertThat(count("store")).isEqualTo(made + 1);
    assertThat(openTransactions()).isZero();
  }

  @Test
  void tooManyThatWriteAreRefused() {
    Promise<Void> held = Promise.promise();
    List<Future<?>> outcomes = new ArrayList<>();
    int all = TransactionPlaces.MAX_OPEN + TransactionPlaces.MAX_WAITING + 20;
    Promise<Void> refused = Promise.promise();
    for (int i = 0; i < all; i++) {
      outcomes.add(
          together(claim(), () -> newStore().compose(made -> held.future()))
              .onFailure(error -> refused.tryComplete()));
    }
    await(refused.future());
    held.complete();
    await(Future.join(outcomes).otherwiseEmpty());
    List<Throwable> failures =
        outcomes.stream().filter(Future::failed).<Throwable>map(Future::cause).toList();
    assertThat(failures).isNotEmpty().allMatch(BusyException.class::isInstance);
    assertThat(failures.size()).isLessThanOrEqualTo(all);
    await(together(claim(), Future::succeededFuture));
  }
}
