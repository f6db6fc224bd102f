package network.tender.ledger;

import java.util.HashSet;
import java.util.List;
import java.util.Optional;
import java.util.Set;
import network.tender.chain.Amount;
import network.tender.chain.Block;
import network.tender.chain.Network;
import network.tender.chain.OpReader;
import network.tender.chain.Outpoint;
import network.tender.chain.Script;
import network.tender.chain.Transaction;
import network.tender.script.ScriptBudget;
import org.jspecify.annotations.Nullable;

/** The rules that need neither chain nor pending transfers. Immutable; safe for any thread. */
public final class Rules {
  /** Stripped bytes of a transaction that could pass for two merkle nodes (BIP54). */
  static final int MERKLE_PAIR_BYTES = 64;

  private static final int MIN_COINBASE_SCRIPT_BYTES = 2;
  private static final int MAX_COINBASE_SCRIPT_BYTES = 100;
  private static final int MAX_VERSION = 3;

  /** Most weight units of a transfer (Core: MAX_STANDARD_TX_WEIGHT). */
  private static final int MAX_TRANSFER_WEIGHT = 400_000;

  private static final int MAX_SIGNATURE_SCRIPT_BYTES = 1_650;

  /** Up to here comparing all pairs is faster than a hash set. */
  private static final int FEW_INPUTS = 16;

  private final Policy policy;
  private final int maxTransferWeight;
  private final int maxTransferSigopCost;

  /** The rules of a network under a policy. */
  public Rules(Network network, Policy policy) {
    this.policy = policy;
    // What fits into no block would stay pending for ever.
    this.maxTransferWeight =
        Math.min(
            policy.maxTransferWeight(), network.maxBlockWeight() - BlockAssembly.reserve(network));
    this.maxTransferSigopCost =
        Math.min(
            policy.maxTransferSigopCost(),
            network.maxBlockSigopCost() - BlockAssembly.sigopReserve(network));
  }

  /**
   * Applies the rules that need nothing but the transfer. It also computes the transfer's hashes,
   * so that the writer need not.
   */
  public Optional<Rejection> checkContextFree(Transaction transfer) {
    Rejection rejection = checkStructure(transfer);
    if (rejection == null && isCoinbase(transfer)) {
      rejection =
          Rejection.of(Reason.LOOSE_COINBASE, "Only a block's first transaction is a coinbase.");
    }
    if (rejection == null) {
      rejection = checkStandard(transfer);
    }
    transfer.txid();
    transfer.wtxid();
    return Optional.ofNullable(rejection);
  }

  /** The consensus rules for a transaction by itself, in or outside a block. */
  static @Nullable Rejection checkStructure(Transaction transaction) {
    if (transaction.inputCount() == 0) {
      return Rejection.of(Reason.NO_INPUTS, "The transfer spends nothing; add an input.");
    }
    if (transaction.outputCount() == 0) {
      return Rejection.of(Reason.NO_OUTPUTS, "The transfer pays nobody; add an output.");
    }
    if ((long) transaction.strippedSize() * Transaction.WITNESS_SCALE > Block.MAX_WEIGHT) {
      return Rejection.of(Reason.OVERSIZE, "The transfer is larger than a block; split it.");
    }
    Rejection rejection = checkAmounts(transaction);
    if (rejection != null) {
      return rejection;
    }
    if (hasDuplicateInput(transaction)) {
      return Rejection.of(
          Reason.DUPLICATE_INPUT, "The transfer spends the same coin twice; name it once.");
    }
    if (isCoinbase(transaction)) {
      int length = transaction.scriptSig(0).length();
      if (length < MIN_COINBASE_SCRIPT_BYTES || length > MAX_COINBASE_SCRIPT_BYTES) {
        return Rejection.of(
            Reason.COINBASE_SCRIPT_LENGTH,
            "A coinbase's script has 2 to 100 bytes, not " + length + ".");
      }
      return null;
    }
    for (int i = 0; i < transaction.inputCount(); i++) {
      if (transaction.prevout(i).isNull()) {
        return Rejection.of(
            Reason.NULL_PREVOUT, "Input " + i + " spends nothing; name the coin it spends.");
      }
    }
    return null;
  }

