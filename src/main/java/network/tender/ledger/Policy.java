package network.tender.ledger;

import network.tender.chain.Script;

/**
 * The ledger's own limits, beside the consensus rules and the network's figures. All bounds are
 * inclusive.
 *
 * @param dust least amounts of outputs
 * @param maxTransferWeight most weight units of one transfer
 * @param maxTransferSigopCost most signature operation cost of one transfer
 * @param maxDataBytes most bytes of all OP_RETURN scripts of one transfer together
 * @param maxPendingTransfers most transfers that may be pending
 * @param maxPendingWeight most weight units that may be pending
 * @param maxPendingChain most pending transfers in a line: a transfer with its pending ancestors,
 *     and also a transfer with its pending descendants
 * @param maxCleanCoins most coins kept in memory that the coin store has too
 * @param maxUnflushedChanges most changes not yet in the coin store; sealing waits beyond it. With
 *     the changes of one more block it bounds a flush, which is one transaction.
 * @param blocksPerSecond blocks a second that may be sealed under sustained load
 * @param blockBurst blocks that may be sealed at once after a quiet time
 * @param salt a number that nobody outside knows. Where a coin lies in memory depends on it, so
 *     that nobody can make transfers whose coins all come to lie at one place; nothing else does.
 */
public record Policy(
    Dust dust,
    int maxTransferWeight,
    int maxTransferSigopCost,
    int maxDataBytes,
    int maxPendingTransfers,
    long maxPendingWeight,
    int maxPendingChain,
    int maxCleanCoins,
    int maxUnflushedChanges,
    int blocksPerSecond,
    int blockBurst,
    long salt) {
  /** What a node uses unless told otherwise. */
  public static final Policy DEFAULT =
      new Policy(
          Dust.DEFAULT, 400_000, 16_000, 83, 50_000, 40_000_000L, 25, 250_000, 250_000, 6, 6, 0);

  /** Refuses figures that would let nothing through. */
  public Policy {
    if (maxTransferWeight < 1
        || maxTransferSigopCost < 1
        || maxDataBytes < 0
        || maxPendingTransfers < 1
        || maxPendingWeight < maxTransferWeight
        || maxPendingChain < 1
        || maxCleanCoins < 1
        || maxUnflushedChanges < 1
        || blocksPerSecond < 1
        || blocksPerSecond > 1_000
        || blockBurst < 1) {
      throw new IllegalArgumentException("a limit is too small or too large");
    }
  }

  /**
   * Number of unflushed changes at which a flush begins at once. Few large flushes leave less to
   * merge than many small ones, but what is not flushed has to be replayed by the next start,
   * should this one be killed.
   */
  public int promptChanges() {
    return maxUnflushedChanges * 2 / 5;
  }

  /**
   * Least amounts by type of output, in sat. Core's figures at 3 sat per vbyte are the default.
   *
   * @param p2wpkhSat for pay to witness public key hash
   * @param p2trSat for taproot and for pay to witness script hash
   * @param p2shSat for pay to script hash
   * @param p2pkhSat for pay to public key hash and anything older
   */
  public record Dust(long p2wpkhSat, long p2trSat, long p2shSat, long p2pkhSat) {
    /** Core's figures. */
    public static final Dust DEFAULT = new Dust(294, 330, 540, 546);

    /** The least amount for a type; 0 for outputs that nobody can spend. */
    public long leastSat(Script.Type type) {
      return switch (type) {
        case P2WPKH -> p2wpkhSat;
        case P2WSH, P2TR -> p2trSat;
        case P2SH -> p2shSat;
        case OP_RETURN -> 0;
        case P2PKH, P2PK, MULTISIG, EMPTY, UNKNOWN -> p2pkhSat;
      };
    }
  }
}
