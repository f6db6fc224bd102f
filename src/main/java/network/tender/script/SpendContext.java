package network.tender.script;

import java.lang.invoke.MethodHandles;
import java.lang.invoke.VarHandle;
import java.nio.ByteOrder;
import java.nio.charset.StandardCharsets;
import java.security.MessageDigest;
import java.util.List;
import network.tender.chain.ByteWriter;
import network.tender.chain.Hash;
import network.tender.chain.Hashing;
import network.tender.chain.Script;
import network.tender.chain.Transaction;
import network.tender.chain.TransferOutput;
import org.jspecify.annotations.Nullable;

/**
 * A transaction with the outputs it spends, and the hashes that all its inputs' signature hashes
 * have in common (BIP143, BIP341), made once. Immutable: inputs may be checked in parallel.
 */
public final class SpendContext {
  /** Taproot: sign everything, with no type byte. */
  static final int DEFAULT = 0;

  /** Sign all outputs. */
  static final int ALL = 1;

  /** Sign no output. */
  static final int NONE = 2;

  /** Sign the output with the input's number. */
  static final int SINGLE = 3;

  /** Sign only the own input. */
  static final int ANYONE_CAN_PAY = 0x80;

  private static final VarHandle INT =
      MethodHandles.byteArrayViewVarHandle(int[].class, ByteOrder.LITTLE_ENDIAN);
  private static final byte[] ZERO = new byte[32];

  /** What a BIP143 hash is made of, without the script and its length. */
  private static final int SEGWIT_PREIMAGE_BYTES = 165;

  /** What a BIP341 hash is made of at most, with its tag, but for a long script. */
  private static final int TAPROOT_PREIMAGE_BYTES = 340;

  /** The hash of the tag, which a tagged hash begins with twice (BIP340). */
  private static final byte[] TAP_SIGHASH =
      Hashing.sha256("TapSighash".getBytes(StandardCharsets.US_ASCII));

  private final Transaction transaction;
  private final List<TransferOutput> spent;
  private final byte[] prevouts;
  private final byte[] sequences;
  private final byte[] outputs;

  /** Only when a taproot output is spent. */
  private final byte[] amounts;

  /** Only when a taproot output is spent. */
  private final byte[] scripts;

  /** Second round over the three common hashes: BIP143 hashes twice. Only for segwit version 0. */
  private final byte[] prevoutsTwice;

  private final byte[] sequencesTwice;
  private final byte[] outputsTwice;

  /**
   * Computes the common hashes.
   *
   * @param spent the outputs that the inputs spend, in the inputs' order, all of them
   * @throws IllegalArgumentException if their number is not that of the inputs
   */
  public SpendContext(Transaction transaction, List<TransferOutput> spent) {
    if (spent.size() != transaction.inputCount()) {
      throw new IllegalArgumentException("one spent output for each input is needed");
    }
    this.transaction = transaction;
    this.spent = List.copyOf(spent);
    boolean segwit = false;
    boolean taproot = false;
    for (int i = 0; i < spent.size(); i++) {
      Script.Type type = this.spent.get(i).script().type();
      taproot |= type == Script.Type.P2TR;
      segwit |=
          type == Script.Type.P2WPKH
              || type == Script.Type.P2WSH
              || (type == Script.Type.P2SH && transaction.witnessCount(i) > 0);
    }
    boolean any = segwit || taproot;
    prevouts = any ? hashPrevouts(transaction) : ZERO;
    sequences = any ? hashSequences(transaction) : ZERO;
    outputs = any ? transaction.hashOutputs() : ZERO;
    amounts = taproot ? hashAmounts(this.spent) : ZERO;
    scripts = taproot ? hashScripts(this.spent) : ZERO;
    prevoutsTwice = segwit ? Hashing.sha256(prevouts) : ZERO;
    sequencesTwice = segwit ? Hashing.sha256(sequences) : ZERO;
    outputsTwice = segwit ? Hashing.sha256(outputs) : ZERO;
  }

  private static byte[] hashPrevouts(Transaction transaction) {
    ByteWriter writer = new ByteWriter(36 * transaction.inputCount());
    transaction.writePrevouts(writer);
    return writer.sha256();
  }

  private static byte[] hashSequences(Transaction transaction) {
    ByteWriter writer = new ByteWriter(4 * transaction.inputCount());
    transaction.writeSequences(writer);
    return writer.sha256();
  }

  private static byte[] hashAmounts(List<TransferOutput> spent) {
    ByteWriter writer = new ByteWriter(8 * spent.size());
    for (TransferOutput output : spent) {
      writer.writeLong(output.amount().sat());
    }
    return writer.sha256();
  }

  private static byte[] hashScripts(List<TransferOutput> spent) {
    ByteWriter writer = new ByteWriter(35 * spent.size());
    for (TransferOutput output : spent) {
      writer.writeSized(output.script());
    }
    return writer.sha256();
  }

  /** The transaction. */
  public Transaction transaction() {
    return transaction;
  }

  /** The output that an input spends. */
  public TransferOutput spent(int input) {
    return spent.get(input);
  }

