package network.tender.endtoend;

import static org.assertj.core.api.Assertions.assertThat;

import com.fasterxml.jackson.databind.JsonNode;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Set;
import network.tender.cli.CommandRun;

/**
 * A wallet file, used through the command line: in this process where only the outcome matters, as
 * a process of the real jar where {@code jar} is in the name.
 */
final class Wallet {
  private static final Set<String> OFFLINE = Set.of("psbt sign", "psbt show");

  private final Path file;
  private final List<String> server;

  private Wallet(Path file, String node) {
    this(file, List.of("--node", node));
  }

  private Wallet(Path file, List<String> server) {
    this.file = file;
    this.server = server;
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

  /** The same wallet, speaking to a server that has the Esplora API alone. */
  Wallet atEsplora(String base) {
    return new Wallet(file, List.of("--esplora", base));
  }

  private String[] line(String command, String... more) {
    List<String> line = new ArrayList<>(List.of("wallet"));
    line.addAll(List.of(command.split(" ")));
    line.addAll(List.of("--json", "--wallet", file.toString()));
    if (!OFFLINE.contains(command)) {
      line.addAll(server);
    }
    line.addAll(List.of(more));
    return line.toArray(String[]::new);
  }

  CommandRun run(String command, String... more) {
    return CommandRun.of(line(command, more));
  }

  TenderJar.Run runJar(String command, String... more) {
    return TenderJar.run(line(command, more));
  }

  /** Makes a wallet that only watches. */
  static Wallet watch(Path file, String node, String descriptor) {
    Wallet wallet = new Wallet(file, node);
    wallet.succeed("watch", descriptor);
    return wallet;
  }

  /** Runs a command such as {@code psbt create} and expects it to succeed. */
  JsonNode succeed(String command, String... more) {
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

  /** The account for other wallets, with both chains. */
  String descriptor() {
    return succeed("xpub").path("descriptor").asText();
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
