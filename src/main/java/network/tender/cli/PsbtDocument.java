package network.tender.cli;

import fr.acinq.bitcoin.ByteVector;
import fr.acinq.bitcoin.ByteVector32;
import fr.acinq.bitcoin.KeyPath;
import fr.acinq.bitcoin.PublicKey;
import fr.acinq.bitcoin.Satoshi;
import fr.acinq.bitcoin.TxOut;
import fr.acinq.bitcoin.XonlyPublicKey;
import fr.acinq.bitcoin.psbt.DataEntry;
import fr.acinq.bitcoin.psbt.Global;
import fr.acinq.bitcoin.psbt.Input;
import fr.acinq.bitcoin.psbt.KeyPathWithMaster;
import fr.acinq.bitcoin.psbt.Output;
import fr.acinq.bitcoin.psbt.ParseFailure;
import fr.acinq.bitcoin.psbt.Psbt;
import fr.acinq.bitcoin.psbt.TaprootBip32DerivationPath;
import fr.acinq.bitcoin.utils.Either;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.Base64;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import network.tender.chain.Amount;
import network.tender.chain.ByteReader;
import network.tender.chain.Hashing;
import network.tender.chain.MalformedException;
import network.tender.chain.Script;
import network.tender.chain.Transaction;
import network.tender.chain.TransferInput;
import network.tender.chain.TransferOutput;
import network.tender.script.KeyOrigin;

/**
 * A transfer on its way between wallets and signing devices, with all that a signer has to know
 * (BIP174, and BIP371 for taproot; version 0). Immutable.
 *
 * <p>bitcoin-kmp reads and writes the format and keeps the fields it does not know. It does not
 * sign here: its signer puts a type byte behind a taproot signature where the type is DEFAULT,
 * which BIP341 forbids, and checks none of what {@link PsbtReview} checks.
 */
final class PsbtDocument {
  /** A transfer of the largest weight, whose every coin comes with its whole transaction. */
  static final int MAX_BYTES = 64_000_000;

  /** Fields of one input or output: more than the keys of the largest multisignature. */
  private static final int MAX_FIELDS = 500;

  /** More than the largest transfer, without its witnesses, takes. */
  private static final int MAX_TRANSFER_BYTES = 100_000;

  /** The parts of the largest transfer: inputs of 41 bytes and outputs of 9, and the whole. */
  private static final int MAX_MAPS = MAX_TRANSFER_BYTES / 9;

  private static final byte[] MAGIC = {'p', 's', 'b', 't', (byte) 0xff};

  /** Key of a global field of our own (BIP174's proprietary use): the network's name. */
  private static final byte[] NETWORK_KEY = {(byte) 0xfc, 6, 't', 'e', 'n', 'd', 'e', 'r', 0};

  private final Psbt psbt;
  private final Transaction unsigned;

  private PsbtDocument(Psbt psbt, Transaction unsigned) {
    this.psbt = psbt;
    this.unsigned = unsigned;
  }

  /**
   * Reads a PSBT, binary or as base64.
   *
   * @throws CommandFailure if it is none, or contradicts itself
   */
  static PsbtDocument parse(byte[] file) {
    byte[] raw = startsWithMagic(file) ? file : ofBase64(file);
    checkFrame(raw);
    Either<ParseFailure, Psbt> read;
    try {
      read = Psbt.read(raw);
    } catch (RuntimeException e) {
      throw malformed("it is damaged or cut off");
    }
    if (read.isLeft()) {
      throw refusal(read.getLeft());
    }
    Psbt psbt = read.getRight();
    try {
      Transaction unsigned = Transaction.parse(fr.acinq.bitcoin.Transaction.write(psbt.global.tx));
      long sum = 0;
      for (int i = 0; i < unsigned.outputCount(); i++) {
        if (!Amount.inRange(unsigned.outputSat(i))) {
          throw malformed("output " + i + " has an impossible amount");
        }
        sum += unsigned.outputSat(i);
        if (!Amount.inRange(sum)) {
          throw malformed("its outputs are worth more than there is");
        }
      }
      if (unsigned.inputCount() == 0 || unsigned.outputCount() == 0) {
        throw malformed("its transfer has no inputs or no outputs");
      }
      return new PsbtDocument(psbt, unsigned);
    } catch (MalformedException e) {
      throw malformed("its transfer is malformed: " + e.getMessage());
    }
  }

  private static boolean startsWithMagic(byte[] file) {
    return Arrays.equals(MAGIC, Arrays.copyOf(file, MAGIC.length));
  }

