package network.tender.web.pages;

import network.tender.chain.Amount;
import network.tender.chain.Network;

/** The payment URIs of the pages, for tests of other packages. */
public final class PaymentUriWriting {
  private PaymentUriWriting() {}

  /** As for links and for copying. */
  public static String forLink(Network network, String address, Amount amount, String label) {
    return PaymentUri.of(network, address, amount, label);
  }

  /** As in a QR code. */
  public static String forCode(Network network, String address, Amount amount, String label) {
    return PaymentUri.forCode(network, address, amount, label);
  }
}
