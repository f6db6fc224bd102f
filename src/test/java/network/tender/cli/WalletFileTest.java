package network.tender.cli;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.PosixFilePermissions;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.TimeUnit;
import network.tender.script.RegtestKeys;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

class WalletFileTest {
  @TempDir private Path folder;

  private Path newWallet(String... more) {
    Path path = folder.resolve("w.json");
    String[] line = {"wallet", "new", "--network", "regtest", "--wallet", path.toString()};
    String[] all = java.util.Arrays.copyOf(line, line.length + more.length);
    System.arraycopy(more, 0, all, line.length, more.length);
    CommandRun run = CommandRun.withInput(RegtestKeys.DEMO_MNEMONIC + "\n", all);
    assertThat(run.exitCode()).describedAs(run.err()).isZero();
    return path;
  }

  @Test
  void onlyTheOwnerMayOpenIt() throws IOException {
    Path path = newWallet();
    assertThat(PosixFilePermissions.toString(Files.getPosixFilePermissions(path)))
        .isEqualTo("rw-------");
    // And still after the file was replaced.
    assertThat(
            CommandRun.of(
                    "wallet",
                    "address",
                    "--new",
                    "--wallet",
                    path.toString(),
                    "--node",
                    "http://127.0.0.1:1")
                .exitCode())
        .isZero();
    assertThat(PosixFilePermissions.toString(Files.getPosixFilePermissions(path)))
        .isEqualTo("rw-------");
  }

  @ParameterizedTest
  @ValueSource(strings = {"rw-r--r--", "rw----r--", "rw--w----", "rwx--x---"})
  void aFileThatOthersMayOpenIsRefused(String permissions) throws IOException {
    Path path = newWallet();
    Files.setPosixFilePermissions(path, PosixFilePermissions.fromString(permissions));
    CommandRun run = CommandRun.of("wallet", "xpub", "--json", "--wallet", path.toString());
    assertThat(run.exitCode()).isEqualTo(1);
    assertThat(run.json().path("error").path("code").asText()).isEqualTo("wallet-exposed");
    assertThat(run.err()).contains("chmod 600");
  }

  @Test
  void aWalletIsNeverOverwritten() throws IOException {
    Path path = newWallet();
    byte[] before = Files.readAllBytes(path);
    CommandRun run =
        CommandRun.of(
            "wallet", "new", "--json", "--network", "regtest", "--wallet", path.toString());
    assertThat(run.exitCode()).isEqualTo(1);
    assertThat(run.json().path("error").path("code").asText()).isEqualTo("wallet-exists");
    assertThat(Files.readAllBytes(path)).isEqualTo(before);
  }

  @Test
  void everyWalletHasOtherWordsAndTheyRestoreIt() {
    CommandRun first =
        CommandRun.of(
            "wallet", "new", "--json", "--network", "regtest", "--wallet", folder + "/1.json");
    CommandRun second =
        CommandRun.of(
            "wallet", "new", "--json", "--network", "regtest", "--wallet", folder + "/2.json");
    String words = first.json().path("mnemonic").asText();
    assertThat(words.split(" ")).hasSize(12);
    assertThat(second.json().path("mnemonic").asText()).isNotEqualTo(words);

    CommandRun restored =
        CommandRun.withInput(
            "  " + words.toUpperCase(java.util.Locale.ROOT).replace(" ", "  ") + "\n",
            "wallet",
            "new",
            "--json",
            "--words",
            "--network",
            "regtest",
            "--wallet",
            folder + "/3.json");
    assertThat(restored.json().path("xpub")).isEqualTo(first.json().path("xpub"));
    assertThat(restored.json().path("address")).isEqualTo(first.json().path("address"));
    assertThat(restored.out()).doesNotContain(words);
  }

