package network.tender.ledger;

import java.util.List;
import network.tender.chain.Amount;
import network.tender.chain.Transaction;

/** Carries a chain's totals over one more block. */
final class Tally {
  private final ChainTotals before;
  private long transfers;
  private long coins;
  private long unspentSat;
  private long burnedSat;
  private long issuedSat;

  Tally(ChainTotals before) {
    this.before = before;
  }

  /** Counts a transfer with the coins it spends. */
  void transfer(Transaction transfer, List<Coin> spent) {
    transfers++;
    for (int i = 0; i < spent.size(); i++) {
      unspentSat -= spent.get(i).amount().sat();
    }
    coins -= spent.size();
    outputs(transfer);
  }

  /**
   * Counts the coinbase.
   *
   * @param feesSat the fees of the block's transfers: what is paid out above them is issued, what
   *     is left of them is burned
   */
  void coinbase(Transaction coinbase, long feesSat) {
    long surplus = Rules.outputSum(coinbase) - feesSat;
    issuedSat += Math.max(surplus, 0);
    burnedSat += Math.max(-surplus, 0);
    outputs(coinbase);
  }

  private void outputs(Transaction transaction) {
    for (int i = 0; i < transaction.outputCount(); i++) {
      if (transaction.script(i).isUnspendable()) {
        burnedSat += transaction.outputSat(i);
      } else {
        coins++;
        unspentSat += transaction.outputSat(i);
      }
    }
  }

  /**
   * The totals with the block.
   *
   * @throws IllegalStateException if they do not add up
   */
  ChainTotals after() {
    try {
      ChainTotals after =
          new ChainTotals(
              before.transfers() + transfers,
              before.coins() + coins,
              Amount.ofSat(before.unspent().sat() + unspentSat),
              Amount.ofSat(before.burned().sat() + burnedSat),
              Amount.ofSat(before.issued().sat() + issuedSat));
      if (after.supplyDifferenceSat() == 0 && after.coins() >= 0) {
        return after;
      }
      throw new IllegalStateException("money appeared or vanished: " + after);
    } catch (ArithmeticException e) {
      throw new IllegalStateException("the chain's sums left the money range", e);
    }
  }
}
