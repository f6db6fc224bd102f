package network.tender.ledger;

import java.util.Set;
import network.tender.chain.Transaction;
import org.jspecify.annotations.Nullable;

/**
 * The limits of transfers of version 3, "topologically restricted until confirmed" (BIP431, Core:
 * truc_policy.cpp). Nothing is ever replaced here, so that only size and company count.
 */
final class Truc {
  private static final int VERSION = 3;
  private static final int MAX_VIRTUAL_BYTES = 10_000;
  private static final int MAX_CHILD_VIRTUAL_BYTES = 1_000;

  /** A parent and its child. */
  private static final int MAX_TOGETHER = 2;

  private Truc() {}

  /**
   * Checks a transfer with all pending transfers that it hangs on.
   *
   * @return why it is refused; null if it is not
   */
  static @Nullable Rejection check(Mempool.Pending added, Set<Mempool.Pending> ancestors) {
    boolean restricted = isRestricted(added.transfer);
    for (Mempool.Pending ancestor : ancestors) {
      if (isRestricted(ancestor.transfer) != restricted) {
        return refused(
            "A transfer of version 3 and one of another version hang together; send it again after"
                + " the next block.");
      }
    }
    if (!restricted) {
      return null;
    }
    int size = added.transfer.virtualSize();
    if (size > MAX_VIRTUAL_BYTES) {
      return refused(
          "It has version 3 and " + size + " vbytes, more than " + MAX_VIRTUAL_BYTES + ".");
    }
    if (ancestors.isEmpty()) {
      return null;
    }
    if (ancestors.size() >= MAX_TOGETHER
        || ancestors.iterator().next().descendants() >= MAX_TOGETHER) {
      return refused(
          "More than one parent and one child of version 3 would be pending together; send it again"
              + " after the next block.");
    }
    if (size > MAX_CHILD_VIRTUAL_BYTES) {
      return refused(
          "It has version 3, a pending parent and "
              + size
              + " vbytes, more than "
              + MAX_CHILD_VIRTUAL_BYTES
              + "; send it again after the next block.");
    }
    return null;
  }

  private static boolean isRestricted(Transaction transfer) {
    return transfer.version() == VERSION;
  }

  private static Rejection refused(String detail) {
    return Rejection.of(Reason.TRUC, detail);
  }
}
