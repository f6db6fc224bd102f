package network.tender.cli;

import static org.assertj.core.api.Assertions.assertThat;

import java.nio.file.Path;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

class CommandTreeTest {
  @Test
  void aLineWithoutACommandIsTheNodes() {
    assertThat(CommandTree.withDefaultCommand()).containsExactly("node");
    assertThat(CommandTree.withDefaultCommand("--data-dir", "X"))
        .containsExactly("node", "--data-dir", "X");
    assertThat(CommandTree.withDefaultCommand("wallet", "new")).containsExactly("wallet", "new");
    assertThat(CommandTree.withDefaultCommand("--version")).containsExactly("--version");
  }

  @ParameterizedTest
  @ValueSource(
      strings = {
        "--help",
        "node --help",
        "wallet --help",
        "wallet new --help",
        "wallet address --help",
        "wallet xpub --help",
        "wallet balance --help",
        "wallet pay --help",
        "wallet history --help",
        "wallet watch --help",
        "wallet coins --help",
        "wallet psbt --help",
        "wallet psbt create --help",
        "wallet psbt show --help",
        "wallet psbt sign --help",
        "wallet psbt send --help",
        "receipt verify --help",
        "chain export --help",
        "chain verify --help",
        "--version"
      })
  void helpIsOnStandardOutput(String line) {
    CommandRun run = CommandRun.of(line.split(" "));
    assertThat(run.exitCode()).isZero();
    assertThat(run.out()).isNotBlank();
    assertThat(run.err()).isEmpty();
  }

  @ParameterizedTest
  @ValueSource(
      strings = {
        "bogus",
        "wallet",
        "chain",
        "receipt",
        "wallet pay",
        "wallet balance --wallet",
        "wallet balance",
        "node --no-such-option",
        "receipt verify",
        "wallet xpub --wallet w.json extra",
        "wallet pay --wallet w.json bcrt1q",
        "wallet pay --wallet w.json bcrt1q 0",
        "wallet pay --wallet w.json bcrt1q 1 --all",
        "wallet watch --wallet w.json",
        "wallet coins",
        "wallet psbt",
        "wallet psbt create --wallet w.json bcrt1q",
        "wallet psbt sign file",
        "wallet psbt send",
        "wallet psbt sign --wallet w.json --node http://x file",
        "wallet pay --wallet w.json --timeout -1 bcrt1q 1",
        "wallet pay --wallet w.json --timeout 0 bcrt1q 1",
        "wallet pay --wallet w.json --timeout 99999999999 bcrt1q 1",
        "node --http-port abc",
        "node --http-port 65536",
        "node --management-port -1",
        "chain verify --node http://x --data-dir y",
        "chain verify --data-dir y file",
        "chain export --node http://x --data-dir y",
        "bench invoices --batch 10",
        "bench grow --batch 1000"
      })
  void wrongUsageIsExitCodeTwoAndNothingOnStandardOutput(String line) {
    CommandRun run = CommandRun.of(line.split(" "));
    assertThat(run.exitCode()).isEqualTo(2);
    assertThat(run.out()).isEmpty();
    assertThat(run.err()).isNotBlank().doesNotContain("\tat ");
  }

  @ParameterizedTest
  @ValueSource(
      strings = {
        "chain export --json",
        "chain verify --json --data-dir y file",
        "wallet pay --json a"
      })
  void wrongUsageThatOnlyTheCommandSeesIsOneJsonValueToo(String line) {
    CommandRun run = CommandRun.of(line.split(" "));
    assertThat(run.exitCode()).isEqualTo(2);
    assertThat(run.json().path("error").path("code").asText()).isNotBlank();
  }

  @Test
  void wrongUsageWithJsonIsOneJsonValue() {
    CommandRun run = CommandRun.of("wallet", "balance", "--json");
    assertThat(run.exitCode()).isEqualTo(2);
    assertThat(run.json().path("error").path("code").asText()).isEqualTo("wrong-usage");
  }

  @Test
  void aFailureIsOneSentenceAndAStackTraceOnlyOnRequest(@TempDir Path folder) {
    String missing = folder.resolve("none.json").toString();
    CommandRun run = CommandRun.of("wallet", "xpub", "--wallet", missing);
    assertThat(run.exitCode()).isEqualTo(1);
    assertThat(run.out()).isEmpty();
    assertThat(run.err().lines()).hasSize(1).first().asString().contains("wallet new");

    CommandRun verbose = CommandRun.of("wallet", "xpub", "--verbose", "--wallet", missing);
    assertThat(verbose.err()).contains("\tat ");

    CommandRun json = CommandRun.of("wallet", "xpub", "--json", "--wallet", missing);
    assertThat(json.exitCode()).isEqualTo(1);
    assertThat(json.json().path("error").path("code").asText()).isEqualTo("wallet-not-found");
  }

  @ParameterizedTest
  @ValueSource(strings = {"receipt verify", "chain verify"})
  void aFileThatIsNotThereIsNamed(String command, @TempDir Path folder) {
    String missing = folder.resolve("nofile").toString();
    java.util.List<String> line = new java.util.ArrayList<>(java.util.List.of(command.split(" ")));
    line.add(missing);
    line.add("--json");
    CommandRun run = CommandRun.of(line.toArray(String[]::new));
    assertThat(run.exitCode()).isEqualTo(1);
    assertThat(run.err().strip()).isEqualTo("There is no file " + missing + ".");
    assertThat(run.json().path("error").path("code").asText()).isEqualTo("file-not-readable");
  }

  @Test
  void aDatabaseThatDoesNotAnswerHasACodeOfItsOwn() {
    // Port 1 is privileged and nothing listens there.
    CommandRun run =
        CommandRun.of("chain", "verify", "--json", "--database", "postgresql://u@127.0.0.1:1/x");
    assertThat(run.exitCode()).isEqualTo(1);
    assertThat(run.json().path("error").path("code").asText()).isEqualTo("database-unreachable");
    assertThat(run.err()).contains("127.0.0.1:1").doesNotContain("Exception");
  }

  @Test
  void aNodeThatDoesNotAnswerIsNamed(@TempDir Path folder) {
    Path wallet = folder.resolve("w.json");
    assertThat(
            CommandRun.of("wallet", "new", "--network", "regtest", "--wallet", wallet.toString())
                .exitCode())
        .isZero();
    // Port 1 is privileged and nothing listens there.
    CommandRun run =
        CommandRun.of(
            "wallet", "balance", "--wallet", wallet.toString(), "--node", "http://127.0.0.1:1");
    assertThat(run.exitCode()).isEqualTo(1);
    assertThat(run.err()).contains("http://127.0.0.1:1").contains("--node");
  }

  @ParameterizedTest
  @ValueSource(strings = {"ftp://x", "nonsense", "http://", "http://a b"})
  void aNodeAddressThatIsNoneIsRefused(String url, @TempDir Path folder) {
    Path wallet = folder.resolve("w.json");
    CommandRun.of("wallet", "new", "--network", "regtest", "--wallet", wallet.toString());
    CommandRun run =
        CommandRun.of("wallet", "balance", "--json", "--wallet", wallet.toString(), "--node", url);
    assertThat(run.exitCode()).isEqualTo(1);
    assertThat(run.json().path("error").path("code").asText()).isEqualTo("bad-node-url");
  }
}
