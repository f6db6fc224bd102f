package network.tender.chain;

import java.util.Arrays;

/**
 * The last so many of a sequence of hashes, in flat memory: what lives for some seconds and then
 * goes is copied again and again by a garbage collector, unless it is no object.
 *
 * <p>Each hash has a slot for as long as it is kept, in which its owner may keep something beside
 * it. Not safe for threads.
 */
public final class RecentHashes {
  /** No slot. */
  public static final int NONE = -1;

  private static final int WORDS = Hash.SIZE_BYTES / Long.BYTES;

  private final int capacity;
  private final long[] words;

  /** By the slot of a hash, the number of the one before it in the same chain. */
  private final long[] before;

  /** By chain, the number of its newest hash. Older numbers follow, down to one that is gone. */
  private final long[] newest;

  private final int shift;
  private final long factor;
  private final long otherFactor;

  /** How many were ever added; hashes are numbered from 0. */
  private long count;

  /**
   * None yet.
   *
   * @param capacity most hashes that are kept, from 1 to 2<sup>26</sup>
   * @param salt a number that nobody outside knows: who knew it could choose hashes that all come
   *     to lie in one chain
   */
  public RecentHashes(int capacity, long salt) {
    if (capacity < 1 || capacity > 1 << 26) {
      throw new IllegalArgumentException("from 1 to 2^26 hashes, not " + capacity);
    }
    this.capacity = capacity;
    this.words = new long[capacity * WORDS];
    this.before = new long[capacity];
    int bits = Math.max(1, 32 - Integer.numberOfLeadingZeros(capacity));
    this.newest = new long[1 << bits];
    Arrays.fill(newest, NONE);
    this.shift = Long.SIZE - bits;
    this.factor = mixed(salt) | 1;
    this.otherFactor = mixed(salt + 1) | 1;
  }

  /** How many are kept. */
  public int size() {
    return (int) Math.min(count, capacity);
  }

  /**
   * The slot of a hash.
   *
   * @return from 0 to the capacity less one, or {@link #NONE}
   */
  public int find(Hash hash) {
    long oldest = count - capacity;
    for (long number = newest[chain(hash)]; number >= 0 && number >= oldest; ) {
      int slot = slot(number);
      if (isAt(slot, hash)) {
        return slot;
      }
      number = before[slot];
    }
    return NONE;
  }

  /**
   * Keeps a hash; the oldest is forgotten if there are too many, and its slot is taken.
   *
   * @return its slot, the one it has already if it is kept
   */
  public int add(Hash hash) {
    int known = find(hash);
    if (known != NONE) {
      return known;
    }
    int chain = chain(hash);
    int slot = slot(count);
    int at = slot * WORDS;
    words[at] = hash.a();
    words[at + 1] = hash.b();
    words[at + 2] = hash.c();
    words[at + 3] = hash.d();
    before[slot] = newest[chain];
    newest[chain] = count;
    count++;
    return slot;
  }

  private int slot(long number) {
    return (int) (number % capacity);
  }

  private boolean isAt(int slot, Hash hash) {
    int at = slot * WORDS;
    return words[at] == hash.a()
        && words[at + 1] == hash.b()
        && words[at + 2] == hash.c()
        && words[at + 3] == hash.d();
  }

  private int chain(Hash hash) {
    return (int) ((hash.a() * factor + hash.b() * otherFactor) >>> shift);
  }

  /** The finisher of SplitMix64: neighbouring numbers come out unlike each other. */
  private static long mixed(long number) {
    long z = number * 0x9e3779b97f4a7c15L;
    z = (z ^ (z >>> 30)) * 0xbf58476d1ce4e5b9L;
    z = (z ^ (z >>> 27)) * 0x94d049bb133111ebL;
    return z ^ (z >>> 31);
  }
}
