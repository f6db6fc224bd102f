package network.tender.settlement;

import network.tender.chain.Hash;
import network.tender.ledger.Receipt;
import network.tender.ledger.Rejection;

/** What became of a transfer that was handed in. */
public sealed interface Outcome {
  /**
   * It is in a durable block; also for a transfer that was settled before.
   *
   * @param receipt the proof
   */
  record Settled(Receipt receipt) implements Outcome {}

  /**
   * It is valid and pending; only for callers that did not want to wait.
   *
   * @param txid the transfer
   */
  record Accepted(Hash txid) implements Outcome {}

  /**
   * It breaks a rule.
   *
   * @param rejection which and why
   */
  record Refused(Rejection rejection) implements Outcome {}

  /**
   * The node can't take it now; sending it again later is safe.
   *
   * @param cause a closed reason, also the metric label
   * @param retryAfterSeconds when to try again
   */
  record Unavailable(Cause cause, int retryAfterSeconds) implements Outcome {}

  /** Why a node can't take a transfer now. */
  enum Cause {
    /** Too many transfers, or other requests of one kind, are under way. */
    BUSY("node-busy", "Too many requests of this kind are under way; send it again in a moment."),
    /** The database does not take writes. */
    JOURNAL_DOWN("journal-unavailable", "The node can't write to its journal; try again later."),
    /** The node is starting or stopping. */
    NOT_READY("node-not-ready", "The node is starting or stopping; try again later."),
    /** The transfer is pending longer than a caller may wait; it may still settle. */
    DELAYED("settlement-delayed", "Not settled yet; send the same transfer again to learn more."),
    /** Without an index nobody knows whether the transfer is settled or its coins never were. */
    OUTCOME_UNKNOWN(
        "outcome-unknown",
        "This node keeps no index, so it can't tell whether this transfer is settled already or its"
            + " coins are gone or never were; ask a node that has one."),
    /** This node follows another, which does not answer. */
    NODE_UNREACHABLE(
        "node-unreachable",
        "The node that this one follows can't be reached; try again later, or send it there."),
    /** This node follows another, and a block of that broke a rule. */
    FOLLOWING_STOPPED(
        "following-stopped",
        "This node has stopped following its chain, for a block broke a rule; send it to another"
            + " node, if you trust one.");

    private final String code;
    private final String sentence;

    Cause(String code, String sentence) {
      this.code = code;
      this.sentence = sentence;
    }

    /** The stable code in our API and in metrics. */
    public String code() {
      return code;
    }

    /** A sentence that tells the caller what to do. */
    public String sentence() {
      return sentence;
    }
  }
}
