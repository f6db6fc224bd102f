package network.tender.cli;

import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Option;

/** Where to send coins to. */
@Command(
    name = "address",
    mixinStandardHelpOptions = true,
    description = "Print an address that has never been used.")
final class WalletAddressCommand extends WalletOperation {
  @Option(
      names = "--new",
      description = "Another address than the last time, even if that was not used.")
  private boolean fresh;

  @Mixin private GapLimit gapLimit = new GapLimit();

  WalletAddressCommand(Terminal terminal) {
    super(terminal);
  }

  @Override
  Answer answer() {
    WalletFile file = walletFile();
    file.read();
    return file.locked(() -> nextAddress(file));
  }

  private Answer nextAddress(WalletFile file) {
    WalletFile.Content content = file.read();
    WalletKeys keys = WalletKeys.of(content);
    int firstUnused = firstUnused(keys, content);
    int index = Math.max(content.nextReceive() + (fresh ? 1 : 0), firstUnused);
    if (index - firstUnused >= WalletScan.BIP44_GAP_LIMIT) {
      note(
          "Note: a wallet restored from its words elsewhere stops looking after "
              + WalletScan.BIP44_GAP_LIMIT
              + " unused addresses, so it may not find what is paid to this one.");
    }
    if (index != content.nextReceive()) {
      file.replace(content.withNextReceive(index));
    }
    KeyPlace place = new KeyPlace(false, index);
    String address =
        NetworkFacts.ofWallet(content.network(), content.hrp()).addressOf(keys.script(place));
    return Answer.of(
        Json.object()
            .put("address", address)
            .put("path", keys.origin(place).toString())
            .put("index", index),
        address);
  }

  private int firstUnused(WalletKeys keys, WalletFile.Content content) {
    NodeClient node = nodeClient();
    try {
      networkOf(node, content);
      return WalletScan.run(node, keys, content, gapLimit).nextUnused(false);
    } catch (CommandFailure e) {
      if (!e.code().equals("node-unreachable")) {
        throw e;
      }
      note("Note: no node was asked, so this address may have been used by a copy of the wallet.");
      return 0;
    }
  }
}
