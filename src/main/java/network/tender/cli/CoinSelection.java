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

/**
 * Which coins pay an amount, what the fee is and what comes back.
 *
 * @param coins the coins to spend
 * @param fee what the block's maker gets
 * @param change what comes back to the wallet, if it is worth an output
 */
record CoinSelection(List<WalletCoin> coins, Amount fee, Optional<Amount> change) {
  /** Standard transactions weigh no more (Core's policy), so no selection may need more coins. */
  private static final int MAX_WEIGHT = 400_000;

  private static final int WITNESS_SCALE = 4;

  /** Makes the list unmodifiable. */
  CoinSelection {
    coins = List.copyOf(coins);
  }

  /**
   * Takes the largest coins first until they cover amount and fee: fewest inputs, so the cheapest
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
    List<WalletCoin> sorted = new ArrayList<>(available);
    sorted.sort(
        Comparator.comparing(WalletCoin::amount)
            .reversed()
            // Any order of equals would do; a fixed one makes the same wallet pay the same way.
            .thenComparing(coin -> coin.outpoint().toString()));
    List<WalletCoin> chosen = new ArrayList<>();
    long sum = 0;
    long feeWithoutChange = 0;
    for (WalletCoin coin : sorted) {
      chosen.add(coin);
      sum = Math.addExact(sum, coin.amount().sat());
      int weight = weight(chosen.size(), kind, target, false);
      if (weight > MAX_WEIGHT) {
        throw new CommandFailure(
            "too-many-coins",
            "This payment needs more coins than one transfer may spend; pay it in several smaller"
                + " parts.");
      }
      feeWithoutChange = fee(weight, satPerVbyte);
      if (sum >= Math.addExact(amount.sat(), feeWithoutChange)) {
        return withChange(chosen, sum, amount, target, kind, satPerVbyte);
      }
    }
    long missing = amount.sat() + feeWithoutChange - sum;
    throw new CommandFailure(
        "insufficient-funds",
        "The wallet can spend "
            + Amount.ofSat(sum).toCoinText()
            + ", which is "
            + (Amount.inRange(missing) ? Amount.ofSat(missing).toCoinText() : "too little")
            + " short of the amount and its fee; receive some coins first.");
  }

  private static CoinSelection withChange(
      List<WalletCoin> chosen,
      long sum,
      Amount amount,
      Script target,
      ScriptKind kind,
      BigDecimal satPerVbyte) {
    long fee = fee(weight(chosen.size(), kind, target, true), satPerVbyte);
    long change = sum - amount.sat() - fee;
    if (change >= kind.dustSat()) {
      return new CoinSelection(chosen, Amount.ofSat(fee), Optional.of(Amount.ofSat(change)));
    }
    return new CoinSelection(chosen, Amount.ofSat(sum - amount.sat()), Optional.empty());
  }

  private static long fee(int weight, BigDecimal satPerVbyte) {
    int vbytes = (weight + WITNESS_SCALE - 1) / WITNESS_SCALE;
    return satPerVbyte
        .multiply(BigDecimal.valueOf(vbytes))
        .setScale(0, RoundingMode.CEILING)
        .longValueExact();
  }

  /** Most weight units of a transfer from {@code inputs} own coins to the target and change. */
  private static int weight(int inputs, ScriptKind kind, Script target, boolean withChange) {
    int outputs = 8 + ByteWriter.compactSizeLength(target.length()) + target.length();
    if (withChange) {
      outputs += kind.outputBytes();
    }
    int stripped = 4 + ByteWriter.compactSizeLength(inputs) + 41 * inputs + 1 + outputs + 4;
    return stripped * WITNESS_SCALE + 2 + inputs * kind.witnessBytes();
  }
}
