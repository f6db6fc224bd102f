package network.tender.ledger;

import java.util.HexFormat;
import java.util.List;
import network.tender.chain.Hash;
import org.jspecify.annotations.Nullable;

/**
 * Writes receipts as {@link ReceiptJson#write} does, and keeps what all receipts of a block share,
 * because those of one block are written together. Safe for any thread.
 */
public final class ReceiptWriter {
  /** Of the block whose receipt was written last. */
  private volatile @Nullable BlockText last;

  /** The parts of a block's receipts that do not tell one transfer from another. */
  private record BlockText(
      Receipt of, String hash, String beforePosition, String afterBranch, int characters) {
    private static BlockText of(Receipt receipt) {
      HexFormat hex = HexFormat.of();
      String hash = receipt.blockHash().toString();
      StringBuilder before = new StringBuilder(400);
      before.append("\",\"height\":").append(receipt.height());
      before.append(",\"blockHash\":\"").append(hash);
      before.append("\",\"header\":\"").append(hex.formatHex(receipt.header().toBytes()));
      before.append("\",\"position\":");
      StringBuilder after = new StringBuilder(1_000);
      after.append(",\"coinbase\":\"").append(receipt.coinbase().toHex());
      after.append("\",\"coinbaseBranch\":");
      append(after, receipt.coinbaseBranch());
      after.append(",\"timeMillis\":").append(receipt.timeMillis());
      after.append(",\"certificate\":[");
      String separator = "";
      for (Certificate.Signature signature : receipt.certificate().signatures()) {
        after.append(separator).append("{\"validator\":\"").append(signature.validator());
        after.append("\",\"signature\":\"").append(hex.formatHex(signature.bytes()));
        after.append("\"}");
        separator = ",";
      }
      after.append("]}");
      return new BlockText(
          receipt, hash, before.toString(), after.toString(), before.length() + after.length());
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

  /** The hash of a receipt's block, as text. */
  public String blockHash(Receipt receipt) {
    return textOf(receipt).hash;
  }

  /** Appends a receipt as one JSON object on one line. */
  public void append(StringBuilder json, Receipt receipt) {
    BlockText block = textOf(receipt);
    json.ensureCapacity(json.length() + block.characters + 200 + receipt.branch().size() * 67);
    json.append("{\"network\":\"").append(receipt.network());
    json.append("\",\"txid\":\"").append(receipt.txid());
    json.append(block.beforePosition).append(receipt.position());
    json.append(",\"branch\":");
    append(json, receipt.branch());
    json.append(block.afterBranch);
  }

  private static void append(StringBuilder json, List<Hash> hashes) {
    json.append('[');
    for (int i = 0; i < hashes.size(); i++) {
      json.append(i == 0 ? "\"" : ",\"").append(hashes.get(i)).append('"');
    }
    json.append(']');
  }
}
