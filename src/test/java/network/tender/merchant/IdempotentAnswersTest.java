package network.tender.merchant;

import static network.tender.merchant.MerchantFixture.await;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.vertx.core.Future;
import io.vertx.core.Promise;
import io.vertx.core.buffer.Buffer;
import io.vertx.core.internal.ContextInternal;
import java.math.BigDecimal;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.function.Supplier;
import network.tender.chain.Hash;
import network.tender.journal.TestDatabase;
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
    Promise<T> promise = Promise.promise();
    ContextInternal own = ((ContextInternal) FIXTURE.vertx.getOrCreateContext()).duplicate();
    own.runOnContext(v -> Future.succeededFuture().compose(x -> work.get()).onComplete(promise));
    return await(promise.future());
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
}
