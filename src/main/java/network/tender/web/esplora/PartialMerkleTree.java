package network.tender.web.esplora;

import java.util.ArrayList;
import java.util.HexFormat;
import java.util.List;
import network.tender.chain.Block;
import network.tender.chain.ByteWriter;
import network.tender.chain.Hash;
import network.tender.chain.MerkleNodes;

/**
 * The merkle block message of BIP37 for one transaction: the header and the tree's nodes from the
 * root down, depth first, with a bit for each that says whether it leads to the transaction.
 */
final class PartialMerkleTree {
  private final MerkleNodes nodes;
  private final int position;
  private final List<Boolean> bits = new ArrayList<>();
  private final List<Hash> hashes = new ArrayList<>();

  private PartialMerkleTree(MerkleNodes nodes, int position) {
    this.nodes = nodes;
    this.position = position;
  }

  static String merkleBlockHex(Block block, int position) {
    List<Hash> txids = block.txids();
    MerkleNodes nodes = MerkleNodes.of(txids);
    PartialMerkleTree tree = new PartialMerkleTree(nodes, position);
    tree.visit(nodes.levels() - 1, 0);
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
      hashes.add(nodes.node(level, index));
      return;
    }
    visit(level - 1, index * 2);
    if (index * 2 + 1 < nodes.width(level - 1)) {
      visit(level - 1, index * 2 + 1);
    }
  }
}
