package network.tender.cli;

import picocli.CommandLine.Option;

/** The option that says how far a wallet looks for its addresses. */
final class GapLimit {
  private static final int MAX = 10_000;

  @Option(
      names = "--gap-limit",
      paramLabel = "N",
      description =
          "Stop looking behind so many unused addresses in a row (default: ${DEFAULT-VALUE}). A"
              + " store's wallet needs more than the store has unpaid invoices in a row.",
      defaultValue = "100")
  private int addresses = 100;

  /**
   * Unused addresses in a row.
   *
   * @throws CommandFailure if the command line names an impossible number
   */
  int addresses() {
    if (addresses < 1 || addresses > MAX) {
      throw CommandFailure.wrongUsage(
          "bad-gap-limit", "--gap-limit must be a number from 1 to " + MAX + ".");
    }
    return addresses;
  }
}
