package network.tender.ledger;

import java.util.ArrayList;
import java.util.List;
import network.tender.chain.ByteReader;
import network.tender.chain.ByteWriter;
import network.tender.chain.MalformedException;

/**
 * A block as one node hands it to another that verifies it: nothing in it has been checked.
 *
 * @param height at which its sender has it
 * @param raw the serialised block; do not change it
 * @param certificate the validators' signatures, as {@link Certificate#toBytes} writes them
 */
@SuppressWarnings("ArrayRecordComponent") // compared nowhere; a wrapper would only add a copy
public record CertifiedBlock(int height, byte[] raw, byte[] certificate) {
  /** Height, and the lengths of the other two. */
  private static final int OVERHEAD_BYTES = 4 + 9 + 9;

  /**
   * Consecutive blocks in one piece: for each the height (4 bytes, little-endian), the certificate
   * and the block, both behind their lengths (CompactSize).
   */
  public static byte[] encode(List<CertifiedBlock> blocks) {
    int bytes = 0;
    for (CertifiedBlock block : blocks) {
      bytes += OVERHEAD_BYTES + block.raw.length + block.certificate.length;
    }
    ByteWriter writer = new ByteWriter(bytes);
    for (CertifiedBlock block : blocks) {
      writer.writeInt(block.height);
      writer.writeCompactSize(block.certificate.length).write(block.certificate);
      writer.writeCompactSize(block.raw.length).write(block.raw);
    }
    return writer.toBytes();
  }

  /**
   * The reverse of {@link #encode}.
   *
   * @throws MalformedException if the bytes are anything else
   */
  public static List<CertifiedBlock> decode(byte[] bytes) throws MalformedException {
    ByteReader reader = new ByteReader(bytes);
    List<CertifiedBlock> blocks = new ArrayList<>();
    while (reader.position() < bytes.length) {
      int height = reader.readInt();
      byte[] certificate = reader.readBytes(reader.readCompactSize());
      byte[] raw = reader.readBytes(reader.readCompactSize());
      blocks.add(new CertifiedBlock(height, raw, certificate));
    }
    return List.copyOf(blocks);
  }
}
