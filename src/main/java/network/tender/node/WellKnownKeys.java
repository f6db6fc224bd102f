package network.tender.node;

import java.util.ArrayList;
import java.util.Arrays;
import java.util.HashSet;
import java.util.List;
import java.util.Set;
import network.tender.chain.MalformedException;
import network.tender.chain.Script;
import network.tender.chain.XOnlyKey;
import network.tender.script.Curve;
import network.tender.script.KeyScript;
import network.tender.script.Mnemonic;
import network.tender.script.RegtestKeys;
import network.tender.script.WalletAccount;

/**
 * What the development network's keys lock and sign, in every form that a custom network's file
 * could name: everybody knows these secrets, so there they would give away the treasury or let
 * anybody certify blocks.
 */
final class WellKnownKeys {
  /** The demo wallet pays from account 0, the demo store is paid to account 7. */
  private static final int DEMO_ACCOUNTS = 10;

  /** As far as wallets look when they restore an account (BIP44). */
  private static final int ADDRESSES = 20;

  private final Set<Script> scripts = new HashSet<>();
  private final Set<XOnlyKey> keys = new HashSet<>();

  /** Derives them; that takes some tenths of a second. */
  WellKnownKeys(Curve curve) {
    for (byte[] secret : secrets(curve)) {
      byte[] publicKey = curve.publicKey(secret);
      Script taproot = KeyScript.P2TR.of(curve, publicKey);
      scripts.add(KeyScript.P2WPKH.of(curve, publicKey));
      scripts.add(taproot);
      keys.add(XOnlyKey.of(Arrays.copyOfRange(publicKey, 1, publicKey.length)));
      // Whoever has a key's secret has its taproot output key's too.
      byte[] script = taproot.toBytes();
      keys.add(XOnlyKey.of(Arrays.copyOfRange(script, 2, script.length)));
    }
    // An output may also name a key itself, without BIP86's commitment.
    keys.forEach(key -> scripts.add(Script.p2tr(key.toBytes())));
  }

  private static List<byte[]> secrets(Curve curve) {
    List<byte[]> secrets = new ArrayList<>();
    secrets.add(RegtestKeys.treasurySecret());
    secrets.add(RegtestKeys.validatorSecret());
    byte[] seed;
    try {
      seed = Mnemonic.parse(RegtestKeys.DEMO_MNEMONIC).seed("");
    } catch (MalformedException e) {
      throw new IllegalStateException(e);
    }
    for (WalletAccount.Purpose purpose : WalletAccount.Purpose.values()) {
      for (int account = 0; account < DEMO_ACCOUNTS; account++) {
        WalletAccount wallet = WalletAccount.of(seed, purpose, account, curve);
        for (int index = 0; index < ADDRESSES; index++) {
          secrets.add(wallet.secret(WalletAccount.RECEIVE, index));
          secrets.add(wallet.secret(WalletAccount.CHANGE, index));
        }
      }
    }
    return secrets;
  }

  /** True if everybody can spend what the script locks. */
  boolean open(Script script) {
    return scripts.contains(script);
  }

  /** True if everybody can sign for the key. */
  boolean sign(XOnlyKey key) {
    return keys.contains(key);
  }
}
