package network.tender.web.esplora;

import static org.assertj.core.api.Assertions.assertThat;

import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import network.tender.chain.Hash;
import network.tender.chain.Outpoint;
import network.tender.chain.Script;
import network.tender.journal.ScriptTotals;
import network.tender.ledger.Coin;
import network.tender.ledger.PendingTransfer;
import network.tender.settlement.Settlement;
import network.tender.web.TestChain;
import network.tender.web.TestServer;
import org.junit.jupiter.api.Test;

class PendingBacklogTest {
  private static final Script SHOP = Script.p2wpkh(new byte[20]);

  private final TestChain chain = new TestChain();

  private List<PendingTransfer> pending(int count) {
    chain.hold();
    List<Map.Entry<Outpoint, Coin>> coins = chain.treasuryCoins();
    for (int i = 0; i < count; i++) {
      TestServer.await(
          chain.submit(chain.payment(coins.get(i), SHOP, 10_000), Settlement.Wait.ACCEPTED));
    }
    return TestServer.await(chain.pendingTransfers()).transfers();
  }

  private static Map<Hash, PendingIndex.OfScript> answer(List<PendingTransfer> transfers) {
    return Map.of(SHOP.hash(), new PendingIndex.OfScript(250, transfers, ScriptTotals.NONE));
  }

  private static List<Hash> takeAll(PendingBacklog backlog) {
    List<Hash> taken = new ArrayList<>();
    List<PendingBacklog.Entry> part = backlog.part();
    while (!part.isEmpty()) {
      for (PendingBacklog.Entry entry : part) {
        assertThat(backlog.take(entry)).isTrue();
        taken.add(entry.txid());
      }
      part = backlog.part();
    }
    return taken;
  }

  @Test
  void partsAreBoundedAndInOrder() {
    List<PendingTransfer> transfers = pending(110);
    PendingBacklog backlog = new PendingBacklog();
    backlog.answered(answer(transfers));
    assertThat(backlog.part()).hasSize(100);
    assertThat(takeAll(backlog))
        .isEqualTo(transfers.stream().map(one -> one.transfer().txid()).toList());
  }

  @Test
  void whatABlockHasTakenIsNeverToldAsPending() {
    List<PendingTransfer> transfers = pending(5);
    PendingBacklog backlog = new PendingBacklog();
    backlog.settled(transfers.get(0).transfer().txid());
    backlog.answered(answer(transfers));
    backlog.settled(transfers.get(1).transfer().txid());
    List<PendingBacklog.Entry> part = backlog.part();
    assertThat(part).hasSize(3);
    // It settles while its text is being written.
    backlog.settled(transfers.get(2).transfer().txid());
    assertThat(backlog.take(part.get(0))).isFalse();
    assertThat(takeAll(backlog))
        .containsExactly(transfers.get(3).transfer().txid(), transfers.get(4).transfer().txid());
  }
}
