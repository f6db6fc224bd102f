package network.tender.merchant;

import io.vertx.core.Future;
import java.math.BigDecimal;
import java.util.Locale;
import java.util.Optional;

/** What a coin costs, as a store sees it. */
public final class StoreRates {
  /** What is known of a rate. */
  public sealed interface Quote {
    /**
     * The price of one coin.
     *
     * @param rate above 0
     */
    record Known(BigDecimal rate) implements Quote {}

    /**
     * There is no rate now.
     *
     * @param sentence why, and what to do
     */
    record Missing(String sentence) implements Quote {}
  }

  private final Rates operators;
  private final HttpRates http;

  StoreRates(Rates operators, HttpRates http) {
    this.operators = operators;
    this.http = http;
  }

  /**
   * The price of one coin in a currency, by the store's first source that knows it.
   *
   * @param storeId whose
   * @param book where its rates come from
   * @param currency a canonical code
   */
  public Future<Quote> perCoin(String storeId, RateBook book, String currency) {
    if (currency.equals(operators.coinCode()) || currency.equals(Rates.BASE_UNIT_CODE)) {
      return Future.succeededFuture(new Quote.Known(operators.perCoin(currency).orElseThrow()));
    }
    Future<Quote> first = ask(storeId, book.primary(), currency);
    if (book.fallback().isEmpty()) {
      return first;
    }
    return first.compose(
        quote ->
            quote instanceof Quote.Missing
                ? ask(storeId, book.fallback().get(), currency)
                : Future.succeededFuture(quote));
  }

  private Future<Quote> ask(String storeId, RateSource source, String currency) {
    Future<Quote> quote =
        switch (source.kind()) {
          case OPERATOR ->
              known(
                  operators.perCoin(currency),
                  "There is no rate for %s_%s; the operator sets it in the node's configuration, or"
                      + " the store another source of rates.",
                  currency);
          case FIXED ->
              known(
                  Optional.ofNullable(source.fixed().get(currency)),
                  "The store has entered no rate for %s_%s.",
                  currency);
          case HTTP_JSON ->
              source
                  .http()
                  .map(
                      server ->
                          http.rate(
                              storeId,
                              fill(server.url(), currency),
                              fill(server.pointer(), currency),
                              server.staleAfterSeconds()))
                  .orElseGet(() -> known(Optional.empty(), "No server is set.", currency));
        };
    return quote.map(
        found -> found instanceof Quote.Known known ? afterSpread(source, known.rate()) : found);
  }

  private static Quote afterSpread(RateSource source, BigDecimal rate) {
    BigDecimal left = source.afterSpread(rate);
    return left.signum() > 0
        ? new Quote.Known(left)
        : new Quote.Missing("The store's spread leaves nothing of the rate; set a smaller one.");
  }

  private Future<Quote> known(Optional<BigDecimal> rate, String otherwise, String currency) {
    return Future.succeededFuture(
        rate.<Quote>map(Quote.Known::new)
            .orElseGet(
                () -> new Quote.Missing(otherwise.formatted(operators.coinCode(), currency))));
  }

  private String fill(String template, String currency) {
    String coin = operators.coinCode();
    return template
        .replace("{CURRENCY}", currency)
        .replace("{COIN}", coin)
        .replace("{currency}", currency.toLowerCase(Locale.ROOT))
        .replace("{coin}", coin.toLowerCase(Locale.ROOT));
  }
}
