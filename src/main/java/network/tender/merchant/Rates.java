package network.tender.merchant;

import java.math.BigDecimal;
import java.math.MathContext;
import java.math.RoundingMode;
import java.util.Currency;
import java.util.HashMap;
import java.util.Locale;
import java.util.Map;
import java.util.Optional;
import network.tender.chain.Amount;
import network.tender.chain.Network;

/**
 * Currencies and what a coin costs in them. Rates are fixed in the configuration; the coin itself
 * and its base unit ({@code SATS}) need none.
 */
public final class Rates {
  /** The code for base units, as in the Greenfield API. */
  public static final String BASE_UNIT_CODE = "SATS";

  private static final int MAX_FIAT_INTEGER_DIGITS = 18;

  private final String coinCode;
  private final Map<String, BigDecimal> perCoin;

  /**
   * The rates of one network.
   *
   * @param fixed currency pair ({@code TNDR_USD}) to the price of one coin, above 0
   * @throws IllegalArgumentException on a pair that does not start with the coin's code, an unknown
   *     currency or a rate that is not above 0
   */
  public Rates(Network network, Map<String, BigDecimal> fixed) {
    this.coinCode = network.coinCode().toUpperCase(Locale.ROOT);
    Map<String, BigDecimal> rates = new HashMap<>();
    rates.put(coinCode, BigDecimal.ONE);
    rates.put(BASE_UNIT_CODE, BigDecimal.valueOf(Amount.SAT_PER_COIN));
    fixed.forEach(
        (pair, rate) -> {
          String code = currencyOfPair(pair).orElseThrow(() -> badPair(pair));
          if (digitsOf(code, coinCode).isEmpty() || rates.containsKey(code)) {
            throw badPair(pair);
          }
          if (rate.signum() <= 0) {
            throw new IllegalArgumentException("the rate of " + pair + " must be above 0");
          }
          rates.put(code, rate);
        });
    this.perCoin = Map.copyOf(rates);
  }

  private IllegalArgumentException badPair(String pair) {
    return new IllegalArgumentException(
        "a rate is written as %s_USD with a currency of ISO 4217, not as %s"
            .formatted(coinCode, pair));
  }

  /** The coin's code, such as {@code TNDR}. */
  public String coinCode() {
    return coinCode;
  }

  /**
   * The currency of a pair that starts with the coin: {@code USD} of {@code TNDR_USD}, {@code
   * tndr-usd} or {@code TNDRUSD}.
   */
  public Optional<String> currencyOfPair(String pair) {
    String upper = pair.toUpperCase(Locale.ROOT);
    if (!upper.startsWith(coinCode)) {
      return Optional.empty();
    }
    String rest = upper.substring(coinCode.length());
    String code = rest.startsWith("_") || rest.startsWith("-") ? rest.substring(1) : rest;
    return digitsOf(code, coinCode).isPresent() ? Optional.of(code) : Optional.empty();
  }

  /** The canonical code of a currency, if there is such a currency. */
  public Optional<String> currency(String code) {
    String upper = code.strip().toUpperCase(Locale.ROOT);
    return digitsOf(upper, coinCode).isPresent() ? Optional.of(upper) : Optional.empty();
  }

  /**
   * Digits after the point of amounts in a currency.
   *
   * @throws IllegalArgumentException if there is no such currency
   */
  public int digits(String currency) {
    return digitsOf(currency, coinCode)
        .orElseThrow(() -> new IllegalArgumentException("no currency " + currency));
  }

  private static Optional<Integer> digitsOf(String code, String coinCode) {
    if (code.equals(coinCode)) {
      return Optional.of(Amount.COIN_DIGITS);
    }
    if (code.equals(BASE_UNIT_CODE)) {
      return Optional.of(0);
    }
    try {
      int digits = Currency.getInstance(code).getDefaultFractionDigits();
      return digits < 0 ? Optional.empty() : Optional.of(digits);
    } catch (IllegalArgumentException e) {
      return Optional.empty();
    }
  }

  /** The price of one coin in a currency, if a rate is configured. */
  public Optional<BigDecimal> perCoin(String currency) {
    return Optional.ofNullable(perCoin.get(currency));
  }

  /** All currencies that have a rate, the coin and its base unit included. */
  public Map<String, BigDecimal> all() {
    return perCoin;
  }

  /** An amount rounded to its currency's digits, half to even. */
  public BigDecimal round(BigDecimal amount, String currency) {
    return amount.setScale(digits(currency), RoundingMode.HALF_EVEN);
  }

  /**
   * The coins that an amount of a currency costs, rounded up to a whole base unit; empty if that is
   * beyond all the money there can be.
   *
   * @param amount not negative
   * @param rate price of one coin in the amount's currency
   */
  public static Optional<Amount> toCoins(BigDecimal amount, BigDecimal rate) {
    if (amount.precision() - amount.scale() > MAX_FIAT_INTEGER_DIGITS + rate.precision()) {
      return Optional.empty();
    }
    BigDecimal sat =
        amount.movePointRight(Amount.COIN_DIGITS).divide(rate, 0, RoundingMode.CEILING);
    return sat.compareTo(BigDecimal.valueOf(Amount.MAX_SAT)) > 0
        ? Optional.empty()
        : Optional.of(Amount.ofSat(sat.longValueExact()));
  }

  /**
   * What coins are worth in a currency, rounded down to its digits: nobody is told that more was
   * paid than was.
   */
  public BigDecimal toCurrency(Amount coins, BigDecimal rate, String currency) {
    return coins
        .toCoins()
        .multiply(rate, MathContext.UNLIMITED)
        .setScale(digits(currency), RoundingMode.DOWN);
  }
}
