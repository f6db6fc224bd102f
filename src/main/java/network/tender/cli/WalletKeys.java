package network.tender.cli;

import java.util.List;
import java.util.Optional;
import network.tender.chain.Script;
import network.tender.script.Curve;
import network.tender.script.KeyOrigin;
import network.tender.script.Mnemonic;
import network.tender.script.OutputDescriptor;
import network.tender.script.TransferSigner;
import network.tender.script.WalletAccount;

/**
 * The keys of a wallet: account 0 of its words, or the public keys of an account that it only
 * watches. Safe for any thread.
 */
final class WalletKeys {
  private final Curve curve = Curve.load(Curve.Provider.AUTO);
  private final ScriptKind kind;
  private final OutputDescriptor receive;
  private final OutputDescriptor change;
  private final Optional<WalletAccount> account;

  /** Derives the account key; the words' key stretching takes about a tenth of a second. */
  WalletKeys(Mnemonic mnemonic, ScriptKind kind) {
    WalletAccount derived = WalletAccount.of(mnemonic.seed(""), kind.purpose(), 0, curve);
    this.kind = kind;
    this.receive = derived.descriptor();
    this.change = receive.change().orElseThrow();
    this.account = Optional.of(derived);
  }

  private WalletKeys(OutputDescriptor watched, ScriptKind kind) {
    this.kind = kind;
    this.receive = watched;
    this.change = watched.change().orElseThrow();
    this.account = Optional.empty();
  }

  /** The keys of a wallet's file. */
  static WalletKeys of(WalletFile.Content content) {
    return of(content.source(), content.kind());
  }

  /** The keys from a source. */
  static WalletKeys of(WalletFile.Source source, ScriptKind kind) {
    return source instanceof WalletFile.Source.Words words
        ? new WalletKeys(words.mnemonic(), kind)
        : new WalletKeys(((WalletFile.Source.Watched) source).descriptor(), kind);
  }

  /** Which scripts the addresses have. */
  ScriptKind kind() {
    return kind;
  }

  /** True if the secrets are here, so that coins can be spent. */
  boolean canSign() {
    return account.isPresent();
  }

  /** The account's extended public key, as the merchant API takes it. */
  String xpub() {
    return receive.derivationScheme();
  }

  /** The account with its origin and both chains, as other wallets take it (BIP380, BIP389). */
  String descriptor() {
    return receive.canonicalPair();
  }

  /** Master fingerprint and path of the account key, if known: {@code 73c5da0a/84'/1'/0'}. */
  Optional<String> accountKeyPath() {
    return receive.accountKeyPath();
  }

  /** Where the account key comes from; the key itself, if nobody knows. */
  KeyOrigin accountOrigin() {
    return receive.accountOrigin();
  }

  /** The output script of a key. */
  Script script(KeyPlace place) {
    return chain(place).scriptAt(place.index());
  }

  /** A public key, 33 bytes compressed: for taproot the internal key. */
  byte[] publicKey(KeyPlace place) {
    return chain(place).keyAt(place.index());
  }

  /** Where a key comes from. */
  KeyOrigin origin(KeyPlace place) {
    return chain(place).originAt(place.index());
  }

  private OutputDescriptor chain(KeyPlace place) {
    return place.change() ? change : receive;
  }

  /**
   * The places that a key with such an origin may have here, whoever wrote the origin: only the
   * last steps count, as not every software knows the first ones. Whether the key is really there
   * says {@link #publicKey}.
   */
  List<KeyPlace> placesOf(KeyOrigin origin) {
    int depth = origin.steps().size();
    int index = depth == 0 ? -1 : origin.steps().get(depth - 1);
    if (index < 0 || index >= WalletScan.MAX_INDEX) {
      return List.of();
    }
    List<Integer> way = origin.steps().subList(0, depth - 1);
    return List.of(new KeyPlace(false, index), new KeyPlace(true, index)).stream()
        .filter(place -> endsWith(way, chain(place).steps()))
        .toList();
  }

  private static boolean endsWith(List<Integer> all, List<Integer> end) {
    int from = all.size() - end.size();
    return from >= 0 && all.subList(from, all.size()).equals(end);
  }

  /**
   * The secret of a key.
   *
   * @throws CommandFailure if this wallet only watches
   */
  byte[] secret(KeyPlace place) {
    return account.orElseThrow(WalletKeys::watchOnly).secret(place.chain(), place.index());
  }

  /** What is said of a wallet that should sign and can't. */
  static CommandFailure watchOnly() {
    return new CommandFailure(
        "watch-only",
        "This wallet only watches: it has no keys to sign with. Make a PSBT with 'tender wallet"
            + " psbt create', sign it where the keys are, and send it with 'tender wallet psbt"
            + " send'.");
  }

  /** Signs with such secrets. */
  TransferSigner signer() {
    return new TransferSigner(curve);
  }
}
