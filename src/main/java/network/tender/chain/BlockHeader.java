package network.tender.chain;

import java.math.BigInteger;

/**
 * The 80 bytes whose hash names a block.
 *
 * @param version block version, signed 32-bit
 * @param previous hash of the block before
 * @param merkleRoot root over the txids
 * @param timeSeconds Unix time, an unsigned 32-bit value
 * @param bits the target in compact form
 * @param nonce what was tried to meet the target
 */
public record BlockHeader(
    int version, Hash previous, Hash merkleRoot, int timeSeconds, int bits, int nonce) {
  /** Size of a serialised header. */
  public static final int SIZE_BYTES = 80;

  /** Reads 80 bytes. */
  public static BlockHeader read(ByteReader reader) throws MalformedException {
    return new BlockHeader(
        reader.readInt(),
        reader.readHash(),
        reader.readHash(),
        reader.readInt(),
        reader.readInt(),
        reader.readInt());
  }

  /**
   * Parses exactly 80 bytes.
   *
   * @throws MalformedException if there are more or fewer
   */
  public static BlockHeader parse(byte[] bytes) throws MalformedException {
    ByteReader reader = new ByteReader(bytes);
    BlockHeader header = read(reader);
    reader.expectEnd();
    return header;
  }

  /** The 80 bytes. */
  public byte[] toBytes() {
    return new ByteWriter(SIZE_BYTES)
        .writeInt(version)
        .writeHash(previous)
        .writeHash(merkleRoot)
        .writeInt(timeSeconds)
        .writeInt(bits)
        .writeInt(nonce)
        .toBytes();
  }

  /** The block's hash. */
  public Hash hash() {
    return Hashing.sha256d(toBytes());
  }

  /** The same header with another nonce. */
  public BlockHeader withNonce(int newNonce) {
    return new BlockHeader(version, previous, merkleRoot, timeSeconds, bits, newNonce);
  }

  /** Unix time as a non-negative long. */
  public long unixSeconds() {
    return Integer.toUnsignedLong(timeSeconds);
  }

  /** True if the hash, read as a number, is not above the target of {@link #bits}. */
  public boolean meetsTarget() {
    int exponent = bits >>> 24;
    long mantissa = bits & 0x7fffffL;
    if ((bits & 0x800000) != 0 || mantissa == 0 || exponent > 34) {
      return false;
    }
    BigInteger target = BigInteger.valueOf(mantissa);
    target =
        exponent <= 3
            ? target.shiftRight(8 * (3 - exponent))
            : target.shiftLeft(8 * (exponent - 3));
    if (target.bitLength() > 256) {
      return false;
    }
    byte[] hash = hash().toBytes();
    for (int i = 0; i < hash.length / 2; i++) {
      byte swap = hash[i];
      hash[i] = hash[hash.length - 1 - i];
      hash[hash.length - 1 - i] = swap;
    }
    return new BigInteger(1, hash).compareTo(target) <= 0;
  }
}
