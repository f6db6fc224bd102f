package network.tender.node;

import io.vertx.core.Future;
import java.util.Optional;
import java.util.function.BooleanSupplier;
import network.tender.follower.Follower;
import network.tender.journal.WriterLease;
import network.tender.merchant.Merchant;
import network.tender.settlement.HouseWallet;
import network.tender.settlement.Settlement;
import network.tender.settlement.Storage;
import network.tender.webhook.WebhookService;

/**
 * What a node has once its ledger stands at the newest block.
 *
 * @param settlement the door to the ledger
 * @param storage where the chain is kept
 * @param lease the right to write
 * @param waitsForFlush true while no block is taken because too many changed coins wait
 * @param role what else this node has
 */
record Opened(
    Settlement settlement,
    Storage storage,
    WriterLease lease,
    BooleanSupplier waitsForFlush,
    Role role) {
  /** The two kinds of nodes. */
  sealed interface Role {
    /**
     * Seals the chain's blocks, and has shops.
     *
     * @param merchant stores and invoices
     * @param webhooks tells others of invoices
     * @param purses wallets for play; on regtest only
     */
    record Sealing(Merchant merchant, WebhookService webhooks, Optional<Purses> purses)
        implements Role {}

    /**
     * Verifies another node's blocks.
     *
     * @param follower how that goes
     */
    record Following(Follower follower) implements Role {}
  }

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
