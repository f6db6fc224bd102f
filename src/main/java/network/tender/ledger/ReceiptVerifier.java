package network.tender.ledger;

import java.util.HashSet;
import java.util.List;
import java.util.OptionalInt;
import java.util.OptionalLong;
import java.util.Set;
import network.tender.chain.Hash;
import network.tender.chain.MerkleTree;
import network.tender.chain.Network;
import network.tender.chain.Transaction;
import network.tender.chain.XOnlyKey;
import network.tender.script.Curve;

/**
 * Verifies receipts offline: the transfer is in the block, and the validators have certified the
 * block. Safe for any thread.
 */
public final class ReceiptVerifier {
  /** Whether a receipt proves what it says. */
  public sealed interface Verdict {
    /** It does. */
    record Proved() implements Verdict {}

    /**
     * It does not.
     *
     * @param flaw what is wrong, from a closed list
     * @param detail one sentence for people
     */
    record Refused(Flaw flaw, String detail) implements Verdict {}

    /** True if the receipt proves its transfer. */
    default boolean isProved() {
      return this instanceof Proved;
    }
  }

  /** Why a receipt proves nothing. */
  public enum Flaw {
    /** The position can't be that of a transaction with this branch. */
    POSITION("receipt-position"),
    /** Transfer and branch do not lead to the header's merkle root. */
    BRANCH("receipt-branch"),
    /** The block's coinbase does not bear the receipt's network, height and time. */
    COINBASE("receipt-coinbase"),
    /** The header does not meet the chain's target. */
    HEADER("receipt-header"),
    /** Somebody signed who is no validator, or one validator twice. */
    VALIDATOR("receipt-validator"),
    /** A signature does not verify. */
    SIGNATURE("receipt-signature"),
    /** Fewer validators signed than are needed. */
    QUORUM("receipt-quorum");

    private final String code;

    Flaw(String code) {
      this.code = code;
    }

    /** The stable code: lower case with hyphens. */
    public String code() {
      return code;
    }
  }

  private final Curve curve;

  /** A verifier that uses this implementation of the curve. */
  public ReceiptVerifier(Curve curve) {
    this.curve = curve;
  }

  /**
   * Verifies a receipt.
   *
   * @param validators who may certify
   * @param quorum how many of them must have, at least 1
   */
  public Verdict verify(Receipt receipt, List<XOnlyKey> validators, int quorum) {
    if (quorum < 1) {
      throw new IllegalArgumentException("a quorum is at least 1");
    }
    List<Hash> branch = receipt.branch();
    // Bits above the branch are ignored by the merkle computation, so they must not be there.
    if (receipt.position() < 1
        || branch.size() >= Integer.SIZE - 1
        || receipt.position() >> branch.size() != 0
        || isDoubledLeaf(receipt)) {
      return refused(Flaw.POSITION, "No transfer is at position " + receipt.position() + ".");
    }
    Hash root = MerkleTree.rootFromBranch(receipt.txid(), receipt.position(), branch);
    if (!root.equals(receipt.header().merkleRoot())) {
      return refused(Flaw.BRANCH, "The transfer is not in the block of this header.");
    }
    if (!coinbaseBears(receipt, root)) {
      return refused(Flaw.COINBASE, "The block is not the one of this network, height and time.");
    }
    if (receipt.header().bits() != Network.BITS || !receipt.header().meetsTarget()) {
      return refused(Flaw.HEADER, "The header does not meet the chain's target.");
    }
    return verify(receipt.blockHash(), receipt.height(), receipt.certificate(), validators, quorum);
  }

  private static boolean coinbaseBears(Receipt receipt, Hash root) {
    Transaction coinbase = receipt.coinbase();
    OptionalInt height = Coinbase.heightOf(coinbase);
    OptionalLong time = Coinbase.timeMillisOf(coinbase, receipt.network());
    return receipt.coinbaseBranch().size() == receipt.branch().size()
        && MerkleTree.rootFromBranch(coinbase.txid(), 0, receipt.coinbaseBranch()).equals(root)
        && height.isPresent()
        && height.getAsInt() == receipt.height()
        && time.isPresent()
        && time.getAsLong() == receipt.timeMillis();
  }

  /**
   * True if the position is that of a copy: where a level is odd its last node is hashed with
   * itself, which would prove the same transfer at a place where none is.
   */
  private static boolean isDoubledLeaf(Receipt receipt) {
    Hash hash = receipt.txid();
    int at = receipt.position();
    for (Hash sibling : receipt.branch()) {
      if ((at & 1) == 1 && sibling.equals(hash)) {
        return true;
      }
      hash = MerkleTree.rootFromBranch(hash, at & 1, List.of(sibling));
      at >>= 1;
    }
    return false;
  }

  /**
   * Verifies a certificate alone.
   *
   * @param blockHash hash of the block that it is about
   * @param height the block's height
   * @param validators who may certify
   * @param quorum how many of them must have
   */
  public Verdict verify(
      Hash blockHash, int height, Certificate certificate, List<XOnlyKey> validators, int quorum) {
    byte[] message = BlockSigner.message(blockHash, height);
    Set<XOnlyKey> signed = new HashSet<>();
    for (Certificate.Signature signature : certificate.signatures()) {
      XOnlyKey validator = signature.validator();
      if (!validators.contains(validator)) {
        return refused(Flaw.VALIDATOR, "The key " + validator + " is not one of the validators'.");
      }
      if (!signed.add(validator)) {
        return refused(Flaw.VALIDATOR, "The validator " + validator + " signed twice.");
      }
      if (!curve.verifySchnorr(signature.bytes(), message, validator.toBytes())) {
        return refused(Flaw.SIGNATURE, "The signature of " + validator + " does not verify.");
      }
    }
    if (signed.size() < quorum) {
      return refused(
          Flaw.QUORUM, "Only " + signed.size() + " of " + quorum + " validators needed signed.");
    }
    return new Verdict.Proved();
  }

  private static Verdict refused(Flaw flaw, String detail) {
    return new Verdict.Refused(flaw, detail);
  }
}