  /**
   * Counts and weighs before bitcoin-kmp reads: it calls itself for every further field of a map,
   * so many fields would be a stack overflow, and it makes many objects of a large transfer.
   */
  private static void checkFrame(byte[] raw) {
    ByteReader reader = new ByteReader(raw, MAGIC.length, raw.length - MAGIC.length);
    try {
      int fields = 0;
      int maps = 0;
      while (reader.remaining() > 0) {
        int keyBytes = reader.readCompactSize();
        if (keyBytes == 0) {
          fields = 0;
          if (++maps > MAX_MAPS) {
            throw tooLarge();
          }
          continue;
        }
        reader.skip(keyBytes);
        int valueBytes = reader.readCompactSize();
        // The only key of one byte in the first map is the transfer's.
        if (maps == 0 && keyBytes == 1 && valueBytes > MAX_TRANSFER_BYTES) {
          throw tooLarge();
        }
        reader.skip(valueBytes);
        if (++fields > MAX_FIELDS) {
          throw malformed("it has too many fields");
        }
      }
    } catch (MalformedException e) {
      throw malformed("it is damaged or cut off");
    }
  }

  private static CommandFailure tooLarge() {
    return malformed("it is larger than any transfer may be");
  }

  private static byte[] ofBase64(byte[] file) {
    String text = new String(file, StandardCharsets.ISO_8859_1).replaceAll("\\s+", "");
    try {
      byte[] raw = Base64.getDecoder().decode(text);
      if (startsWithMagic(raw)) {
        return raw;
      }
    } catch (IllegalArgumentException e) {
      // The same sentence as for other content.
    }
    throw malformed("it is neither binary nor base64");
  }

  private static CommandFailure refusal(ParseFailure failure) {
    if (failure instanceof ParseFailure.UnsupportedPsbtVersion) {
      return malformed("only version 0 is understood; ask the other wallet for that");
    }
    if (failure instanceof ParseFailure.InvalidTxInput input) {
      String reason = input.getReason();
      return reason.contains("utxo does not match")
          ? new CommandFailure(
              "psbt-amount-mismatch",
              "The PSBT contradicts itself about a coin that it spends ("
                  + reason
                  + "): don't sign it.")
          : malformed(reason);
    }
    return malformed("it is damaged (" + failure.getClass().getSimpleName() + ")");
  }

  private static CommandFailure malformed(String why) {
    return new CommandFailure("psbt-malformed", "This is no PSBT that can be used: " + why + ".");
  }

  /**
   * Makes the PSBT of a planned payment.
   *
   * @param previous the transactions that made the coins, in the inputs' order: signers of segwit
   *     version 0 want them, because what they sign does not prove the other inputs' amounts; not
   *     needed for taproot
   */
  static PsbtDocument of(
      PaymentPlan plan, WalletKeys keys, List<Transaction> previous, String network) {
    List<Input> inputs = new ArrayList<>();
    for (int i = 0; i < plan.coins().size(); i++) {
      KeyPlace place = plan.coins().get(i).key();
      inputs.add(
          new Input.WitnessInput.PartiallySignedWitnessInput(
              txOut(plan.spent().get(i)),
              previous.isEmpty() ? null : kmp(previous.get(i)),
              null,
              Map.of(),
              paths(keys, place),
              null,
              null,
              Set.of(),
              Set.of(),
              Set.of(),
              Set.of(),
              null,
              taprootPaths(keys, place),
              internalKey(keys, place),
              List.of()));
    }
    List<Output> outputs = new ArrayList<>();
    outputs.add(new Output.UnspecifiedOutput(Map.of(), null, Map.of(), List.of()));
    plan.change()
        .ifPresent(
            place ->
                outputs.add(
                    new Output.UnspecifiedOutput(
                        paths(keys, place),
                        internalKey(keys, place),
                        taprootPaths(keys, place),
                        List.of())));
    DataEntry tag =
        new DataEntry(
            new ByteVector(NETWORK_KEY), new ByteVector(network.getBytes(StandardCharsets.UTF_8)));
    Global global = new Global(Psbt.Version, kmp(plan.unsigned()), List.of(), List.of(tag));
    return new PsbtDocument(new Psbt(global, inputs, outputs), plan.unsigned());
  }

  private static fr.acinq.bitcoin.Transaction kmp(Transaction transaction) {
    return fr.acinq.bitcoin.Transaction.read(transaction.toBytes());
  }

  private static TxOut txOut(TransferOutput output) {
    return new TxOut(new Satoshi(output.amount().sat()), output.script().toBytes());
  }

  private static long fingerprint(KeyOrigin origin) {
    return Integer.toUnsignedLong(origin.fingerprint());
  }

