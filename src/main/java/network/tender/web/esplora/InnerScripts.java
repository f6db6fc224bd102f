package network.tender.web.esplora;

import java.util.List;
import java.util.Optional;
import network.tender.chain.OpReader;
import network.tender.chain.Script;

/**
 * The scripts that an output only names by their hash and that its spender has to show.
 *
 * @param redeem that of a pay-to-script-hash output
 * @param witness that of a pay-to-witness-script-hash output, be it inside the other or not
 */
record InnerScripts(Optional<Script> redeem, Optional<Script> witness) {
  static InnerScripts of(Script spent, Script signatureScript, List<byte[]> witness) {
    Optional<Script> redeem =
        spent.type() == Script.Type.P2SH ? lastPush(signatureScript) : Optional.empty();
    Optional<Script> inner =
        redeem.orElse(spent).type() == Script.Type.P2WSH && !witness.isEmpty()
            ? Optional.of(Script.of(witness.get(witness.size() - 1)))
            : Optional.empty();
    return new InnerScripts(redeem, inner);
  }

  private static Optional<Script> lastPush(Script script) {
    OpReader reader = new OpReader(script);
    Optional<Script> last = Optional.empty();
    while (reader.hasNext()) {
      if (!reader.next()) {
        return Optional.empty();
      }
      last = reader.isData() ? Optional.of(Script.of(reader.data())) : Optional.empty();
    }
    return last;
  }
}
