package network.tender.cli;

import java.util.Optional;
import network.tender.chain.Amount;

/**
 * What the wallet's commands read in a payment URI, for tests of other packages.
 *
 * @param address as written
 * @param amount if there is one
 * @param label if there is one
 */
public record PaymentUriReading(String address, Optional<Amount> amount, Optional<String> label) {
  /** Empty if the URI is refused with a sentence. */
  public static Optional<PaymentUriReading> of(String text, String scheme) {
    try {
      PaymentUri uri = PaymentUri.parse(text, scheme);
      return Optional.of(new PaymentUriReading(uri.address(), uri.amount(), uri.label()));
    } catch (CommandFailure e) {
      return Optional.empty();
    }
  }
}