  private static @Nullable Rejection checkAmounts(Transaction transaction) {
    long sum = 0;
    for (int i = 0; i < transaction.outputCount(); i++) {
      long sat = transaction.outputSat(i);
      if (sat < 0) {
        return Rejection.of(
            Reason.OUTPUT_NEGATIVE, "Output " + i + " is below zero; amounts are never negative.");
      }
      if (sat > Amount.MAX_SAT) {
        return Rejection.of(
            Reason.OUTPUT_TOO_LARGE,
            "Output " + i + " is above the most money there can be, 21 million coins.");
      }
      // No overflow: both terms are at most 2.1e15.
      sum += sat;
      if (sum > Amount.MAX_SAT) {
        return Rejection.of(
            Reason.OUTPUT_SUM_TOO_LARGE,
            "The outputs' sum is above the most money there can be, 21 million coins.");
      }
    }
    return null;
  }

  private static boolean hasDuplicateInput(Transaction transaction) {
    int count = transaction.inputCount();
    if (count == 1) {
      return false;
    }
    if (count <= FEW_INPUTS) {
      Outpoint[] seen = new Outpoint[count];
      for (int i = 0; i < count; i++) {
        Outpoint prevout = transaction.prevout(i);
        for (int j = 0; j < i; j++) {
          if (prevout.equals(seen[j])) {
            return true;
          }
        }
        seen[i] = prevout;
      }
      return false;
    }
    Set<Outpoint> seen = new HashSet<>(count * 2);
    for (int i = 0; i < count; i++) {
      if (!seen.add(transaction.prevout(i))) {
        return true;
      }
    }
    return false;
  }

  /** Like {@link Transaction#isCoinbase}, and never true without an input. */
  static boolean isCoinbase(Transaction transaction) {
    return transaction.inputCount() == 1 && transaction.isCoinbase();
  }

  private @Nullable Rejection checkStandard(Transaction transfer) {
    Rejection rejection = checkVersion(transfer);
    if (rejection == null && transfer.weight() > maxTransferWeight) {
      rejection = tooHeavy(transfer, maxTransferWeight);
    }
    if (rejection == null) {
      rejection = checkSignatureScripts(transfer);
    }
    if (rejection == null) {
      rejection = checkOutputScripts(transfer);
    }
    if (rejection == null) {
      rejection = checkDust(transfer);
    }
    if (rejection != null) {
      return rejection;
    }
    if (transfer.strippedSize() <= MERKLE_PAIR_BYTES) {
      return Rejection.of(
          Reason.TOO_SMALL, "The transfer is too small without its witness; add an output.");
    }
    return null;
  }

  /**
   * The rules of the ledger for a transfer without context that others' blocks must keep too: those
   * that take away what a third party could change, or make the network work for.
   */
  static @Nullable Rejection checkLedgerRules(Transaction transfer) {
    Rejection rejection = checkVersion(transfer);
    if (rejection == null && transfer.weight() > MAX_TRANSFER_WEIGHT) {
      rejection = tooHeavy(transfer, MAX_TRANSFER_WEIGHT);
    }
    return rejection == null ? checkSignatureScripts(transfer) : rejection;
  }

  private static @Nullable Rejection checkVersion(Transaction transfer) {
    int version = transfer.version();
    if (version < 1 || version > MAX_VERSION) {
      return Rejection.of(
          Reason.VERSION, "Version " + version + " is not accepted; use version 2.");
    }
    return null;
  }

  private static Rejection tooHeavy(Transaction transfer, int most) {
    return Rejection.of(
        Reason.TOO_HEAVY,
        "The transfer weighs " + transfer.weight() + " units, more than " + most + "; split it.");
  }

