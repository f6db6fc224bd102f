package network.tender.bench;

import java.util.Locale;

/** What can be measured. */
public enum Scenario {
  /** Single transfers, each answered when it is settled. */
  TRANSFERS;

  @Override
  public String toString() {
    return name().toLowerCase(Locale.ROOT);
  }
}
