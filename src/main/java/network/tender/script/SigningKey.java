package network.tender.script;

import network.tender.chain.Script;

/** A secret with all that signing for its outputs takes, worked out once. */
public final class SigningKey {
  private final byte[] secret;
  private final byte[] publicKey;
  private final byte[] tweakedSecret;
  private final Script segwit;
  private final Script taproot;

  private SigningKey(
      byte[] secret, byte[] publicKey, byte[] tweakedSecret, Script segwit, Script taproot) {
    this.secret = secret;
    this.publicKey = publicKey;
    this.tweakedSecret = tweakedSecret;
    this.segwit = segwit;
    this.taproot = taproot;
  }

  /**
   * The key of a secret.
   *
   * @param secret 32 bytes; for P2TR the internal key's, with no script tree (BIP86)
   * @throws IllegalArgumentException unless it is in 1..n-1
   */
  public static SigningKey of(Curve curve, byte[] secret) {
    byte[] publicKey = curve.publicKey(secret);
    return new SigningKey(
        secret.clone(),
        publicKey,
        Taproot.tweakedSecret(secret, publicKey),
        KeyScript.P2WPKH.of(curve, publicKey),
        KeyScript.P2TR.of(curve, publicKey));
  }

  /** The output script of a kind that this key signs for: P2WPKH or P2TR. */
  public Script script(KeyScript kind) {
    return switch (kind) {
      case P2WPKH -> segwit;
      case P2TR -> taproot;
      case P2PKH, P2SH_P2WPKH ->
          throw new IllegalArgumentException("no key signs for " + kind + " here");
    };
  }

  byte[] secret() {
    return secret;
  }

  byte[] publicKey() {
    return publicKey;
  }

  byte[] tweakedSecret() {
    return tweakedSecret;
  }
}
