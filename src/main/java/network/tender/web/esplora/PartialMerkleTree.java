package network.tender.web.esplora;

import java.util.ArrayList;
import java.util.HexFormat;
import java.util.List;
import network.tender.chain.Block;
import network.tender.chain.ByteWriter;
import network.tender.chain.Hash;
import network.tender.chain.MerkleTree;

/**
 * The merkle block message of BIP37 for one transaction: the header and the tree's nodes from the
 * root down, depth first, with a bit for each that says whether it leads to the transaction.
 */
final class PartialMerkleTree {
  private final List<List<Hash>> levels;
  private final int position;
  private final List<Boolean> bits = new ArrayList<>();
  private final List<Hash> hashes = new ArrayList<>();

  private PartialMerkleTree(List<List<Hash>> levels, int position) {
    this.levels = levels;
    this.position = position;
  }

  static String merkleBlockHex(Block block, int position) {
    List<Hash> txids = block.txids();
    List<List<Hash>> levels = MerkleTree.levels(txids);
    PartialMerkleTree tree = new PartialMerkleTree(levels, position);
    tree.visit(levels.size() - 1, 0);
    byte[] flags = new byte[(tree.bits.size() + 7) / 8];
    for (int i = 0; i < tree.bits.size(); i++) {
      if (tree.bits.get(i)) {
        flags[i / 8] |= (byte) (1 << (i % 8));
      }
    }
    ByteWriter writer = new ByteWriter(200 + Hash.SIZE_BYTES * tree.hashes.size());
    writer.write(block.header().toBytes());
    writer.writeInt(txids.size());
    writer.writeCompactSize(tree.hashes.size());
    tree.hashes.forEach(writer::writeHash);
    writer.writeCompactSize(flags.length);
    writer.write(flags);
    return HexFormat.of().formatHex(writer.toBytes());
  }

  private void visit(int level, int index) {
    boolean leads = position >> level == index;
    bits.add(leads);
    if (level == 0 || !leads) {
      hashes.add(levels.get(level).get(index));
      return;
    }
    visit(level - 1, index * 2);
    if (index * 2 + 1 < levels.get(level - 1).size()) {
      visit(level - 1, index * 2 + 1);
    }
  }
}
