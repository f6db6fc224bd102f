package network.tender.cli;

import com.fasterxml.jackson.databind.node.ObjectNode;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import java.util.OptionalDouble;
import network.tender.ledger.ChainState;
import network.tender.ledger.ChainTotals;

/**
 * What is said about a chain that keeps every rule.
 *
 * @param state where it ends
 * @param nanos how long the pass took
 * @param certificates true if certificates were checked
 * @param signatures how many signatures of transfers were checked
 * @param cores processors that did it
 * @param curveName the signature library
 * @param rawPerSecond how many signatures the library alone verifies on these processors, if it was
 *     measured
 */
record VerificationReport(
    ChainState state,
    long nanos,
    boolean certificates,
    long signatures,
    int cores,
    String curveName,
    OptionalDouble rawPerSecond) {

  ObjectNode json() {
    ChainTotals totals = state.totals();
    ObjectNode json =
        Json.object()
            .put("valid", true)
            .put("height", state.height())
            .put("blockHash", state.hash().toString())
            .put("certificatesChecked", certificates)
            .put("transfers", totals.transfers())
            .put("signatures", signatures)
            .put("coins", totals.coins())
            .put("unspentSat", totals.unspent().sat())
            .put("burnedSat", totals.burned().sat())
            .put("issuedSat", totals.issued().sat())
            .put("blocksPerSecond", Math.round(perSecond(state.height(), nanos)))
            .put("transfersPerSecond", Math.round(perSecond(totals.transfers(), nanos)))
            .put("verificationsPerSecond", Math.round(perSecond(signatures, nanos)));
    rawPerSecond.ifPresent(
        raw ->
            json.put("cores", cores)
                .put("rawVerificationsPerSecond", Math.round(raw))
                .put("rawRatio", Math.round(ratio(raw) * 1_000) / 1_000.0));
    return json;
  }

  String text() {
    ChainTotals totals = state.totals();
    List<String> lines = new ArrayList<>();
    lines.add("Every rule is kept in " + rates(state, nanos) + ".");
    lines.add("newest block  " + state.height() + " " + state.hash());
    lines.add(
        "supply        "
            + totals.unspent().toCoinText()
            + " unspent + "
            + totals.burned().toCoinText()
            + " burned = "
            + totals.issued().toCoinText()
            + " issued");
    lines.add(
        certificates
            ? "certificates  every block is certified by the network's validators"
            : "certificates  not checked: a file of blocks holds none");
    lines.add(
        String.format(
            Locale.ROOT,
            "signatures    %d checked (%.0f/s)",
            signatures,
            perSecond(signatures, nanos)));
    rawPerSecond.ifPresent(
        raw ->
            lines.add(
                String.format(
                    Locale.ROOT,
                    "measure       %s alone verifies %.0f/s on %d cores; this is %.0f %% of it",
                    curveName,
                    raw,
                    cores,
                    ratio(raw) * 100)));
    return String.join("\n", lines);
  }

  private double ratio(double raw) {
    return perSecond(signatures, nanos) / raw;
  }

  /** How far a pass has come and how fast. */
  static String rates(ChainState state, long nanos) {
    return String.format(
        Locale.ROOT,
        "%d blocks with %d transfers (%.0f blocks/s, %.0f transfers/s)",
        state.height(),
        state.totals().transfers(),
        perSecond(state.height(), nanos),
        perSecond(state.totals().transfers(), nanos));
  }

  private static double perSecond(long count, long nanos) {
    return count * 1e9 / Math.max(1, nanos);
  }
}
