package network.tender.merchant;

import static network.tender.merchant.MerchantFixture.await;
import static network.tender.merchant.MerchantFixture.pays;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.vertx.core.Future;
import io.vertx.core.Promise;
import java.math.BigDecimal;
import java.util.ArrayList;
import java.util.HashSet;
import java.util.List;
import java.util.Optional;
import java.util.Set;
import java.util.concurrent.LinkedBlockingQueue;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicReference;
import java.util.function.Consumer;
import java.util.function.Supplier;
import java.util.stream.IntStream;
import network.tender.chain.Amount;
import network.tender.chain.Hash;
import network.tender.chain.Script;
import network.tender.chain.TransferOutput;
import network.tender.journal.TestDatabase;
import network.tender.ledger.SealedBlock;
import network.tender.script.WalletAccount;
import network.tender.settlement.BusyException;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

class MerchantTest {
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

  /** Ten dollars at 50,000 a coin. */
  private static Invoice tenDollars(Store store) {
    return fixture.invoice(store, "10", "USD");
  }

  private static void assertState(
      Invoice invoice, InvoiceStatus status, AdditionalStatus additional, long paidSat) {
    Invoice read = fixture.read(invoice);
    assertThat(read.state().status()).isEqualTo(status);
    assertThat(read.state().additional()).isEqualTo(additional);
    assertThat(read.state().paid()).isEqualTo(Amount.ofSat(paidSat));
  }

  @Test
  void administratorKeyIsMadeOnceKeptBeforeItCountsAndCanBeRenewed() {
    ApiKeys keys = fixture.merchant.apiKeys();
    assertThatThrownBy(
            () ->
                await(
                    keys.ensureAdministratorKey(
                        key -> Future.failedFuture(new IllegalStateException("disk full")))))
        .hasMessage("disk full");

    AtomicReference<String> kept = new AtomicReference<>();
    assertThat(await(keys.ensureAdministratorKey(key -> keep(kept, key)))).isTrue();
    String first = kept.get();
    assertThat(Ids.isApiKey(first)).isTrue();
    ApiKey administrator = await(keys.find(first)).orElseThrow();
    assertThat(administrator.permissions()).containsExactly("unrestricted");
    assertThat(
            await(fixture.merchant.accounts().find(administrator.userId()))
                .orElseThrow()
                .administrator())
        .isTrue();
    assertThat(await(keys.ensureAdministratorKey(key -> keep(kept, key)))).isFalse();
    assertThat(kept.get()).isEqualTo(first);

    String other =
        await(keys.create(administrator.userId(), "mine", List.of("unrestricted"))).orElseThrow();
    await(keys.renewAdministratorKey(key -> keep(kept, key)));
    fixture.now.addAndGet(10_000);
    assertThat(await(keys.find(first))).isEmpty();
    assertThat(await(keys.find(kept.get()))).isPresent();
    assertThat(await(keys.find(other))).as("a key made through the API stays").isPresent();

    assertThat(await(keys.delete(other))).isTrue();
    assertThat(await(keys.find(other))).as("at once, not when a cache expires").isEmpty();
    assertThat(await(keys.delete(other))).isFalse();
    String stored =
        await(fixture.pool().query("SELECT api_key::text FROM api_key").execute())
            .iterator()
            .next()
            .getString(0);
    assertThat(stored).doesNotContain(kept.get());
  }

  private static Future<Void> keep(AtomicReference<String> kept, String key) {
    kept.set(key);
    return Future.succeededFuture();
  }

  @Test
  void invoicesGetConsecutiveAddressesOfTheirWalletAlsoAfterARestart() {
    WalletAccount wallet = fixture.freshWallet(WalletAccount.Purpose.TAPROOT);
    Store store = fixture.store(wallet.xpub() + "-[taproot]");
    for (int i = 0; i < 3; i++) {
      assertThat(tenDollars(store).target().orElseThrow().script())
          .isEqualTo(wallet.script(WalletAccount.RECEIVE, i));
    }
    Merchant restarted = fixture.open();
    InvoiceIssuer.Issued issued =
        await(
            restarted.issuer().issue(store, InvoiceRequest.of(BigDecimal.TEN, Optional.of("USD"))));
    assertThat(((InvoiceIssuer.Issued.Made) issued).invoice().addressIndex()).hasValue(3);
    assertThat(tenDollars(store).addressIndex()).as("the number was taken, next").hasValue(4);
    await(restarted.close());
  }

