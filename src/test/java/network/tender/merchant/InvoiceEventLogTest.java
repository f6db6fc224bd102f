package network.tender.merchant;

import static network.tender.merchant.MerchantFixture.await;
import static network.tender.merchant.MerchantFixture.pays;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.node.ObjectNode;
import io.vertx.core.Future;
import io.vertx.sqlclient.SqlConnection;
import io.vertx.sqlclient.Transaction;
import java.math.BigDecimal;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.OptionalLong;
import java.util.Random;
import network.tender.chain.TransferOutput;
import network.tender.journal.TestDatabase;
import network.tender.ledger.SealedBlock;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;

/** What the log says, on a real database. */
class InvoiceEventLogTest {
  private static final long DUE_SAT = 20_000;

  private static MerchantFixture fixture;

  @BeforeAll
  static void open() {
    fixture = new MerchantFixture(TestDatabase.create());
  }

  @AfterAll
  static void close() {
    fixture.close();
  }

  private static List<InvoiceEventLog.Entry> entries(String storeId) {
    return await(
        fixture.merchant.eventLog().read(storeId, EventCursor.START, InvoiceEventLog.MAX_TAKE));
  }

  private static List<String> types(Invoice invoice) {
    return entries(invoice.storeId()).stream()
        .filter(entry -> entry.event().invoiceId().equals(invoice.id()))
        .map(entry -> entry.event().type())
        .toList();
  }

  private static JsonNode details(Invoice invoice, int index) {
    return ExactJson.read(entries(invoice.storeId()).get(index).event().details());
  }

  @Test
  void aPaymentTellsReceivedProcessingPaymentSettledAndSettledInThisOrder() {
    Store store = fixture.store();
    Invoice invoice = fixture.invoice(store, "10", "USD");
    SealedBlock block = fixture.block(pays(invoice, DUE_SAT));
    fixture.commit(block);
    fixture.commit(block);
    assertThat(types(invoice))
        .as("once, although the block was written twice")
        .containsExactly(
            "InvoiceCreated",
            "InvoiceReceivedPayment",
            "InvoiceProcessing",
            "InvoicePaymentSettled",
            "InvoiceSettled");
    JsonNode received = details(invoice, 1);
    assertThat(received.path("afterExpiration").booleanValue()).isFalse();
    assertThat(received.path("afterExpiration").isBoolean()).isTrue();
    assertThat(received.path("paymentMethodId").asText())
        .isEqualTo(fixture.network.paymentMethodId());
    JsonNode payment = received.path("payment");
    assertThat(payment.path("id").asText())
        .isEqualTo(block.block().transactions().get(1).txid() + "-0");
    assertThat(payment.path("value").asText()).isEqualTo("0.0002");
    assertThat(payment.path("destination").asText())
        .isEqualTo(InvoiceView.address(invoice, fixture.network).orElseThrow());
    assertThat(details(invoice, 3).path("payment")).isEqualTo(payment);
    assertThat(details(invoice, 4).toString())
        .isEqualTo("{\"manuallyMarked\":false,\"overPaid\":false}");
  }

  @Test
  void twoOutputsOfOneBlockAreToldInTheirOrder() {
    Store store = fixture.store();
    Invoice invoice = fixture.invoice(store, "10", "USD");
    fixture.commit(
        fixture.block(pays(invoice, 5_000), pays(invoice, 15_000), pays(invoice, 1_000)));
    assertThat(types(invoice))
        .containsExactly(
            "InvoiceCreated",
            "InvoiceReceivedPayment",
            "InvoicePaymentSettled",
            "InvoiceReceivedPayment",
            "InvoiceProcessing",
            "InvoicePaymentSettled",
            "InvoiceSettled",
            "InvoiceReceivedPayment",
            "InvoicePaymentSettled");
    assertThat(details(invoice, 3).path("payment").path("value").asText()).isEqualTo("0.00015");
  }

