package network.tender.web.transfers;

import io.netty.buffer.Unpooled;
import io.vertx.core.buffer.Buffer;
import io.vertx.core.internal.buffer.BufferInternal;
import io.vertx.core.json.DecodeException;
import io.vertx.core.json.JsonObject;
import java.time.Instant;
import java.util.List;
import network.tender.chain.Hash;
import network.tender.chain.MalformedException;
import network.tender.chain.Utf8Text;
import network.tender.ledger.Receipt;
import network.tender.ledger.ReceiptJson;
import network.tender.ledger.ReceiptWriter;

/** What the sender of a settled transfer is told. */
public final class SettledAnswer {
  /** Path of receipts, without the txid. */
  static final String RECEIPTS = "/v1/receipts/";

  private static final String RECEIPT = "receipt";

  /** What stands beside the receipt, or a few more. */
  private static final int OWN_CHARACTERS = 300;

  /** Answers to the transfers of one block are written together. */
  private static final ReceiptWriter WRITER = new ReceiptWriter();

  private SettledAnswer() {}

  static Buffer of(Receipt receipt) {
    return buffer(text(receipt));
  }

  /** These very bytes, not a copy: they are a sixth of what a transfer leaves for the collector. */
  static Buffer buffer(Utf8Text json) {
    return BufferInternal.buffer(Unpooled.wrappedBuffer(json.array(), 0, json.length()));
  }

  /** Written without a tree in between: each settled transfer has one. */
  private static Utf8Text text(Receipt receipt) {
    Utf8Text json = new Utf8Text(OWN_CHARACTERS + WRITER.characters(receipt));
    json.append("{\"txid\":\"").append(receipt.txid());
    json.append("\",\"blockHash\":\"");
    WRITER.appendBlockHash(json, receipt);
    json.append("\",\"height\":").append(receipt.height());
    json.append(",\"time\":\"").append(Instant.ofEpochMilli(receipt.timeMillis()).toString());
    json.append("\",\"timeMillis\":").append(receipt.timeMillis());
    json.append(",\"").append(RECEIPT).append("\":");
    WRITER.append(json, receipt);
    return json.append("}");
  }

  /**
   * The receipt in a file that holds such an answer, or the receipt alone as {@link
   * ReceiptJson#parseFile} takes it. What stands beside the receipt must say the same as the
   * receipt, byte for byte, for nothing else proves it.
   *
   * @throws MalformedException if the file is neither
   */
  public static Receipt parseFile(byte[] utf8) throws MalformedException {
    JsonObject answer;
    try {
      answer = new JsonObject(Buffer.buffer(utf8));
    } catch (DecodeException e) {
      throw new MalformedException("not JSON");
    }
    if (!(answer.getValue(RECEIPT) instanceof JsonObject proof)) {
      return ReceiptJson.parseFile(utf8);
    }
    Receipt receipt = ReceiptJson.parse(proof.encode());
    ReceiptJson.demandForm(utf8, List.of(text(receipt).toString()));
    return receipt;
  }

  static Buffer pending(Hash txid) {
    return Buffer.buffer(
        "{\"txid\":\""
            + txid
            + "\",\"status\":\"pending\",\"receipt\":\""
            + receiptPath(txid)
            + "\"}");
  }

  static String receiptPath(Hash txid) {
    return RECEIPTS + txid;
  }
}