  private static @Nullable Rejection checkSignatureScripts(Transaction transfer) {
    if (transfer.inputCount() > ScriptBudget.MAX_CHECKS) {
      return Rejection.of(
          Reason.TOO_COSTLY,
          "The transfer spends "
              + transfer.inputCount()
              + " coins, the most is "
              + ScriptBudget.MAX_CHECKS
              + "; split it.");
    }
    for (int i = 0; i < transfer.inputCount(); i++) {
      Script script = transfer.scriptSig(i);
      if (script.isEmpty()) {
        continue;
      }
      if (script.length() > MAX_SIGNATURE_SCRIPT_BYTES) {
        return Rejection.of(
            Reason.SIGNATURE_SCRIPT_SIZE,
            "The signature script of input "
                + i
                + " has more than "
                + MAX_SIGNATURE_SCRIPT_BYTES
                + " bytes.");
      }
      if (!OpReader.isPushOnly(script)) {
        return Rejection.of(
            Reason.SIGNATURE_SCRIPT_NOT_PUSH,
            "The signature script of input " + i + " does more than push data.");
      }
    }
    return null;
  }

  private @Nullable Rejection checkOutputScripts(Transaction transfer) {
    int dataBytes = 0;
    for (int i = 0; i < transfer.outputCount(); i++) {
      Script script = transfer.script(i);
      switch (script.type()) {
        case P2WPKH, P2TR, P2WSH, P2PKH, P2SH, P2PK -> {}
        case OP_RETURN -> {
          if (!OpReader.isPushOnly(script, 1)) {
            return outputScript(i, "has more than data behind OP_RETURN");
          }
          dataBytes += script.length();
          if (dataBytes > policy.maxDataBytes()) {
            return Rejection.of(
                Reason.DATA_TOO_LARGE,
                "The OP_RETURN outputs have more than " + policy.maxDataBytes() + " bytes.");
          }
        }
        case MULTISIG -> {
          return Rejection.of(
              Reason.BARE_MULTISIG,
              "Output " + i + " pays to several keys without a script hash; pay to an address.");
        }
        case EMPTY, UNKNOWN -> {
          return outputScript(i, "is of no known type");
        }
      }
    }
    return null;
  }

  private @Nullable Rejection checkDust(Transaction transfer) {
    for (int i = 0; i < transfer.outputCount(); i++) {
      long least = policy.dust().leastSat(transfer.script(i).type());
      if (transfer.outputSat(i) < least) {
        return Rejection.of(
            Reason.DUST,
            "Output "
                + i
                + " pays "
                + transfer.outputSat(i)
                + " sat; the least for its type is "
                + least
                + " sat.");
      }
    }
    return null;
  }

  private static Rejection outputScript(int output, String flaw) {
    return Rejection.of(
        Reason.OUTPUT_SCRIPT,
        "The script of output " + output + " " + flaw + "; pay to an address.");
  }

  /**
   * True if a transaction may be in a block of this height (BIP113).
   *
   * @param medianTimePast of the block before
   */
  static boolean isFinal(Transaction transaction, int height, long medianTimePast) {
    long lockTime = Integer.toUnsignedLong(transaction.lockTime());
    if (lockTime < (lockTime < LOCK_TIME_THRESHOLD ? height : medianTimePast)) {
      return true;
    }
    for (int i = 0; lockTime != 0 && i < transaction.inputCount(); i++) {
      if (transaction.sequence(i) != 0xffffffff) {
        return false;
      }
    }
    return true;
  }

  /** Lock times below are heights, the others seconds. */
  private static final long LOCK_TIME_THRESHOLD = 500_000_000L;

  private static final int SEQUENCE_DISABLED = 1 << 31;
  private static final int SEQUENCE_TIME = 1 << 22;
  private static final int SEQUENCE_MASK = 0xffff;
  private static final int SEQUENCE_GRANULARITY_SECONDS = 512;

  /** The medians of header times that relative locks count from. */
  @FunctionalInterface
  interface Medians {
    /** The median at a block; a block to come counts as the newest. Seconds. */
    long at(int height);
  }

  /**
   * The heights of the blocks whose medians {@link #checkRelativeLocks} asks for: those before the
   * blocks that made the coins which are locked by time.
   */
  static Set<Integer> timeLockHeights(Transaction transaction, List<Coin> coins) {
    if (Integer.compareUnsigned(transaction.version(), 2) < 0) {
      return Set.of();
    }
    Set<Integer> heights = Set.of();
    for (int i = 0; i < transaction.inputCount(); i++) {
      if (isLockedByTime(transaction, i)) {
        if (heights.isEmpty()) {
          heights = new HashSet<>();
        }
        heights.add(Math.max(coins.get(i).height() - 1, 0));
      }
    }
    return heights;
  }

