package network.tender.cli;

import picocli.CommandLine.Command;

/** The key to give to a shop's store: it can make addresses but spend nothing. */
@Command(
    name = "xpub",
    mixinStandardHelpOptions = true,
    description = {
      "Print the account's extended public key.",
      "With it a store makes an address for every invoice; it can't spend anything."
    })
final class WalletXpubCommand extends WalletOperation {
  WalletXpubCommand(Terminal terminal) {
    super(terminal);
  }

  @Override
  Answer answer() {
    SeedFile.Content content = seedFile().read();
    WalletKeys keys = WalletKeys.of(content);
    return Answer.of(
        Json.object()
            .put("xpub", keys.xpub())
            .put("path", keys.accountKeyPath())
            .put("scriptType", content.kind().id()),
        keys.xpub());
  }
}
