package network.tender.cli;

import network.tender.script.WalletAccount;

/**
 * Where a key is below the account key.
 *
 * @param change true for the wallet's own change, false for what others pay to
 * @param index number of the key, from 0
 */
record KeyPlace(boolean change, int index) {
  /** The number of its chain, as {@link WalletAccount} counts them. */
  int chain() {
    return change ? WalletAccount.CHANGE : WalletAccount.RECEIVE;
  }

  /** The last two steps of the key path. */
  @Override
  public String toString() {
    return chain() + "/" + index;
  }
}
