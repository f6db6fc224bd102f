package network.tender.chain;

import java.util.ArrayList;
import java.util.List;
import java.util.Optional;

/** The commitment of a block's coinbase to all witnesses (BIP141). */
public final class WitnessCommitment {
  /** {@code RETURN}, a push of 36 bytes, and the four bytes that mark the commitment. */
  private static final byte[] PREFIX = {0x6a, 0x24, (byte) 0xaa, 0x21, (byte) 0xa9, (byte) 0xed};

  private static final int SCRIPT_BYTES = 38;

  private WitnessCommitment() {}

  /**
   * The commitment over a block's transactions.
   *
   * @param transactions all of them, the coinbase first (its own wtxid counts as zero)
   * @param nonce the 32 bytes in the coinbase's witness
   */
  public static Hash compute(List<Transaction> transactions, Hash nonce) {
    List<Hash> wtxids = new ArrayList<>(transactions.size());
    wtxids.add(Hash.ZERO);
    for (Transaction transaction : transactions.subList(1, transactions.size())) {
      wtxids.add(transaction.wtxid());
    }
    return compute(MerkleTree.root(wtxids), nonce);
  }

  /** The commitment for the root over the wtxids. */
  public static Hash compute(Hash witnessRoot, Hash nonce) {
    byte[] both = new byte[2 * Hash.SIZE_BYTES];
    witnessRoot.writeTo(both, 0);
    nonce.writeTo(both, Hash.SIZE_BYTES);
    return Hashing.sha256d(both);
  }

  /** The output script that carries a commitment. */
  public static Script script(Hash commitment) {
    byte[] bytes = new byte[SCRIPT_BYTES];
    System.arraycopy(PREFIX, 0, bytes, 0, PREFIX.length);
    commitment.writeTo(bytes, PREFIX.length);
    return Script.of(bytes);
  }

  /** The commitment of a coinbase: that of its last output that has the form of one. */
  public static Optional<Hash> find(Transaction coinbase) {
    for (int i = coinbase.outputCount() - 1; i >= 0; i--) {
      Script script = coinbase.script(i);
      if (script.length() >= SCRIPT_BYTES && startsWithPrefix(script)) {
        return Optional.of(Hash.of(script.array(), script.offset() + PREFIX.length));
      }
    }
    return Optional.empty();
  }

  private static boolean startsWithPrefix(Script script) {
    for (int i = 0; i < PREFIX.length; i++) {
      if (script.byteAt(i) != (PREFIX[i] & 0xff)) {
        return false;
      }
    }
    return true;
  }
}
