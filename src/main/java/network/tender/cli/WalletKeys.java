package network.tender.cli;

import network.tender.chain.Script;
import network.tender.script.Curve;
import network.tender.script.Mnemonic;
import network.tender.script.TransferSigner;
import network.tender.script.WalletAccount;

/** The keys of a wallet: account 0 of its words. Safe for any thread. */
final class WalletKeys {
  private final ScriptKind kind;
  private final Curve curve;
  private final WalletAccount account;

  /** Derives the account key; the words' key stretching takes about a tenth of a second. */
  WalletKeys(Mnemonic mnemonic, ScriptKind kind) {
    this.kind = kind;
    this.curve = Curve.load(Curve.Provider.AUTO);
    this.account = WalletAccount.of(mnemonic.seed(""), kind.purpose(), 0, curve);
  }

  /** The keys of a wallet's file. */
  static WalletKeys of(SeedFile.Content content) {
    return new WalletKeys(content.mnemonic(), content.kind());
  }

  /** The account's extended public key, as the merchant API takes it. */
  String xpub() {
    return account.xpub() + kind.xpubSuffix();
  }

  /** Master fingerprint and path of the account key: {@code 73c5da0a/84'/1'/0'}. */
  String accountKeyPath() {
    return account.accountKeyPath();
  }

  /** The output script of a key. */
  Script script(KeyPlace place) {
    return account.script(place.chain(), place.index());
  }

  /** The secret of a key. */
  byte[] secret(KeyPlace place) {
    return account.secret(place.chain(), place.index());
  }

  /** Signs with such secrets. */
  TransferSigner signer() {
    return new TransferSigner(curve);
  }
}
