package network.tender.journal;

import java.util.Iterator;
import java.util.LinkedHashMap;
import java.util.Optional;
import network.tender.chain.Hash;
import network.tender.ledger.ChainTotals;

/**
 * The blocks written last, packed one behind the other into one piece of memory that is used round
 * and round, so that the newest overwrite the oldest. As arrays of their own they would be moved
 * about by the garbage collector again and again, and then be old garbage. Not safe for threads.
 */
final class PackedBlocks {
  /** Where a block is, and what of it is not there. */
  private record Place(
      int from,
      Hash hash,
      int bodyBytes,
      long timeMillis,
      int certificateBytes,
      int spentBytes,
      ChainTotals totals) {
    int end() {
      return from + bodyBytes + certificateBytes + spentBytes;
    }
  }

  private final int capacity;

  /** Made for the first block, as many who read blocks write none. */
  private byte[] memory = {};

  /** By height, the oldest first, which is the order in which they are overwritten. */
  private final LinkedHashMap<Integer, Place> places = new LinkedHashMap<>();

  /** Where the next block begins, if there is room for it in front of the end. */
  private int next;

  /**
   * Of no blocks yet.
   *
   * @param capacity bytes
   */
  PackedBlocks(int capacity) {
    this.capacity = capacity;
  }

  /** Keeps a block; one that is larger than all there is room for is not kept. */
  void put(PackedBlock block) {
    places.remove(block.height());
    if (block.bytes() > capacity) {
      return;
    }
    if (memory.length == 0) {
      memory = new byte[capacity];
    }
    int bytes = (int) block.bytes();
    if (bytes > capacity - next) {
      // What is left there is too short. Whatever it holds is from the round before.
      forget(next, capacity);
      next = 0;
    }
    forget(next, next + bytes);
    Place place =
        new Place(
            next,
            block.hash(),
            block.body().length,
            block.timeMillis(),
            block.certificate().length,
            block.spent().length,
            block.totals());
    int at = copyIn(block.body(), next);
    at = copyIn(block.certificate(), at);
    next = copyIn(block.spent(), at);
    places.put(block.height(), place);
  }

  /** Forgets the oldest blocks while they are in a part of the memory. */
  private void forget(int from, int to) {
    Iterator<Place> oldest = places.values().iterator();
    while (oldest.hasNext()) {
      Place place = oldest.next();
      if (place.from() >= to || place.end() <= from) {
        return;
      }
      oldest.remove();
    }
  }

  private int copyIn(byte[] bytes, int at) {
    System.arraycopy(bytes, 0, memory, at, bytes.length);
    return at + bytes.length;
  }

  /** A copy of the block at a height, if it is kept. */
  Optional<PackedBlock> get(int height) {
    return Optional.ofNullable(places.get(height)).map(place -> copy(height, place));
  }

  private PackedBlock copy(int height, Place place) {
    int certificate = place.from() + place.bodyBytes();
    int spent = certificate + place.certificateBytes();
    return new PackedBlock(
        height,
        place.hash(),
        copyOut(place.from(), place.bodyBytes()),
        place.timeMillis(),
        copyOut(certificate, place.certificateBytes()),
        copyOut(spent, place.spentBytes()),
        place.totals());
  }

  private byte[] copyOut(int from, int length) {
    byte[] bytes = new byte[length];
    System.arraycopy(memory, from, bytes, 0, length);
    return bytes;
  }
}
