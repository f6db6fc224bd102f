package network.tender.journal;

import java.util.Iterator;
import java.util.LinkedHashMap;
import java.util.Map;
import java.util.Optional;

/**
 * The blocks read or written last, up to a number of bytes. A durable block never changes, so
 * nothing in here is ever out of date. Used from several threads.
 */
final class BlockCache {
  private final long maxReadBytes;
  private final LinkedHashMap<Integer, StoredBlock> read = new LinkedHashMap<>(64, 0.75f, true);
  private final PackedBlocks written;
  private long readBytes;

  /**
   * Of no blocks yet.
   *
   * @param maxReadBytes room for blocks that were read
   * @param maxWrittenBytes room for blocks that were written
   */
  BlockCache(long maxReadBytes, int maxWrittenBytes) {
    this.maxReadBytes = maxReadBytes;
    this.written = new PackedBlocks(maxWrittenBytes);
  }

  /** A block that somebody has read, and may read again. */
  synchronized Optional<StoredBlock> read(int height) {
    return Optional.ofNullable(read.get(height));
  }

  /** A block that was written. */
  synchronized Optional<PackedBlock> written(int height) {
    return written.get(height);
  }

  /** Keeps a block that somebody has read. */
  synchronized void putRead(StoredBlock block) {
    if (bytes(block) > maxReadBytes) {
      return;
    }
    StoredBlock replaced = read.put(block.height(), block);
    readBytes += bytes(block) - (replaced == null ? 0 : bytes(replaced));
    Iterator<Map.Entry<Integer, StoredBlock>> oldest = read.entrySet().iterator();
    while (readBytes > maxReadBytes) {
      readBytes -= bytes(oldest.next().getValue());
      oldest.remove();
    }
  }

  /** Keeps a block that was written. */
  synchronized void putWritten(PackedBlock block) {
    written.put(block);
  }

  /** The room it takes, roughly. */
  private static long bytes(StoredBlock block) {
    return block.block().weight();
  }
}
