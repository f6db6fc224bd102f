package network.tender.web.esplora;

import io.vertx.core.buffer.Buffer;
import io.vertx.core.json.JsonArray;
import io.vertx.core.json.JsonObject;
import java.math.BigDecimal;
import java.util.HexFormat;
import java.util.List;
import network.tender.chain.Address;
import network.tender.chain.Amount;
import network.tender.chain.BlockHeader;
import network.tender.chain.Hash;
import network.tender.chain.Network;
import network.tender.chain.Outpoint;
import network.tender.chain.Script;
import network.tender.chain.Transaction;
import network.tender.journal.StoredBlock;
import network.tender.ledger.Coin;
import org.jspecify.annotations.Nullable;

/** Esplora's JSON objects; member names and their order are those of its API text. */
final class EsploraJson {
  /** That of the one target all blocks have, relative to Bitcoin's easiest. */
  private static final BigDecimal DIFFICULTY = new BigDecimal("4.656542373906925e-10");

  private final Network network;

  EsploraJson(Network network) {
    this.network = network;
  }

  /** A transaction. */
  JsonObject transaction(ShownTransaction shown) {
    Transaction transaction = shown.transaction();
    List<Coin> spent = shown.spent();
    JsonArray inputs = new JsonArray();
    long inSat = 0;
    for (int i = 0; i < transaction.inputCount(); i++) {
      Coin coin = transaction.isCoinbase() ? null : spent.get(i);
      inSat += coin == null ? 0 : coin.amount().sat();
      inputs.add(input(transaction, i, coin));
    }
    JsonArray outputs = new JsonArray();
    long outSat = 0;
    for (int i = 0; i < transaction.outputCount(); i++) {
      outSat += transaction.outputSat(i);
      outputs.add(output(transaction.script(i), transaction.amount(i)));
    }
    return new JsonObject()
        .put("txid", transaction.txid().toString())
        .put("version", transaction.version())
        .put("locktime", Integer.toUnsignedLong(transaction.lockTime()))
        .put("vin", inputs)
        .put("vout", outputs)
        .put("size", transaction.size())
        .put("weight", transaction.weight())
        .put("fee", transaction.isCoinbase() ? 0 : inSat - outSat)
        .put("status", shown.status());
  }

  /** A list of transactions, written one by one: the text takes much less than its parts. */
  Buffer transactions(List<ShownTransaction> all) {
    Buffer list = Buffer.buffer("[");
    for (ShownTransaction shown : all) {
      list.appendString(list.length() == 1 ? "" : ",").appendBuffer(transaction(shown).toBuffer());
    }
    return list.appendString("]");
  }

  private JsonObject input(Transaction transaction, int i, @Nullable Coin coin) {
    Outpoint prevout = transaction.prevout(i);
    Script scriptSig = transaction.scriptSig(i);
    JsonObject input =
        new JsonObject()
            .put("txid", prevout.txid().toString())
            .put("vout", Integer.toUnsignedLong(prevout.index()))
            .put("prevout", coin == null ? null : output(coin.script(), coin.amount()))
            .put("scriptsig", scriptSig.toHex())
            .put("scriptsig_asm", ScriptAsm.of(scriptSig));
    List<byte[]> witness = transaction.witness(i);
    if (!witness.isEmpty()) {
      JsonArray items = new JsonArray();
      witness.forEach(item -> items.add(HexFormat.of().formatHex(item)));
      input.put("witness", items);
    }
    input
        .put("is_coinbase", transaction.isCoinbase())
        .put("sequence", Integer.toUnsignedLong(transaction.sequence(i)));
    if (coin != null) {
      InnerScripts inner = InnerScripts.of(coin.script(), scriptSig, witness);
      inner.redeem().ifPresent(s -> input.put("inner_redeemscript_asm", ScriptAsm.of(s)));
      inner.witness().ifPresent(s -> input.put("inner_witnessscript_asm", ScriptAsm.of(s)));
    }
    return input;
  }

  private JsonObject output(Script script, Amount amount) {
    JsonObject output =
        new JsonObject()
            .put("scriptpubkey", script.toHex())
            .put("scriptpubkey_asm", ScriptAsm.of(script))
            .put("scriptpubkey_type", script.type().esploraName());
    Address.format(script, network)
        .ifPresent(address -> output.put("scriptpubkey_address", address));
    return output.put("value", amount.sat());
  }

  /** The status of a transaction in a block. */
  static JsonObject status(StoredBlock block) {
    return status(block.height(), block.hash(), block.block().header());
  }

  /** The status of a transaction in a block. */
  static JsonObject status(BlockCard card) {
    return status(card.height(), card.hash(), card.header());
  }

  /** The status of a transaction in a block. */
  static JsonObject status(int height, Hash hash, BlockHeader header) {
    return new JsonObject()
        .put("confirmed", true)
        .put("block_height", height)
        .put("block_hash", hash.toString())
        .put("block_time", header.unixSeconds());
  }

  /** The status of a transaction in no block, or of none at all. */
  static JsonObject unconfirmed() {
    return new JsonObject().put("confirmed", false);
  }

  /**
   * A block.
   *
   * @param medianTimeSeconds median of the header times of this block and the ten before
   */
  static JsonObject block(BlockCard card, long medianTimeSeconds) {
    BlockHeader header = card.header();
    return new JsonObject()
        .put("id", card.hash().toString())
        .put("height", card.height())
        .put("version", header.version())
        .put("timestamp", header.unixSeconds())
        .put("tx_count", card.transactions())
        .put("size", card.sizeBytes())
        .put("weight", card.weight())
        .put("merkle_root", header.merkleRoot().toString())
        .put(
            "previousblockhash",
            header.previous().equals(Hash.ZERO) ? null : header.previous().toString())
        .put("mediantime", medianTimeSeconds)
        .put("nonce", Integer.toUnsignedLong(header.nonce()))
        .put("bits", Integer.toUnsignedLong(header.bits()))
        .put("difficulty", DIFFICULTY);
  }
}
