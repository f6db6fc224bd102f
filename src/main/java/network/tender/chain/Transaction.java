package network.tender.chain;

import java.lang.invoke.MethodHandles;
import java.lang.invoke.VarHandle;
import java.nio.ByteOrder;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.HexFormat;
import java.util.List;
import org.jspecify.annotations.Nullable;

/**
 * A Bitcoin transaction (a "transfer" when it moves money on our chain), parsed once.
 *
 * <p>It is a window into the bytes it came from plus the places of its parts in them; scripts are
 * views, nothing is copied. The array must not change afterwards. Serialisation: BIP144.
 *
 * <p>Parsing checks the form only. Whether the amounts are in range, the inputs distinct and so on
 * is for the ledger's rules.
 */
public final class Transaction {
  /** A witness byte counts once towards weight, every other byte four times (BIP141). */
  public static final int WITNESS_SCALE = 4;

  private static final int MINIMUM_INPUT_BYTES = 41;
  private static final int MINIMUM_OUTPUT_BYTES = 9;
  private static final VarHandle INT =
      MethodHandles.byteArrayViewVarHandle(int[].class, ByteOrder.LITTLE_ENDIAN);
  private static final VarHandle LONG =
      MethodHandles.byteArrayViewVarHandle(long[].class, ByteOrder.LITTLE_ENDIAN);

  private final byte[] array;
  private final int start;
  private final int end;

  /** Where the input count begins: behind the version, or behind the segwit marker and flag. */
  private final int bodyStart;

  /** Where the outputs end and the witness, if any, begins. */
  private final int bodyEnd;

  /** Where each input begins. */
  private final int[] inputs;

  /** Where each output begins. */
  private final int[] outputs;

  /** Where each input's witness stack begins; empty without a witness. */
  private final int[] witnesses;

  private @Nullable Hash txid;
  private @Nullable Hash wtxid;

  private Transaction(
      byte[] array,
      int start,
      int end,
      int bodyStart,
      int bodyEnd,
      int[] inputs,
      int[] outputs,
      int[] witnesses) {
    this.array = array;
    this.start = start;
    this.end = end;
    this.bodyStart = bodyStart;
    this.bodyEnd = bodyEnd;
    this.inputs = inputs;
    this.outputs = outputs;
    this.witnesses = witnesses;
  }

  /**
   * Parses exactly one transaction.
   *
   * @param raw its bytes; kept, not copied, so the caller must not change them
   * @throws MalformedException if they are not one transaction in canonical form
   */
  public static Transaction parse(byte[] raw) throws MalformedException {
    ByteReader reader = new ByteReader(raw);
    Transaction transaction = read(reader);
    reader.expectEnd();
    return transaction;
  }

  /**
   * Parses hex digits of either case.
   *
   * @throws MalformedException if they are not hex digits of one transaction
   */
  public static Transaction parseHex(String hex) throws MalformedException {
    byte[] raw;
    try {
      raw = HexFormat.of().parseHex(hex);
    } catch (IllegalArgumentException e) {
      throw new MalformedException("not hex digits");
    }
    return parse(raw);
  }

  /** Reads the next transaction, as it stands in a block. */
  public static Transaction read(ByteReader reader) throws MalformedException {
    int start = reader.position();
    reader.skip(4);
    // A count of no inputs looks like the segwit marker. As in Core, it is one unless the next byte
    // is zero as well: no inputs and no outputs, for the rules to refuse.
    boolean segwit = reader.peek(0) == 0 && reader.peek(1) != 0;
    if (segwit) {
      reader.skip(1);
      if (reader.readByte() != 1) {
        throw new MalformedException("unknown flag behind the segwit marker");
      }
    }
    return readBody(reader, start, segwit);
  }

  private static Transaction readBody(ByteReader reader, int start, boolean segwit)
      throws MalformedException {
    int bodyStart = reader.position();
    int inputCount = reader.readCount(MINIMUM_INPUT_BYTES);
    int[] inputs = new int[inputCount];
    for (int i = 0; i < inputCount; i++) {
      inputs[i] = reader.position();
      reader.skip(36);
      reader.skip(reader.readCompactSize());
      reader.skip(4);
    }
    int outputCount = reader.readCount(MINIMUM_OUTPUT_BYTES);
    int[] outputs = new int[outputCount];
    for (int i = 0; i < outputCount; i++) {
      outputs[i] = reader.position();
      reader.skip(8);
      reader.skip(reader.readCompactSize());
    }
    int bodyEnd = reader.position();
    int[] witnesses = new int[segwit ? inputCount : 0];
    if (segwit) {
      boolean some = false;
      for (int i = 0; i < inputCount; i++) {
        witnesses[i] = reader.position();
        int items = reader.readCount(1);
        some |= items > 0;
        for (int j = 0; j < items; j++) {
          reader.skip(reader.readCompactSize());
        }
      }
      if (!some) {
        throw new MalformedException("a witness record without a witness");
      }
    }
    reader.skip(4);
    return new Transaction(
        reader.array(), start, reader.position(), bodyStart, bodyEnd, inputs, outputs, witnesses);
  }

