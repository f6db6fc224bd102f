package network.tender.chain;

import java.util.ArrayList;
import java.util.List;
import java.util.Objects;

/**
 * All nodes of a merkle tree, in flat memory: those of a block are kept while its receipts may be
 * asked for, and twice as many objects as transfers would be much for a garbage collector to copy.
 */
public final class MerkleNodes {
  private static final int WORDS = Hash.SIZE_BYTES / Long.BYTES;

  private final long[] words;

  /** By level, where its nodes begin; the leaves first. One more for the end. */
  private final int[] begins;

  private MerkleNodes(long[] words, int[] begins) {
    this.words = words;
    this.begins = begins;
  }

  /**
   * The tree over some hashes.
   *
   * @throws IllegalArgumentException if there are none
   */
  public static MerkleNodes of(List<Hash> leaves) {
    if (leaves.isEmpty()) {
      throw new IllegalArgumentException("no leaves");
    }
    int levels = levels(leaves.size());
    int[] begins = new int[levels + 1];
    int width = leaves.size();
    for (int level = 0; level < levels; level++) {
      begins[level + 1] = begins[level] + width;
      width = (width + 1) / 2;
    }
    MerkleNodes nodes = new MerkleNodes(new long[begins[levels] * WORDS], begins);
    for (int i = 0; i < leaves.size(); i++) {
      nodes.put(i, leaves.get(i));
    }
    nodes.fill();
    return nodes;
  }

  private static int levels(int leaves) {
    int levels = 1;
    for (int width = leaves; width > 1; width = (width + 1) / 2) {
      levels++;
    }
    return levels;
  }

  private void fill() {
    byte[] pair = new byte[2 * Hash.SIZE_BYTES];
    for (int level = 1; level < levels(); level++) {
      for (int i = 0; i < width(level); i++) {
        node(level - 1, 2 * i).writeTo(pair, 0);
        node(level - 1, Math.min(2 * i + 1, width(level - 1) - 1)).writeTo(pair, Hash.SIZE_BYTES);
        put(begins[level] + i, Hashing.sha256d(pair));
      }
    }
  }

  private void put(int number, Hash hash) {
    int at = number * WORDS;
    words[at] = hash.a();
    words[at + 1] = hash.b();
    words[at + 2] = hash.c();
    words[at + 3] = hash.d();
  }

  /** Levels of the tree, at least 1: the leaves are level 0, the root is alone on the last. */
  public int levels() {
    return begins.length - 1;
  }

  /** Nodes of a level. */
  public int width(int level) {
    return begins[level + 1] - begins[level];
  }

  /**
   * A node.
   *
   * @param level 0 for the leaves
   * @param index from 0
   * @throws IndexOutOfBoundsException if the level has no such node
   */
  public Hash node(int level, int index) {
    Objects.checkIndex(index, width(level));
    int at = (begins[level] + index) * WORDS;
    return new Hash(words[at], words[at + 1], words[at + 2], words[at + 3]);
  }

  /** The root. */
  public Hash root() {
    return node(levels() - 1, 0);
  }

  /** The siblings on the way from the leaf at {@code index} up to the root, lowest first. */
  public List<Hash> branch(int index) {
    Objects.checkIndex(index, width(0));
    List<Hash> siblings = new ArrayList<>(levels() - 1);
    int at = index;
    for (int level = 0; level + 1 < levels(); level++) {
      siblings.add(node(level, Math.min(at ^ 1, width(level) - 1)));
      at >>= 1;
    }
    return siblings;
  }
}
