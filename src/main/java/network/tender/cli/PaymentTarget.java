package network.tender.cli;

import java.util.Optional;
import network.tender.chain.Amount;
import picocli.CommandLine.Option;
import picocli.CommandLine.Parameters;

/** The part of a command line that says whom to pay how much. */
final class PaymentTarget {
  @Parameters(index = "0", paramLabel = "ADDRESS|URI", description = "Whom to pay.")
  private String target = "";

  @Parameters(
      index = "1",
      arity = "0..1",
      paramLabel = "AMOUNT",
      description = "How much, in coins, such as 0.25; not needed if the URI says it.")
  private Optional<String> amountText = Optional.empty();

  @Option(
      names = "--all",
      description = "Pay all that is settled in the wallet, the fee taken off it, in one transfer.")
  private boolean all;

  /**
   * Checks what can be checked before a node is asked.
   *
   * @throws CommandFailure if the command line can't be meant
   */
  void check() {
    if (all) {
      if (amountText.isPresent()) {
        throw CommandFailure.wrongUsage("bad-amount", "Say an amount or --all, not both.");
      }
    } else if (namedAmount().isEmpty() && !PaymentUri.isUri(target)) {
      throw noAmount();
    }
  }

  private Optional<Amount> namedAmount() {
    try {
      return amountText.map(PaymentUri::parseAmount);
    } catch (CommandFailure e) {
      throw CommandFailure.wrongUsage(e.code(), e.sentence());
    }
  }

  private static CommandFailure noAmount() {
    return CommandFailure.wrongUsage("bad-amount", "Say how much to pay, in coins, such as 0.25.");
  }

  /** The whole order, with the payment URI and the address checked. */
  PaymentOrder order(NetworkFacts facts) {
    String address = target;
    Optional<Amount> amount = namedAmount();
    if (PaymentUri.isUri(target)) {
      PaymentUri uri = PaymentUri.parse(target, facts.uriScheme());
      address = uri.address();
      if (all && uri.amount().isPresent()) {
        throw CommandFailure.wrongUsage(
            "bad-amount", "The URI asks for an amount; leave --all out.");
      }
      if (amount.isPresent() && uri.amount().isPresent() && !amount.equals(uri.amount())) {
        throw CommandFailure.wrongUsage(
            "bad-amount",
            "The URI asks for "
                + uri.amount().get().toCoinText()
                + " but the command line says "
                + amount.get().toCoinText()
                + "; leave one of them out.");
      }
      amount = amount.or(uri::amount);
    }
    if (amount.isEmpty() && !all) {
      throw noAmount();
    }
    return new PaymentOrder(address, facts.scriptOf(address), amount);
  }
}
