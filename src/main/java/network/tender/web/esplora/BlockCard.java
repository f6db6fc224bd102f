package network.tender.web.esplora;

import network.tender.chain.Block;
import network.tender.chain.BlockHeader;
import network.tender.chain.ByteWriter;
import network.tender.chain.Hash;
import network.tender.chain.Transaction;
import network.tender.journal.StoredBlock;

/**
 * What wallets ask of a block without its transactions; small enough to keep many.
 *
 * @param height the block's height
 * @param hash its hash
 * @param header its header
 * @param transactions number of its transactions, the coinbase included
 * @param sizeBytes its serialised size
 * @param weight its weight units
 */
record BlockCard(
    int height, Hash hash, BlockHeader header, int transactions, int sizeBytes, int weight) {
  static BlockCard of(StoredBlock stored) {
    Block block = stored.block();
    int size = BlockHeader.SIZE_BYTES + ByteWriter.compactSizeLength(block.transactions().size());
    for (Transaction transaction : block.transactions()) {
      size += transaction.size();
    }
    return new BlockCard(
        stored.height(),
        stored.hash(),
        block.header(),
        block.transactions().size(),
        size,
        block.weight());
  }

  /** The time in its header. */
  long timeSeconds() {
    return header.unixSeconds();
  }
}
