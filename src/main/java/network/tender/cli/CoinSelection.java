package network.tender.cli;

import java.math.BigDecimal;
import java.math.RoundingMode;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.List;
import java.util.Optional;
import network.tender.chain.Amount;
import network.tender.chain.ByteWriter;
import network.tender.chain.Script;
import network.tender.script.ScriptBudget;

/**
 * Which coins pay an amount, what the fee is and what comes back.
 *
 * @param coins the coins to spend
 * @param paid what the payee gets
 * @param fee what the block's maker gets
 * @param change what comes back to the wallet, if it is worth an output
 */
record CoinSelection(List<WalletCoin> coins, Amount paid, Amount fee, Optional<Amount> change) {
  /** The code of the failure when the coins do not suffice. */
  static final String INSUFFICIENT = "insufficient-funds";

  /** Standard transactions weigh no more (Core's policy), so no selection may need more coins. */
  private static final int MAX_WEIGHT = 400_000;

  /** Nodes check no more signatures for one transfer. */
  private static final int MAX_INPUTS = ScriptBudget.MAX_CHECKS;

  private static final int WITNESS_SCALE = 4;

  /** Makes the list unmodifiable. */
  CoinSelection {
    coins = List.copyOf(coins);
  }

  /** The shape of the transfer apart from its inputs, and its price. */
  private record Shape(Script target, ScriptKind kind, BigDecimal satPerVbyte) {
    long fee(int inputs, boolean withChange) {
      int vbytes = (weight(inputs, withChange) + WITNESS_SCALE - 1) / WITNESS_SCALE;
      return satPerVbyte
          .multiply(BigDecimal.valueOf(vbytes))
          .setScale(0, RoundingMode.CEILING)
          .longValueExact();
    }

    boolean fits(int inputs, boolean withChange) {
      return inputs <= MAX_INPUTS && weight(inputs, withChange) <= MAX_WEIGHT;
    }

    /** Most weight units of a transfer from so many own coins to the target and change. */
    private int weight(int inputs, boolean withChange) {
      int outputs = 8 + ByteWriter.compactSizeLength(target.length()) + target.length();
      if (withChange) {
        outputs += kind.outputBytes();
      }
      int stripped = 4 + ByteWriter.compactSizeLength(inputs) + 41 * inputs + 1 + outputs + 4;
      return stripped * WITNESS_SCALE + 2 + inputs * kind.witnessBytes();
    }
  }

  private static List<WalletCoin> largestFirst(List<WalletCoin> available) {
    List<WalletCoin> sorted = new ArrayList<>(available);
    sorted.sort(
        Comparator.comparing(WalletCoin::amount)
            .reversed()
            // Any order of equals would do; a fixed one makes the same wallet pay the same way.
            .thenComparing(coin -> coin.outpoint().toString()));
    return sorted;
  }

  /**
   * Takes a coin that needs no change, if one coin is worth the amount and its fee and hardly more;
   * else the largest coins first until they cover amount and fee: fewest inputs, so the cheapest
   * and smallest transfer now.
   *
   * @param available the wallet's spendable coins
   * @param amount what the payee gets
   * @param target the payee's script
   * @param kind the wallet's own scripts
   * @param satPerVbyte the fee rate
   * @throws CommandFailure if the coins do not suffice
   */
  static CoinSelection select(
      List<WalletCoin> available,
      Amount amount,
      Script target,
      ScriptKind kind,
      BigDecimal satPerVbyte) {
    Shape shape = new Shape(target, kind, satPerVbyte);
    List<WalletCoin> sorted = largestFirst(available);
    Optional<WalletCoin> exact = exact(sorted, amount, shape);
    if (exact.isPresent()) {
      return withChange(List.of(exact.get()), exact.get().amount().sat(), amount, shape);
    }
    List<WalletCoin> chosen = new ArrayList<>();
    long sum = 0;
    long fee = shape.fee(0, false);
    for (WalletCoin coin : sorted) {
      long feeWithIt = shape.fee(chosen.size() + 1, false);
      if (coin.amount().sat() <= feeWithIt - fee) {
        // It costs more to spend than it is worth, and so do all behind it.
        break;
      }
      chosen.add(coin);
      sum = Math.addExact(sum, coin.amount().sat());
      fee = feeWithIt;
      if (!shape.fits(chosen.size(), false)) {
        throw tooManyCoins();
      }
      if (sum >= Math.addExact(amount.sat(), fee)) {
        return withChange(chosen, sum, amount, shape);
      }
    }
    throw insufficient(sum, amount.sat() + fee - sum);
  }

  /** The smallest coin that pays all and leaves less than a change output is worth. */
  private static Optional<WalletCoin> exact(List<WalletCoin> sorted, Amount amount, Shape shape) {
    long least = Math.addExact(amount.sat(), shape.fee(1, false));
    long tooMuch = amount.sat() + shape.fee(1, true) + shape.kind().dustSat();
    Optional<WalletCoin> found = Optional.empty();
    for (WalletCoin coin : sorted) {
      long sat = coin.amount().sat();
      if (sat >= least && sat < tooMuch) {
        found = Optional.of(coin);
      }
    }
    return found;
  }

  private static CommandFailure tooManyCoins() {
    return new CommandFailure(
        "too-many-coins",
        "This payment needs more coins than one transfer may spend; pay it in several smaller"
            + " parts.");
  }

  private static CommandFailure insufficient(long sum, long missing) {
    return new CommandFailure(
        INSUFFICIENT,
        "The wallet can spend "
            + Amount.ofSat(sum).toCoinText()
            + ", which is "
            + (Amount.inRange(missing) ? Amount.ofSat(missing).toCoinText() : "too little")
            + " short of the amount and its fee; receive some coins first.");
  }

  private static CoinSelection withChange(
      List<WalletCoin> chosen, long sum, Amount amount, Shape shape) {
    long fee = shape.fee(chosen.size(), true);
    long change = sum - amount.sat() - fee;
    if (change >= shape.kind().dustSat()) {
      if (!shape.fits(chosen.size(), true)) {
        throw tooManyCoins();
      }
      return new CoinSelection(
          chosen, amount, Amount.ofSat(fee), Optional.of(Amount.ofSat(change)));
    }
    return new CoinSelection(chosen, amount, Amount.ofSat(sum - amount.sat()), Optional.empty());
  }

  /**
   * Takes all coins that are worth their own fee, or as many of the largest as one transfer may
   * spend; the payee gets the rest.
   *
   * @throws CommandFailure if nothing is left for the payee
   */
  static CoinSelection all(
      List<WalletCoin> available, Script target, ScriptKind kind, BigDecimal satPerVbyte) {
    Shape shape = new Shape(target, kind, satPerVbyte);
    List<WalletCoin> chosen = new ArrayList<>();
    long sum = 0;
    long fee = shape.fee(0, false);
    for (WalletCoin coin : largestFirst(available)) {
      long feeWithIt = shape.fee(chosen.size() + 1, false);
      if (coin.amount().sat() <= feeWithIt - fee || !shape.fits(chosen.size() + 1, false)) {
        break;
      }
      chosen.add(coin);
      sum = Math.addExact(sum, coin.amount().sat());
      fee = feeWithIt;
    }
    if (sum <= fee) {
      throw insufficient(sum, fee + 1 - sum);
    }
    return new CoinSelection(chosen, Amount.ofSat(sum - fee), Amount.ofSat(fee), Optional.empty());
  }
}
