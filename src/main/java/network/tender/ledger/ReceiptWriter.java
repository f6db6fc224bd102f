package network.tender.ledger;

import java.util.HexFormat;
import java.util.List;
import network.tender.chain.Hash;
import network.tender.chain.Utf8Text;
import org.jspecify.annotations.Nullable;

/**
 * Writes receipts as {@link ReceiptJson#write} does, and keeps what all receipts of a block share,
 * because those of one block are written together. Safe for any thread.
 */
public final class ReceiptWriter {
  /** What one transfer's receipt has of its own, without its branch. */
  private static final int OWN_CHARACTERS = 130;

  /** A hash of the branch, with quotes and comma. */
  private static final int BRANCH_CHARACTERS = 2 * Hash.SIZE_BYTES + 3;

  /** Of the block whose receipt was written last. */
  private volatile @Nullable BlockText last;

  /** The parts of a block's receipts that do not tell one transfer from another. */
  @SuppressWarnings("ArrayRecordComponent") // Never compared, and never changed.
  private record BlockText(Receipt of, byte[] hash, byte[] beforePosition, byte[] afterBranch) {
    private static BlockText of(Receipt receipt) {
      HexFormat hex = HexFormat.of();
      Hash hash = receipt.blockHash();
      Utf8Text before = new Utf8Text(400);
      before.append("\",\"height\":").append(receipt.height());
      before.append(",\"blockHash\":\"").append(hash);
      before.append("\",\"header\":\"").append(hex.formatHex(receipt.header().toBytes()));
      before.append("\",\"position\":");
      Utf8Text after = new Utf8Text(1_000);
      after.append(",\"coinbase\":\"").append(receipt.coinbase().toHex());
      after.append("\",\"coinbaseBranch\":");
      append(after, receipt.coinbaseBranch());
      after.append(",\"timeMillis\":").append(receipt.timeMillis());
      after.append(",\"certificate\":[");
      String separator = "";
      for (Certificate.Signature signature : receipt.certificate().signatures()) {
        after
            .append(separator)
            .append("{\"validator\":\"")
            .append(signature.validator().toString());
        after.append("\",\"signature\":\"").append(hex.formatHex(signature.bytes()));
        after.append("\"}");
        separator = ",";
      }
      after.append("]}");
      return new BlockText(
          receipt,
          new Utf8Text(2 * Hash.SIZE_BYTES).append(hash).toBytes(),
          before.toBytes(),
          after.toBytes());
    }

    /** True for a receipt of the very same block, and not only of one that looks like it. */
    @SuppressWarnings("ReferenceEquality") // the receipts of one block share these
    private boolean fits(Receipt receipt) {
      return receipt.header() == of.header()
          && receipt.coinbase() == of.coinbase()
          && receipt.certificate() == of.certificate()
          && receipt.height() == of.height()
          && receipt.timeMillis() == of.timeMillis()
          && receipt.coinbaseBranch().equals(of.coinbaseBranch());
    }
  }

  private BlockText textOf(Receipt receipt) {
    BlockText kept = last;
    if (kept == null || !kept.fits(receipt)) {
      kept = BlockText.of(receipt);
      last = kept;
    }
    return kept;
  }

  /** Appends the hash of a receipt's block. */
  public void appendBlockHash(Utf8Text json, Receipt receipt) {
    json.append(textOf(receipt).hash);
  }

  /** How many characters a receipt has, or a few more; each is one byte. */
  public int characters(Receipt receipt) {
    BlockText block = textOf(receipt);
    return block.beforePosition.length
        + block.afterBranch.length
        + receipt.network().length()
        + OWN_CHARACTERS
        + receipt.branch().size() * BRANCH_CHARACTERS;
  }

  /** Appends a receipt as one JSON object on one line. */
  public void append(Utf8Text json, Receipt receipt) {
    BlockText block = textOf(receipt);
    json.append("{\"network\":\"").append(receipt.network());
    json.append("\",\"txid\":\"").append(receipt.txid());
    json.append(block.beforePosition).append(receipt.position());
    json.append(",\"branch\":");
    append(json, receipt.branch());
    json.append(block.afterBranch);
  }

  private static void append(Utf8Text json, List<Hash> hashes) {
    json.append("[");
    for (int i = 0; i < hashes.size(); i++) {
      json.append(i == 0 ? "\"" : ",\"").append(hashes.get(i)).append("\"");
    }
    json.append("]");
  }
}