  /** Builds and serialises a transaction. */
  public static Transaction build(
      int version, List<TransferInput> inputs, List<TransferOutput> outputs, int lockTime) {
    boolean segwit = inputs.stream().anyMatch(input -> !input.witness().isEmpty());
    ByteWriter writer = new ByteWriter(64 + inputs.size() * 160 + outputs.size() * 43);
    writer.writeInt(version);
    if (segwit) {
      writer.writeByte(0).writeByte(1);
    }
    writer.writeCompactSize(inputs.size());
    for (TransferInput input : inputs) {
      writer.writeHash(input.prevout().txid()).writeInt(input.prevout().index());
      writer.writeSized(input.scriptSig()).writeInt(input.sequence());
    }
    writer.writeCompactSize(outputs.size());
    for (TransferOutput output : outputs) {
      writer.writeLong(output.amount().sat()).writeSized(output.script());
    }
    if (segwit) {
      for (TransferInput input : inputs) {
        writer.writeCompactSize(input.witness().size());
        input.witness().forEach(writer::writeSized);
      }
    }
    writer.writeInt(lockTime);
    try {
      return parse(writer.toBytes());
    } catch (MalformedException e) {
      throw new IllegalArgumentException("these parts make no transaction", e);
    }
  }

  /** The version, a signed 32-bit value. */
  public int version() {
    return intAt(start);
  }

  /** The lock time, an unsigned 32-bit value: a height below 500,000,000, else seconds. */
  public int lockTime() {
    return intAt(end - 4);
  }

  /** Number of inputs. */
  public int inputCount() {
    return inputs.length;
  }

  /** Number of outputs. */
  public int outputCount() {
    return outputs.length;
  }

  /** What input {@code i} spends. */
  public Outpoint prevout(int i) {
    return new Outpoint(Hash.of(array, inputs[i]), intAt(inputs[i] + 32));
  }

  /** The signature script of input {@code i}. */
  public Script scriptSig(int i) {
    return sizedScript(inputs[i] + 36);
  }

  /** The sequence number of input {@code i}, an unsigned 32-bit value. */
  public int sequence(int i) {
    int scriptAt = inputs[i] + 36;
    return intAt(scriptAt + sizeBytes(scriptAt) + sizeAt(scriptAt));
  }

  /**
   * The value of output {@code i} as it stands in the bytes: possibly negative or above the money
   * range until the ledger's rules have been applied.
   */
  public long outputSat(int i) {
    return (long) LONG.get(array, outputs[i]);
  }

  /**
   * The amount of output {@code i}.
   *
   * @throws ArithmeticException if it is out of range; see {@link #outputSat}
   */
  public Amount amount(int i) {
    return Amount.ofSat(outputSat(i));
  }

  /** The locking script of output {@code i}, a view. */
  public Script script(int i) {
    return sizedScript(outputs[i] + 8);
  }

  /** Output {@code i}; throws {@link ArithmeticException} if its value is out of range. */
  public TransferOutput output(int i) {
    return new TransferOutput(amount(i), script(i));
  }

  /** True if at least one input has a witness. */
  public boolean hasWitness() {
    return witnesses.length > 0;
  }

  /** Number of items on the witness stack of input {@code i}. */
  public int witnessCount(int i) {
    return witnesses.length == 0 ? 0 : sizeAt(witnesses[i]);
  }

  /** The witness stack of input {@code i}, bottom first, copied; empty if it has none. */
  public List<byte[]> witness(int i) {
    if (witnesses.length == 0) {
      return List.of();
    }
    int at = witnesses[i];
    int count = sizeAt(at);
    at += sizeBytes(at);
    List<byte[]> items = new ArrayList<>(count);
    for (int j = 0; j < count; j++) {
      int size = sizeAt(at);
      at += sizeBytes(at);
      items.add(Arrays.copyOfRange(array, at, at + size));
      at += size;
    }
    return items;
  }

  /** True if the only input spends nothing: the first transaction of a block. */
  public boolean isCoinbase() {
    return inputs.length == 1 && prevout(0).isNull();
  }

  /** Serialised size in bytes, witness included. */
  public int size() {
    return end - start;
  }

  /** Serialised size in bytes without the witness. */
  public int strippedSize() {
    return 4 + (bodyEnd - bodyStart) + 4;
  }

  /** Weight units: stripped size x 3 + size (BIP141). */
  public int weight() {
    return strippedSize() * (WITNESS_SCALE - 1) + size();
  }

  /** Virtual size in vbytes: weight / 4, rounded up. */
  public int virtualSize() {
    return (weight() + WITNESS_SCALE - 1) / WITNESS_SCALE;
  }

  /** The hash without witness: the transaction's name. */
  public Hash txid() {
    Hash known = txid;
    if (known == null) {
      known = computeTxid();
      txid = known;
    }
    return known;
  }

