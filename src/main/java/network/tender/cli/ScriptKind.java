package network.tender.cli;

import java.util.Optional;
import network.tender.script.KeyScript;
import network.tender.script.WalletAccount;

/** Which scripts a wallet's addresses have, by the BIP that fixes their key paths. */
enum ScriptKind {
  /** P2WPKH below m/84' (BIP84). */
  BIP84("bip84", WalletAccount.Purpose.NATIVE_SEGWIT, KeyScript.P2WPKH, 108, 294, 31),
  /** P2TR key path below m/86' (BIP86). */
  BIP86("bip86", WalletAccount.Purpose.TAPROOT, KeyScript.P2TR, 66, 330, 43);

  private final String id;
  private final WalletAccount.Purpose purpose;
  private final KeyScript keyScript;
  private final int witnessBytes;
  private final long dustSat;
  private final int outputBytes;

  ScriptKind(
      String id,
      WalletAccount.Purpose purpose,
      KeyScript keyScript,
      int witnessBytes,
      long dustSat,
      int outputBytes) {
    this.id = id;
    this.purpose = purpose;
    this.keyScript = keyScript;
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

  /** The scripts themselves. */
  KeyScript keyScript() {
    return keyScript;
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

  /** The kind with such scripts, if wallets have one. */
  static Optional<ScriptKind> of(KeyScript keyScript) {
    for (ScriptKind kind : values()) {
      if (kind.keyScript == keyScript) {
        return Optional.of(kind);
      }
    }
    return Optional.empty();
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
