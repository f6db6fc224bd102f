package network.tender.cli;

import com.fasterxml.jackson.databind.node.ObjectNode;
import picocli.CommandLine.Command;
import picocli.CommandLine.Option;

/** The key to give to a shop's store: it can make addresses but spend nothing. */
@Command(
    name = "xpub",
    mixinStandardHelpOptions = true,
    description = {
      "Print the account's extended public key.",
      "With it a store makes an address for every invoice; it can't spend anything.",
      "Other wallets, and 'tender wallet watch', take the descriptor, which says more."
    })
final class WalletXpubCommand extends WalletOperation {
  @Option(
      names = "--descriptor",
      description = "Print the output descriptor, with the key's origin and both chains.")
  private boolean descriptor;

  WalletXpubCommand(Terminal terminal) {
    super(terminal);
  }

  @Override
  Answer answer() {
    WalletFile.Content content = walletFile().read();
    WalletKeys keys = WalletKeys.of(content);
    ObjectNode json = Json.object().put("xpub", keys.xpub());
    keys.accountKeyPath().ifPresent(path -> json.put("path", path));
    json.put("scriptType", content.kind().id()).put("descriptor", keys.descriptor());
    return Answer.of(json, descriptor ? keys.descriptor() : keys.xpub());
  }
}
