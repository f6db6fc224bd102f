package network.tender.merchant;

import java.util.Locale;
import java.util.Optional;

/**
 * How sure a merchant wants to be. One block is final here, so every policy is met by the first
 * block; the value is kept and echoed for clients.
 */
public enum SpeedPolicy {
  /** As soon as the network has accepted the transfer. */
  HIGH("HighSpeed"),
  /** One block. */
  MEDIUM("MediumSpeed"),
  /** Two blocks. */
  LOW_MEDIUM("LowMediumSpeed"),
  /** Six blocks. */
  LOW("LowSpeed");

  private final String text;

  SpeedPolicy(String text) {
    this.text = text;
  }

  /** The name in the API. */
  public String text() {
    return text;
  }

  /** Reads a name in any case. */
  public static Optional<SpeedPolicy> parse(String text) {
    for (SpeedPolicy policy : values()) {
      if (policy.text.toLowerCase(Locale.ROOT).equals(text.toLowerCase(Locale.ROOT))) {
        return Optional.of(policy);
      }
    }
    return Optional.empty();
  }
}
