package network.tender.web.transfers;

import io.vertx.core.json.JsonArray;
import io.vertx.core.json.JsonObject;
import java.time.Instant;
import java.util.HexFormat;
import network.tender.chain.Block;
import network.tender.chain.BlockHeader;
import network.tender.chain.Hash;
import network.tender.journal.StoredBlock;
import network.tender.ledger.Certificate;
import network.tender.ledger.ChainTotals;

/** Blocks as JSON of the native API. */
final class BlockJson {
  private BlockJson() {}

  /** What is said of a block in lists and streams. */
  static JsonObject summary(int height, Hash hash, Block block, long timeMillis) {
    return new JsonObject()
        .put("height", height)
        .put("hash", hash.toString())
        .put("previousBlockHash", block.header().previous().toString())
        .put("time", Instant.ofEpochMilli(timeMillis).toString())
        .put("timeMillis", timeMillis)
        .put("transferCount", block.transactions().size() - 1)
        .put("weight", block.weight());
  }

  /** A block with all its txids, header fields and certificate. */
  static JsonObject whole(StoredBlock stored) {
    Block block = stored.block();
    BlockHeader header = block.header();
    JsonArray txids = new JsonArray();
    int size = BlockHeader.SIZE_BYTES;
    for (var transaction : block.transactions()) {
      txids.add(transaction.txid().toString());
      size += transaction.size();
    }
    size += network.tender.chain.ByteWriter.compactSizeLength(block.transactions().size());
    return summary(stored.height(), stored.hash(), block, stored.timeMillis())
        .put("size", size)
        .put("version", header.version())
        .put("merkleRoot", header.merkleRoot().toString())
        .put("headerTimeSeconds", header.unixSeconds())
        .put("bits", String.format("%08x", header.bits()))
        .put("nonce", Integer.toUnsignedLong(header.nonce()))
        .put("certificate", certificate(stored.certificate()))
        .put("totals", totals(stored.totals()))
        .put("txids", txids);
  }

  private static JsonArray certificate(Certificate certificate) {
    JsonArray signatures = new JsonArray();
    for (Certificate.Signature signature : certificate.signatures()) {
      signatures.add(
          new JsonObject()
              .put("validator", signature.validator().toString())
              .put("signature", HexFormat.of().formatHex(signature.bytes())));
    }
    return signatures;
  }

  /** Sums over the chain. */
  static JsonObject totals(ChainTotals totals) {
    return new JsonObject()
        .put("transfers", totals.transfers())
        .put("coins", totals.coins())
        .put("unspentSat", totals.unspent().sat())
        .put("burnedSat", totals.burned().sat())
        .put("issuedSat", totals.issued().sat());
  }
}
