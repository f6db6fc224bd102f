package network.tender.web.pages;

import io.vertx.core.Future;
import java.math.BigDecimal;
import java.math.RoundingMode;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.atomic.AtomicInteger;
import network.tender.chain.Amount;
import network.tender.chain.Hash;
import network.tender.chain.Network;
import network.tender.chain.Outpoint;
import network.tender.chain.Script;
import network.tender.merchant.AdditionalStatus;
import network.tender.merchant.InvoiceStatus;
import network.tender.merchant.InvoiceView;
import network.tender.merchant.Payment;
import network.tender.merchant.ReceiptContent;
import network.tender.settlement.Outcome;

/** A shop with one invoice in every phase, for tests of what pages look like. */
final class SampleShop implements Shop {
  static final String ADDRESS = "bcrt1qw508d6qejxtdg4y5r3zarvary0c5xw7kygt080";
  static final String HOSTILE = "<script>alert(1)</script>\"'&{{ 7 * 7 }}";
  static final long NOW = 1_795_381_325_000L;
  static final Hash TXID =
      Hash.fromDisplayHex("4f5c2b8ad5f0ad6f1e1f5d2f7b6fbd5bb84f0f1f32b5a1d3c39e0a1b2c3d4e5f");
  static final Hash BLOCK =
      Hash.fromDisplayHex("3a1b9cf2d4e5f60718293a4b5c6d7e8f90a1b2c3d4e5f60718293a4b5c6d7e8f");
  private static final BigDecimal RATE = new BigDecimal("5000");

  final Map<String, InvoiceView> invoices = new ConcurrentHashMap<>();
  final Map<String, InvoiceView> bySaleKey = new ConcurrentHashMap<>();
  private final Map<String, Store> stores =
      Map.of(
          "usd", new Store("usd", "Corner Coffee", "USD", 2),
          "jpy", new Store("jpy", "Ramen Bar", "JPY", 0),
          "bhd", new Store("bhd", "Manama Spices", "BHD", 3),
          "coin", new Store("coin", "Coin Kiosk", "TNDR", 8),
          "hostile", new Store("hostile", HOSTILE, "USD", 2));
  private final AtomicInteger made = new AtomicInteger();
  private final long nowMillis;

  SampleShop(long nowMillis) {
    this.nowMillis = nowMillis;
    for (Phase phase : Phase.values()) {
      put(sample(idOf(phase), "Corner Coffee", phase, "Flat white and a bun"));
    }
    put(sample("hostile", HOSTILE, Phase.PAID, HOSTILE));
    put(sample("hostileopen", HOSTILE, Phase.WAITING, HOSTILE));
    put(topUp(sample("sampletopup", "Corner Coffee", Phase.WAITING, "As much as you like")));
    put(inCoins("samplecoins", Phase.WAITING, "1000000", "0"));
    put(inCoins("samplecoinspartial", Phase.PARTIAL, "1000000", "400000"));
    put(inCoins("samplecoinspaid", Phase.PAID, "1000000", "1000000"));
  }

  /** The id of the sample in a phase. */
  static String idOf(Phase phase) {
    return "sample" + phase.key();
  }

  /** A network like regtest that is not regtest. */
  static Network customNetwork() {
    Network regtest = Network.regtest();
    return new Network(
        "shopping-street",
        regtest.hrp(),
        regtest.pubKeyHashPrefix(),
        regtest.scriptHashPrefix(),
        regtest.coinCode(),
        regtest.uriScheme(),
        regtest.treasury(),
        regtest.validators(),
        regtest.feeFloorSatPerKvb(),
        regtest.maxBlockWeight(),
        regtest.maxBlockSigopCost());
  }

