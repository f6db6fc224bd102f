package network.tender.web.esplora;

import io.vertx.core.json.JsonObject;
import java.util.HashMap;
import java.util.Map;
import java.util.Set;
import network.tender.chain.Hash;
import network.tender.chain.Outpoint;
import network.tender.chain.Transaction;

/**
 * Who has spent an output.
 *
 * @param txid the transaction that spends it
 * @param input number of its input that does
 * @param status where it stands
 */
record Spender(Hash txid, int input, JsonObject status) {
  /**
   * A transaction as the spender of some outputs, by output.
   *
   * @throws IllegalStateException if it does not spend one of them
   */
  static Map<Outpoint, Spender> of(Transaction spender, Set<Outpoint> spent, JsonObject status) {
    Map<Outpoint, Spender> found = new HashMap<>();
    Hash txid = spender.txid();
    for (int i = 0; i < spender.inputCount(); i++) {
      Outpoint outpoint = spender.prevout(i);
      if (spent.contains(outpoint)) {
        found.put(outpoint, new Spender(txid, i, status));
      }
    }
    if (found.size() < spent.size()) {
      throw new IllegalStateException("the index names a spender that does not spend " + spent);
    }
    return found;
  }

  JsonObject json() {
    return new JsonObject()
        .put("spent", true)
        .put("txid", txid.toString())
        .put("vin", input)
        .put("status", status);
  }
}
