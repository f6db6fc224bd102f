package network.tender.node;

import java.util.function.BooleanSupplier;

/** Whether the node can settle payments now, and if not, why. Safe for any thread. */
public final class Readiness {
  private enum Phase {
    STARTING,
    SERVING,
    STOPPING
  }

  private volatile Phase phase = Phase.STARTING;
  private volatile BooleanSupplier journal = () -> false;
  private volatile BooleanSupplier lease = () -> false;

  /** The node serves from now on, as long as both are true. */
  void serving(BooleanSupplier journalAvailable, BooleanSupplier leaseHeld) {
    journal = journalAvailable;
    lease = leaseHeld;
    phase = Phase.SERVING;
  }

  /** The node is on its way down. */
  void stopping() {
    phase = Phase.STOPPING;
  }

  /** True if a payment that came now would be settled. */
  public boolean isReady() {
    return isServing() && isJournalAvailable() && isLeaseHeld();
  }

  /** True between the start and the stop. */
  boolean isServing() {
    return phase == Phase.SERVING;
  }

  /** True while the database takes writes. */
  boolean isJournalAvailable() {
    return journal.getAsBoolean();
  }

  /** True while this node is the chain's writer. */
  boolean isLeaseHeld() {
    return lease.getAsBoolean();
  }
}
