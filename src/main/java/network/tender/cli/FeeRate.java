package network.tender.cli;

import java.math.BigDecimal;
import java.util.Optional;
import picocli.CommandLine.Option;

/** The option that says what a transfer pays for its size. */
final class FeeRate {
  @Option(
      names = "--fee-rate",
      paramLabel = "RATE",
      description =
          "What to pay for the transfer's size, in sat per vbyte, such as 1.5 (default: the node's"
              + " estimate).")
  private Optional<String> text = Optional.empty();

  /**
   * The rate in sat per vbyte: the one that is named, else the node's estimate.
   *
   * @throws CommandFailure if it is malformed, absurd or below what the network relays
   */
  BigDecimal satPerVbyte(NodeClient node, NetworkFacts facts) {
    BigDecimal floor = BigDecimal.valueOf(facts.feeFloorSatPerKvb(), 3);
    if (text.isPresent()) {
      BigDecimal rate = parse(text.get());
      if (rate.compareTo(floor) < 0) {
        throw CommandFailure.wrongUsage(
            "bad-fee-rate",
            "The network takes no transfer that pays less than "
                + floor.stripTrailingZeros().toPlainString()
                + " sat per vbyte.");
      }
      return rate;
    }
    return node.feeRate().map(floor::max).orElse(floor);
  }

  private static BigDecimal parse(String text) {
    if (text.matches("[0-9]{1,7}(\\.[0-9]{1,3})?")) {
      return new BigDecimal(text);
    }
    throw CommandFailure.wrongUsage(
        "bad-fee-rate",
        "--fee-rate must be a number of sat per vbyte with at most 3 decimals, such as 1.5.");
  }
}
