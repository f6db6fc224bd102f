package network.tender.merchant;

import java.net.InetAddress;

/** Which addresses this node calls when a store's owner names them. */
public interface AddressGuard {
  /** True if it may be called. */
  boolean mayCall(InetAddress address);
}