  @Test
  void aLatePaymentSaysSoInEveryEventAndNeverSettles() {
    Store store = fixture.store();
    Invoice invoice = fixture.invoice(store, "10", "USD");
    fixture.commit(fixture.block(invoice.terms().expirationMillis(), pays(invoice, DUE_SAT)));
    assertThat(types(invoice))
        .as("the payment was faster than the sweep, and the time is over all the same")
        .containsExactly(
            "InvoiceCreated",
            "InvoiceExpired",
            "InvoiceReceivedPayment",
            "InvoicePaidAfterExpiration",
            "InvoicePaymentSettled");
    assertThat(details(invoice, 2).path("afterExpiration").booleanValue()).isTrue();
    assertThat(details(invoice, 4).path("afterExpiration").booleanValue()).isTrue();
  }

  @Test
  void aFreeInvoiceIsSettledAtOnce() {
    Invoice free = fixture.invoice(fixture.store(), "0", "USD");
    assertThat(types(free))
        .containsExactly("InvoiceCreated", "InvoiceProcessing", "InvoiceSettled");
  }

  @Test
  void aSaleAskedForTwiceIsToldOnce() {
    Store store = fixture.store();
    InvoiceRequest sale =
        InvoiceRequest.of(BigDecimal.TEN, Optional.of("USD"))
            .with(ExactJson.object().put("orderId", "A-1"), Optional.of("till:told"));
    await(fixture.merchant.issuer().issue(store, sale));
    await(fixture.merchant.issuer().issue(store, sale));
    List<InvoiceEventLog.Entry> entries = entries(store.id());
    assertThat(entries).hasSize(1);
    ObjectNode json = ExactJson.object();
    entries.get(0).event().addTo(json);
    assertThat(json.path("metadata").path("orderId").asText()).isEqualTo("A-1");
    assertThat(json.path("timestamp").longValue()).isEqualTo(fixture.now.get() / 1_000);
  }

  @Test
  void whatIsRolledBackIsNotTold() {
    Invoice invoice = fixture.invoice(fixture.store(), "10", "USD");
    SealedBlock block = fixture.block(pays(invoice, DUE_SAT));
    Future<Object> failed =
        fixture
            .pool()
            .withTransaction(
                connection ->
                    fixture
                        .merchant
                        .participant()
                        .write(connection, block)
                        .compose(done -> Future.failedFuture(new IllegalStateException("power"))));
    assertThatThrownBy(() -> await(failed)).hasMessage("power");
    assertThat(types(invoice)).containsExactly("InvoiceCreated");
    fixture.commit(block);
    assertThat(types(invoice)).hasSize(5);
  }

  /** Ids are taken before a transaction is through; a reader must not pass by the slower one. */
  @Test
  void nothingIsAddedBeforeWhatWasRead() {
    Store store = fixture.store();
    Invoice slow = fixture.invoice(store, "10", "USD");
    Invoice quick = fixture.invoice(store, "10", "USD");
    SealedBlock first = fixture.block(pays(slow, DUE_SAT));
    SealedBlock second = fixture.block(pays(quick, DUE_SAT));
    SqlConnection connection = await(fixture.pool().getConnection());
    Transaction transaction = await(connection.begin());
    await(fixture.merchant.participant().write(connection, first));
    fixture.commit(second);
    List<InvoiceEventLog.Entry> before = entries(store.id());
    assertThat(before).as("what is behind the slower one waits for it").hasSize(2);
    await(transaction.commit());
    await(connection.close());
    List<InvoiceEventLog.Entry> after =
        await(fixture.merchant.eventLog().read(store.id(), before.get(1).cursor(), 100));
    assertThat(after).hasSize(8);
    assertThat(entries(store.id())).hasSize(10);
    List<InvoiceEventLog.Entry> page =
        await(fixture.merchant.eventLog().read(store.id(), after.get(3).cursor(), 2));
    assertThat(page).isEqualTo(after.subList(4, 6));
    assertThat(EventCursor.parse(page.get(0).cursor().text())).contains(page.get(0).cursor());
  }

