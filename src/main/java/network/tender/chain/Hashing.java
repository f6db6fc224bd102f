package network.tender.chain;

import java.nio.charset.StandardCharsets;
import java.security.MessageDigest;
import java.security.NoSuchAlgorithmException;
import org.bouncycastle.crypto.digests.RIPEMD160Digest;

/**
 * Bitcoin's hash functions. The JDK's SHA-256 is used because HotSpot replaces it by the
 * processor's own instructions.
 */
public final class Hashing {
  /** Cloned for every digest: looking one up among the platform's providers costs more. */
  private static final MessageDigest FRESH_SHA256 = findSha256();

  private static final ThreadLocal<MessageDigest> SHA256 =
      ThreadLocal.withInitial(Hashing::newSha256);

  private Hashing() {}

  /** A new SHA-256 digest, for hashing in pieces. */
  public static MessageDigest newSha256() {
    try {
      return (MessageDigest) FRESH_SHA256.clone();
    } catch (CloneNotSupportedException e) {
      return findSha256();
    }
  }

  private static MessageDigest findSha256() {
    try {
      return MessageDigest.getInstance("SHA-256");
    } catch (NoSuchAlgorithmException e) {
      throw new IllegalStateException("every Java platform has SHA-256", e);
    }
  }

  /**
   * SHA-256 of a range. Everything of any weight is hashed here and nowhere else, so that the JIT
   * compiles the platform's digest once and early, and not again into each of its callers.
   */
  public static byte[] sha256(byte[] bytes, int offset, int length) {
    MessageDigest digest = SHA256.get();
    digest.update(bytes, offset, length);
    return digest.digest();
  }

  /** SHA-256 of a whole array. */
  public static byte[] sha256(byte[] bytes) {
    return sha256(bytes, 0, bytes.length);
  }

  /** SHA-256 applied twice to a range: Bitcoin's hash of transactions and headers. */
  public static Hash sha256d(byte[] bytes, int offset, int length) {
    return Hash.of(sha256(sha256(bytes, offset, length)), 0);
  }

  /** SHA-256 applied twice to a whole array. */
  public static Hash sha256d(byte[] bytes) {
    return sha256d(bytes, 0, bytes.length);
  }

  /** RIPEMD-160 of SHA-256: the hash of keys and scripts in addresses. */
  public static byte[] hash160(byte[] bytes) {
    return ripemd160(sha256(bytes));
  }

  /** RIPEMD-160 of a whole array. */
  public static byte[] ripemd160(byte[] bytes) {
    RIPEMD160Digest ripemd = new RIPEMD160Digest();
    ripemd.update(bytes, 0, bytes.length);
    byte[] out = new byte[20];
    ripemd.doFinal(out, 0);
    return out;
  }

  /** SHA-1 of a whole array; only scripts of others still use it. */
  public static byte[] sha1(byte[] bytes) {
    try {
      return MessageDigest.getInstance("SHA-1").digest(bytes);
    } catch (NoSuchAlgorithmException e) {
      throw new IllegalStateException("every Java platform has SHA-1", e);
    }
  }

  /** A digest that has already taken in the tag of BIP340: SHA-256(tag) twice. */
  public static MessageDigest newTagged(String tag) {
    byte[] tagHash = sha256(tag.getBytes(StandardCharsets.UTF_8));
    MessageDigest digest = newSha256();
    digest.update(tagHash);
    digest.update(tagHash);
    return digest;
  }

  /** The tagged hash of BIP340 over one message. */
  public static byte[] tagged(String tag, byte[] message) {
    return newTagged(tag).digest(message);
  }
}
