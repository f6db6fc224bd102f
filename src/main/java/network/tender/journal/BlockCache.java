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
  /** What is kept of a block. */
  sealed interface Entry {
    /** Its height. */
    int height();

    /** The room it takes, roughly. */
    long bytes();
  }

  /** A block that somebody has read, and may read again. */
  record Read(StoredBlock block) implements Entry {
    @Override
    public int height() {
      return block.height();
    }

    @Override
    public long bytes() {
      return block.block().weight();
    }
  }

  /** A block that was written and has not been asked for yet. */
  record Written(PackedBlock block) implements Entry {
    @Override
    public int height() {
      return block.height();
    }

    @Override
    public long bytes() {
      return block.bytes();
    }
  }

  private final long maxBytes;
  private final LinkedHashMap<Integer, Entry> entries = new LinkedHashMap<>(64, 0.75f, true);
  private long bytes;

  BlockCache(long maxBytes) {
    this.maxBytes = maxBytes;
  }

  synchronized Optional<Entry> get(int height) {
    return Optional.ofNullable(entries.get(height));
  }

  /** Keeps a block, instead of what was kept of it before. */
  synchronized void put(Entry entry) {
    if (entry.bytes() > maxBytes) {
      return;
    }
    Entry replaced = entries.put(entry.height(), entry);
    bytes += entry.bytes() - (replaced == null ? 0 : replaced.bytes());
    Iterator<Map.Entry<Integer, Entry>> oldest = entries.entrySet().iterator();
    while (bytes > maxBytes) {
      bytes -= oldest.next().getValue().bytes();
      oldest.remove();
    }
  }
}
