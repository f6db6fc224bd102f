package network.tender.merchant;

import fr.acinq.bitcoin.Base58;
import java.security.SecureRandom;
import java.util.HexFormat;
import java.util.regex.Pattern;

/** Makes the ids of the API: unguessable, opaque, in the lengths that clients are used to. */
public final class Ids {
  private static final int INVOICE_BYTES = 16;
  private static final int STORE_BYTES = 32;
  private static final int KEY_BYTES = 20;
  private static final Pattern KEY = Pattern.compile("[0-9a-f]{40}");

  private final SecureRandom random;

  /** Ids from this source of randomness. */
  public Ids(SecureRandom random) {
    this.random = random;
  }

  /** A new invoice or user id: base58 of 16 random bytes. */
  public String invoice() {
    return Base58.encode(bytes(INVOICE_BYTES));
  }

  /** A new store id: base58 of 32 random bytes. */
  public String store() {
    return Base58.encode(bytes(STORE_BYTES));
  }

  /** A new API key: 40 hex digits. */
  public String apiKey() {
    return HexFormat.of().formatHex(bytes(KEY_BYTES));
  }

  /** True if a text has the form of an API key. */
  public static boolean isApiKey(String text) {
    return KEY.matcher(text).matches();
  }

  private byte[] bytes(int count) {
    byte[] bytes = new byte[count];
    random.nextBytes(bytes);
    return bytes;
  }
}