  private Hash computeTxid() {
    if (witnesses.length == 0) {
      return Hashing.sha256d(array, start, end - start);
    }
    // One copy costs less than feeding a digest in pieces.
    return Hashing.sha256d(toStrippedBytes());
  }

  /** The hash with witness (BIP141); equal to {@link #txid()} if there is none. */
  public Hash wtxid() {
    Hash known = wtxid;
    if (known == null) {
      known = witnesses.length == 0 ? txid() : Hashing.sha256d(array, start, end - start);
      wtxid = known;
    }
    return known;
  }

  /** The outpoint of output {@code i} of this transaction. */
  public Outpoint outpoint(int i) {
    return new Outpoint(txid(), i);
  }

  /** The same on bytes of its own, not on those of the block that it was read from. */
  public Transaction detached() {
    try {
      return parse(toBytes());
    } catch (MalformedException e) {
      throw new IllegalStateException("what was parsed once is malformed", e);
    }
  }

  /** The serialised bytes, witness included, in a new array. */
  public byte[] toBytes() {
    return Arrays.copyOfRange(array, start, end);
  }

  /** The serialised bytes without the witness, whose hash is the txid, in a new array. */
  public byte[] toStrippedBytes() {
    byte[] bytes = new byte[strippedSize()];
    System.arraycopy(array, start, bytes, 0, 4);
    System.arraycopy(array, bodyStart, bytes, 4, bodyEnd - bodyStart);
    System.arraycopy(array, end - 4, bytes, bytes.length - 4, 4);
    return bytes;
  }

  /** Appends the serialised bytes, witness included. */
  public void writeTo(ByteWriter writer) {
    writer.write(array, start, end - start);
  }

  /** The serialised bytes as hex digits. */
  public String toHex() {
    return HexFormat.of().formatHex(array, start, end);
  }

  /** Appends all inputs' outpoints, for signature hashes (BIP143, BIP341). */
  public void writePrevouts(ByteWriter writer) {
    for (int input : inputs) {
      writer.write(array, input, 36);
    }
  }

  /** Appends the outpoint of input {@code i}. */
  public void writePrevout(ByteWriter writer, int i) {
    writer.write(array, inputs[i], 36);
  }

  /** Appends all inputs' sequence numbers, for signature hashes (BIP143, BIP341). */
  public void writeSequences(ByteWriter writer) {
    for (int i = 0; i < inputs.length; i++) {
      writeSequence(writer, i);
    }
  }

  /** Appends the sequence number of input {@code i}. */
  public void writeSequence(ByteWriter writer, int i) {
    int scriptAt = inputs[i] + 36;
    writer.write(array, scriptAt + sizeBytes(scriptAt) + sizeAt(scriptAt), 4);
  }

  /** Appends all outputs, for signature hashes of inputs without segwit. */
  public void writeOutputs(ByteWriter writer) {
    if (outputs.length > 0) {
      writer.write(array, outputs[0], bodyEnd - outputs[0]);
    }
  }

  /** Appends output {@code i}. */
  public void writeOutput(ByteWriter writer, int i) {
    writer.write(array, outputs[i], outputEnd(i) - outputs[i]);
  }

  /** SHA-256 of all outputs as serialised, for signature hashes (BIP143, BIP341). */
  public byte[] hashOutputs() {
    return outputs.length == 0
        ? Hashing.sha256(array, bodyEnd, 0)
        : Hashing.sha256(array, outputs[0], bodyEnd - outputs[0]);
  }

  /** SHA-256 of output {@code i} as serialised. */
  public byte[] hashOutput(int i) {
    return Hashing.sha256(array, outputs[i], outputEnd(i) - outputs[i]);
  }

  private int outputEnd(int i) {
    return i + 1 < outputs.length ? outputs[i + 1] : bodyEnd;
  }

  private Script sizedScript(int at) {
    return Script.view(array, at + sizeBytes(at), sizeAt(at));
  }

  private int intAt(int at) {
    return (int) INT.get(array, at);
  }

  /** The CompactSize at a place where parsing has already found a valid one. */
  private int sizeAt(int at) {
    int first = array[at] & 0xff;
    return switch (first) {
      case 0xfd -> (array[at + 1] & 0xff) | (array[at + 2] & 0xff) << 8;
      case 0xfe -> intAt(at + 1);
      default -> first;
    };
  }

  private int sizeBytes(int at) {
    int first = array[at] & 0xff;
    return first < 0xfd ? 1 : first == 0xfd ? 3 : 5;
  }

  /** Equal if the bytes are: same txid and same witness. */
  @Override
  public boolean equals(Object other) {
    return other instanceof Transaction that
        && Arrays.equals(array, start, end, that.array, that.start, that.end);
  }

  @Override
  public int hashCode() {
    return txid().hashCode();
  }

  @Override
  public String toString() {
    return txid().toString();
  }
}