  /** Others on the same server write too, and some of them take long; they can write no events. */
  @Test
  void aTransactionOfAnotherDatabaseHoldsNobodyUp() {
    MerchantFixture other = new MerchantFixture(TestDatabase.create());
    SqlConnection connection = await(other.pool().getConnection());
    Transaction transaction = await(connection.begin());
    await(connection.query("CREATE TABLE slow (x int)").execute());
    long slow = number(connection);
    Invoice invoice = fixture.invoice(fixture.store(), "10", "USD");
    try {
      assertThat(types(invoice)).containsExactly("InvoiceCreated");
      assertThat(await(fixture.merchant.eventLog().heldBy())).isNotEqualTo(OptionalLong.of(slow));
      assertThat(heldByAsSeenByAPlainRole()).isNotEqualTo(Optional.of(slow));
    } finally {
      await(transaction.rollback());
      await(connection.close());
      other.close();
    }
  }

  private static long number(SqlConnection connection) {
    return await(connection.query("SELECT pg_current_xact_id()::text::bigint").execute())
        .iterator()
        .next()
        .getLong(0);
  }

  /** Nodes may have a role that sees no more of other people's sessions than everybody does. */
  private static Optional<Long> heldByAsSeenByAPlainRole() {
    return await(
        fixture
            .pool()
            .withTransaction(
                own ->
                    own.query("CREATE ROLE plain; SET LOCAL ROLE plain")
                        .execute()
                        .compose(plain -> own.query(InvoiceEventLog.HELD_BY).execute())
                        .map(rows -> Optional.ofNullable(rows.iterator().next().getLong(0)))
                        .compose(
                            held -> own.query("RESET ROLE; DROP ROLE plain").execute().map(held))));
  }

  /** A backup reads for hours; it writes nothing, and so has no number that anybody waits for. */
  @Test
  void aBackupHoldsNobodyUp() {
    SqlConnection connection = await(fixture.pool().getConnection());
    await(
        connection
            .query("BEGIN ISOLATION LEVEL REPEATABLE READ READ ONLY; SELECT count(*) FROM store")
            .execute());
    Invoice invoice = fixture.invoice(fixture.store(), "10", "USD");
    assertThat(types(invoice)).containsExactly("InvoiceCreated");
    await(connection.query("ROLLBACK").execute());
    await(connection.close());
  }

  /** As when a dump is read into another server. */
  @Test
  void theLogGoesOnBehindItsNewestEventWhereTransactionsAreCountedAnew() {
    MerchantFixture moved = new MerchantFixture(TestDatabase.create());
    Store store = moved.store();
    moved.invoice(store, "10", "USD");
    await(
        moved.pool().query("UPDATE invoice_event SET written_in = written_in + 1000000").execute());
    Merchant restarted = moved.open();
    moved.invoice(store, "11", "USD");
    List<InvoiceEventLog.Entry> entries =
        await(restarted.eventLog().read(store.id(), EventCursor.START, 10));
    assertThat(entries).hasSize(2);
    assertThat(entries.get(1).cursor().writtenIn())
        .isGreaterThan(entries.get(0).cursor().writtenIn());
    await(restarted.close());
    moved.close();
  }

  @Test
  void eventsOfSomeWeeksAgoAreDropped() {
    MerchantFixture old = new MerchantFixture(TestDatabase.create());
    Store store = old.store();
    old.invoice(store, "10", "USD");
    old.now.addAndGet(InvoiceEventLog.KEPT_MILLIS + 1);
    Invoice newer = old.invoice(store, "10", "USD");
    assertThat(await(old.merchant.eventLog().prune(old.now.get() - InvoiceEventLog.KEPT_MILLIS)))
        .isFalse();
    List<InvoiceEventLog.Entry> left =
        await(old.merchant.eventLog().read(store.id(), EventCursor.START, 10));
    assertThat(left).hasSize(1);
    assertThat(left.get(0).event().invoiceId()).isEqualTo(newer.id());
    old.close();
  }

