package network.tender.endtoend;

import static org.assertj.core.api.Assertions.assertThat;

import com.fasterxml.jackson.databind.JsonNode;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import network.tender.cli.CommandRun;

/**
 * A wallet file, used through the command line: in this process where only the outcome matters, as
 * a process of the real jar where {@code jar} is in the name.
 */
final class Wallet {
  private final Path file;
  private final String node;

  private Wallet(Path file, String node) {
    this.file = file;
    this.node = node;
  }

  /** Makes a wallet for a node's network. */
  static Wallet make(Path file, String node, String... more) {
    Wallet wallet = new Wallet(file, node);
    wallet.succeed("new", more);
    return wallet;
  }

  /** The same wallet, spoken of to another address. */
  Wallet at(String otherNode) {
    return new Wallet(file, otherNode);
  }

  private String[] line(String command, String... more) {
    List<String> line =
        new ArrayList<>(
            List.of("wallet", command, "--json", "--wallet", file.toString(), "--node", node));
    line.addAll(List.of(more));
    return line.toArray(String[]::new);
  }

  CommandRun run(String command, String... more) {
    return CommandRun.of(line(command, more));
  }

  TenderJar.Run runJar(String command, String... more) {
    return TenderJar.run(line(command, more));
  }

  private JsonNode succeed(String command, String... more) {
    CommandRun run = run(command, more);
    assertThat(run.exitCode()).describedAs("%s%s", run.out(), run.err()).isZero();
    return run.json();
  }

  String address() {
    return succeed("address").path("address").asText();
  }

  String xpub() {
    return succeed("xpub").path("xpub").asText();
  }

  long balanceSat() {
    return succeed("balance").path("balanceSat").asLong();
  }

  JsonNode history() {
    return succeed("history").path("transfers");
  }

  /** Pays and expects it to be settled. */
  JsonNode pay(String... more) {
    return succeed("pay", more);
  }
}
