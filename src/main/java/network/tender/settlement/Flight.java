package network.tender.settlement;

import java.util.ArrayList;
import java.util.List;
import network.tender.chain.Outpoint;
import network.tender.chain.Transaction;
import network.tender.ledger.Resolution;
import network.tender.script.ScriptVerdict;
import org.jspecify.annotations.Nullable;

/** One transfer on its way, with all who wait for it. The writer's, but for the verification. */
final class Flight {
  final Transaction transfer;
  final long arrivedNanos;
  final List<Waiter> waiters = new ArrayList<>(1);

  /** Submissions that hold a place at the intake until the verdict. */
  int places;

  /** How often it had to be resolved again because coins moved meanwhile. */
  int attempts;

  /** Of its coins, those that were not in memory when it was resolved last. */
  List<Outpoint> missing = List.of();

  long resolvedNanos;
  long admittedNanos;
  boolean admitted;
  Resolution.@Nullable Resolved resolved;

  /** Written by a signature worker, read by the writer after the hand-over. */
  @Nullable ScriptVerdict verdict;

  Flight(Transaction transfer, long arrivedNanos) {
    this.transfer = transfer;
    this.arrivedNanos = arrivedNanos;
  }
}