  /** Random lives, each step of which is a transaction of the real database. */
  @Test
  void randomLivesWithRestartsAndFailuresAreToldAsTheRulesSay() {
    long seed = System.nanoTime();
    System.out.println("randomLives: seed " + seed);
    Random random = new Random(seed);
    MerchantFixture lives = new MerchantFixture(TestDatabase.create());
    Merchant merchant = lives.open();
    Store store = lives.store();
    for (int life = 0; life < 120; life++) {
      InvoiceRequest request = InvoiceRequest.of(BigDecimal.TEN, Optional.of("USD"));
      Invoice invoice =
          ((InvoiceIssuer.Issued.Made) await(merchant.issuer().issue(store, request))).invoice();
      InvoiceState state = invoice.state();
      List<String> told = new ArrayList<>(List.of("InvoiceCreated"));
      for (int i = random.nextInt(8); i >= 0; i--) {
        lives.now.addAndGet(random.nextInt(3) == 0 ? 600_000 : 1_000);
        InvoiceStep step = InvoiceStep.none(state);
        switch (random.nextInt(8)) {
          case 0 -> {
            await(merchant.close());
            merchant = lives.open();
          }
          case 1, 2 -> {
            step = InvoiceRules.clock(invoice.terms(), state, lives.now.get());
            await(merchant.invoices().sweep());
          }
          case 3 -> {
            InvoiceStatus mark =
                random.nextBoolean() ? InvoiceStatus.SETTLED : InvoiceStatus.INVALID;
            step = InvoiceRules.marked(invoice.terms(), state, mark, lives.now.get()).orElse(step);
            await(merchant.invoices().mark(invoice.id(), mark));
          }
          default -> {
            TransferOutput output = pays(invoice, 1 + random.nextInt(15_000));
            SealedBlock block = lives.block(output);
            step =
                InvoiceRules.paid(
                    invoice.terms(),
                    state,
                    new Payment(
                        new network.tender.chain.Outpoint(
                            block.block().transactions().get(1).txid(), 0),
                        output.amount(),
                        block.height(),
                        block.hash(),
                        block.timeMillis()));
            if (random.nextBoolean()) {
              // A try whose outcome was a failure, and the same block again.
              SqlConnection connection = await(lives.pool().getConnection());
              Transaction lost = await(connection.begin());
              await(merchant.participant().write(connection, block));
              await(lost.rollback());
              await(connection.close());
            }
            lives.commit(merchant, block);
          }
        }
        state = step.state();
        step.events().forEach(event -> told.add(event.type()));
        // The sweep goes on by itself too, and may have been faster or not.
        assertThat(expired(lives, invoice, stored(lives, invoice)))
            .as("seed %d, life %d", seed, life)
            .isEqualTo(expired(lives, invoice, state));
      }
      await(merchant.invoices().sweep());
      InvoiceRules.clock(invoice.terms(), state, lives.now.get())
          .events()
          .forEach(event -> told.add(event.type()));
      List<String> logged =
          await(
                  lives
                      .pool()
                      .preparedQuery(
                          "SELECT type FROM invoice_event WHERE invoice_id = $1 ORDER BY id")
                      .execute(io.vertx.sqlclient.Tuple.of(invoice.id())))
              .stream()
              .map(row -> row.getString(0))
              .toList();
      assertThat(logged).as("seed %d, life %d", seed, life).isEqualTo(told);
    }
    await(merchant.close());
    lives.close();
  }

  private static InvoiceState expired(MerchantFixture lives, Invoice invoice, InvoiceState state) {
    return InvoiceRules.clock(invoice.terms(), state, lives.now.get()).state();
  }

  private static InvoiceState stored(MerchantFixture lives, Invoice invoice) {
    return InvoiceRows.readState(
        await(
                lives
                    .pool()
                    .preparedQuery("SELECT * FROM invoice WHERE id = $1")
                    .execute(io.vertx.sqlclient.Tuple.of(invoice.id())))
            .iterator()
            .next());
  }
}
