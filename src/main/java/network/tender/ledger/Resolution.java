package network.tender.ledger;

import java.util.List;
import java.util.Set;
import network.tender.chain.Amount;
import network.tender.chain.Hash;
import network.tender.chain.Outpoint;
import network.tender.chain.Transaction;
import network.tender.chain.TransferOutput;

/** What the ledger found about a transfer before its signatures are checked. */
public sealed interface Resolution {
  /**
   * The very same transfer, witness included, is pending already.
   *
   * @param txid the transfer
   */
  record AlreadyPending(Hash txid) implements Resolution {}

  /**
   * It breaks a rule.
   *
   * @param rejection which and why
   */
  record Refused(Rejection rejection) implements Resolution {}

  /**
   * Some coins are not in memory: {@linkplain Ledger#beginLoad load} them from the coin store and
   * resolve again.
   *
   * @param outpoints which; not empty
   */
  record MissingCoins(List<Outpoint> outpoints) implements Resolution {
    /** Makes the list unmodifiable. */
    public MissingCoins {
      outpoints = List.copyOf(outpoints);
    }
  }

  /**
   * Some coins are locked by time and older than the header times in memory: {@linkplain
   * Ledger#keepMedianTimes hand in} the medians and resolve again.
   *
   * @param heights the blocks whose medians are needed; not empty
   */
  record MissingTimes(Set<Integer> heights) implements Resolution {
    /** Makes the set unmodifiable. */
    public MissingTimes {
      heights = Set.copyOf(heights);
    }
  }

  /**
   * Everything but the signatures is in order.
   *
   * @param transfer the transfer
   * @param coins the coins that its inputs spend, in the inputs' order
   * @param fee what it pays for its settlement
   * @param sigopCost its signature operation cost (BIP141)
   */
  record Resolved(Transaction transfer, List<Coin> coins, Amount fee, int sigopCost)
      implements Resolution {
    /** Makes the list unmodifiable. */
    public Resolved {
      coins = List.copyOf(coins);
    }

    /** The outputs that the inputs spend, in order: what the signature check needs. */
    public List<TransferOutput> spentOutputs() {
      TransferOutput[] outputs = new TransferOutput[coins.size()];
      for (int i = 0; i < outputs.length; i++) {
        outputs[i] = coins.get(i).output();
      }
      return List.of(outputs);
    }
  }
}
