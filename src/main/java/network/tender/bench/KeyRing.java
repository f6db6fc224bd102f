package network.tender.bench;

import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.List;
import network.tender.chain.Hashing;
import network.tender.chain.Script;
import network.tender.script.Curve;
import network.tender.script.KeyScript;

/** The keys that lock a run's coins. The same at each run: these are coins for play. */
final class KeyRing {
  /** Many, so that no key, script or history is a special case in a cache. */
  private static final int KEYS = 1_000;

  /** A key and what it locks. */
  static final class Key {
    private final byte[] secret;
    private final Script script;

    private Key(byte[] secret, Script script) {
      this.secret = secret;
      this.script = script;
    }

    /** 32 bytes; only read. */
    byte[] secret() {
      return secret;
    }

    Script script() {
      return script;
    }
  }

  private final List<Key> segwit = new ArrayList<>(KEYS);
  private final List<Key> taproot = new ArrayList<>(KEYS);

  KeyRing(Curve curve) {
    for (int i = 0; i < KEYS; i++) {
      byte[] secret = Hashing.sha256(("tender bench key " + i).getBytes(StandardCharsets.US_ASCII));
      byte[] publicKey = curve.publicKey(secret);
      segwit.add(new Key(secret, KeyScript.P2WPKH.of(curve, publicKey)));
      taproot.add(new Key(secret, KeyScript.P2TR.of(curve, publicKey)));
    }
  }

  /** The key of a coin, by the coin's number. */
  Key key(KeyScript kind, int coin) {
    return (kind == KeyScript.P2TR ? taproot : segwit).get(coin % KEYS);
  }
}
