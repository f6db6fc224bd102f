package network.tender.merchant;

import java.net.InetAddress;
import java.util.List;

/**
 * Lets nothing through but addresses that everybody could call: whoever owns a store must not make
 * the node ask its own machine, its neighbours, or the cloud's metadata service.
 *
 * @param loopback true to let this machine itself through, for development
 */
public record PublicAddresses(boolean loopback) implements AddressGuard {
  /**
   * Everything that is not the public internet (IANA's special-purpose registries), addresses that
   * may carry such ones inside, and the metadata services that have public addresses.
   */
  private static final Networks CLOSED =
      Networks.of(
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
  private static final Networks CLOSED_V6 =
      Networks.of(List.of("2001::/23", "2001:db8::/32", "2002::/16", "3fff::/20"));

  private static final Networks GLOBAL_V6 = Networks.of(List.of("2000::/3"));

  @Override
  public boolean mayCall(InetAddress address) {
    return isPublic(address) || (loopback && Networks.plain(address).isLoopbackAddress());
  }

  /** True if an address is one of the public internet. */
  public static boolean isPublic(InetAddress address) {
    InetAddress plain = Networks.plain(address);
    return plain.getAddress().length == 4
        ? !CLOSED.contains(plain)
        : GLOBAL_V6.contains(plain) && !CLOSED_V6.contains(plain);
  }
}
