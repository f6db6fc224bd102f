package network.tender.web.transfers;

import network.tender.chain.Hash;
import network.tender.web.Problem;
import network.tender.web.ProblemCode;

/** Reads hashes from paths. */
final class Hashes {
  private Hashes() {}

  /** Reads a txid or block hash; throws a problem that says what a hash looks like. */
  static Hash parse(String text) {
    try {
      return Hash.fromDisplayHex(text);
    } catch (IllegalArgumentException e) {
      throw Problem.of(ProblemCode.INVALID_HASH).toException();
    }
  }
}
