package network.tender.bench;

import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.List;
import network.tender.chain.Hashing;
import network.tender.script.Curve;
import network.tender.script.SigningKey;

/** The keys that lock a run's coins. The same at each run: these are coins for play. */
final class KeyRing {
  /** Many, so that no key, script or history is a special case in a cache. */
  private static final int KEYS = 1_000;

  private final List<SigningKey> keys = new ArrayList<>(KEYS);

  KeyRing(Curve curve) {
    for (int i = 0; i < KEYS; i++) {
      String name = "tender bench key " + i;
      keys.add(SigningKey.of(curve, Hashing.sha256(name.getBytes(StandardCharsets.US_ASCII))));
    }
  }

  /** The key of a coin, by the coin's number. */
  SigningKey key(int coin) {
    return keys.get(coin % KEYS);
  }
}
