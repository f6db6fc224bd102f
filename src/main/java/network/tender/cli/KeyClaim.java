package network.tender.cli;

import java.util.HexFormat;
import network.tender.script.KeyOrigin;

/**
 * What a PSBT says of a key: where it comes from. Anybody can write that, so it proves nothing
 * until the key is derived again.
 *
 * @param keyHex 33 bytes compressed, or 32 bytes x-only for taproot, in hex
 * @param origin where it is said to come from
 */
record KeyClaim(String keyHex, KeyOrigin origin) {
  private static final int X_ONLY_DIGITS = 64;

  /** True if that is the key, 33 bytes compressed. */
  boolean isOf(byte[] publicKey) {
    String compressed = HexFormat.of().formatHex(publicKey);
    return keyHex.equals(keyHex.length() == X_ONLY_DIGITS ? compressed.substring(2) : compressed);
  }
}
