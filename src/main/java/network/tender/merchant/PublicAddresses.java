package network.tender.merchant;

import java.net.Inet6Address;
import java.net.InetAddress;

/**
 * Lets nothing through but addresses that everybody could call: whoever owns a store must not make
 * the node ask its own machine, its neighbours, or the cloud's metadata service.
 *
 * @param loopback true to let this machine itself through, for development
 */
record PublicAddresses(boolean loopback) implements AddressGuard {
  @Override
  public boolean mayCall(InetAddress address) {
    if (address.isLoopbackAddress()) {
      return loopback;
    }
    if (address.isAnyLocalAddress()
        || address.isLinkLocalAddress()
        || address.isSiteLocalAddress()
        || address.isMulticastAddress()) {
      return false;
    }
    byte[] bytes = address.getAddress();
    return address instanceof Inet6Address ? isPublic6(bytes) : isPublic4(bytes);
  }

  /** RFC 6890: shared, reserved and test ranges that the JDK has no name for. */
  private static boolean isPublic4(byte[] bytes) {
    int a = bytes[0] & 0xff;
    int b = bytes[1] & 0xff;
    boolean shared = a == 100 && b >= 64 && b <= 127;
    boolean protocols = a == 192 && b == 0 && ((bytes[2] & 0xff) == 0 || (bytes[2] & 0xff) == 2);
    boolean benchmarks = a == 198 && (b == 18 || b == 19);
    return a != 0 && a < 224 && !shared && !protocols && !benchmarks;
  }

  /** Global unicast only, without those ranges that lead to IPv4 addresses in disguise. */
  private static boolean isPublic6(byte[] bytes) {
    boolean global = (bytes[0] & 0xe0) == 0x20;
    boolean sixToFour = bytes[0] == 0x20 && bytes[1] == 0x02;
    boolean special = bytes[0] == 0x20 && bytes[1] == 0x01 && (bytes[2] & 0xfe) == 0;
    return global && !sixToFour && !special;
  }
}