  /** True if an input's coin must have been there for some time (BIP68). */
  static boolean isLockedByTime(Transaction transaction, int input) {
    int sequence = transaction.sequence(input);
    return Integer.compareUnsigned(transaction.version(), 2) >= 0
        && (sequence & SEQUENCE_DISABLED) == 0
        && (sequence & SEQUENCE_TIME) != 0;
  }

  /**
   * The relative locks of a transaction (BIP68) in a block behind {@code times}.
   *
   * @param medians the chain's medians; asked for those at {@link #timeLockHeights}
   */
  static @Nullable Rejection checkRelativeLocks(
      Transaction transaction, List<Coin> coins, HeaderTimes times, Medians medians) {
    if (Integer.compareUnsigned(transaction.version(), 2) < 0) {
      return null;
    }
    for (int i = 0; i < transaction.inputCount(); i++) {
      int sequence = transaction.sequence(i);
      if ((sequence & SEQUENCE_DISABLED) != 0) {
        continue;
      }
      int value = sequence & SEQUENCE_MASK;
      int coinHeight = coins.get(i).height();
      if ((sequence & SEQUENCE_TIME) == 0) {
        int needed = coinHeight + value;
        if (needed > times.height() + 1) {
          return Rejection.of(
              Reason.RELATIVE_LOCK,
              "Input " + i + " is locked until height " + needed + "; send it again then.");
        }
      } else {
        long seconds =
            medians.at(Math.max(coinHeight - 1, 0)) + (long) value * SEQUENCE_GRANULARITY_SECONDS;
        if (seconds > times.medianTimePast()) {
          return Rejection.of(
              Reason.RELATIVE_LOCK,
              "Input "
                  + i
                  + " is locked until the chain's median time is "
                  + seconds
                  + "; send it again then.");
        }
      }
    }
    return null;
  }

  /**
   * The rules about the coins that a transaction spends: maturity and sums.
   *
   * @param height of the block it shall be in
   */
  static @Nullable Rejection checkCoins(Transaction transaction, List<Coin> coins, int height) {
    long in = 0;
    for (int i = 0; i < coins.size(); i++) {
      Coin coin = coins.get(i);
      if (coin.coinbase() && height - coin.height() < Network.COINBASE_MATURITY_BLOCKS) {
        return Rejection.of(
            Reason.IMMATURE,
            "Input "
                + i
                + " spends a coinbase of height "
                + coin.height()
                + ", which matures at height "
                + (coin.height() + Network.COINBASE_MATURITY_BLOCKS)
                + ".");
      }
      in += coin.amount().sat();
      if (in > Amount.MAX_SAT) {
        return Rejection.of(
            Reason.INPUTS_TOO_LARGE, "The inputs' sum is above the most money there can be.");
      }
    }
    long out = outputSum(transaction);
    if (in < out) {
      return Rejection.of(
          Reason.OVERSPEND,
          "The transfer spends " + in + " sat but pays " + out + " sat; pay less or spend more.");
    }
    return null;
  }

  /** The limit on signature operations. */
  @Nullable Rejection checkSigops(Transaction transfer, List<Coin> coins) {
    return checkSigops(SigopCost.of(transfer, coins));
  }

  /** The limit on signature operations of a transfer whose cost is known. */
  @Nullable Rejection checkSigops(int sigopCost) {
    return sigopCost > maxTransferSigopCost
        ? Rejection.of(
            Reason.TOO_MANY_SIGOPS,
            "Its signature operation cost is "
                + sigopCost
                + ", the most is "
                + maxTransferSigopCost
                + "; split it.")
        : null;
  }

  /** The sum of the outputs of a transaction whose amounts have been checked. */
  static long outputSum(Transaction transaction) {
    long sum = 0;
    for (int i = 0; i < transaction.outputCount(); i++) {
      sum += transaction.outputSat(i);
    }
    return sum;
  }
}
