package network.tender.node;

import io.vertx.core.Future;
import java.util.Optional;
import network.tender.journal.WriterLease;
import network.tender.merchant.Merchant;
import network.tender.settlement.HouseWallet;
import network.tender.settlement.Pipeline;

/**
 * What a node has once its ledger stands at the newest block.
 *
 * @param pipeline the door to the ledger
 * @param lease the right to write
 * @param merchant stores and invoices
 * @param purses wallets for play; on regtest only
 */
record Opened(Pipeline pipeline, WriterLease lease, Merchant merchant, Optional<Purses> purses) {
  /**
   * Wallets whose keys everybody knows.
   *
   * @param faucet the treasury's coins
   * @param demo the wallet behind the pages' "pay with the demo wallet"
   */
  record Purses(HouseWallet faucet, HouseWallet demo) {
    Future<Void> closeAll() {
      faucet.close();
      demo.close();
      return Future.succeededFuture();
    }
  }
}