  @Test
  void addressesThatTheChainKnowsArePassedBy() {
    WalletAccount wallet = fixture.freshWallet(WalletAccount.Purpose.NATIVE_SEGWIT);
    Set<Hash> used = new HashSet<>();
    for (int index : new int[] {0, 1, 3}) {
      used.add(wallet.script(WalletAccount.RECEIVE, index).hash());
    }
    Merchant merchant = fixture.open();
    merchant
        .invoices()
        .passByAddressesIn(new KnownScripts(asked -> Future.succeededFuture(both(asked, used))));
    Store store = fixture.store(wallet.xpub());
    List<Integer> indexes = new ArrayList<>();
    for (int i = 0; i < 3; i++) {
      InvoiceIssuer.Issued issued =
          await(
              merchant
                  .issuer()
                  .issue(store, InvoiceRequest.of(BigDecimal.TEN, Optional.of("USD"))));
      indexes.add(((InvoiceIssuer.Issued.Made) issued).invoice().addressIndex().orElseThrow());
    }
    assertThat(indexes).containsExactly(2, 4, 5);
    await(merchant.close());
  }

  private static Set<Hash> both(List<Hash> some, Set<Hash> others) {
    Set<Hash> both = new HashSet<>(some);
    both.retainAll(others);
    return both;
  }

  @Test
  void storesWithTheSameKeyInOtherSpellingNeverShareAnAddress() {
    WalletAccount wallet = fixture.freshWallet(WalletAccount.Purpose.NATIVE_SEGWIT);
    Store one = fixture.store(wallet.xpub());
    Store other = fixture.store("wpkh(" + wallet.xpub() + "/0/*)");
    Invoice first = tenDollars(one);
    Invoice second = tenDollars(other);
    assertThat(first.addressIndex()).hasValue(0);
    assertThat(second.addressIndex()).hasValue(1);
  }

  @Test
  void manyInvoicesAtOnceLeaveNoGapAndNoDouble() {
    Store store = fixture.store();
    List<Future<InvoiceIssuer.Issued>> asked =
        IntStream.range(0, 60)
            .mapToObj(
                i ->
                    fixture
                        .merchant
                        .issuer()
                        .issue(store, InvoiceRequest.of(BigDecimal.TEN, Optional.of("USD"))))
            .toList();
    Set<Integer> indexes = new HashSet<>();
    asked.forEach(
        future ->
            indexes.add(
                ((InvoiceIssuer.Issued.Made) await(future)).invoice().addressIndex().getAsInt()));
    assertThat(indexes)
        .containsExactlyInAnyOrderElementsOf(IntStream.range(0, 60).boxed().toList());
  }

  @Test
  void anAddressThatABlockPaysWhileItWaitsIsPassedBy() {
    Store store = fixture.store();
    Invoice first = tenDollars(store);
    Script next =
        store
            .usableWallet()
            .orElseThrow()
            .descriptor()
            .scriptAt(first.addressIndex().getAsInt() + 1);
    fixture
        .merchant
        .invoices()
        .onBlock(fixture.block(new TransferOutput(Amount.ofSat(1_000), next)));
    assertThat(tenDollars(store).addressIndex()).hasValue(2);
    assertThat(tenDollars(store).addressIndex()).hasValue(3);
  }

  private static Future<InvoiceIssuer.Issued> ask(Merchant merchant, Store store) {
    return merchant.issuer().issue(store, InvoiceRequest.of(BigDecimal.TEN, Optional.of("USD")));
  }

  private static int index(Future<InvoiceIssuer.Issued> issued) {
    return ((InvoiceIssuer.Issued.Made) await(issued)).invoice().addressIndex().orElseThrow();
  }

