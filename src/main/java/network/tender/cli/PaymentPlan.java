package network.tender.cli;

import java.math.BigDecimal;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import network.tender.chain.Amount;
import network.tender.chain.Transaction;
import network.tender.chain.TransferInput;
import network.tender.chain.TransferOutput;

/**
 * A payment that nobody has signed yet.
 *
 * @param unsigned the transfer: the payee's output first, then the change
 * @param coins what its inputs spend, in their order
 * @param spent the same as outputs
 * @param paid what the payee gets
 * @param fee what the block's maker gets
 * @param change whose the second output is, if there is one
 * @param coinsLeft settled coins that stay in the wallet
 */
record PaymentPlan(
    Transaction unsigned,
    List<WalletCoin> coins,
    List<TransferOutput> spent,
    Amount paid,
    Amount fee,
    Optional<KeyPlace> change,
    int coinsLeft) {
  private static final int VERSION = 2;

  /** Makes the lists unmodifiable. */
  PaymentPlan {
    coins = List.copyOf(coins);
    spent = List.copyOf(spent);
  }

  /**
   * Plans a payment from settled coins only: what is pending may never be settled.
   *
   * @param coins all the wallet's coins
   * @param changeIndex number of the change address to use
   * @throws CommandFailure if the settled coins do not suffice, or for an absurd fee
   */
  static PaymentPlan of(
      PaymentOrder order,
      List<WalletCoin> coins,
      WalletKeys keys,
      int changeIndex,
      BigDecimal satPerVbyte,
      FeeLimit feeLimit) {
    List<WalletCoin> settled = coins.stream().filter(WalletCoin::confirmed).toList();
    CoinSelection selection = select(order, coins, settled, keys.kind(), satPerVbyte);
    List<TransferInput> inputs = new ArrayList<>();
    List<TransferOutput> spent = new ArrayList<>();
    for (WalletCoin coin : selection.coins()) {
      inputs.add(TransferInput.unsigned(coin.outpoint()));
      spent.add(new TransferOutput(coin.amount(), keys.script(coin.key())));
    }
    List<TransferOutput> outputs = new ArrayList<>();
    outputs.add(new TransferOutput(selection.paid(), order.script()));
    Optional<KeyPlace> change = selection.change().map(amount -> new KeyPlace(true, changeIndex));
    change.ifPresent(
        place ->
            outputs.add(new TransferOutput(selection.change().orElseThrow(), keys.script(place))));
    Transaction unsigned = Transaction.build(VERSION, inputs, outputs, 0);
    // The signed transfer is larger, so the limit is on the careful side.
    feeLimit
        .refuse(selection.fee().sat(), unsigned.virtualSize())
        .ifPresent(
            failure -> {
              throw failure;
            });
    return new PaymentPlan(
        unsigned,
        selection.coins(),
        spent,
        selection.paid(),
        selection.fee(),
        change,
        settled.size() - selection.coins().size());
  }

  private static CoinSelection select(
      PaymentOrder order,
      List<WalletCoin> coins,
      List<WalletCoin> settled,
      ScriptKind kind,
      BigDecimal satPerVbyte) {
    try {
      return order.amount().isPresent()
          ? CoinSelection.select(settled, order.amount().get(), order.script(), kind, satPerVbyte)
          : CoinSelection.all(settled, order.script(), kind, satPerVbyte);
    } catch (CommandFailure e) {
      long pending = 0;
      for (WalletCoin coin : coins) {
        pending += coin.confirmed() ? 0 : coin.amount().sat();
      }
      if (pending == 0 || !e.code().equals(CoinSelection.INSUFFICIENT)) {
        throw e;
      }
      throw new CommandFailure(
          e.code(),
          e.sentence()
              + " (Another "
              + Amount.ofSat(pending).toCoinText()
              + " is on its way and not settled yet.)");
    }
  }

  /** Signs it with the wallet's own secrets. */
  Transaction sign(WalletKeys keys) {
    List<byte[]> secrets = coins.stream().map(coin -> keys.secret(coin.key())).toList();
    return keys.signer().sign(unsigned, spent, secrets);
  }
}
