package network.tender.web.transfers;

import network.tender.chain.MalformedException;
import network.tender.chain.Network;
import network.tender.web.Problem;
import network.tender.web.ProblemCode;

/** What is said of a text that should be an address. */
final class Addresses {
  private Addresses() {}

  static Problem problem(MalformedException e, Network network) {
    return Problem.of(
        ProblemCode.INVALID_ADDRESS,
        "That is not an address of network "
            + network.name()
            + " ("
            + e.getMessage()
            + "); its segwit addresses begin with "
            + network.hrp()
            + "1.");
  }
}
