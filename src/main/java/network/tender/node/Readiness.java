package network.tender.node;

import java.util.Optional;
import java.util.function.BooleanSupplier;
import java.util.function.Supplier;

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
  private volatile BooleanSupplier sealing = () -> false;
  private volatile BooleanSupplier disk = () -> true;
  private volatile Supplier<Optional<String>> following = Optional::empty;

  /** The node serves from now on, as long as all are true. */
  void serving(
      BooleanSupplier journalAvailable, BooleanSupplier leaseHeld, BooleanSupplier blocksSealed) {
    journal = journalAvailable;
    lease = leaseHeld;
    sealing = blocksSealed;
    phase = Phase.SERVING;
  }

  /** Where to ask whether the disk has room; without that it is the database's own affair. */
  void disk(BooleanSupplier hasRoom) {
    disk = hasRoom;
  }

  /** Where to ask what keeps this node from following another, if it does. */
  void following(Supplier<Optional<String>> flaw) {
    following = flaw;
  }

  /** The node is on its way down. */
  void stopping() {
    phase = Phase.STOPPING;
  }

  /** True if a payment that came now would be settled. */
  public boolean isReady() {
    return isServing()
        && isJournalAvailable()
        && isLeaseHeld()
        && isSealing()
        && isDiskRoomy()
        && followingFlaw().isEmpty();
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

  /** True unless blocks have to wait for coins to be written. */
  boolean isSealing() {
    return sealing.getAsBoolean();
  }

  /** True unless the embedded database is about to run out of disk. */
  boolean isDiskRoomy() {
    return disk.getAsBoolean();
  }

  /** What keeps this node from following another; empty if it follows well, or none at all. */
  Optional<String> followingFlaw() {
    return following.get();
  }
}
