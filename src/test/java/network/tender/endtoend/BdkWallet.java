package network.tender.endtoend;

import java.lang.reflect.Constructor;
import java.lang.reflect.InvocationTargetException;
import java.lang.reflect.Method;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Optional;
import org.bitcoindevkit.Address;
import org.bitcoindevkit.Amount;
import org.bitcoindevkit.CanonicalTx;
import org.bitcoindevkit.ChainPosition;
import org.bitcoindevkit.Descriptor;
import org.bitcoindevkit.DescriptorSecretKey;
import org.bitcoindevkit.EsploraClient;
import org.bitcoindevkit.KeychainKind;
import org.bitcoindevkit.Mnemonic;
import org.bitcoindevkit.Network;
import org.bitcoindevkit.Persister;
import org.bitcoindevkit.Psbt;
import org.bitcoindevkit.SentAndReceivedValues;
import org.bitcoindevkit.Transaction;
import org.bitcoindevkit.TxBuilder;
import org.bitcoindevkit.Update;
import org.bitcoindevkit.Wallet;
import org.bitcoindevkit.WordCount;

/**
 * A wallet of the Bitcoin Development Kit, which knows a node by its Esplora API alone. Where the
 * kit's methods have Kotlin's unsigned numbers, their names carry a suffix that no Java name can
 * have, so they are called by reflection.
 */
final class BdkWallet implements AutoCloseable {
  /** What the addresses look like. */
  enum Kind {
    WPKH,
    TR
  }

  /** How many requests the kit may send at once. */
  private static final long PARALLEL = 8;

  private final Wallet wallet;
  private final Persister persister;
  private final EsploraClient esplora;

  private BdkWallet(Descriptor external, Descriptor internal, String esploraUrl) {
    try {
      persister = Persister.Companion.newInMemory();
    } catch (Exception e) {
      throw new AssertionError(e);
    }
    wallet = newWallet(external, internal, persister);
    esplora = new EsploraClient(esploraUrl, null);
  }

  /** Why the kit's native library can't be used here, if it can't. */
  static Optional<String> unavailable() {
    try {
      new Mnemonic(WordCount.WORDS12).close();
      return Optional.empty();
    } catch (LinkageError e) {
      Throwable cause = e.getCause() == null ? e : e.getCause();
      return Optional.of("BDK's native library does not load here: " + cause);
    }
  }

  /** New secret words. */
  static String newWords() {
    return new Mnemonic(WordCount.WORDS12).toString();
  }

  /** A wallet with its secrets. */
  static BdkWallet ofWords(String words, Kind kind, String esploraUrl) {
    try {
      DescriptorSecretKey key =
          new DescriptorSecretKey(Network.REGTEST, Mnemonic.Companion.fromString(words), null);
      return new BdkWallet(
          descriptor(key, kind, KeychainKind.EXTERNAL),
          descriptor(key, kind, KeychainKind.INTERNAL),
          esploraUrl);
    } catch (Exception e) {
      throw new AssertionError(e);
    }
  }

  private static Descriptor descriptor(DescriptorSecretKey key, Kind kind, KeychainKind chain) {
    return kind == Kind.WPKH
        ? Descriptor.Companion.newBip84(key, chain, Network.REGTEST)
        : Descriptor.Companion.newBip86(key, chain, Network.REGTEST);
  }

  /** A wallet that only watches, of a descriptor with both chains ({@code <0;1>}). */
  static BdkWallet watching(String descriptor, String esploraUrl) {
    String body = descriptor.replaceAll("#.*", "");
    try {
      return new BdkWallet(
          new Descriptor(body.replace("<0;1>", "0"), Network.REGTEST),
          new Descriptor(body.replace("<0;1>", "1"), Network.REGTEST),
          esploraUrl);
    } catch (Exception e) {
      throw new AssertionError(e);
    }
  }

  private static Wallet newWallet(Descriptor external, Descriptor internal, Persister persister) {
    Constructor<?> found =
        Arrays.stream(Wallet.class.getConstructors())
            .filter(
                c ->
                    c.getParameterCount() == 6
                        && c.getParameterTypes()[0] == Descriptor.class
                        && c.getParameterTypes()[1] == Descriptor.class)
            .findFirst()
            .orElseThrow();
    int lookahead = 25;
    try {
      return (Wallet)
          found.newInstance(external, internal, Network.REGTEST, persister, lookahead, null);
    } catch (ReflectiveOperationException e) {
      throw new LinkageError("BDK has another constructor", e);
    }
  }

