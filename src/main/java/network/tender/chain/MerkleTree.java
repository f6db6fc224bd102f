package network.tender.chain;

import java.util.ArrayList;
import java.util.HashSet;
import java.util.List;

/** Bitcoin's merkle tree: roots, branches, and the duplication check of CVE-2012-2459. */
public final class MerkleTree {
  private MerkleTree() {}

  /**
   * The root over some hashes.
   *
   * @throws IllegalArgumentException if there are none
   */
  public static Hash root(List<Hash> leaves) {
    if (leaves.isEmpty()) {
      throw new IllegalArgumentException("no leaves");
    }
    List<Hash> level = leaves;
    while (level.size() > 1) {
      level = above(level);
    }
    return level.get(0);
  }

  /**
   * True if two neighbours that would be hashed together are equal at any level, so that another
   * list of leaves has the same root (CVE-2012-2459).
   */
  public static boolean hasEqualNeighbours(List<Hash> leaves) {
    // Equal nodes have equal leaves below them, so among distinct leaves there are none. That is
    // the usual case, and quicker to see than to hash the tree for.
    if (new HashSet<>(leaves).size() == leaves.size()) {
      return false;
    }
    List<Hash> level = leaves;
    while (level.size() > 1) {
      for (int i = 0; i + 1 < level.size(); i += 2) {
        if (level.get(i).equals(level.get(i + 1))) {
          return true;
        }
      }
      level = above(level);
    }
    return false;
  }

  /** The siblings on the way from the leaf at {@code index} up to the root, lowest first. */
  public static List<Hash> branch(List<Hash> leaves, int index) {
    java.util.Objects.checkIndex(index, leaves.size());
    List<Hash> siblings = new ArrayList<>();
    List<Hash> level = leaves;
    int at = index;
    while (level.size() > 1) {
      int sibling = Math.min(at ^ 1, level.size() - 1);
      siblings.add(level.get(sibling));
      level = above(level);
      at >>= 1;
    }
    return siblings;
  }

  /** The root that a leaf, its index and its branch lead to. */
  public static Hash rootFromBranch(Hash leaf, int index, List<Hash> branch) {
    Hash hash = leaf;
    int at = index;
    for (Hash sibling : branch) {
      hash = (at & 1) == 0 ? pair(hash, sibling) : pair(sibling, hash);
      at >>= 1;
    }
    return hash;
  }

  private static List<Hash> above(List<Hash> level) {
    List<Hash> above = new ArrayList<>((level.size() + 1) / 2);
    for (int i = 0; i < level.size(); i += 2) {
      above.add(pair(level.get(i), level.get(Math.min(i + 1, level.size() - 1))));
    }
    return above;
  }

  private static Hash pair(Hash left, Hash right) {
    byte[] both = new byte[2 * Hash.SIZE_BYTES];
    left.writeTo(both, 0);
    right.writeTo(both, Hash.SIZE_BYTES);
    return Hashing.sha256d(both);
  }
}