  private static KeyPath path(KeyOrigin origin) {
    return new KeyPath(origin.steps().stream().map(Integer::toUnsignedLong).toList());
  }

  private static Map<PublicKey, KeyPathWithMaster> paths(WalletKeys keys, KeyPlace place) {
    KeyOrigin origin = keys.origin(place);
    return keys.kind() == ScriptKind.BIP86
        ? Map.of()
        : Map.of(
            new PublicKey(keys.publicKey(place)),
            new KeyPathWithMaster(fingerprint(origin), path(origin)));
  }

  private static Map<XonlyPublicKey, TaprootBip32DerivationPath> taprootPaths(
      WalletKeys keys, KeyPlace place) {
    XonlyPublicKey key = internalKey(keys, place);
    KeyOrigin origin = keys.origin(place);
    return key == null
        ? Map.of()
        : Map.of(key, new TaprootBip32DerivationPath(List.of(), fingerprint(origin), path(origin)));
  }

  @SuppressWarnings("NullAway") // bitcoin-kmp says by null that there is none
  private static XonlyPublicKey internalKey(WalletKeys keys, KeyPlace place) {
    return keys.kind() == ScriptKind.BIP86
        ? new XonlyPublicKey(new ByteVector32(Arrays.copyOfRange(keys.publicKey(place), 1, 33)))
        : null;
  }

  /** The binary form. */
  byte[] toBytes() {
    return Psbt.write(psbt).toByteArray();
  }

  /** The form for text. */
  String toBase64() {
    return Base64.getEncoder().encodeToString(toBytes());
  }

  /** The transfer without signatures; its txid is final if it spends segwit outputs only. */
  Transaction unsigned() {
    return unsigned;
  }

  /** The network's name, if the PSBT was made by a wallet of ours. */
  Optional<String> network() {
    for (DataEntry entry : psbt.global.unknown) {
      if (Arrays.equals(entry.key.toByteArray(), NETWORK_KEY)) {
        return Optional.of(new String(entry.value.toByteArray(), StandardCharsets.UTF_8));
      }
    }
    return Optional.empty();
  }

  /** Prefixes of the extended keys that are named for the whole transfer. */
  List<Integer> extendedKeyVersions() {
    return psbt.global.extendedPublicKeys.stream().map(key -> (int) key.prefix).toList();
  }

  /** The output that an input spends, as the PSBT says. */
  Optional<TransferOutput> spent(int input) {
    Input in = psbt.inputs.get(input);
    TxOut output = in.getWitnessUtxo();
    fr.acinq.bitcoin.Transaction previous = in.getNonWitnessUtxo();
    if (output == null && previous != null) {
      output = previous.txOut.get(unsigned.prevout(input).index());
    }
    if (output == null || !Amount.inRange(output.amount.toLong())) {
      return Optional.empty();
    }
    return Optional.of(
        new TransferOutput(
            Amount.ofSat(output.amount.toLong()), Script.of(output.publicKeyScript.toByteArray())));
  }

  /** The same of every input, or nothing unless all are there. */
  Optional<List<TransferOutput>> allSpent() {
    List<TransferOutput> all = new ArrayList<>();
    for (int i = 0; i < unsigned.inputCount(); i++) {
      spent(i).ifPresent(all::add);
    }
    return all.size() == unsigned.inputCount() ? Optional.of(all) : Optional.empty();
  }

  /** True if the whole transaction that made an input's coin is there, which proves its amount. */
  boolean hasPrevious(int input) {
    return psbt.inputs.get(input).getNonWitnessUtxo() != null;
  }

  /** The kind of signature that is asked for, if the PSBT says. */
  Optional<Integer> hashType(int input) {
    return Optional.ofNullable(psbt.inputs.get(input).getSighashType());
  }

  /** What is said of the keys that may sign an input. */
  List<KeyClaim> inputClaims(int input) {
    Input in = psbt.inputs.get(input);
    return claims(in.getDerivationPaths(), in.getTaprootDerivationPaths());
  }

  /** What is said of the keys of an output. */
  List<KeyClaim> outputClaims(int output) {
    Output out = psbt.outputs.get(output);
    return claims(out.getDerivationPaths(), out.getTaprootDerivationPaths());
  }

  private static List<KeyClaim> claims(
      Map<PublicKey, KeyPathWithMaster> paths,
      Map<XonlyPublicKey, TaprootBip32DerivationPath> taprootPaths) {
    List<KeyClaim> claims = new ArrayList<>();
    paths.forEach(
        (key, path) ->
            claims.add(
                new KeyClaim(key.value.toHex(), origin(path.masterKeyFingerprint, path.keyPath))));
    taprootPaths.forEach(
        (key, path) ->
            claims.add(
                new KeyClaim(key.value.toHex(), origin(path.masterKeyFingerprint, path.keyPath))));
    return claims;
  }

