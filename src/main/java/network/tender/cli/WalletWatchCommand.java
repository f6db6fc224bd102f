package network.tender.cli;

import com.fasterxml.jackson.databind.node.ObjectNode;
import java.util.Optional;
import network.tender.chain.MalformedException;
import network.tender.script.Curve;
import network.tender.script.OutputDescriptor;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Option;
import picocli.CommandLine.Parameters;

/** Makes a wallet without secrets, for keys that are elsewhere. */
@Command(
    name = "watch",
    mixinStandardHelpOptions = true,
    description = {
      "Make a wallet file that only watches: it has public keys and no secrets.",
      "Balance, history and addresses are those of the wallet that has the keys; payments are made"
          + " as PSBTs, which that wallet signs."
    },
    footer = {
      "",
      "Example:",
      "  tender wallet watch --wallet w.json \"wpkh([73c5da0a/84'/1'/0']tpub…/<0;1>/*)\""
    })
final class WalletWatchCommand extends WalletOperation {
  @Parameters(
      paramLabel = "KEY|DESCRIPTOR",
      description =
          "An extended public key (tpub, xpub, vpub, zpub, or with the suffix -[taproot]) or a"
              + " descriptor wpkh(…) or tr(…) of one key.")
  private String watched = "";

  @Option(
      names = "--origin",
      paramLabel = "FINGERPRINT/PATH",
      description =
          "Where the key comes from, such as 73c5da0a/84'/1'/0', if it does not say so itself;"
              + " signing devices look for it in a PSBT.")
  private Optional<String> origin = Optional.empty();

  @Mixin private NewWalletNetwork network = new NewWalletNetwork();

  WalletWatchCommand(Terminal terminal) {
    super(terminal);
  }

  @Override
  Answer answer() {
    OutputDescriptor descriptor = descriptor();
    ScriptKind kind =
        ScriptKind.of(descriptor.kind())
            .orElseThrow(
                () ->
                    refused(
                        "this wallet knows native segwit and taproot addresses only; give a key"
                            + " or descriptor of one of these"));
    if (descriptor.change().isEmpty()) {
      throw refused(
          "it does not say where the change is; end its key with /<0;1>/* for receive and change");
    }
    NetworkFacts facts = network.facts(nodeClient());
    WalletFile.Source source = new WalletFile.Source.Watched(descriptor);
    walletFile()
        .create(
            new WalletFile.Content(
                facts.name(), facts.hrp(), kind, source, 0, 0, Optional.empty()));
    if (descriptor.accountKeyPath().isEmpty()) {
      note(
          "Note: the key's origin is not known, so signing devices may not recognise their keys in"
              + " a PSBT of this wallet; give it with --origin.");
    }
    WalletKeys keys = WalletKeys.of(source, kind);
    String address = facts.addressOf(keys.script(new KeyPlace(false, 0)));
    ObjectNode json =
        Json.object()
            .put("wallet", walletPath().toString())
            .put("network", facts.name())
            .put("scriptType", kind.id())
            .put("watchOnly", true)
            .put("descriptor", keys.descriptor())
            .put("address", address);
    return Answer.of(
        json,
        "Made "
            + walletPath()
            + ", which only watches, for network "
            + facts.name()
            + ".\nFirst address: "
            + address);
  }

  private OutputDescriptor descriptor() {
    try {
      OutputDescriptor parsed = OutputDescriptor.parse(watched, Curve.load(Curve.Provider.AUTO));
      return origin.isPresent() ? parsed.withAccountKeyPath(origin.get()) : parsed;
    } catch (MalformedException e) {
      throw new CommandFailure("bad-descriptor", "No wallet was made: " + e.getMessage() + ".", e);
    }
  }

  private static CommandFailure refused(String why) {
    return new CommandFailure("bad-descriptor", "No wallet was made: " + why + ".");
  }
}
