package network.tender.script;

import fr.acinq.bitcoin.Base58Check;
import fr.acinq.bitcoin.DeterministicWallet;
import java.nio.ByteBuffer;
import java.util.Arrays;
import kotlin.Pair;
import network.tender.chain.Hashing;
import network.tender.chain.MalformedException;
import org.jspecify.annotations.Nullable;

/** A public key from which a tree of public keys follows (BIP32). */
public final class ExtendedPublicKey {
  /** The first index that only a private key has a child for. */
  static final int HARDENED = 0x8000_0000;

  private static final int PAYLOAD_BYTES = 74;
  private static final int MAX_TEXT = 120;

  private final Curve curve;
  private final int depth;
  private final int parentFingerprint;
  private final int childNumber;
  private final byte[] chainCode;
  private final byte[] publicKey;

  /** The key in its long form, once its children's keys were asked for; null before. */
  private volatile byte @Nullable [] point;

  ExtendedPublicKey(
      Curve curve,
      int depth,
      int parentFingerprint,
      int childNumber,
      byte[] chainCode,
      byte[] publicKey) {
    this.curve = curve;
    this.depth = depth;
    this.parentFingerprint = parentFingerprint;
    this.childNumber = childNumber;
    this.chainCode = chainCode;
    this.publicKey = publicKey;
  }

  /**
   * A key as text, and what its prefix says.
   *
   * @param version the four bytes of the prefix
   * @param key the key
   */
  record Decoded(int version, ExtendedPublicKey key) {}

  /**
   * Reads the text of a key with any prefix of BIP32 or SLIP-132 for one signer's public keys.
   *
   * @throws MalformedException if it is none, or a private key
   */
  static Decoded decode(String text, Curve curve) throws MalformedException {
    if (text.length() >= 4 && text.startsWith("prv", 1)) {
      throw new MalformedException(
          "this is a private key: whoever has it can take the money. Don't hand it over; "
              + "give the extended public key (xpub, tpub, zpub, …) instead");
    }
    if (text.length() > MAX_TEXT) {
      throw new MalformedException("too long for an extended public key");
    }
    Pair<Integer, byte[]> decoded;
    try {
      decoded = Base58Check.decodeWithIntPrefix(text);
    } catch (RuntimeException e) {
      throw new MalformedException(
          "not an extended public key: mistyped or cut off (its checksum is wrong)");
    }
    byte[] payload = decoded.getSecond();
    int version = decoded.getFirst();
    if (payload.length != PAYLOAD_BYTES || !isPublicVersion(version)) {
      throw new MalformedException(
          "not an extended public key of one signer (xpub, tpub, ypub, upub, zpub or vpub)");
    }
    ByteBuffer fields = ByteBuffer.wrap(payload);
    int depth = fields.get() & 0xff;
    int parentFingerprint = fields.getInt();
    int childNumber = fields.getInt();
    if (depth == 0 && (parentFingerprint != 0 || childNumber != 0)) {
      throw new MalformedException("a master key that claims to have a parent");
    }
    byte[] chainCode = Arrays.copyOfRange(payload, 9, 41);
    byte[] publicKey = Arrays.copyOfRange(payload, 41, PAYLOAD_BYTES);
    try {
      curve.addTweak(publicKey, new byte[32]);
    } catch (IllegalArgumentException e) {
      throw new MalformedException("an extended key whose point is not on the curve");
    }
    return new Decoded(
        version,
        new ExtendedPublicKey(curve, depth, parentFingerprint, childNumber, chainCode, publicKey));
  }

  private static boolean isPublicVersion(int version) {
    return switch (version) {
      case DeterministicWallet.xpub,
          DeterministicWallet.tpub,
          DeterministicWallet.ypub,
          DeterministicWallet.upub,
          DeterministicWallet.zpub,
          DeterministicWallet.vpub ->
          true;
      default -> false;
    };
  }

  /**
   * The child with a number.
   *
   * @param index 0 to 2³¹-1
   * @throws IllegalArgumentException for a hardened index, or below depth 255
   */
  public ExtendedPublicKey child(int index) {
    if (index < 0) {
      throw new IllegalArgumentException("a public key has no hardened children");
    }
    if (depth == 255) {
      throw new IllegalArgumentException("a key at depth 255 has no children");
    }
    byte[] both = HmacSha512.of(chainCode, publicKey, index);
    return new ExtendedPublicKey(
        curve,
        depth + 1,
        fingerprint(),
        index,
        Arrays.copyOfRange(both, 32, 64),
        curve.addTweak(publicKey, Arrays.copyOf(both, 32)));
  }

  /**
   * The key of the child with a number, as {@link #child} has it: for addresses, which need nothing
   * else of the child.
   *
   * @param index 0 to 2³¹-1
   * @throws IllegalArgumentException for a hardened index
   */
  byte[] childKey(int index) {
    if (index < 0) {
      throw new IllegalArgumentException("a public key has no hardened children");
    }
    byte[] both = HmacSha512.of(chainCode, publicKey, index);
    return curve.addTweak(point(), Arrays.copyOf(both, 32));
  }

  /** Two threads may both make it, the same one. */
  private byte[] point() {
    byte[] known = point;
    if (known == null) {
      known = curve.uncompress(publicKey);
      point = known;
    }
    return known;
  }

  /** The key itself, 33 bytes compressed, in a new array. */
  public byte[] publicKey() {
    return publicKey.clone();
  }

  /** How many steps it is below its master key. */
  public int depth() {
    return depth;
  }

  /** The first four bytes of the key's HASH160. */
  public int fingerprint() {
    return ByteBuffer.wrap(Hashing.hash160(publicKey)).getInt();
  }

  /** The key as text with the test networks' prefix {@code tpub}, which all our networks use. */
  @Override
  public String toString() {
    return Base58Check.encode(
        DeterministicWallet.tpub,
        ByteBuffer.allocate(PAYLOAD_BYTES)
            .put((byte) depth)
            .putInt(parentFingerprint)
            .putInt(childNumber)
            .put(chainCode)
            .put(publicKey)
            .array());
  }
}
