package network.tender.settlement;

import static org.assertj.core.api.Assertions.assertThat;

import java.util.List;
import java.util.stream.IntStream;
import network.tender.chain.Amount;
import network.tender.chain.Block;
import network.tender.chain.BlockHeader;
import network.tender.chain.Hash;
import network.tender.chain.MerkleTree;
import network.tender.chain.Outpoint;
import network.tender.chain.Transaction;
import network.tender.chain.TransferInput;
import network.tender.chain.TransferOutput;
import network.tender.ledger.Certificate;
import network.tender.ledger.ChainTotals;
import network.tender.ledger.Receipts;
import network.tender.ledger.SealedBlock;
import org.junit.jupiter.api.Test;

class RecentReceiptsTest {
  private static final int MAX_TRANSFERS = 10;

  @Test
  void findsThePlacesOfTheNewestTransfers() {
    RecentReceipts recent = new RecentReceipts(MAX_TRANSFERS, 3);
    List<SealedBlock> blocks = IntStream.range(0, 20).mapToObj(h -> block(h, h % 4)).toList();
    int settled = 0;
    for (SealedBlock block : blocks) {
      Receipts receipts = Receipts.of("regtest", block);
      recent.add(block, receipts);
      settled += block.transferCount();
      for (int i = 1; i <= block.transferCount(); i++) {
        assertThat(recent.find(txid(block, i))).contains(new RecentReceipts.Settled(receipts, i));
        assertThat(receipts.receipt(i).txid()).isEqualTo(txid(block, i));
      }
    }
    int newer = settled;
    for (SealedBlock block : blocks) {
      for (int i = 1; i <= block.transferCount(); i++) {
        assertThat(recent.find(txid(block, i)).isPresent()).isEqualTo(newer <= MAX_TRANSFERS);
        newer--;
      }
    }
    assertThat(newer).isZero();
    assertThat(recent.find(Hash.ZERO)).isEmpty();
  }

  private static Hash txid(SealedBlock block, int position) {
    return block.block().transactions().get(position).txid();
  }

  private static SealedBlock block(int height, int transfers) {
    List<Transaction> all =
        IntStream.rangeClosed(0, transfers)
            .mapToObj(
                i ->
                    Transaction.build(
                        2,
                        List.of(TransferInput.unsigned(new Outpoint(new Hash(height, i, 0, 1), i))),
                        List.of(new TransferOutput(Amount.ofSat(1_000), TestChain.script(1))),
                        0))
            .toList();
    Hash root = MerkleTree.root(all.stream().map(Transaction::txid).toList());
    BlockHeader header = new BlockHeader(1, Hash.ZERO, root, height, 0x207fffff, 0);
    return new SealedBlock(
        height,
        header.hash(),
        new Block(header, all),
        height * 1_000L,
        new Certificate(List.of()),
        List.of(),
        ChainTotals.NONE);
  }
}
