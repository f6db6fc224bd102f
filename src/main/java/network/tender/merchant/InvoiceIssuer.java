package network.tender.merchant;

import com.fasterxml.jackson.databind.node.ObjectNode;
import io.vertx.core.Future;
import java.math.BigDecimal;
import java.math.MathContext;
import java.math.RoundingMode;
import java.time.InstantSource;
import java.util.List;
import java.util.Optional;
import java.util.function.Function;
import network.tender.chain.Amount;
import network.tender.chain.Network;
import network.tender.ledger.Policy;
import network.tender.script.KeyScript;

/** Makes invoices: fixes currency, rate, coins due, terms and address at one moment. */
public final class InvoiceIssuer {
  private static final BigDecimal SECONDS_PER_MINUTE = BigDecimal.valueOf(60);
  private static final BigDecimal MILLIS_PER_MINUTE = BigDecimal.valueOf(60_000);

  /** What became of a request. */
  public sealed interface Issued {
    /**
     * The invoice is durable and payable.
     *
     * @param invoice the new invoice
     */
    record Made(Invoice invoice) implements Issued {}

    /**
     * The store can't take that payment.
     *
     * @param sentence what is missing and what to do
     */
    record Refused(String sentence) implements Issued {}
  }

  private final Network network;
  private final Policy.Dust dust;
  private final Rates rates;
  private final StoreRates storeRates;
  private final Invoices invoices;
  private final Ids ids;
  private final InstantSource clock;

  /**
   * An issuer for one network.
   *
   * @param dust the least amounts that the network's transfers may carry
   */
  public InvoiceIssuer(
      Network network,
      Policy.Dust dust,
      Rates rates,
      StoreRates storeRates,
      Invoices invoices,
      Ids ids,
      InstantSource clock) {
    this.network = network;
    this.dust = dust;
    this.rates = rates;
    this.storeRates = storeRates;
    this.invoices = invoices;
    this.ids = ids;
    this.clock = clock;
  }

  /** Makes an invoice; the request's values are in their ranges. */
  public Future<Issued> issue(Store store, InvoiceRequest request) {
    return issue(store, request, Optional.empty());
  }

  /**
   * Makes an invoice; the request's values are in their ranges.
   *
   * @param seller id of the account that has made it, if that sees no other sales than its own
   */
  public Future<Issued> issue(Store store, InvoiceRequest request, Optional<String> seller) {
    return issue(store, request, seller, Optional.empty());
  }

  /**
   * Makes an invoice for a request that is to be carried out once: its answer is written with the
   * invoice, by the same statement. To be called as the work of {@link IdempotentAnswers#once}.
   *
   * @param seller as with {@link #issue}
   * @param answer to the request, given the invoice
   * @return fails with {@link IdempotentAnswers.AnsweredException} if the request was carried out
   *     before
   */
  public Future<Issued> issueOnce(
      Store store,
      InvoiceRequest request,
      Optional<String> seller,
      IdempotentAnswers.Claim claim,
      Function<Invoice, IdempotentAnswers.Answer> answer) {
    return issue(store, request, seller, Optional.of(new InvoiceDraft.Once(claim, answer)));
  }

  /** All of the above. */
  Future<Issued> issue(
      Store store,
      InvoiceRequest request,
      Optional<String> seller,
      Optional<InvoiceDraft.Once> once) {
    String wanted = request.currency().orElse(store.settings().defaultCurrency());
    Optional<String> known = rates.currency(wanted);
    if (known.isEmpty()) {
      return refused(
          "There is no currency \"%s\"; use a code of ISO 4217, such as USD, or %s."
              .formatted(printable(wanted), rates.coinCode()));
    }
    String currency = known.get();
    Optional<BigDecimal> amount = request.amount().map(value -> rates.round(value, currency));
    if (amount.isPresent() && amount.get().signum() == 0) {
      if (request.amount().get().signum() != 0) {
        // Only a plain zero is meant to be free.
        return refused("The amount rounds to nothing in %s; ask for more.".formatted(currency));
      }
      Invoice free = draft(store, request, amount, currency, Optional.of(Amount.ZERO), List.of());
      return insert(free, Optional.empty(), request, seller, once);
    }
    Optional<StoreWallet> wallet = store.usableWallet();
    if (wallet.isEmpty()) {
      return refused(
          "The store has no wallet to be paid to; set one with PUT /api/v1/stores/%s/payment-methods/%s."
              .formatted(store.id(), network.paymentMethodId()));
    }
    return storeRates
        .perCoin(store.id(), store.rates(), currency)
        .compose(
            quote ->
                quote instanceof StoreRates.Quote.Known price
                    ? issue(
                        store, request, seller, once, amount, currency, wallet.get(), price.rate())
                    : refused(((StoreRates.Quote.Missing) quote).sentence()));
  }

