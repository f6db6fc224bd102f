package network.tender.web.transfers;

import io.vertx.core.buffer.Buffer;
import java.time.Instant;
import network.tender.chain.Hash;
import network.tender.ledger.Receipt;
import network.tender.ledger.ReceiptJson;

/** What the sender of a settled transfer is told, written without a tree in between. */
final class SettledAnswer {
  private SettledAnswer() {}

  static Buffer of(Receipt receipt) {
    String proof = ReceiptJson.write(receipt);
    StringBuilder json = new StringBuilder(proof.length() + 300);
    json.append("{\"txid\":\"").append(receipt.txid());
    json.append("\",\"blockHash\":\"").append(receipt.blockHash());
    json.append("\",\"height\":").append(receipt.height());
    json.append(",\"time\":\"").append(Instant.ofEpochMilli(receipt.timeMillis()));
    json.append("\",\"timeMillis\":").append(receipt.timeMillis());
    json.append(",\"receipt\":").append(proof).append('}');
    return Buffer.buffer(json.toString());
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
    return "/v1/receipts/" + txid;
  }
}
