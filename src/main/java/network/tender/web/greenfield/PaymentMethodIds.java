package network.tender.web.greenfield;

import java.util.Locale;
import java.util.Set;
import network.tender.chain.Network;

/**
 * Ids of payment methods. Written is {@code TNDR-CHAIN}; read is everything that clients send for
 * it: the coin alone, underscores, the names of older versions.
 */
final class PaymentMethodIds {
  private static final Set<String> CHAIN_SUFFIXES =
      Set.of("", "-CHAIN", "-ONCHAIN", "-BTCLIKE", "-BITCOINLIKE");

  private final String coin;

  PaymentMethodIds(Network network) {
    this.coin = network.coinCode().toUpperCase(Locale.ROOT);
  }

  /** True if an id means the network's coin on its chain. */
  boolean isChain(String id) {
    String upper = id.strip().toUpperCase(Locale.ROOT).replace('_', '-');
    return upper.startsWith(coin) && CHAIN_SUFFIXES.contains(upper.substring(coin.length()));
  }
}
