package network.tender.cli;

import com.fasterxml.jackson.databind.node.ObjectNode;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import java.util.Optional;
import network.tender.ledger.ChainState;
import network.tender.ledger.ChainTotals;

/**
 * What is said about a chain that keeps every rule.
 *
 * @param state where it ends
 * @param pass the signatures of transfers that were checked, and what the whole pass took
 * @param certificates true if certificates were checked
 * @param cores processors that did it
 * @param curveName the signature library
 * @param raw the library alone on these processors, if it was measured
 */
record VerificationReport(
    ChainState state,
    VerificationRate pass,
    boolean certificates,
    int cores,
    String curveName,
    Optional<VerificationRate> raw) {

  ObjectNode json() {
    ChainTotals totals = state.totals();
    ObjectNode json =
        Json.object()
            .put("valid", true)
            .put("height", state.height())
            .put("blockHash", state.hash().toString())
            .put("certificatesChecked", certificates)
            .put("transfers", totals.transfers())
            .put("signatures", pass.verified())
            .put("coins", totals.coins())
            .put("unspentSat", totals.unspent().sat())
            .put("burnedSat", totals.burned().sat())
            .put("issuedSat", totals.issued().sat())
            .put("blocksPerSecond", Math.round(perSecond(state.height(), pass.nanos())))
            .put("transfersPerSecond", Math.round(perSecond(totals.transfers(), pass.nanos())))
            .put("verificationsPerSecond", Math.round(pass.perSecond()));
    raw.ifPresent(
        rate ->
            json.put("cores", cores)
                .put("rawVerificationsPerSecond", Math.round(rate.perSecond()))
                .put("rawRatio", rounded(pass.shareOf(rate)))
                .put("rawCpuRatio", rounded(pass.cpuShareOf(rate))));
    return json;
  }

  String text() {
    ChainTotals totals = state.totals();
    List<String> lines = new ArrayList<>();
    lines.add("Every rule is kept in " + rates(state, pass.nanos()) + ".");
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
            Locale.ROOT, "signatures    %d checked (%.0f/s)", pass.verified(), pass.perSecond()));
    raw.ifPresent(
        rate ->
            lines.add(
                String.format(
                    Locale.ROOT,
                    "measure       %s alone verifies %.0f/s on %d cores; this is %.0f %% of it"
                        + " (%.0f %% by processor time)",
                    curveName,
                    rate.perSecond(),
                    cores,
                    pass.shareOf(rate) * 100,
                    pass.cpuShareOf(rate) * 100)));
    return String.join("\n", lines);
  }

  private static double rounded(double share) {
    return Math.round(share * 1_000) / 1_000.0;
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
