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
  private record Entry(StoredBlock block, long bytes) {}

  private final long maxBytes;
  private final LinkedHashMap<Integer, Entry> entries = new LinkedHashMap<>(64, 0.75f, true);
  private long bytes;

  BlockCache(long maxBytes) {
    this.maxBytes = maxBytes;
  }

  synchronized Optional<StoredBlock> get(int height) {
    return Optional.ofNullable(entries.get(height)).map(Entry::block);
  }

  /**
   * Keeps a block.
   *
   * @param blockBytes the room it takes, roughly
   */
  synchronized void put(StoredBlock block, long blockBytes) {
    if (blockBytes > maxBytes) {
      return;
    }
    Entry replaced = entries.put(block.height(), new Entry(block, blockBytes));
    bytes += blockBytes - (replaced == null ? 0 : replaced.bytes());
    Iterator<Map.Entry<Integer, Entry>> oldest = entries.entrySet().iterator();
    while (bytes > maxBytes) {
      bytes -= oldest.next().getValue().bytes();
      oldest.remove();
    }
  }
}