  @Test
  void mistypedWordsMakeNoWallet() {
    CommandRun run =
        CommandRun.withInput(
            RegtestKeys.DEMO_MNEMONIC.replace("about", "abandon") + "\n",
            "wallet",
            "new",
            "--words",
            "--network",
            "regtest",
            "--wallet",
            folder + "/w.json");
    assertThat(run.exitCode()).isEqualTo(1);
    assertThat(folder.resolve("w.json")).doesNotExist();
  }

  @Test
  void theKeyForAStoreSaysItsScriptType() {
    Path path = newWallet("--words");
    assertThat(CommandRun.of("wallet", "xpub", "--wallet", path.toString()).out())
        .startsWith("tpub")
        .doesNotContain("-[");
    Path taproot = folder.resolve("t.json");
    CommandRun.withInput(
        RegtestKeys.DEMO_MNEMONIC,
        "wallet",
        "new",
        "--taproot",
        "--words",
        "--network",
        "regtest",
        "--wallet",
        taproot.toString());
    assertThat(CommandRun.of("wallet", "xpub", "--wallet", taproot.toString()).out().strip())
        .startsWith("tpub")
        .endsWith("-[taproot]");
  }

  @Test
  void addressesAreRememberedAndNewOnesDiffer() {
    Path path = newWallet();
    String[] next = {
      "wallet", "address", "--json", "--wallet", path.toString(), "--node", "http://127.0.0.1:1"
    };
    String first = CommandRun.of(next).json().path("address").asText();
    assertThat(CommandRun.of(next).json().path("address").asText()).isEqualTo(first);
    String[] fresh = java.util.Arrays.copyOf(next, next.length + 1);
    fresh[next.length] = "--new";
    String second = CommandRun.of(fresh).json().path("address").asText();
    assertThat(second).isNotEqualTo(first);
    assertThat(CommandRun.of(next).json().path("address").asText()).isEqualTo(second);
  }

  @ParameterizedTest
  @ValueSource(
      strings = {
        "",
        "{}",
        "[]",
        "{\"tenderWallet\":2}",
        "not json",
        "{\"tenderWallet\":1,\"network\":\"regtest\",\"hrp\":\"bcrt\",\"scriptType\":\"bip84\",\"mnemonic\":\"abandon\",\"nextReceive\":0,\"nextChange\":0}",
      })
  void aDamagedFileIsRefusedWithoutShowingItsWords(String text) throws IOException {
    Path path = newWallet();
    Files.writeString(path, text);
    CommandRun run = CommandRun.of("wallet", "xpub", "--verbose", "--wallet", path.toString());
    assertThat(run.exitCode()).isEqualTo(1);
    assertThat(run.err()).contains("no wallet of Tender").doesNotContain("abandon abandon");
  }

  @Test
  void aSecondPaymentWaitsForTheFirst() throws Exception {
    WalletFile file = new WalletFile(newWallet());
    CountDownLatch waiting = new CountDownLatch(1);
    CountDownLatch entered = new CountDownLatch(1);
    Thread second =
        new Thread(
            () -> {
              waiting.countDown();
              new WalletFile(folder.resolve("w.json"))
                  .locked(
                      () -> {
                        entered.countDown();
                        return 0;
                      });
            });
    boolean early =
        file.locked(
            () -> {
              second.start();
              try {
                return waiting.await(10, TimeUnit.SECONDS)
                    && entered.await(200, TimeUnit.MILLISECONDS);
              } catch (InterruptedException e) {
                throw new IllegalStateException(e);
              }
            });
    assertThat(early).isFalse();
    assertThat(entered.await(10, TimeUnit.SECONDS)).isTrue();
    second.join();
  }

  @Test
  void whatTheFileRemembersComesBack() {
    WalletFile file = new WalletFile(newWallet("--words"));
    WalletFile.Content content =
        file.read()
            .withNextReceive(7)
            .withPending(Optional.of(new WalletFile.Pending("00ff", "bcrt1qxyz", 12, true)), 3);
    file.replace(content);
    WalletFile.Content read = file.read();
    assertThat(read.nextReceive()).isEqualTo(7);
    assertThat(read.nextChange()).isEqualTo(3);
    assertThat(read.pending()).isEqualTo(content.pending());
    assertThat(((WalletFile.Source.Words) read.source()).mnemonic().words())
        .isEqualTo(RegtestKeys.DEMO_MNEMONIC);
    assertThat(read.toString()).isEqualTo("wallet for regtest");
  }