  /** Calls a method whose name has a suffix behind a dash. */
  private static Object call(Object target, String name, Object... arguments) {
    Method found =
        Arrays.stream(target.getClass().getMethods())
            .filter(
                method ->
                    method.getName().startsWith(name + "-")
                        && method.getParameterCount() == arguments.length)
            .findFirst()
            .orElseThrow(() -> new AssertionError("BDK has no method " + name));
    try {
      return found.invoke(target, arguments);
    } catch (InvocationTargetException e) {
      throw new AssertionError("BDK's " + name + " failed: " + e.getCause(), e.getCause());
    } catch (IllegalAccessException e) {
      throw new AssertionError(e);
    }
  }

  private static long sat(Amount amount) {
    return (long) call(amount, "toSat");
  }

  /** Looks for the wallet's addresses on the chain until so many in a row were never used. */
  void fullScan(int stopGap) {
    try {
      Update update =
          (Update)
              call(esplora, "fullScan", wallet.startFullScan().build(), (long) stopGap, PARALLEL);
      wallet.applyUpdate(update);
    } catch (Exception e) {
      throw new AssertionError(e);
    }
  }

  /** Asks for news of the addresses that were given out. */
  void sync() {
    try {
      Update update =
          (Update) call(esplora, "sync", wallet.startSyncWithRevealedSpks().build(), PARALLEL);
      wallet.applyUpdate(update);
    } catch (Exception e) {
      throw new AssertionError(e);
    }
  }

  /** An address that was not given out before. */
  String newAddress() {
    return wallet.revealNextAddress(KeychainKind.EXTERNAL).getAddress().toString();
  }

  /** The first addresses, so many, all given out now. */
  List<String> addresses(int count) {
    call(wallet, "revealAddressesTo", KeychainKind.EXTERNAL, count - 1);
    List<String> addresses = new ArrayList<>();
    for (int i = 0; i < count; i++) {
      org.bitcoindevkit.AddressInfo info =
          (org.bitcoindevkit.AddressInfo) call(wallet, "peekAddress", KeychainKind.EXTERNAL, i);
      addresses.add(info.getAddress().toString());
    }
    return addresses;
  }

  /** What is in blocks. */
  long confirmedSat() {
    return sat(wallet.balance().getConfirmed());
  }

  /** What is there in all. */
  long totalSat() {
    return sat(wallet.balance().getTotal());
  }

  /** Its descriptor without secrets, of the receive addresses. */
  String publicDescriptor() {
    return wallet.publicDescriptor(KeychainKind.EXTERNAL);
  }

  /**
   * A transfer as the wallet sees it.
   *
   * @param txid its name
   * @param deltaSat what the wallet won (positive) or spent
   * @param height its block; -1 while it is pending
   */
  record Seen(String txid, long deltaSat, int height) {}

  /** All transfers of the wallet. */
  List<Seen> transfers() {
    List<Seen> seen = new ArrayList<>();
    for (CanonicalTx tx : wallet.transactions()) {
      SentAndReceivedValues values = wallet.sentAndReceived(tx.getTransaction());
      int height = -1;
      if (tx.getChainPosition() instanceof ChainPosition.Confirmed confirmed) {
        height = (int) call(confirmed.getConfirmationBlockTime().getBlockId(), "getHeight");
      }
      seen.add(
          new Seen(
              tx.getTransaction().computeTxid().toString(),
              sat(values.getReceived()) - sat(values.getSent()),
              height));
    }
    return seen;
  }

  /** An unsigned payment as PSBT in base64. */
  String psbt(String address, long payeeSat) {
    try {
      Amount amount = (Amount) call(Amount.Companion, "fromSat", payeeSat);
      return new TxBuilder()
          .addRecipient(new Address(address, Network.REGTEST).scriptPubkey(), amount)
          .finish(wallet)
          .serialize();
    } catch (Exception e) {
      throw new AssertionError(e);
    }
  }

  /** A PSBT signed with the wallet's keys, and finalised if that was all. */
  String sign(String psbtBase64) {
    try {
      Psbt psbt = new Psbt(psbtBase64);
      if (!wallet.sign(psbt, null)) {
        throw new AssertionError("BDK could not sign all of " + psbtBase64);
      }
      return psbt.serialize();
    } catch (Exception e) {
      throw new AssertionError(e);
    }
  }

  /** Sends what a PSBT with signatures says; returns the txid. */
  String broadcast(String psbtBase64) {
    try {
      Psbt psbt = new Psbt(psbtBase64);
      Transaction transaction = psbt.finalize().getPsbt().extractTx();
      esplora.broadcast(transaction);
      return transaction.computeTxid().toString();
    } catch (Exception e) {
      throw new AssertionError(e);
    }
  }

  /** Pays and returns the txid. */
  String pay(String address, long payeeSat) {
    return broadcast(sign(psbt(address, payeeSat)));
  }

  @Override
  public void close() {
    wallet.close();
    persister.close();
    esplora.close();
  }
}
