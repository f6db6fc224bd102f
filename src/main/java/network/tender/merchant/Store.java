package network.tender.merchant;

import java.util.Optional;

/**
 * A merchant's place of business.
 *
 * @param id opaque
 * @param settings all that can be set for it
 * @param wallet where its money goes; empty as long as no key is set
 * @param rates where its rates come from
 */
public record Store(
    String id, StoreSettings settings, Optional<StoreWallet> wallet, RateBook rates) {
  /** The wallet, if there is one and it is switched on. */
  public Optional<StoreWallet> usableWallet() {
    return wallet.filter(StoreWallet::enabled);
  }
}
