package network.tender.ledger;

import java.util.ArrayList;
import java.util.List;
import network.tender.chain.ByteReader;
import network.tender.chain.ByteWriter;
import network.tender.chain.Hash;
import network.tender.chain.MalformedException;
import network.tender.chain.XOnlyKey;

/**
 * The validators' signatures over one block: BIP340 over the tagged hash {@code tender/block} of
 * block hash ‖ height (32 bytes in natural order, then 4 bytes little-endian).
 *
 * @param signatures one of each validator that signed, in the validators' order
 */
public record Certificate(List<Signature> signatures) {
  /** No more validators than this ever sign one block. */
  public static final int MAX_SIGNATURES = 100;

  private static final int VERSION = 1;
  private static final int SIGNATURE_BYTES = 64;
  private static final int SIGNED_BYTES = Hash.SIZE_BYTES + SIGNATURE_BYTES;

  /**
   * One validator's signature.
   *
   * @param validator who signed
   * @param bytes 64 bytes; do not change them
   */
  @SuppressWarnings("ArrayRecordComponent") // compared nowhere; a wrapper would only add a copy
  public record Signature(XOnlyKey validator, byte[] bytes) {}

  /** Makes the list unmodifiable. */
  public Certificate {
    signatures = List.copyOf(signatures);
  }

  /**
   * Its one encoding: the version, the number of signatures (CompactSize), then key (32 bytes) and
   * signature (64) of each validator.
   */
  public byte[] toBytes() {
    ByteWriter writer = new ByteWriter(8 + signatures.size() * SIGNED_BYTES);
    writer.writeByte(VERSION).writeCompactSize(signatures.size());
    for (Signature signature : signatures) {
      if (signature.bytes().length != SIGNATURE_BYTES) {
        throw new IllegalArgumentException("a signature has 64 bytes");
      }
      writer.writeHash(signature.validator().bytes()).write(signature.bytes());
    }
    return writer.toBytes();
  }

  /**
   * The reverse of {@link #toBytes}.
   *
   * @throws MalformedException if the bytes are anything else
   */
  public static Certificate parse(byte[] bytes) throws MalformedException {
    ByteReader reader = new ByteReader(bytes);
    int version = reader.readByte();
    if (version != VERSION) {
      throw new MalformedException("unknown version " + version);
    }
    int count = reader.readCount(SIGNED_BYTES);
    List<Signature> read = new ArrayList<>(count);
    for (int i = 0; i < count; i++) {
      XOnlyKey validator = new XOnlyKey(reader.readHash());
      read.add(new Signature(validator, reader.readBytes(SIGNATURE_BYTES)));
    }
    reader.expectEnd();
    return new Certificate(read);
  }
}
