package network.tender.merchant;

import java.util.LinkedHashMap;
import java.util.Map;
import java.util.OptionalInt;

/**
 * The next free address number of each wallet, in memory, so that making an invoice is one round
 * trip and locks nothing that another invoice needs.
 *
 * <p>The database's unique constraint on (wallet, number) is what really hands a number out; this
 * is only the guess that the insert is made with. A wrong guess (another process was faster, or an
 * insert failed) makes the insert fail, and the number is read again. So no number is used twice,
 * none is lost by a crash, and wallets that stop looking after twenty unused addresses see no gaps
 * but those of unpaid invoices.
 */
final class AddressIndexes {
  private static final int MAX_WALLETS = 10_000;

  private final Map<Long, Integer> next =
      new LinkedHashMap<>(64, 0.75f, true) {
        @Override
        protected boolean removeEldestEntry(Map.Entry<Long, Integer> eldest) {
          return size() > MAX_WALLETS;
        }
      };

  /** Takes the next number; empty if it has to be read first. */
  synchronized OptionalInt take(long walletId) {
    Integer number = next.get(walletId);
    if (number == null) {
      return OptionalInt.empty();
    }
    next.put(walletId, Math.addExact(number, 1));
    return OptionalInt.of(number);
  }

  /** Tells the number that was read as the next free one; a higher one known here stays. */
  synchronized void learn(long walletId, int number) {
    next.merge(walletId, number, Math::max);
  }

  /** Forgets a wallet's number, because a guess was wrong. */
  synchronized void forget(long walletId) {
    next.remove(walletId);
  }
}