  @Test
  void oneInvoiceThatCanNotBeWrittenDoesNotKeepTheOthersBack() {
    Store store = fixture.store();
    Store unknown = new Store("nobody", store.settings(), store.wallet(), store.rates());
    List<Future<InvoiceIssuer.Issued>> good = new ArrayList<>();
    Future<InvoiceIssuer.Issued> bad =
        fixture.whileInvoicesAreLocked(
            () -> {
              // The first is written alone, the others wait for it and so come together.
              IntStream.range(0, 11).forEach(i -> good.add(ask(fixture.merchant, store)));
              Future<InvoiceIssuer.Issued> refused = ask(fixture.merchant, unknown);
              IntStream.range(0, 10).forEach(i -> good.add(ask(fixture.merchant, store)));
              return refused;
            });
    assertThatThrownBy(() -> await(bad)).hasMessageContaining("invoice_store_id_fkey");
    List<Integer> indexes = new ArrayList<>(good.stream().map(MerchantTest::index).toList());
    // Those behind it may have had their numbers already when its own came back: the next has it.
    indexes.add(index(ask(fixture.merchant, store)));
    assertThat(indexes)
        .as("without a gap and a double")
        .containsExactlyInAnyOrderElementsOf(IntStream.range(0, 22).boxed().toList());
  }

  private static Future<InvoiceIssuer.Issued> askForTooMuch(Store store) {
    return fixture
        .merchant
        .issuer()
        .issue(
            store,
            InvoiceRequest.of(BigDecimal.TEN, Optional.of("USD"))
                .with(ExactJson.object().put("orderId", "too much"), Optional.empty()));
  }

  /**
   * Does something while the database refuses one order.
   *
   * @param until what comes of it, before the database is well again
   */
  private static <T> T whileRefusedWith(String sqlState, Supplier<T> work, Consumer<T> until) {
    await(
        fixture
            .pool()
            .query(
                """
                CREATE FUNCTION refuse_too_much() RETURNS trigger LANGUAGE plpgsql AS $$
                BEGIN
                  IF NEW.order_id = 'too much' OR NEW.metadata ->> 'orderId' = 'too much' THEN
                    RAISE 'too much' USING ERRCODE = '%s';
                  END IF;
                  RETURN NEW;
                END $$;
                CREATE TRIGGER refuse_too_much BEFORE INSERT ON invoice
                  FOR EACH ROW EXECUTE FUNCTION refuse_too_much()"""
                    .formatted(sqlState))
            .execute());
    try {
      T result = work.get();
      until.accept(result);
      return result;
    } finally {
      await(
          fixture
              .pool()
              .query("DROP TRIGGER refuse_too_much ON invoice; DROP FUNCTION refuse_too_much()")
              .execute());
    }
  }

  /** The database is out of something: nobody is to blame, and nothing is lost by it. */
  @Test
  void whenTheDatabaseIsOutOfRoomNumbersOfAddressesComeBack() {
    Store store = fixture.store();
    Future<InvoiceIssuer.Issued> full =
        whileRefusedWith(
            "53100",
            () -> askForTooMuch(store),
            refused -> assertThatThrownBy(() -> await(refused)).hasMessageContaining("too much"));
    assertThat(full.failed()).isTrue();
    assertThat(index(ask(fixture.merchant, store))).isZero();
  }

  /** A limit of the database, too little memory, a statement that took too long. */
  @ParameterizedTest
  @ValueSource(strings = {"54000", "53200", "57014"})
  void oneInvoiceThatIsTooMuchForTheDatabaseDoesNotKeepTheOthersBack(String sqlState) {
    Store store = fixture.store();
    List<Future<InvoiceIssuer.Issued>> good = new ArrayList<>();
    Future<InvoiceIssuer.Issued> bad =
        whileRefusedWith(
            sqlState,
            () ->
                fixture.whileInvoicesAreLocked(
                    () -> {
                      IntStream.range(0, 11).forEach(i -> good.add(ask(fixture.merchant, store)));
                      Future<InvoiceIssuer.Issued> refused = askForTooMuch(store);
                      IntStream.range(0, 10).forEach(i -> good.add(ask(fixture.merchant, store)));
                      return refused;
                    }),
            refused -> {
              good.forEach(MerchantTest::index);
              assertThatThrownBy(() -> await(refused)).hasMessageContaining("too much");
            });
    assertThat(bad.failed()).isTrue();
    List<Integer> indexes = new ArrayList<>(good.stream().map(MerchantTest::index).toList());
    indexes.add(index(ask(fixture.merchant, store)));
    assertThat(indexes)
        .as("without a gap and a double")
        .containsExactlyInAnyOrderElementsOf(IntStream.range(0, 22).boxed().toList());
  }

