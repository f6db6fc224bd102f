package network.tender.web.transfers;

import io.vertx.core.json.JsonObject;
import java.time.Instant;
import network.tender.chain.Address;
import network.tender.chain.Hash;
import network.tender.chain.Network;
import network.tender.chain.Script;
import network.tender.chain.Transaction;

/** What the stream of an address says of a settled transfer. */
final class TransferEvent {
  private TransferEvent() {}

  static JsonObject json(
      Network network,
      Script script,
      Transaction transaction,
      long receivedSat,
      long spentSat,
      int height,
      Hash blockHash,
      long timeMillis) {
    JsonObject json =
        new JsonObject()
            .put("txid", transaction.txid().toString())
            .put("receivedSat", receivedSat)
            .put("spentSat", spentSat)
            .put("height", height)
            .put("blockHash", blockHash.toString())
            .put("time", Instant.ofEpochMilli(timeMillis).toString())
            .put("timeMillis", timeMillis);
    Address.format(script, network).ifPresent(address -> json.put("address", address));
    return json;
  }
}
