package network.tender.web.pages;

import java.math.BigDecimal;
import java.math.RoundingMode;
import java.text.NumberFormat;
import java.util.Currency;
import java.util.Locale;
import java.util.Optional;
import network.tender.chain.Amount;

/** Writes amounts the way their currency is written. */
final class CurrencyText {
  /** Code of the coin's base unit, as in the merchant API. */
  private static final String BASE_UNIT_CODE = "SATS";

  private static final int USUAL_DIGITS = 2;
  private static final char NO_BREAK_SPACE = '\u00a0';
  private static final Locale LOCALE = Locale.US;

  private final String coinCode;

  /** Knows the coin's code beside the currencies of ISO 4217. */
  CurrencyText(String coinCode) {
    this.coinCode = coinCode;
  }

  /** Digits after the point: 2 for USD, 0 for JPY, 3 for BHD, 8 for the coin. */
  int digits(String code) {
    if (isCoin(code)) {
      return Amount.COIN_DIGITS;
    }
    if (code.equals(BASE_UNIT_CODE)) {
      return 0;
    }
    return iso(code)
        .map(Currency::getDefaultFractionDigits)
        .filter(digits -> digits >= 0)
        .orElse(USUAL_DIGITS);
  }

  /** True for the chain's own coin. */
  boolean isCoin(String code) {
    return coinCode.equalsIgnoreCase(code);
  }

  /** What stands beside a keyed-in amount: a symbol where there is one, else the code. */
  String unit(String code) {
    return isCoin(code) ? coinCode : iso(code).map(c -> c.getSymbol(LOCALE)).orElse(code);
  }

  /** True if the unit stands behind amounts, not before them. */
  boolean isUnitAfter(String code) {
    return isCoin(code) || iso(code).isEmpty();
  }

  /** A currency's name: {@code US Dollar}, or the code where there is no name. */
  String name(String code) {
    return iso(code).map(currency -> currency.getDisplayName(LOCALE)).orElse(code);
  }

  /** An amount with its currency: {@code $1,234.50}, {@code ¥1,500}, {@code 0.5 TNDR}. */
  String of(BigDecimal amount, String code) {
    if (isCoin(code)) {
      return decimal(amount, 0, Amount.COIN_DIGITS) + NO_BREAK_SPACE + coinCode;
    }
    // An amount finer than the currency's digits is shown as it is: never round money away.
    int digits = digits(code);
    int shown = Math.max(digits, Math.max(0, amount.stripTrailingZeros().scale()));
    String number = decimal(amount, digits, shown);
    if (iso(code).isEmpty()) {
      return number + NO_BREAK_SPACE + code;
    }
    String unit = unit(code);
    boolean isWord = Character.isLetter(unit.charAt(unit.length() - 1));
    return isWord ? unit + NO_BREAK_SPACE + number : unit + number;
  }

  /** An amount of coins with the coin's code. */
  String of(Amount amount) {
    return of(amount.toCoins(), coinCode);
  }

  private static String decimal(BigDecimal amount, int minDigits, int maxDigits) {
    NumberFormat format = NumberFormat.getNumberInstance(LOCALE);
    format.setMinimumFractionDigits(minDigits);
    format.setMaximumFractionDigits(maxDigits);
    format.setRoundingMode(RoundingMode.UNNECESSARY);
    return format.format(amount);
  }

  private static Optional<Currency> iso(String code) {
    try {
      return Optional.of(Currency.getInstance(code));
    } catch (IllegalArgumentException e) {
      return Optional.empty();
    }
  }
}