  /** As when the index of the chain is being made anew. */
  @Test
  void aStoreThatWaitsForAddressesKeepsNoOtherWaiting() {
    Store slow = fixture.store();
    Store quick = fixture.store();
    Promise<Set<Hash>> answer = Promise.promise();
    Hash first = slow.usableWallet().orElseThrow().descriptor().scriptAt(0).hash();
    Merchant merchant = fixture.open();
    merchant
        .invoices()
        .passByAddressesIn(
            new KnownScripts(
                asked ->
                    asked.contains(first) ? answer.future() : Future.succeededFuture(Set.of())));
    List<Future<InvoiceIssuer.Issued>> waiting =
        IntStream.range(0, 20).mapToObj(i -> ask(merchant, slow)).toList();
    for (int i = 0; i < 20; i++) {
      assertThat(index(ask(merchant, quick))).isEqualTo(i);
    }
    assertThat(waiting).noneMatch(Future::isComplete);
    answer.complete(Set.of());
    assertThat(waiting.stream().map(MerchantTest::index).toList())
        .containsExactlyElementsOf(IntStream.range(0, 20).boxed().toList());
    await(merchant.close());
  }

  @Test
  void invoicesAreRefusedAtOnceWhenTooManyWait() {
    Store store = fixture.store();
    List<Future<InvoiceIssuer.Issued>> taken = new ArrayList<>();
    Future<InvoiceIssuer.Issued> refused =
        fixture.whileInvoicesAreLocked(
            () -> {
              IntStream.range(0, InvoiceWriter.MAX_WAITING)
                  .forEach(i -> taken.add(ask(fixture.merchant, store)));
              return ask(fixture.merchant, store);
            });
    assertThatThrownBy(() -> await(refused)).isInstanceOf(BusyException.class);
    assertThat(taken.stream().map(MerchantTest::index).toList())
        .containsExactlyElementsOf(IntStream.range(0, InvoiceWriter.MAX_WAITING).boxed().toList());
    assertThat(tenDollars(store).addressIndex())
        .as("there is room again, and what was refused has no address")
        .hasValue(InvoiceWriter.MAX_WAITING);
  }

  @Test
  void twoProcessesOnOneWalletShareNoAddress() {
    Store store = fixture.store();
    Merchant other = fixture.open();
    List<Future<InvoiceIssuer.Issued>> asked = new ArrayList<>();
    for (int i = 0; i < 40; i++) {
      asked.add(ask(i % 2 == 0 ? fixture.merchant : other, store));
    }
    assertThat(asked.stream().map(MerchantTest::index).toList()).doesNotHaveDuplicates();
    await(other.close());
  }

  @Test
  void oneSaleAskedForTwiceAtTheSameTimeIsMadeOnce() {
    Store store = fixture.store();
    InvoiceRequest sale =
        InvoiceRequest.of(BigDecimal.TEN, Optional.of("USD"))
            .with(ExactJson.object(), Optional.of("till:twice"));
    List<Future<InvoiceIssuer.Issued>> asked =
        fixture.whileInvoicesAreLocked(
            () ->
                List.of(
                    ask(fixture.merchant, store),
                    fixture.merchant.issuer().issue(store, sale),
                    ask(fixture.merchant, store),
                    fixture.merchant.issuer().issue(store, sale),
                    ask(fixture.merchant, store)));
    List<String> ids =
        asked.stream()
            .map(issued -> ((InvoiceIssuer.Issued.Made) await(issued)).invoice().id())
            .toList();
    assertThat(ids.get(3)).isEqualTo(ids.get(1));
    assertThat(ids.stream().distinct()).hasSize(4);
    assertThat(asked.stream().map(MerchantTest::index).distinct()).hasSize(4);
    List<Integer> all = new ArrayList<>(asked.stream().map(MerchantTest::index).toList());
    for (int i = 0; i < 3; i++) {
      all.add(tenDollars(store).addressIndex().orElseThrow());
    }
    assertThat(all.stream().distinct().sorted().toList())
        .as("the number that the repeated sale did not need is the next one's")
        .containsExactlyElementsOf(IntStream.range(0, 7).boxed().toList());
  }

