package network.tender.script;

import java.io.ByteArrayOutputStream;
import java.util.Arrays;
import java.util.Optional;
import network.tender.chain.ByteWriter;
import network.tender.chain.OpReader;
import network.tender.chain.Opcode;
import network.tender.chain.Script;
import network.tender.chain.Transaction;

/** The hash that inputs without segwit sign (Core: SignatureHash with SigVersion::BASE). */
final class LegacySignatureHash {
  /** What is signed where SINGLE selects an output that is not there: the number 1. */
  private static final byte[] NO_OUTPUT = new byte[32];

  private static final byte[] NOTHING_PAID = new byte[9];

  static {
    NO_OUTPUT[0] = 1;
    Arrays.fill(NOTHING_PAID, 0, 8, (byte) 0xff);
  }

  private LegacySignatureHash() {}

  /**
   * Computes it.
   *
   * @param code the script that is run, from behind its last executed CODESEPARATOR on, without the
   *     signatures in it
   * @param hashType as the signature has it; of Core's own vectors any 32 bits
   */
  static byte[] of(Transaction transaction, int input, Script code, int hashType) {
    boolean own = (hashType & SpendContext.ANYONE_CAN_PAY) != 0;
    int selection = hashType & 0x1f;
    boolean single = selection == SpendContext.SINGLE;
    boolean none = selection == SpendContext.NONE;
    if (single && input >= transaction.outputCount()) {
      return NO_OUTPUT.clone();
    }
    ByteWriter preimage = new ByteWriter(transaction.strippedSize() + code.length());
    preimage.writeInt(transaction.version());
    preimage.writeCompactSize(own ? 1 : transaction.inputCount());
    if (own) {
      writeInput(preimage, transaction, input, code, false);
    } else {
      for (int i = 0; i < transaction.inputCount(); i++) {
        boolean other = i != input;
        writeInput(
            preimage, transaction, i, other ? Script.EMPTY : code, other && (single || none));
      }
    }
    int outputs = none ? 0 : single ? input + 1 : transaction.outputCount();
    preimage.writeCompactSize(outputs);
    if (single) {
      for (int i = 0; i < input; i++) {
        preimage.write(NOTHING_PAID);
      }
      transaction.writeOutput(preimage, input);
    } else if (!none) {
      transaction.writeOutputs(preimage);
    }
    return preimage.writeInt(transaction.lockTime()).writeInt(hashType).sha256d();
  }

  /** How many bytes the hash is made of, at most. */
  static long bytes(Transaction transaction, Script code) {
    return (long) transaction.strippedSize() + code.length();
  }

  private static void writeInput(
      ByteWriter preimage, Transaction transaction, int input, Script code, boolean anySequence) {
    transaction.writePrevout(preimage, input);
    preimage.writeSized(withoutSeparators(code));
    if (anySequence) {
      preimage.writeInt(0);
    } else {
      transaction.writeSequence(preimage, input);
    }
  }

  private static Script withoutSeparators(Script code) {
    boolean found = false;
    OpReader scan = new OpReader(code);
    while (scan.next()) {
      found |= scan.opcode() == Opcode.CODESEPARATOR;
    }
    if (!found) {
      return code;
    }
    ByteArrayOutputStream kept = new ByteArrayOutputStream(code.length());
    OpReader reader = new OpReader(code);
    int from = 0;
    while (reader.next()) {
      if (reader.opcode() == Opcode.CODESEPARATOR) {
        kept.write(code.array(), code.offset() + from, reader.position() - 1 - from);
        from = reader.position();
      }
    }
    kept.write(code.array(), code.offset() + from, code.length() - from);
    return Script.of(kept.toByteArray());
  }

  /**
   * A script without the pushes of a signature in it; empty if there are none (Core:
   * FindAndDelete).
   */
  static Optional<Script> withoutSignature(Script code, byte[] signature) {
    byte[] push = Script.push(signature).toBytes();
    byte[] bytes = code.array();
    int end = code.offset() + code.length();
    ByteArrayOutputStream kept = null;
    OpReader reader = new OpReader(code);
    int from = 0;
    do {
      int at = reader.position();
      int next = at;
      while (end - (code.offset() + next) >= push.length
          && Arrays.equals(
              bytes,
              code.offset() + next,
              code.offset() + next + push.length,
              push,
              0,
              push.length)) {
        next += push.length;
      }
      if (next > at) {
        if (kept == null) {
          kept = new ByteArrayOutputStream(code.length());
        }
        kept.write(bytes, code.offset() + from, at - from);
        from = next;
        reader.seek(next);
      }
    } while (reader.next());
    if (kept == null) {
      return Optional.empty();
    }
    kept.write(bytes, code.offset() + from, code.length() - from);
    return Optional.of(Script.of(kept.toByteArray()));
  }
}
