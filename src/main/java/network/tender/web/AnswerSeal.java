package network.tender.web;

import java.security.GeneralSecurityException;
import java.util.Arrays;
import javax.crypto.Cipher;
import javax.crypto.spec.GCMParameterSpec;
import javax.crypto.spec.SecretKeySpec;
import network.tender.chain.Hash;
import network.tender.chain.Hashing;

/**
 * Keeps an answer from everybody who has not sent the request: answers hold API keys, which are
 * nowhere in the database. AES-256-GCM; the nonce follows from key and content, so that it is never
 * used for two contents.
 */
public final class AnswerSeal {
  private static final int NONCE_BYTES = 12;
  private static final int TAG_BITS = 128;

  private final byte[] key;
  private final byte[] request;

  /**
   * A seal.
   *
   * @param key that only the sender of the request can make
   * @param request what the answer belongs to
   */
  public AnswerSeal(Hash key, Hash request) {
    this.key = key.toBytes();
    this.request = request.toBytes();
  }

  /** The nonce, then what the cipher makes of the content. */
  public byte[] close(byte[] content) {
    byte[] keyed = Arrays.copyOf(key, key.length + content.length);
    System.arraycopy(content, 0, keyed, key.length, content.length);
    byte[] nonce = Arrays.copyOf(Hashing.tagged("tender/idempotency/nonce", keyed), NONCE_BYTES);
    byte[] cipher = run(Cipher.ENCRYPT_MODE, nonce, content, 0);
    byte[] sealed = Arrays.copyOf(nonce, NONCE_BYTES + cipher.length);
    System.arraycopy(cipher, 0, sealed, NONCE_BYTES, cipher.length);
    return sealed;
  }

  /**
   * The content.
   *
   * @throws IllegalStateException if it is not what {@link #close} made with the same key
   */
  public byte[] open(byte[] sealed) {
    return run(Cipher.DECRYPT_MODE, Arrays.copyOf(sealed, NONCE_BYTES), sealed, NONCE_BYTES);
  }

  private byte[] run(int mode, byte[] nonce, byte[] input, int from) {
    try {
      Cipher cipher = Cipher.getInstance("AES/GCM/NoPadding");
      cipher.init(mode, new SecretKeySpec(key, "AES"), new GCMParameterSpec(TAG_BITS, nonce));
      cipher.updateAAD(request);
      return cipher.doFinal(input, from, input.length - from);
    } catch (GeneralSecurityException e) {
      throw new IllegalStateException("a stored answer can't be opened", e);
    }
  }
}
