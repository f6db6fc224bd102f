package network.tender.ledger;

import java.util.List;
import network.tender.chain.Amount;
import network.tender.chain.Transaction;

/**
 * A transfer that is accepted and waits for its block, or for its block to become durable.
 *
 * @param transfer the transfer
 * @param spent the coins it spends, in the order of its inputs; the height of a coin that a pending
 *     transfer makes is only a guess
 * @param fee what it pays above its outputs
 * @param admittedMillis when it was accepted, Unix time in milliseconds
 */
public record PendingTransfer(
    Transaction transfer, List<Coin> spent, Amount fee, long admittedMillis) {
  /** Makes the list unmodifiable. */
  public PendingTransfer {
    spent = List.copyOf(spent);
  }
}