  @Test
  void listsTheNewestOfSeveralOrders() {
    Store store = fixture.store();
    List<String> made = new ArrayList<>();
    for (String order : List.of("a", "b", "c", "a", "b")) {
      fixture.now.incrementAndGet();
      InvoiceRequest request =
          InvoiceRequest.of(BigDecimal.TEN, Optional.of("USD"))
              .with(ExactJson.object().put("orderId", order), Optional.empty());
      made.add(
          ((InvoiceIssuer.Issued.Made) await(fixture.merchant.issuer().issue(store, request)))
              .invoice()
              .id());
    }
    assertThat(listed(store, List.of("b", "a", "a"), 0, 10))
        .containsExactly(made.get(4), made.get(3), made.get(1), made.get(0));
    assertThat(listed(store, List.of("b", "a"), 1, 2)).containsExactly(made.get(3), made.get(1));
    assertThat(listed(store, List.of("c"), 0, 10)).containsExactly(made.get(2));
    assertThat(listed(store, List.of("d"), 0, 10)).isEmpty();
    assertThat(listed(store, List.of(), 3, 2)).containsExactly(made.get(1), made.get(0));
  }

  private static List<String> listed(Store store, List<String> orders, int skip, int take) {
    InvoiceFilter filter =
        new InvoiceFilter(
            orders,
            Set.of(),
            Optional.empty(),
            Optional.empty(),
            Optional.empty(),
            false,
            skip,
            take,
            Optional.empty(),
            Optional.empty());
    return await(fixture.merchant.invoices().list(store.id(), filter)).stream()
        .map(Invoice::id)
        .toList();
  }

  @Test
  void paymentSettlesTheInvoiceInTheBlocksOwnTransaction() {
    Invoice invoice = tenDollars(fixture.store());
    assertThat(invoice.terms().due()).contains(Amount.ofSat(DUE_SAT));
    SealedBlock block = fixture.block(pays(invoice, DUE_SAT));

    assertThatThrownBy(
            () ->
                await(
                    fixture
                        .pool()
                        .withTransaction(
                            connection ->
                                fixture
                                    .merchant
                                    .participant()
                                    .write(connection, block)
                                    .compose(
                                        written ->
                                            Future.failedFuture(
                                                new IllegalStateException("rolled back"))))))
        .hasMessage("rolled back");
    assertState(invoice, InvoiceStatus.NEW, AdditionalStatus.NONE, 0);

    List<InvoiceChange> heard = new ArrayList<>();
    Runnable end = fixture.merchant.events().subscribe(invoice.id(), heard::add).orElseThrow();
    fixture.commit(block);
    assertState(invoice, InvoiceStatus.SETTLED, AdditionalStatus.NONE, DUE_SAT);
    assertThat(heard).hasSize(1);
    assertThat(heard.get(0).after().status()).isEqualTo(InvoiceStatus.SETTLED);
    end.run();

    fixture.commit(block);
    assertState(invoice, InvoiceStatus.SETTLED, AdditionalStatus.NONE, DUE_SAT);
    Payment payment = fixture.read(invoice).payments().get(0);
    assertThat(payment.outpoint().txid()).isEqualTo(block.block().transactions().get(1).txid());
    assertThat(payment.blockHash()).isEqualTo(block.hash());
    assertThat(payment.height()).isEqualTo(block.height());
    assertThat(payment.sealedMillis()).isEqualTo(block.timeMillis());
    assertThat(heard).as("closed subscriptions hear nothing").hasSize(1);
  }

  @Test
  void oneBlockPaysManyInvoicesAndOneOfThemTwice() {
    Store store = fixture.store();
    Invoice half = tenDollars(store);
    Invoice twice = tenDollars(store);
    Invoice over = tenDollars(store);
    byte[] foreign = new byte[20];
    fixture.random.nextBytes(foreign);
    fixture.commit(
        fixture.block(
            pays(twice, 5_000),
            pays(half, DUE_SAT / 2),
            new TransferOutput(Amount.ofSat(77), Script.p2wpkh(foreign)),
            pays(over, DUE_SAT + 1),
            pays(twice, DUE_SAT - 5_000)));
    assertState(half, InvoiceStatus.NEW, AdditionalStatus.PAID_PARTIAL, DUE_SAT / 2);
    assertState(twice, InvoiceStatus.SETTLED, AdditionalStatus.NONE, DUE_SAT);
    assertState(over, InvoiceStatus.SETTLED, AdditionalStatus.PAID_OVER, DUE_SAT + 1);
    assertThat(fixture.read(half).missing()).isEqualTo(Amount.ofSat(DUE_SAT / 2));
    assertThat(fixture.read(twice).payments()).hasSize(2);
  }

