package network.tender.cli;

import java.util.Optional;
import network.tender.script.WalletAccount;

/** Which scripts a wallet's addresses have, by the BIP that fixes their key paths. */
enum ScriptKind {
  /** P2WPKH below m/84' (BIP84). */
  BIP84("bip84", WalletAccount.Purpose.NATIVE_SEGWIT, "", 108, 294, 31),
  /** P2TR key path below m/86' (BIP86). */
  BIP86("bip86", WalletAccount.Purpose.TAPROOT, "-[taproot]", 66, 330, 43);

  private final String id;
  private final WalletAccount.Purpose purpose;
  private final String xpubSuffix;
  private final int witnessBytes;
  private final long dustSat;
  private final int outputBytes;

  ScriptKind(
      String id,
      WalletAccount.Purpose purpose,
      String xpubSuffix,
      int witnessBytes,
      long dustSat,
      int outputBytes) {
    this.id = id;
    this.purpose = purpose;
    this.xpubSuffix = xpubSuffix;
    this.witnessBytes = witnessBytes;
    this.dustSat = dustSat;
    this.outputBytes = outputBytes;
  }

  /** The name in wallet files. */
  String id() {
    return id;
  }

  /** Which account of a seed has such scripts. */
  WalletAccount.Purpose purpose() {
    return purpose;
  }

  /** What BTCPay appends to an extended key to say the script type; nothing for native segwit. */
  String xpubSuffix() {
    return xpubSuffix;
  }

  /**
   * Bytes of one input's witness, item count and lengths included: a P2WPKH signature has at most
   * 71 bytes and its hash type, a taproot one 64.
   */
  int witnessBytes() {
    return witnessBytes;
  }

  /** Change below this goes to the fee: it would cost more to spend than it is worth. */
  long dustSat() {
    return dustSat;
  }

  /** Bytes of one output with such a script. */
  int outputBytes() {
    return outputBytes;
  }

  /** The kind of a name in a wallet file. */
  static Optional<ScriptKind> of(String id) {
    for (ScriptKind kind : values()) {
      if (kind.id.equals(id)) {
        return Optional.of(kind);
      }
    }
    return Optional.empty();
  }
}
