package network.tender.script;

import org.bouncycastle.crypto.digests.SHA512Digest;
import org.bouncycastle.crypto.macs.HMac;
import org.bouncycastle.crypto.params.KeyParameter;

/** The hash that BIP32 makes child keys with. */
final class HmacSha512 {
  private HmacSha512() {}

  static byte[] of(byte[] key, byte[] message) {
    HMac mac = start(key, message);
    return finish(mac);
  }

  /** Over a message and a number behind it, big-endian. */
  static byte[] of(byte[] key, byte[] message, int number) {
    HMac mac = start(key, message);
    for (int shift = 24; shift >= 0; shift -= 8) {
      mac.update((byte) (number >>> shift));
    }
    return finish(mac);
  }

  private static HMac start(byte[] key, byte[] message) {
    HMac mac = new HMac(new SHA512Digest());
    mac.init(new KeyParameter(key));
    mac.update(message, 0, message.length);
    return mac;
  }

  private static byte[] finish(HMac mac) {
    byte[] out = new byte[64];
    mac.doFinal(out, 0);
    return out;
  }
}
