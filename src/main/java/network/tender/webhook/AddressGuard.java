package network.tender.webhook;

import io.netty.handler.ipfilter.IpFilterRuleType;
import io.netty.handler.ipfilter.IpSubnetFilterRule;
import io.netty.util.NetUtil;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.net.UnknownHostException;
import java.util.ArrayList;
import java.util.HashSet;
import java.util.List;
import java.util.Locale;
import java.util.Set;

/**
 * Which addresses webhooks may be sent to. Everybody with a store could otherwise make this node
 * ask what only this node can reach: other machines of its network, its own services, and the
 * metadata service of a cloud, which hands out keys.
 */
public final class AddressGuard {
  private static final int MAX_PREFIX_V4 = 32;
  private static final int MAX_PREFIX_V6 = 128;

  /**
   * Everything that is not the public internet (IANA's special-purpose registries), addresses that
   * may carry such ones inside, and the metadata services that have public addresses.
   */
  private static final List<IpSubnetFilterRule> CLOSED =
      rules(
          List.of(
              "0.0.0.0/8",
              "10.0.0.0/8",
              "100.64.0.0/10",
              "127.0.0.0/8",
              "168.63.129.16/32",
              "169.254.0.0/16",
              "172.16.0.0/12",
              "192.0.0.0/24",
              "192.0.2.0/24",
              "192.88.99.0/24",
              "192.168.0.0/16",
              "198.18.0.0/15",
              "198.51.100.0/24",
              "203.0.113.0/24",
              "224.0.0.0/4",
              "240.0.0.0/4"));

  /** In IPv6 all but the global unicast addresses is closed, and of those these. */
  private static final List<IpSubnetFilterRule> CLOSED_V6 =
      rules(List.of("2001::/23", "2001:db8::/32", "2002::/16", "3fff::/20"));

  private static final List<IpSubnetFilterRule> GLOBAL_V6 = rules(List.of("2000::/3"));

  private final List<IpSubnetFilterRule> open;
  private final Set<String> openHosts;

  private AddressGuard(List<IpSubnetFilterRule> open, Set<String> openHosts) {
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
    return new AddressGuard(rules(networks), Set.copyOf(hosts));
  }

  private static IllegalArgumentException expectation() {
    return new IllegalArgumentException(
        "must list host names, addresses or networks, such as shop.internal or 10.1.0.0/16.");
  }

  private static List<IpSubnetFilterRule> rules(List<String> networks) {
    List<IpSubnetFilterRule> rules = new ArrayList<>();
    for (String network : networks) {
      int slash = network.indexOf('/');
      InetAddress address =
          NetUtil.createInetAddressFromIpAddressString(network.substring(0, slash));
      if (address == null) {
        throw expectation();
      }
      try {
        rules.add(
            new IpSubnetFilterRule(
                address, Integer.parseInt(network.substring(slash + 1)), IpFilterRuleType.ACCEPT));
      } catch (IllegalArgumentException e) {
        throw expectation();
      }
    }
    return List.copyOf(rules);
  }

  /**
   * True if it may be sent there.
   *
   * @param host the name that the address was found by
   */
  boolean allows(String host, InetAddress address) {
    InetAddress plain = plain(address);
    if (openHosts.contains(host) || anyMatches(open, plain)) {
      return true;
    }
    return plain.getAddress().length == 4
        ? !anyMatches(CLOSED, plain)
        : anyMatches(GLOBAL_V6, plain) && !anyMatches(CLOSED_V6, plain);
  }

  /** An address of IPv4 in the clothes of IPv6 is what it carries. */
  private static InetAddress plain(InetAddress address) {
    byte[] bytes = address.getAddress();
    if (bytes.length != 16) {
      return address;
    }
    for (int i = 0; i < 10; i++) {
      if (bytes[i] != 0) {
        return address;
      }
    }
    if (bytes[10] != -1 || bytes[11] != -1) {
      return address;
    }
    try {
      return InetAddress.getByAddress(java.util.Arrays.copyOfRange(bytes, 12, 16));
    } catch (UnknownHostException e) {
      throw new IllegalStateException("four bytes are an address", e);
    }
  }

  private static boolean anyMatches(List<IpSubnetFilterRule> rules, InetAddress address) {
    InetSocketAddress socket = new InetSocketAddress(address, 0);
    return rules.stream().anyMatch(rule -> rule.matches(socket));
  }
}