  private Future<Issued> issue(
      Store store,
      InvoiceRequest request,
      Optional<String> seller,
      Optional<InvoiceDraft.Once> once,
      Optional<BigDecimal> amount,
      String currency,
      StoreWallet wallet,
      BigDecimal rate) {
    Optional<Amount> due = Optional.empty();
    if (amount.isPresent()) {
      due = Rates.toCoins(amount.get(), rate);
      if (due.isEmpty()) {
        return refused("The amount is more than all the money there is.");
      }
      long least = leastSat(wallet.descriptor().kind());
      if (due.get().sat() < least) {
        return refused(
            "The amount comes to %d sat; the network carries no payment below %d sat."
                .formatted(due.get().sat(), least));
      }
    }
    List<String> methods = List.of(network.paymentMethodId());
    Invoice draft = draft(store, request, amount, currency, due, methods);
    return insert(draft, Optional.of(new InvoiceDraft.Payee(wallet, rate)), request, seller, once);
  }

  private Future<Issued> insert(
      Invoice invoice,
      Optional<InvoiceDraft.Payee> payee,
      InvoiceRequest request,
      Optional<String> seller,
      Optional<InvoiceDraft.Once> once) {
    return invoices
        .insert(
            new InvoiceDraft(
                invoice,
                payee,
                request.searchTerms(),
                request.requestKey(),
                once,
                InvoiceRules.opened(invoice.terms()).events(),
                request.hook().map(hook -> new InvoiceDraft.Hook(ids.invoice(), hook)),
                seller))
        .map(Issued.Made::new);
  }

  private static Future<Issued> refused(String sentence) {
    return Future.succeededFuture(new Issued.Refused(sentence));
  }

  private static String printable(String text) {
    String cut = text.length() > 20 ? text.substring(0, 20) : text;
    return cut.replaceAll("[^A-Za-z0-9_ -]", "?");
  }

  private long leastSat(KeyScript kind) {
    return switch (kind) {
      case P2WPKH -> dust.p2wpkhSat();
      case P2TR -> dust.p2trSat();
      case P2PKH -> dust.p2pkhSat();
      case P2SH_P2WPKH -> dust.p2shSat();
    };
  }

  private Invoice draft(
      Store store,
      InvoiceRequest request,
      Optional<BigDecimal> amount,
      String currency,
      Optional<Amount> due,
      List<String> methods) {
    StoreSettings settings = store.settings();
    CheckoutOptions checkout =
        new CheckoutOptions(
            request.speedPolicy().orElse(settings.speedPolicy()),
            methods,
            request
                .defaultPaymentMethod()
                .or(() -> methods.isEmpty() ? Optional.empty() : Optional.of(methods.get(0))),
            request
                .expirationMinutes()
                .orElseGet(() -> minutes(settings.invoiceExpirationSeconds())),
            request
                .monitoringMinutes()
                .orElseGet(() -> minutes(settings.monitoringExpirationSeconds())),
            request.tolerancePercent().orElse(settings.tolerancePercent()),
            request.redirectUrl(),
            request.redirectAutomatically().orElse(settings.redirectAutomatically()),
            request.defaultLanguage(),
            request.lazyPaymentMethods());
    ObjectNode receipt = settings.receipt();
    request.receipt().ifPresent(receipt::setAll);
    long now = clock.millis();
    long expiration = now + millis(checkout.expirationMinutes());
    InvoiceTerms terms = new InvoiceTerms(due, checkout.tolerancePercent(), expiration);
    return new Invoice(
        ids.invoice(),
        store.id(),
        amount,
        currency,
        request.metadata(),
        checkout,
        receipt,
        terms,
        InvoiceRules.opened(terms).state(),
        Optional.empty(),
        List.of(),
        now,
        expiration + millis(checkout.monitoringMinutes()),
        false);
  }

  private static BigDecimal minutes(int seconds) {
    BigDecimal minutes =
        BigDecimal.valueOf(seconds).divide(SECONDS_PER_MINUTE, MathContext.DECIMAL32);
    return minutes.stripTrailingZeros().scale() <= 0
        ? minutes.setScale(0, RoundingMode.UNNECESSARY)
        : minutes;
  }

  private static long millis(BigDecimal minutes) {
    return minutes.multiply(MILLIS_PER_MINUTE).setScale(0, RoundingMode.HALF_UP).longValueExact();
  }
}