  private InvoiceView sample(String id, String storeName, Phase phase, String description) {
    Amount due = Amount.ofSat(250_000);
    Amount paid =
        switch (phase) {
          case WAITING, EXPIRED, INVALID -> Amount.ZERO;
          case PARTIAL, SHORT -> Amount.ofSat(100_000);
          case PROCESSING, PAID, LATE -> due;
          case OVER -> Amount.ofSat(300_000);
        };
    return view(
        id,
        new Store("usd", storeName, "USD", 2),
        phase,
        new BigDecimal("12.50"),
        due,
        paid,
        Optional.of(description),
        Optional.of("https://shop.example/thanks"));
  }

  private InvoiceView inCoins(String id, Phase phase, String due, String paid) {
    return view(
        id,
        new Store("coin", "Coin Kiosk", "TNDR", 8),
        phase,
        new BigDecimal(due),
        Amount.ofCoins(new BigDecimal(due)),
        Amount.ofCoins(new BigDecimal(paid)),
        Optional.empty(),
        Optional.empty());
  }

  /** The same without an amount: the payer chooses it. */
  private static InvoiceView topUp(InvoiceView invoice) {
    return new InvoiceView(
        invoice.invoiceId(),
        invoice.storeId(),
        invoice.storeName(),
        invoice.status(),
        invoice.additional(),
        Optional.empty(),
        invoice.currency(),
        invoice.currencyDigits(),
        invoice.coinCode(),
        invoice.rate(),
        Optional.empty(),
        invoice.paid(),
        Amount.ZERO,
        invoice.address(),
        invoice.paymentUri(),
        invoice.createdMillis(),
        invoice.expirationMillis(),
        invoice.payments(),
        invoice.orderId(),
        invoice.description(),
        invoice.redirectUrl(),
        invoice.redirectAutomatically(),
        invoice.receipt(),
        invoice.language());
  }

  private InvoiceView view(
      String id,
      Store store,
      Phase phase,
      BigDecimal amount,
      Amount due,
      Amount paid,
      Optional<String> description,
      Optional<String> redirectUrl) {
    boolean complete = phase.hasReceipt();
    return new InvoiceView(
        id,
        store.id(),
        store.name(),
        status(phase),
        additional(phase),
        Optional.of(amount),
        store.currency(),
        store.digits(),
        "TNDR",
        Optional.of(store.currency().equals("TNDR") ? BigDecimal.ONE : RATE),
        Optional.of(due),
        paid,
        complete || paid.compareTo(due) >= 0 ? Amount.ZERO : due.minus(paid),
        Optional.of(ADDRESS),
        Optional.empty(),
        nowMillis - 60_000,
        nowMillis + 14 * 60_000,
        paid.isZero()
            ? List.of()
            : List.of(new Payment(new Outpoint(TXID, 0), paid, 1_234, BLOCK, nowMillis - 5_000)),
        Optional.of("A-1042"),
        description,
        redirectUrl,
        false,
        ReceiptContent.DEFAULT,
        Optional.empty());
  }

  private static InvoiceStatus status(Phase phase) {
    return InvoiceStatus.parse(phase.status()).orElseThrow();
  }

  private static AdditionalStatus additional(Phase phase) {
    return switch (phase) {
      case PARTIAL, SHORT -> AdditionalStatus.PAID_PARTIAL;
      case OVER -> AdditionalStatus.PAID_OVER;
      case LATE -> AdditionalStatus.PAID_LATE;
      case INVALID -> AdditionalStatus.MARKED;
      case WAITING, PROCESSING, PAID, EXPIRED -> AdditionalStatus.NONE;
    };
  }

  InvoiceView put(InvoiceView invoice) {
    invoices.put(invoice.invoiceId(), invoice);
    return invoice;
  }

  /** Lets an invoice lead back to another place. */
  void redirect(String id, String url) {
    InvoiceView old = invoices.get(id);
    put(
        view(
            id,
            store(old),
            Phase.of(old),
            old.amount().orElseThrow(),
            old.due().orElseThrow(),
            old.paid(),
            old.description(),
            Optional.of(url)));
  }

