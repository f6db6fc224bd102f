package network.tender.merchant;

import com.fasterxml.jackson.databind.node.ObjectNode;
import network.tender.script.OutputDescriptor;

/**
 * A store's on-chain payment method: the public key that its addresses follow from. The node never
 * has the private one.
 *
 * @param walletId the chain of addresses, which stores with the same key share
 * @param descriptor derives the addresses
 * @param enabled false if it is switched off
 * @param config the API's object: {@code derivationScheme, label, accountKeyPath} and more
 */
public record StoreWallet(
    long walletId, OutputDescriptor descriptor, boolean enabled, ObjectNode config) {
  /** The path of one address below the account key, such as {@code 0/7}. */
  public String keyPath(int index) {
    return keyPath(descriptor, index);
  }

  /** The path of one of a descriptor's addresses below its account key. */
  public static String keyPath(OutputDescriptor descriptor, int index) {
    String whole = descriptor.canonical();
    String key = descriptor.accountKey();
    int from = whole.indexOf(key) + key.length() + 1;
    return whole.substring(from, whole.indexOf('*', from)) + index;
  }
}
