package network.tender.script;

import java.util.ArrayList;
import java.util.HexFormat;
import java.util.List;

/**
 * Where a key comes from: a master key and the steps down to it (BIP32, BIP380).
 *
 * @param fingerprint the first four bytes of the master key's HASH160
 * @param steps numbers of the children, bit 31 set for a hardened one
 */
public record KeyOrigin(int fingerprint, List<Integer> steps) {
  /** Makes the list unmodifiable. */
  public KeyOrigin {
    steps = List.copyOf(steps);
  }

  /** Reads {@code 73c5da0a/84'/1'/0'}, which must have been checked before. */
  static KeyOrigin of(String text) {
    String[] parts = text.split("/", -1);
    List<Integer> steps = new ArrayList<>(parts.length - 1);
    for (String part : List.of(parts).subList(1, parts.length)) {
      boolean hardened = part.endsWith("'");
      int number = Integer.parseInt(hardened ? part.substring(0, part.length() - 1) : part);
      steps.add(hardened ? number | ExtendedPublicKey.HARDENED : number);
    }
    return new KeyOrigin(HexFormat.fromHexDigits(parts[0]), steps);
  }

  /** The same, so many steps further down. */
  KeyOrigin below(List<Integer> more) {
    List<Integer> all = new ArrayList<>(steps);
    all.addAll(more);
    return new KeyOrigin(fingerprint, all);
  }

  /** True if the key is below another one, or that one itself. */
  public boolean isBelow(KeyOrigin other) {
    int depth = other.steps.size();
    return fingerprint == other.fingerprint
        && steps.size() >= depth
        && steps.subList(0, depth).equals(other.steps);
  }

  /** {@code 73c5da0a/84'/1'/0'/0/5}. */
  @Override
  public String toString() {
    StringBuilder text = new StringBuilder(HexFormat.of().toHexDigits(fingerprint));
    for (int step : steps) {
      text.append('/').append(step & Integer.MAX_VALUE).append(step < 0 ? "'" : "");
    }
    return text.toString();
  }
}
