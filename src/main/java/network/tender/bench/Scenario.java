package network.tender.bench;

import java.util.Locale;

/** What can be measured. */
public enum Scenario {
  /** Single transfers, each answered when it is settled. */
  TRANSFERS,
  /** Invoices: made, and made, paid and settled. */
  INVOICES,
  /** Questions of wallets and explorers. */
  READS,
  /** Transfers, questions and invoices at once. */
  MIXED;

  @Override
  public String toString() {
    return name().toLowerCase(Locale.ROOT);
  }
}
