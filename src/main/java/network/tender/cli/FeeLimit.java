package network.tender.cli;

import java.math.BigDecimal;
import java.util.Optional;
import picocli.CommandLine.Option;

/** The option that says how high a fee may be: a slip, or a lie, must not eat the money. */
final class FeeLimit {
  /** Nobody means to pay more for a vbyte; some wallets draw the line at a multiple of it. */
  private static final int ABSURD_SAT_PER_VBYTE = 1_000;

  @Option(
      names = "--max-fee",
      paramLabel = "AMOUNT",
      description =
          "The highest fee that is not refused, in coins (default: "
              + ABSURD_SAT_PER_VBYTE
              + " sat per vbyte).")
  private Optional<String> most = Optional.empty();

  /**
   * Why a fee is too high, if it is.
   *
   * @param sat the fee
   * @param virtualSize size of the signed transfer, at least
   */
  Optional<CommandFailure> refuse(long sat, int virtualSize) {
    long limit = most.map(this::parse).orElse((long) ABSURD_SAT_PER_VBYTE * virtualSize);
    return sat <= limit
        ? Optional.empty()
        : Optional.of(
            new CommandFailure(
                "fee-absurd",
                "The fee of "
                    // What others say of a fee may be more than there is.
                    + BigDecimal.valueOf(sat, 8).stripTrailingZeros().toPlainString()
                    + " is absurdly high; nothing is paid. If it is meant, allow it with"
                    + " --max-fee."));
  }

  private long parse(String text) {
    try {
      return PaymentUri.parseAmount(text).sat();
    } catch (CommandFailure e) {
      throw CommandFailure.wrongUsage(e.code(), e.sentence());
    }
  }
}
