package network.tender.bench;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.node.ObjectNode;
import java.security.SecureRandom;
import network.tender.chain.Amount;
import network.tender.script.Curve;
import network.tender.script.WalletAccount;

/** A store on the node, with a wallet of its own. */
final class Shop {
  /** What each invoice is over. */
  static final long INVOICE_SAT = 2_000;

  private static final int SEED_BYTES = 32;

  private final String authorization;
  private final String store;
  private final String coinCode;

  private Shop(String authorization, String store, String coinCode) {
    this.authorization = authorization;
    this.store = store;
    this.coinCode = coinCode;
  }

  /** Opens a store as the node's administrator. */
  static Shop open(NodeUnderTest node) {
    String[] key = {"Authorization", "token " + node.adminKey()};
    JsonNode network = node.api().getJson("/v1/network");
    String store =
        node.api()
            .sendJson("POST", "/api/v1/stores", NodeApi.object().put("name", "Bench"), key)
            .path("id")
            .asText();
    byte[] seed = new byte[SEED_BYTES];
    // Not the last run's wallet: its addresses may be on the chain already.
    new SecureRandom().nextBytes(seed);
    WalletAccount account =
        WalletAccount.of(
            seed, WalletAccount.Purpose.NATIVE_SEGWIT, 0, Curve.load(Curve.Provider.AUTO));
    node.api()
        .sendJson(
            "PUT",
            "/api/v1/stores/"
                + store
                + "/payment-methods/"
                + network.path("paymentMethodId").asText(),
            NodeApi.object().put("enabled", true).put("config", account.xpub()),
            key);
    return new Shop(String.join(": ", key), store, network.path("coinCode").asText());
  }

  String invoicesPath() {
    return "/api/v1/stores/" + store + "/invoices";
  }

  /** The header line with the key. */
  String authorization() {
    return authorization;
  }

  /** A request for an invoice as shops make them. */
  ObjectNode invoice() {
    ObjectNode invoice =
        NodeApi.object()
            .put("amount", Amount.ofSat(INVOICE_SAT).toCoinText())
            .put("currency", coinCode);
    invoice.putObject("metadata").put("orderId", "order-0001").put("itemDesc", "Coffee");
    return invoice;
  }
}