  private static Store store(InvoiceView invoice) {
    return new Store(
        invoice.storeId(), invoice.storeName(), invoice.currency(), invoice.currencyDigits());
  }

  @Override
  public Future<Optional<Store>> store(String storeId) {
    return Future.succeededFuture(Optional.ofNullable(stores.get(storeId)));
  }

  @Override
  public Future<Optional<InvoiceView>> invoice(String invoiceId) {
    return Future.succeededFuture(Optional.ofNullable(invoices.get(invoiceId)));
  }

  @Override
  public Future<Optional<Runnable>> follow(String invoiceId, Runnable changed) {
    return Future.succeededFuture(
        invoices.containsKey(invoiceId) ? Optional.of(() -> {}) : Optional.empty());
  }

  @Override
  public Future<Answer<Reply>> charge(Sale sale, Order order) {
    if (sale.amount().compareTo(new BigDecimal("1000000")) > 0) {
      return Future.succeededFuture(
          new Answer.Refused<>(
              400, "charge-refused", "There is not that much money. Charge less."));
    }
    Store store = stores.get(sale.storeId());
    boolean known = bySaleKey.containsKey(sale.key());
    InvoiceView invoice = bySaleKey.computeIfAbsent(sale.key(), key -> make(store, sale));
    return Future.succeededFuture(
        new Answer.Done<>(new Reply(order.answer().apply(invoice), known)));
  }

  private InvoiceView make(Store store, Sale sale) {
    BigDecimal rate = store.currency().equals("TNDR") ? BigDecimal.ONE : RATE;
    Amount due = Amount.ofCoins(sale.amount().divide(rate, 8, RoundingMode.CEILING));
    return put(
        view(
            "made" + made.incrementAndGet() + "abcd",
            store,
            Phase.WAITING,
            sale.amount(),
            due,
            Amount.ZERO,
            sale.description(),
            Optional.empty()));
  }

  @Override
  public Future<Answer<Reply>> cancel(String storeId, String invoiceId, Order order) {
    InvoiceView invoice = invoices.get(invoiceId);
    return Future.succeededFuture(
        invoice == null
            ? new Answer.Refused<>(404, "invoice-not-found", "There is no such invoice.")
            : new Answer.Done<>(
                new Reply(
                    order
                        .answer()
                        .apply(
                            Phase.of(invoice) == Phase.WAITING
                                ? become(invoice, Phase.INVALID)
                                : invoice),
                    false)));
  }

  @Override
  public Future<Answer<Store>> demoStore() {
    return Future.succeededFuture(new Answer.Done<>(stores.get("usd")));
  }

  /** Pays all open invoices that were made here, as a block would. */
  Future<Outcome> pay(Script to, Amount amount) {
    for (InvoiceView invoice : List.copyOf(invoices.values())) {
      if (invoice.invoiceId().startsWith("made") && Phase.of(invoice).isOpen()) {
        pay(invoice.invoiceId(), amount);
      }
    }
    return Future.succeededFuture(new Outcome.Accepted(TXID));
  }

  /** Pays one invoice. */
  void pay(String invoiceId, Amount amount) {
    InvoiceView invoice = invoices.get(invoiceId);
    Amount sum = invoice.paid().plus(amount);
    int compared = sum.compareTo(invoice.due().orElseThrow());
    Phase phase = compared < 0 ? Phase.PARTIAL : compared == 0 ? Phase.PAID : Phase.OVER;
    become(invoice, phase, sum);
  }

  InvoiceView become(InvoiceView invoice, Phase phase) {
    return become(invoice, phase, invoice.paid());
  }

  private InvoiceView become(InvoiceView invoice, Phase phase, Amount paid) {
    return put(
        view(
            invoice.invoiceId(),
            store(invoice),
            phase,
            invoice.amount().orElseThrow(),
            invoice.due().orElseThrow(),
            paid,
            invoice.description(),
            invoice.redirectUrl()));
  }
}
