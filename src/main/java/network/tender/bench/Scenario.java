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
  MIXED,
  /** Transfers with ever more coins. */
  GROW,
  /** What is left of it all when far too much is asked for. */
  OVERLOAD,
  /** How long a node takes to serve again. */
  RESTART,
  /** How fast the chain is judged by somebody else. */
  REPLAY;

  @Override
  public String toString() {
    return name().toLowerCase(Locale.ROOT);
  }
}
