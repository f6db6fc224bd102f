package network.tender.ledger;

import network.tender.chain.Hash;

/** What became of a transfer whose signatures are good. */
public sealed interface Admission {
  /**
   * It is pending and will be in a block.
   *
   * @param txid the transfer
   */
  record Admitted(Hash txid) implements Admission {}

  /**
   * The very same transfer became pending while the signatures were checked.
   *
   * @param txid the transfer
   */
  record AlreadyPending(Hash txid) implements Admission {}

  /**
   * Another transfer was faster, or too many transfers hang together.
   *
   * @param rejection which rule and why
   */
  record Refused(Rejection rejection) implements Admission {}

  /** A coin left the memory meanwhile: resolve again. The signatures stay good. */
  record Stale() implements Admission {}

  /** As many transfers are pending as may be; the same transfer can be sent again later. */
  record Full() implements Admission {}
}