  /**
   * The hash that a P2WPKH input signs (BIP143).
   *
   * @param hashType any byte, as the signature has it
   */
  byte[] segwitHash(int input, int hashType) {
    return segwitHash(input, keyHashScript(spent.get(input).script()), hashType);
  }

  /**
   * The hash that an input of segwit version 0 signs (BIP143).
   *
   * @param code the script that is run, from behind its last executed CODESEPARATOR on
   * @param hashType any byte, as the signature has it
   */
  byte[] segwitHash(int input, Script code, int hashType) {
    boolean own = (hashType & ANYONE_CAN_PAY) != 0;
    int selection = hashType & 0x1f;
    boolean all = selection != NONE && selection != SINGLE;
    TransferOutput output = spent.get(input);
    ByteWriter preimage = new ByteWriter(SEGWIT_PREIMAGE_BYTES + code.length());
    preimage.writeInt(transaction.version());
    preimage.write(own ? ZERO : prevoutsTwice);
    preimage.write(own || !all ? ZERO : sequencesTwice);
    transaction.writePrevout(preimage, input);
    preimage.writeSized(code).writeLong(output.amount().sat());
    transaction.writeSequence(preimage, input);
    if (all) {
      preimage.write(outputsTwice);
    } else if (selection == SINGLE && input < transaction.outputCount()) {
      preimage.write(Hashing.sha256(transaction.hashOutput(input)));
    } else {
      preimage.write(ZERO);
    }
    return preimage.writeInt(transaction.lockTime()).writeInt(hashType).sha256d();
  }

  /** The P2PKH script that a P2WPKH program stands for. */
  static Script keyHashScript(Script program) {
    byte[] hash = new byte[20];
    program.copyTo(2, hash, 0, 20);
    return Script.p2pkh(hash);
  }

  /**
   * True if a hash type is one of taproot's and the output it selects exists; only then has {@link
   * #taprootHash} a meaning (BIP341).
   */
  boolean hasTaprootHash(int input, int hashType) {
    return switch (hashType) {
      case DEFAULT, ALL, NONE, ALL | ANYONE_CAN_PAY, NONE | ANYONE_CAN_PAY -> true;
      case SINGLE, SINGLE | ANYONE_CAN_PAY -> input < transaction.outputCount();
      default -> false;
    };
  }

  /**
   * Where in a taproot output's script tree a signature is asked for (BIP342).
   *
   * @param leafHash the script's hash
   * @param codeSeparator number of the CODESEPARATOR operation executed last; -1 if none was
   */
  record Leaf(Hash leafHash, int codeSeparator) {}

  /** The hash that a taproot input signs by key path without an annex (BIP341). */
  byte[] taprootHash(int input, int hashType) {
    return taprootHash(input, hashType, null, null);
  }

  /**
   * The hash that a taproot input signs (BIP341, BIP342).
   *
   * @param annexHash of the annex behind its length, if the witness has one
   * @param leaf where the signature is asked for; none in the key path
   */
  byte[] taprootHash(int input, int hashType, @Nullable Hash annexHash, @Nullable Leaf leaf) {
    boolean own = (hashType & ANYONE_CAN_PAY) != 0;
    int selection = hashType & 3;
    ByteWriter preimage = new ByteWriter(TAPROOT_PREIMAGE_BYTES);
    preimage.write(TAP_SIGHASH).write(TAP_SIGHASH);
    preimage.writeByte(0).writeByte(hashType);
    preimage.writeInt(transaction.version()).writeInt(transaction.lockTime());
    if (!own) {
      preimage.write(prevouts).write(amounts).write(scripts).write(sequences);
    }
    if (selection != NONE && selection != SINGLE) {
      preimage.write(outputs);
    }
    preimage.writeByte((leaf == null ? 0 : 2) + (annexHash == null ? 0 : 1));
    if (own) {
      TransferOutput output = spent.get(input);
      transaction.writePrevout(preimage, input);
      preimage.writeLong(output.amount().sat()).writeSized(output.script());
      transaction.writeSequence(preimage, input);
    } else {
      preimage.writeInt(input);
    }
    if (annexHash != null) {
      preimage.writeHash(annexHash);
    }
    if (selection == SINGLE) {
      preimage.write(transaction.hashOutput(input));
    }
    if (leaf != null) {
      preimage.writeHash(leaf.leafHash()).writeByte(0).writeInt(leaf.codeSeparator());
    }
    return preimage.sha256();
  }

  static void digestInt(MessageDigest digest, int value) {
    byte[] bytes = new byte[4];
    INT.set(bytes, 0, value);
    digest.update(bytes);
  }

  static void digestSized(MessageDigest digest, Script script) {
    digestSize(digest, script.length());
    digest.update(script.array(), script.offset(), script.length());
  }

  static void digestSize(MessageDigest digest, int length) {
    if (length < 0xfd) {
      digest.update((byte) length);
    } else if (length <= 0xffff) {
      digest.update((byte) 0xfd);
      digest.update((byte) length);
      digest.update((byte) (length >>> 8));
    } else {
      digest.update((byte) 0xfe);
      digestInt(digest, length);
    }
  }
}
