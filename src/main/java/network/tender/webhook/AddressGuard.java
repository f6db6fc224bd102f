package network.tender.webhook;

import io.netty.util.NetUtil;
import java.net.InetAddress;
import java.util.ArrayList;
import java.util.HashSet;
import java.util.List;
import java.util.Locale;
import java.util.Set;
import network.tender.merchant.Networks;
import network.tender.merchant.PublicAddresses;

/**
 * Which addresses webhooks may be sent to. Everybody with a store could otherwise make this node
 * ask what only this node can reach: other machines of its network, its own services, and the
 * metadata service of a cloud, which hands out keys.
 */
public final class AddressGuard {
  private static final int MAX_PREFIX_V4 = 32;
  private static final int MAX_PREFIX_V6 = 128;

  private final Networks open;
  private final Set<String> openHosts;

  private AddressGuard(Networks open, Set<String> openHosts) {
    this.open = open;
    this.openHosts = openHosts;
  }

  /**
   * A guard that lets through what is public and what is listed.
   *
   * @param allowed host names, addresses and networks such as {@code 10.1.0.0/16}
   * @throws IllegalArgumentException with what is expected, if one of them is none of these
   */
  public static AddressGuard allowing(List<String> allowed) {
    List<String> networks = new ArrayList<>();
    Set<String> hosts = new HashSet<>();
    for (String item : allowed) {
      String text = item.strip().toLowerCase(Locale.ROOT);
      if (NetUtil.isValidIpV4Address(text)) {
        networks.add(text + "/" + MAX_PREFIX_V4);
      } else if (NetUtil.isValidIpV6Address(text)) {
        networks.add(text + "/" + MAX_PREFIX_V6);
      } else if (text.contains("/")) {
        networks.add(text);
      } else if (text.matches("[a-z0-9]([a-z0-9._-]{0,252})")) {
        hosts.add(text);
      } else {
        throw expectation();
      }
    }
    try {
      return new AddressGuard(Networks.of(networks), Set.copyOf(hosts));
    } catch (IllegalArgumentException e) {
      throw expectation();
    }
  }

  private static IllegalArgumentException expectation() {
    return new IllegalArgumentException(
        "must list host names, addresses or networks, such as shop.internal or 10.1.0.0/16.");
  }

  /**
   * True if it may be sent there.
   *
   * @param host the name that the address was found by
   */
  boolean allows(String host, InetAddress address) {
    return openHosts.contains(host) || open.contains(address) || PublicAddresses.isPublic(address);
  }
}
