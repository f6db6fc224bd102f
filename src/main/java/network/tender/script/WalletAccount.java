package network.tender.script;

import java.util.HexFormat;
import network.tender.chain.Script;

/**
 * An account of a wallet that has its own secrets: purpose' / 1' / account' below the seed's master
 * key (BIP44). All our networks use coin type 1, as all of Bitcoin's test networks do.
 */
public final class WalletAccount {
  /** What an account's addresses look like. */
  public enum Purpose {
    /** P2WPKH addresses (BIP84). */
    NATIVE_SEGWIT(84, KeyScript.P2WPKH),
    /** P2TR addresses (BIP86). */
    TAPROOT(86, KeyScript.P2TR);

    private final int number;
    private final KeyScript keyScript;

    Purpose(int number, KeyScript keyScript) {
      this.number = number;
      this.keyScript = keyScript;
    }
  }

  /** The chain of addresses that are given to payers. */
  public static final int RECEIVE = 0;

  /** The chain of addresses that change goes back to. */
  public static final int CHANGE = 1;

  private static final int COIN_TYPE = 1;

  private final Curve curve;
  private final Purpose purpose;
  private final String path;
  private final ExtendedPrivateKey key;

  private WalletAccount(Curve curve, Purpose purpose, String path, ExtendedPrivateKey key) {
    this.curve = curve;
    this.purpose = purpose;
    this.path = path;
    this.key = key;
  }

  /**
   * Derives an account.
   *
   * @param seed the wallet's seed, {@link Mnemonic#seed}
   * @param account the account's number, usually 0
   */
  public static WalletAccount of(byte[] seed, Purpose purpose, int account, Curve curve) {
    if (account < 0) {
      throw new IllegalArgumentException("an account's number is not negative");
    }
    ExtendedPrivateKey master = ExtendedPrivateKey.master(seed, curve);
    ExtendedPrivateKey key =
        master
            .child(ExtendedPublicKey.HARDENED | purpose.number)
            .child(ExtendedPublicKey.HARDENED | COIN_TYPE)
            .child(ExtendedPublicKey.HARDENED | account);
    String path =
        HexFormat.of().toHexDigits(master.publicKey().fingerprint())
            + ("/" + purpose.number + "'/" + COIN_TYPE + "'/" + account + "'");
    return new WalletAccount(curve, purpose, path, key);
  }

  /** What the addresses look like. */
  public Purpose purpose() {
    return purpose;
  }

  /**
   * The secret of one address, 32 bytes: for taproot the internal key's, which {@link
   * TransferSigner} takes.
   *
   * @param chain {@link #RECEIVE} or {@link #CHANGE}
   * @param index the address's number, from 0
   */
  public byte[] secret(int chain, int index) {
    return child(chain, index).secret();
  }

  /** The output script of one address; see {@link #secret}. */
  public Script script(int chain, int index) {
    return purpose.keyScript.of(curve, child(chain, index).publicKey().publicKey());
  }

  private ExtendedPrivateKey child(int chain, int index) {
    if (chain < 0 || index < 0) {
      throw new IllegalArgumentException("chains and addresses count from 0");
    }
    return key.child(chain).child(index);
  }

  /** The account's extended public key as text ({@code tpub…}): sees all, spends nothing. */
  public String xpub() {
    return key.publicKey().toString();
  }

  /** The account's public key. */
  public ExtendedPublicKey publicKey() {
    return key.publicKey();
  }

  /** Master fingerprint and path of the account key: {@code 73c5da0a/84'/1'/0'}. */
  public String accountKeyPath() {
    return path;
  }

  /** The account as an output descriptor for its receive addresses (BIP380). */
  public OutputDescriptor descriptor() {
    return OutputDescriptor.of(curve, purpose.keyScript, path, key.publicKey());
  }
}
