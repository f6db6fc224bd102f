package network.tender.script;

import java.util.Arrays;
import network.tender.chain.Hashing;
import network.tender.chain.Script;

/** The kinds of output that one public key alone locks. */
public enum KeyScript {
  /** Native segwit (BIP84 accounts). */
  P2WPKH {
    @Override
    public Script of(Curve curve, byte[] publicKey) {
      return Script.p2wpkh(keyHash(publicKey));
    }
  },
  /** Taproot with no script tree (BIP86 accounts). */
  P2TR {
    @Override
    public Script of(Curve curve, byte[] publicKey) {
      Points.requireLength(publicKey, COMPRESSED_BYTES, "a compressed key");
      byte[] output = curve.addTweak(Taproot.evenKey(publicKey), Taproot.tweak(publicKey));
      return Script.p2tr(Arrays.copyOfRange(output, 1, COMPRESSED_BYTES));
    }
  },
  /** The oldest kind of address (BIP44 accounts). */
  P2PKH {
    @Override
    public Script of(Curve curve, byte[] publicKey) {
      return Script.p2pkh(keyHash(publicKey));
    }
  },
  /** Native segwit wrapped in a script hash (BIP49 accounts). */
  P2SH_P2WPKH {
    @Override
    public Script of(Curve curve, byte[] publicKey) {
      return Script.p2sh(Hashing.hash160(P2WPKH.of(curve, publicKey).toBytes()));
    }
  };

  private static final int COMPRESSED_BYTES = 33;

  /**
   * The script that a key locks.
   *
   * @param curve arithmetic, which only {@link #P2TR} needs
   * @param publicKey 33 bytes compressed; for {@link #P2TR} the internal key of BIP341
   * @throws IllegalArgumentException if it is no compressed key
   */
  public abstract Script of(Curve curve, byte[] publicKey);

  private static byte[] keyHash(byte[] publicKey) {
    Points.requireLength(publicKey, COMPRESSED_BYTES, "a compressed key");
    return Hashing.hash160(publicKey);
  }
}
