package network.tender.bench;

import java.util.Locale;
import network.tender.script.KeyScript;

/** Which kinds of output the transfers of a run spend and pay to. */
public enum Kind {
  /** Native segwit: ECDSA signatures. */
  P2WPKH,
  /** Taproot: BIP340 signatures. */
  P2TR,
  /** One transfer of this, one of that kind. */
  BOTH;

  /** The kind of one transfer. */
  KeyScript of(int transfer) {
    return switch (this) {
      case P2WPKH -> KeyScript.P2WPKH;
      case P2TR -> KeyScript.P2TR;
      case BOTH -> transfer % 2 == 0 ? KeyScript.P2WPKH : KeyScript.P2TR;
    };
  }

  @Override
  public String toString() {
    return name().toLowerCase(Locale.ROOT);
  }
}