  private static KeyOrigin origin(long fingerprint, KeyPath path) {
    return new KeyOrigin((int) fingerprint, path.path.stream().map(Long::intValue).toList());
  }

  /** The same with an own input signed; see {@link network.tender.script.TransferSigner}. */
  PsbtDocument withSignature(int input, List<byte[]> witness) {
    Input in = psbt.inputs.get(input);
    Map<PublicKey, ByteVector> partial = new java.util.HashMap<>(in.getPartialSigs());
    ByteVector taprootSignature = in.getTaprootKeySignature();
    if (witness.size() == 2) {
      partial.put(new PublicKey(witness.get(1)), new ByteVector(witness.get(0)));
    } else {
      taprootSignature = new ByteVector(witness.get(0));
    }
    List<Input> inputs = new ArrayList<>(psbt.inputs);
    inputs.set(
        input,
        new Input.WitnessInput.PartiallySignedWitnessInput(
            txOut(spent(input).orElseThrow()),
            in.getNonWitnessUtxo(),
            in.getSighashType(),
            partial,
            in.getDerivationPaths(),
            in.getRedeemScript(),
            in.getWitnessScript(),
            in.getRipemd160(),
            in.getSha256(),
            in.getHash160(),
            in.getHash256(),
            taprootSignature,
            in.getTaprootDerivationPaths(),
            in.getTaprootInternalKey(),
            in.getUnknown()));
    return new PsbtDocument(new Psbt(psbt.global, inputs, psbt.outputs), unsigned);
  }

  /** True if an input needs no signature any more. */
  boolean isFinal(int input) {
    Input in = psbt.inputs.get(input);
    return in.getScriptWitness() != null || in.getScriptSig() != null;
  }

  /** True if every input is signed, as far as can be seen without checking. */
  boolean isComplete() {
    for (int i = 0; i < unsigned.inputCount(); i++) {
      if (finished(i).isEmpty()) {
        return false;
      }
    }
    return true;
  }

  /**
   * The signed transfer; its signatures are not checked.
   *
   * @throws CommandFailure if an input is not signed
   */
  Transaction finish() {
    List<TransferInput> inputs = new ArrayList<>();
    for (int i = 0; i < unsigned.inputCount(); i++) {
      int input = i;
      inputs.add(
          finished(i)
              .orElseThrow(
                  () ->
                      new CommandFailure(
                          "psbt-incomplete",
                          "Input "
                              + input
                              + " is not signed yet; sign it with 'tender wallet psbt sign' or"
                              + " where its key is.")));
    }
    List<TransferOutput> outputs = new ArrayList<>();
    for (int i = 0; i < unsigned.outputCount(); i++) {
      outputs.add(unsigned.output(i));
    }
    return Transaction.build(unsigned.version(), inputs, outputs, unsigned.lockTime());
  }

  private Optional<TransferInput> finished(int input) {
    Input in = psbt.inputs.get(input);
    if (isFinal(input)) {
      byte[] scriptSig =
          in.getScriptSig() == null
              ? new byte[0]
              : fr.acinq.bitcoin.Script.write(in.getScriptSig());
      List<byte[]> witness =
          in.getScriptWitness() == null
              ? List.of()
              : in.getScriptWitness().stack.stream().map(ByteVector::toByteArray).toList();
      return Optional.of(
          new TransferInput(
              unsigned.prevout(input), Script.of(scriptSig), unsigned.sequence(input), witness));
    }
    Optional<Script> script = spent(input).map(TransferOutput::script);
    List<byte[]> witness = List.of();
    if (script.isPresent() && script.get().type() == Script.Type.P2WPKH) {
      for (Map.Entry<PublicKey, ByteVector> entry : in.getPartialSigs().entrySet()) {
        byte[] key = entry.getKey().value.toByteArray();
        if (Script.p2wpkh(Hashing.hash160(key)).equals(script.get())) {
          witness = List.of(entry.getValue().toByteArray(), key);
        }
      }
    } else if (script.isPresent()
        && script.get().type() == Script.Type.P2TR
        && in.getTaprootKeySignature() != null) {
      witness = List.of(in.getTaprootKeySignature().toByteArray());
    }
    return witness.isEmpty()
        ? Optional.empty()
        : Optional.of(
            new TransferInput(
                unsigned.prevout(input), Script.EMPTY, unsigned.sequence(input), witness));
  }
}
