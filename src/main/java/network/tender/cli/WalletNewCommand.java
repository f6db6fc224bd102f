package network.tender.cli;

import com.fasterxml.jackson.databind.node.ObjectNode;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.security.SecureRandom;
import java.util.Optional;
import network.tender.chain.MalformedException;
import network.tender.script.Mnemonic;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Option;

/** Makes a wallet from chance or from words that somebody has written down. */
@Command(
    name = "new",
    mixinStandardHelpOptions = true,
    description = {
      "Make a wallet file.",
      "Its words are printed once: whoever has them has the coins. The network is the node's."
    })
final class WalletNewCommand extends WalletOperation {
  private static final int ENTROPY_BYTES = 16;
  private static final int MAX_WORDS_BYTES = 1_000;

  private final SecureRandom random;

  @Option(names = "--taproot", description = "Taproot addresses (BIP86) instead of BIP84's.")
  private boolean taproot;

  @Option(
      names = "--words",
      description = "Restore a wallet: read its 12 to 24 words from standard input, on one line.")
  private boolean words;

  @Mixin private NewWalletNetwork network = new NewWalletNetwork();

  WalletNewCommand(Terminal terminal, SecureRandom random) {
    super(terminal);
    this.random = random;
  }

  @Override
  Answer answer() {
    NetworkFacts facts = network.facts(nodeClient());
    Mnemonic mnemonic = words ? readWords() : newWords();
    ScriptKind kind = taproot ? ScriptKind.BIP86 : ScriptKind.BIP84;
    WalletKeys keys = new WalletKeys(mnemonic, kind);
    walletFile()
        .create(
            new WalletFile.Content(
                facts.name(),
                facts.hrp(),
                kind,
                new WalletFile.Source.Words(mnemonic),
                0,
                0,
                Optional.empty()));

    String address = facts.addressOf(keys.script(new KeyPlace(false, 0)));
    ObjectNode json =
        Json.object()
            .put("wallet", walletPath().toString())
            .put("network", facts.name())
            .put("scriptType", kind.id());
    StringBuilder text = new StringBuilder();
    text.append("Made ").append(walletPath()).append(" for network ").append(facts.name());
    text.append(".\n");
    if (!words) {
      json.put("mnemonic", mnemonic.words());
      text.append("\nWrite these words down; they are not shown again:\n\n  ");
      text.append(mnemonic.words()).append("\n\n");
    }
    json.put("xpub", keys.xpub()).put("address", address);
    text.append("First address: ").append(address);
    return Answer.of(json, text.toString());
  }

  private Mnemonic newWords() {
    byte[] entropy = new byte[ENTROPY_BYTES];
    random.nextBytes(entropy);
    return Mnemonic.ofEntropy(entropy);
  }

  private Mnemonic readWords() {
    try {
      return Mnemonic.parse(new String(readLine(), StandardCharsets.UTF_8));
    } catch (IOException e) {
      throw new CommandFailure("bad-words", "The words can't be read from standard input.", e);
    } catch (MalformedException e) {
      throw new CommandFailure("bad-words", "No wallet was made: " + e.getMessage() + ".", e);
    }
  }

  private byte[] readLine() throws IOException {
    byte[] line = new byte[MAX_WORDS_BYTES];
    int size = 0;
    int next;
    while (size < line.length && (next = terminal().in().read()) >= 0 && next != '\n') {
      line[size++] = (byte) next;
    }
    return java.util.Arrays.copyOf(line, size);
  }
}
