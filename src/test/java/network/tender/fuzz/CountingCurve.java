package network.tender.fuzz;

import network.tender.script.Curve;

/**
 * A curve on which a search can find valid signatures: they are those whose last byte of r is even.
 * What ends in zero is not a point. It counts what it is asked.
 */
final class CountingCurve implements Curve {
  private int calls;

  /** How often it was asked since the last time this was. */
  int takeCalls() {
    int taken = calls;
    calls = 0;
    return taken;
  }

  @Override
  public String name() {
    return "counting";
  }

  @Override
  public boolean verifyEcdsa(byte[] signature, byte[] message, byte[] publicKey) {
    calls++;
    return signature.length == 64 && message.length == 32 && (signature[31] & 1) == 0;
  }

  @Override
  public boolean verifySchnorr(byte[] signature, byte[] message, byte[] publicKey) {
    calls++;
    return signature.length == 64
        && message.length == 32
        && publicKey.length == 32
        && (signature[31] & 1) == 0;
  }

  @Override
  public byte[] signEcdsa(byte[] secret, byte[] message) {
    throw new UnsupportedOperationException("only for verifying");
  }

  @Override
  public byte[] signSchnorr(byte[] secret, byte[] message) {
    throw new UnsupportedOperationException("only for verifying");
  }

  @Override
  public byte[] publicKey(byte[] secret) {
    throw new UnsupportedOperationException("only for verifying");
  }

  @Override
  public byte[] addTweak(byte[] publicKey, byte[] tweak) {
    calls++;
    if (publicKey.length != 33 || tweak.length != 32 || publicKey[32] == 0) {
      throw new IllegalArgumentException("not a point");
    }
    byte[] sum = publicKey.clone();
    sum[0] = (byte) (2 + (tweak[0] & 1));
    for (int i = 0; i < tweak.length; i++) {
      sum[i + 1] ^= tweak[i];
    }
    if (sum[32] == 0) {
      sum[32] = 1; // a sum that is no point would take longer to find than there is time
    }
    return sum;
  }

  @Override
  public byte[] uncompress(byte[] publicKey) {
    // What it adds to is any bytes that begin like a key.
    calls++;
    return publicKey.clone();
  }
}
