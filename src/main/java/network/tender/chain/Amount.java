package network.tender.chain;

import java.math.BigDecimal;
import java.math.RoundingMode;

/**
 * Money in base units ("sat", 10⁻⁸ of a coin). Never negative, never above {@link #MAX}; arithmetic
 * that would leave that range throws, so a sum can't wrap (CVE-2010-5139).
 *
 * @param sat base units, 0 to 2,100,000,000,000,000
 */
public record Amount(long sat) implements Comparable<Amount> {
  /** Base units in one coin. */
  public static final long SAT_PER_COIN = 100_000_000L;

  /** The most base units that any amount or sum may have: Bitcoin's MAX_MONEY. */
  public static final long MAX_SAT = 21_000_000L * SAT_PER_COIN;

  /** Digits after the point of an amount in coins. */
  public static final int COIN_DIGITS = 8;

  /** Nothing. */
  public static final Amount ZERO = new Amount(0);

  /** The largest amount. */
  public static final Amount MAX = new Amount(MAX_SAT);

  /** Rejects values outside the money range with an {@link ArithmeticException}. */
  public Amount {
    if (!inRange(sat)) {
      throw new ArithmeticException("amount out of range: " + sat + " sat");
    }
  }

  /** True if the value is within 0..{@link #MAX_SAT}. */
  public static boolean inRange(long sat) {
    return sat >= 0 && sat <= MAX_SAT;
  }

  /** An amount of base units. */
  public static Amount ofSat(long sat) {
    return sat == 0 ? ZERO : new Amount(sat);
  }

  /**
   * An amount of whole and fractional coins.
   *
   * @throws ArithmeticException if it has more than 8 decimals or is out of range
   */
  public static Amount ofCoins(BigDecimal coins) {
    return ofSat(coins.movePointRight(COIN_DIGITS).longValueExact());
  }

  /**
   * Reads a plain decimal number of coins, such as {@code 0.25}: ASCII digits with at most one
   * point, no sign, exponent or space.
   *
   * @throws NumberFormatException if the text is no such number
   * @throws ArithmeticException if it has more than 8 decimals or is out of range
   */
  public static Amount parseCoins(String coins) {
    // BigDecimal would also take signs, other scripts' digits and exponents, and "1e999999999"
    // costs gigabytes once scaled.
    if (coins.length() > 24 || !coins.chars().allMatch(c -> c == '.' || (c >= '0' && c <= '9'))) {
      throw new NumberFormatException("not an amount in coins");
    }
    return ofCoins(new BigDecimal(coins));
  }

  /** This amount in coins, with exactly 8 decimals. */
  public BigDecimal toCoins() {
    return BigDecimal.valueOf(sat, COIN_DIGITS);
  }

  /** This amount in coins as plain text without needless zeros: {@code 0.5}, {@code 12}. */
  public String toCoinText() {
    BigDecimal coins = toCoins().stripTrailingZeros();
    return (coins.scale() < 0 ? coins.setScale(0, RoundingMode.UNNECESSARY) : coins)
        .toPlainString();
  }

  /** The sum; throws {@link ArithmeticException} beyond {@link #MAX}. */
  public Amount plus(Amount other) {
    return ofSat(Math.addExact(sat, other.sat));
  }

  /** The difference; throws {@link ArithmeticException} below zero. */
  public Amount minus(Amount other) {
    return ofSat(Math.subtractExact(sat, other.sat));
  }

  /** True for no money at all. */
  public boolean isZero() {
    return sat == 0;
  }

  @Override
  public int compareTo(Amount other) {
    return Long.compare(sat, other.sat);
  }

  /** Base units with their unit, for logs. */
  @Override
  public String toString() {
    return sat + " sat";
  }
}