  @Test
  void theBlocksTimeDecidesWhetherAPaymentIsLate() {
    Store store = fixture.store();
    Invoice late = tenDollars(store);
    Invoice inTime = tenDollars(store);
    long expiration = late.terms().expirationMillis();
    fixture.now.set(expiration);
    assertThat(fixture.read(late).state().status())
        .as("expired to the millisecond, though no sweep has run")
        .isEqualTo(InvoiceStatus.EXPIRED);
    InvoiceFilter expired =
        new InvoiceFilter(
            List.of(),
            Set.of(InvoiceStatus.EXPIRED),
            Optional.empty(),
            Optional.empty(),
            Optional.empty(),
            false,
            0,
            10,
            Optional.empty(),
            Optional.empty());
    assertThat(await(fixture.merchant.invoices().list(store.id(), expired))).hasSize(2);
    fixture.commit(fixture.block(expiration, pays(late, DUE_SAT)));
    fixture.commit(fixture.block(expiration - 1, pays(inTime, DUE_SAT)));
    assertState(late, InvoiceStatus.EXPIRED, AdditionalStatus.PAID_LATE, DUE_SAT);
    assertState(inTime, InvoiceStatus.SETTLED, AdditionalStatus.NONE, DUE_SAT);
  }

  @Test
  void sweepExpiresWhatIsOpenAndTellsWhoWaits() {
    Invoice invoice = tenDollars(fixture.store());
    fixture.commit(fixture.block(pays(invoice, 1)));
    List<InvoiceChange> heard = new ArrayList<>();
    assertThat(fixture.merchant.events().subscribe(invoice.id(), heard::add)).isPresent();
    fixture.now.set(invoice.terms().expirationMillis() + 1);
    await(fixture.merchant.invoices().sweep());
    assertThat(heard).hasSize(1);
    assertThat(heard.get(0).before().status()).isEqualTo(InvoiceStatus.NEW);
    assertState(invoice, InvoiceStatus.EXPIRED, AdditionalStatus.PAID_PARTIAL, 1);
    await(fixture.merchant.invoices().sweep());
    assertThat(heard).as("once only").hasSize(1);
  }

  @Test
  void addressesOfOldInvoicesAreWatchedAfterARestart() {
    Invoice invoice = tenDollars(fixture.store());
    Merchant restarted = fixture.open();
    fixture.commit(restarted, fixture.block(pays(invoice, DUE_SAT)));
    assertState(invoice, InvoiceStatus.SETTLED, AdditionalStatus.NONE, DUE_SAT);
    await(restarted.close());
  }

  @Test
  void markingByHandHoldsAgainstLaterMoney() {
    Invoice invoice = tenDollars(fixture.store());
    Invoices invoices = fixture.merchant.invoices();
    assertThat(await(invoices.mark(invoice.id(), InvoiceStatus.INVALID)))
        .isInstanceOf(Invoices.Marking.Marked.class);
    fixture.commit(fixture.block(pays(invoice, DUE_SAT)));
    assertState(invoice, InvoiceStatus.INVALID, AdditionalStatus.MARKED, DUE_SAT);
    assertThat(await(invoices.mark(invoice.id(), InvoiceStatus.SETTLED)))
        .isInstanceOf(Invoices.Marking.Marked.class);

    Invoice paid = tenDollars(fixture.store());
    fixture.commit(fixture.block(pays(paid, DUE_SAT)));
    assertThat(await(invoices.mark(paid.id(), InvoiceStatus.INVALID)))
        .isInstanceOf(Invoices.Marking.NotAllowed.class);
    assertThat(await(invoices.mark("nothing", InvoiceStatus.INVALID)))
        .isInstanceOf(Invoices.Marking.NotFound.class);
  }

  @Test
  void topUpTakesAnythingAndZeroSettlesAtOnceWithoutAnAddress() {
    Store store = fixture.store();
    InvoiceRequest request = InvoiceRequest.of(BigDecimal.ZERO, Optional.of("USD"));
    Invoice free =
        ((InvoiceIssuer.Issued.Made) await(fixture.merchant.issuer().issue(store, request)))
            .invoice();
    assertState(free, InvoiceStatus.SETTLED, AdditionalStatus.NONE, 0);
    assertThat(free.target()).isEmpty();
    Invoice priced = fixture.invoice(store, "1500", "sats");
    assertThat(priced.terms().due()).contains(Amount.ofSat(1_500));
    assertThat(priced.addressIndex()).as("the free one took no address").hasValue(0);
  }

