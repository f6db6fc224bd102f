package network.tender.script;

import java.nio.charset.StandardCharsets;
import network.tender.chain.Hashing;

/**
 * The keys of the development network. Everybody knows them: whatever they lock is for play. Custom
 * networks never use them.
 */
public final class RegtestKeys {
  /** The words of the wallet that pages offer for trying a payment: BIP39's own example. */
  public static final String DEMO_MNEMONIC =
      "abandon abandon abandon abandon abandon abandon abandon abandon abandon abandon abandon"
          + " about";

  private RegtestKeys() {}

  /** The secret behind {@code Network.regtest().treasury()}, whose P2WPKH script it opens. */
  public static byte[] treasurySecret() {
    return secret("tender regtest treasury");
  }

  /** The secret of the only validator of {@code Network.regtest()}. */
  public static byte[] validatorSecret() {
    return secret("tender regtest validator");
  }

  private static byte[] secret(String text) {
    return Hashing.sha256(text.getBytes(StandardCharsets.US_ASCII));
  }
}