  private CommandRun watch(String descriptor, String... more) {
    List<String> line =
        new ArrayList<>(List.of("wallet", "watch", "--json", "--network", "regtest", "--wallet"));
    line.add(folder.resolve("watch" + descriptor.hashCode() + ".json").toString());
    line.add(descriptor);
    line.addAll(List.of(more));
    return CommandRun.of(line.toArray(String[]::new));
  }

  @Test
  void whatAWalletSaysOfItsKeysMakesOneThatWatches() throws IOException {
    Path keys = newWallet("--words");
    CommandRun xpub = CommandRun.of("wallet", "xpub", "--json", "--wallet", keys.toString());
    String descriptor = xpub.json().path("descriptor").asText();
    assertThat(descriptor).startsWith("wpkh([73c5da0a/84'/1'/0']tpub").contains("/<0;1>/*)#");
    assertThat(
            CommandRun.of("wallet", "xpub", "--descriptor", "--wallet", keys.toString())
                .out()
                .strip())
        .isEqualTo(descriptor);
    CommandRun made = watch(descriptor);
    assertThat(made.exitCode()).describedAs(made.err()).isZero();
    assertThat(made.json().path("descriptor").asText()).isEqualTo(descriptor);
    assertThat(made.err()).isEmpty();
    Path file = Path.of(made.json().path("wallet").asText());
    assertThat(Files.readString(file)).doesNotContain("mnemonic");
    // There are no secrets in it.
    Files.setPosixFilePermissions(file, PosixFilePermissions.fromString("rw-r--r--"));
    assertThat(CommandRun.of("wallet", "xpub", "--json", "--wallet", file.toString()).json())
        .isEqualTo(xpub.json());
    // The key alone does too, but then nobody knows where it comes from.
    CommandRun bare = watch(xpub.json().path("xpub").asText());
    assertThat(bare.json().path("address")).isEqualTo(made.json().path("address"));
    assertThat(bare.err()).contains("--origin");
    CommandRun named =
        watch(xpub.json().path("xpub").asText() + "/0/*", "--origin", "73c5da0a/84h/1h/0h");
    assertThat(named.json().path("descriptor").asText()).isEqualTo(descriptor);
  }

  @ParameterizedTest
  @ValueSource(
      strings = {
        "nonsense",
        "tprv8ZgxMBicQKsPd7Uf69XL1XwhmjHopUGep8GuEiJDZmbQz6o58LninorQAfcKZWARbtRtfnLcJ5MQ2AtHcQJCCRUcMRvmDUjyEmNUWwx8UbK",
        "pkh(KEY/<0;1>/*)",
        "sh(wpkh(KEY/<0;1>/*))",
        "KEY-[p2sh]",
        "wpkh(KEY/5/*)",
        "wpkh(KEY/*)",
        "wpkh(KEY)",
      })
  void whatCanNotBeWatchedIsRefused(String form) {
    Path keys = newWallet("--words");
    String key = CommandRun.of("wallet", "xpub", "--wallet", keys.toString()).out().strip();
    CommandRun run = watch(form.replace("KEY", key));
    assertThat(run.exitCode()).isEqualTo(1);
    assertThat(run.json().path("error").path("code").asText()).isEqualTo("bad-descriptor");
    assertThat(run.err().lines()).hasSize(1);
  }

  @Test
  void aMissingFolderIsNamed() {
    assertThatThrownBy(
            () ->
                new WalletFile(folder.resolve("none/w.json"))
                    .create(new WalletFile(newWallet()).read()))
        .isInstanceOf(CommandFailure.class)
        .hasMessageContaining("folder");
  }
}