  @Test
  void requestsThatCannotBePaidAreRefusedWithASentence() {
    Store store = fixture.store();
    assertRefused(store, "10", "EUR", "no rate");
    assertRefused(store, "10", "QQQ", "no currency");
    assertRefused(store, "0.01", "USD", "294 sat");
    assertRefused(store, "99999999999999", "USD", "all the money");
    await(fixture.merchant.stores().setWalletEnabled(store.id(), false));
    Store closed = await(fixture.merchant.stores().find(store.id())).orElseThrow();
    assertRefused(closed, "10", "USD", "no wallet");
  }

  private static void assertRefused(Store store, String amount, String currency, String part) {
    InvoiceRequest request = InvoiceRequest.of(new BigDecimal(amount), Optional.of(currency));
    InvoiceIssuer.Issued issued = await(fixture.merchant.issuer().issue(store, request));
    assertThat(((InvoiceIssuer.Issued.Refused) issued).sentence()).contains(part);
  }

  @Test
  void tillIsClosedByDefaultAndOneSaleIsMadeOnce() {
    Store store = fixture.store();
    Till till = fixture.merchant.till();
    assertThat(await(sell(till, store.id(), "k1"))).isInstanceOf(Till.Opened.Closed.class);
    assertThat(await(sell(till, "nobody", "k1"))).isInstanceOf(Till.Opened.NoSuchStore.class);
    StoreSettings open =
        store
            .settings()
            .merge(
                ExactJson.object().put("AnyoneCanCreateInvoice", "True"),
                fixture.merchant.rates(),
                new ArrayList<>());
    await(fixture.merchant.stores().update(store, open));
    InvoiceView first = ((Till.Opened.Made) await(sell(till, store.id(), "k1"))).view();
    InvoiceView again = ((Till.Opened.Made) await(sell(till, store.id(), "k1"))).view();
    InvoiceView other = ((Till.Opened.Made) await(sell(till, store.id(), "k2"))).view();
    assertThat(again.invoiceId()).isEqualTo(first.invoiceId());
    assertThat(other.invoiceId()).isNotEqualTo(first.invoiceId());
    assertThat(first.paymentUri().orElseThrow())
        .isEqualTo("bitcoin:" + first.address().orElseThrow() + "?amount=0.0002");
    assertThat(first.description()).contains("Coffee");

    assertThat(await(till.cancel(store.id(), first.invoiceId())).orElseThrow().status())
        .isEqualTo(InvoiceStatus.INVALID);
    fixture.commit(
        fixture.block(
            pays(await(fixture.merchant.invoices().find(other.invoiceId())).orElseThrow(), 1)));
    assertThat(await(till.cancel(store.id(), other.invoiceId())).orElseThrow().status())
        .as("money has come in")
        .isEqualTo(InvoiceStatus.NEW);
    assertThat(await(till.cancel("another", other.invoiceId()))).isEmpty();
  }

  private static Future<Till.Opened> sell(Till till, String storeId, String key) {
    return till.open(
        storeId, new BigDecimal("10"), Optional.of("USD"), Optional.of("Coffee"), Optional.of(key));
  }

  @Test
  void followersHearTheStateAtOnceAndAfterEachChange() throws InterruptedException {
    Invoice invoice = tenDollars(fixture.store());
    InvoiceViews views = fixture.merchant.views();
    LinkedBlockingQueue<InvoiceView> heard = new LinkedBlockingQueue<>();
    int before = fixture.merchant.events().size();
    Runnable end = await(views.follow(invoice.id(), heard::add)).orElseThrow();
    assertThat(heard.poll(10, TimeUnit.SECONDS).status()).isEqualTo(InvoiceStatus.NEW);
    fixture.commit(fixture.block(pays(invoice, DUE_SAT)));
    InvoiceView settled = heard.poll(10, TimeUnit.SECONDS);
    assertThat(settled.status()).isEqualTo(InvoiceStatus.SETTLED);
    assertThat(settled.payments()).hasSize(1);
    end.run();
    end.run();
    assertThat(await(views.follow("nothing", heard::add))).isEmpty();
    assertThat(fixture.merchant.events().size()).isEqualTo(before);
  }
}
