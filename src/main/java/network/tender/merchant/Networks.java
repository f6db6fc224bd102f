package network.tender.merchant;

import io.netty.handler.ipfilter.IpFilterRuleType;
import io.netty.handler.ipfilter.IpSubnetFilterRule;
import io.netty.util.NetUtil;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.net.UnknownHostException;
import java.util.ArrayList;
import java.util.List;

/** Networks of IPv4 and IPv6, such as {@code 10.1.0.0/16}. */
public final class Networks {
  private final List<IpSubnetFilterRule> rules;

  private Networks(List<IpSubnetFilterRule> rules) {
    this.rules = List.copyOf(rules);
  }

  /**
   * Reads networks.
   *
   * @param networks each an address, a slash and the length of its prefix
   * @throws IllegalArgumentException if one of them is none
   */
  public static Networks of(List<String> networks) {
    List<IpSubnetFilterRule> rules = new ArrayList<>();
    for (String network : networks) {
      int slash = network.indexOf('/');
      InetAddress address =
          NetUtil.createInetAddressFromIpAddressString(network.substring(0, slash));
      if (address == null) {
        throw new IllegalArgumentException("not a network: " + network);
      }
      try {
        rules.add(
            new IpSubnetFilterRule(
                address, Integer.parseInt(network.substring(slash + 1)), IpFilterRuleType.ACCEPT));
      } catch (IllegalArgumentException e) {
        throw new IllegalArgumentException("not a network: " + network);
      }
    }
    return new Networks(rules);
  }

  /** An address of IPv4 in the clothes of IPv6 is what it carries. */
  static InetAddress plain(InetAddress address) {
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

  /** True if an address is in one of them. */
  public boolean contains(InetAddress address) {
    InetSocketAddress socket = new InetSocketAddress(plain(address), 0);
    return rules.stream().anyMatch(rule -> rule.matches(socket));
  }
}
