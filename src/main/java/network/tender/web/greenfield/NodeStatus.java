package network.tender.web.greenfield;

/** What the merchant API tells of the node behind it. */
public interface NodeStatus {
  /** True if a payment that is sent now can be settled. */
  boolean canSettle();

  /** Height of the newest durable block. */
  int height();
}
