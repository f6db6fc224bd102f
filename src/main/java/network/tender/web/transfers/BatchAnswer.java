package network.tender.web.transfers;

import io.vertx.core.buffer.Buffer;
import io.vertx.core.json.JsonObject;
import java.util.List;
import network.tender.chain.Hash;
import network.tender.chain.Utf8Text;
import network.tender.ledger.Receipt;
import network.tender.settlement.Outcome;
import network.tender.web.Problem;
import network.tender.web.Problems;

/** What the sender of a batch is told: a verdict on each transfer, in the batch's order. */
final class BatchAnswer {
  private static final int SETTLED_CHARACTERS = 300;

  private BatchAnswer() {}

  static Buffer of(List<Outcome> outcomes) {
    Utf8Text json = new Utf8Text(20 + outcomes.size() * SETTLED_CHARACTERS);
    json.append("{\"results\":[");
    for (int i = 0; i < outcomes.size(); i++) {
      if (i > 0) {
        json.append(",");
      }
      append(json, outcomes.get(i));
    }
    return SettledAnswer.buffer(json.append("]}"));
  }

  private static void append(Utf8Text json, Outcome outcome) {
    if (outcome instanceof Outcome.Settled settled) {
      append(json, settled.receipt());
    } else if (outcome instanceof Outcome.Accepted accepted) {
      begin(json, "pending", accepted.txid());
      json.append("}");
    } else if (outcome instanceof Outcome.Refused refused) {
      append(json, "refused", Problems.of(refused.rejection()));
    } else if (outcome instanceof Outcome.Unavailable unavailable) {
      append(json, "unavailable", Problems.of(unavailable));
    }
  }

  private static void begin(Utf8Text json, String status, Hash txid) {
    json.append("{\"status\":\"").append(status).append("\",\"txid\":\"").append(txid);
    json.append("\",\"receipt\":\"").append(SettledAnswer.RECEIPTS).append(txid).append("\"");
  }

  private static void append(Utf8Text json, Receipt receipt) {
    begin(json, "settled", receipt.txid());
    json.append(",\"height\":").append(receipt.height());
    json.append(",\"timeMillis\":").append(receipt.timeMillis()).append("}");
  }

  /** The members of a problem that say what is wrong; the status of one transfer is no HTTP's. */
  private static void append(Utf8Text json, String status, Problem problem) {
    JsonObject members =
        new JsonObject()
            .put("status", status)
            .put("code", problem.code())
            .put("detail", problem.detail());
    problem.extra().forEach(members::put);
    json.append(members.encode());
  }
}
