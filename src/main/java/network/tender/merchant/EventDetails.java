package network.tender.merchant;

import com.fasterxml.jackson.databind.node.ObjectNode;
import java.util.List;
import network.tender.chain.Network;

/** What events say beside the invoice and its metadata, in the shape of the Greenfield API. */
final class EventDetails {
  private static final String NOTHING = "{}";
  private static final int MILLIS_PER_SECOND = 1_000;

  private final Network network;

  EventDetails(Network network) {
    this.network = network;
  }

  private String of(InvoiceEvent event, String address) {
    ObjectNode json = ExactJson.object();
    if (event instanceof InvoiceEvent.ReceivedPayment received) {
      payment(json, received.payment(), received.afterExpiration(), address);
    } else if (event instanceof InvoiceEvent.PaymentSettled settled) {
      payment(json, settled.payment(), settled.afterExpiration(), address);
    } else if (event instanceof InvoiceEvent.Processing processing) {
      json.put("overPaid", processing.overPaid());
    } else if (event instanceof InvoiceEvent.Settled settled) {
      json.put("manuallyMarked", settled.manuallyMarked());
      json.put("overPaid", settled.overPaid());
    } else if (event instanceof InvoiceEvent.Expired expired) {
      json.put("partiallyPaid", expired.partiallyPaid());
    } else if (event instanceof InvoiceEvent.Invalid invalid) {
      json.put("manuallyMarked", invalid.manuallyMarked());
    }
    return json.isEmpty() ? NOTHING : ExactJson.write(json);
  }

  /**
   * Events as a JSON list, each with its {@code type} and its own keys as {@code details}: what the
   * statements that write events are given.
   *
   * @param address where the invoice is paid
   */
  String list(List<InvoiceEvent> events, String address) {
    StringBuilder json = new StringBuilder("[");
    for (InvoiceEvent event : events) {
      json.append(json.length() == 1 ? "" : ",")
          .append("{\"type\":\"")
          .append(event.type())
          .append("\",\"details\":")
          .append(of(event, address))
          .append('}');
    }
    return json.append(']').toString();
  }

  /** A payment is in a durable block, and one block is final: it is settled from the start. */
  private void payment(ObjectNode json, Payment payment, boolean afterExpiration, String address) {
    json.put("afterExpiration", afterExpiration);
    json.put("paymentMethodId", network.paymentMethodId());
    json.putObject("payment")
        .put("id", payment.id())
        .put("receivedDate", Math.floorDiv(payment.sealedMillis(), MILLIS_PER_SECOND))
        .put("value", payment.amount().toCoinText())
        .put("fee", "0")
        .put("status", "Settled")
        .put("destination", address);
  }
}
