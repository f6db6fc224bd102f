package network.tender.ledger;

import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.OptionalInt;
import java.util.OptionalLong;
import network.tender.chain.Amount;
import network.tender.chain.ByteWriter;
import network.tender.chain.Hash;
import network.tender.chain.Network;
import network.tender.chain.Outpoint;
import network.tender.chain.Script;
import network.tender.chain.Transaction;
import network.tender.chain.TransferInput;
import network.tender.chain.TransferOutput;
import network.tender.chain.WitnessCommitment;

/**
 * A block's first transaction. Its script is the height (BIP34), the text {@code tender/} with the
 * network's name, so that no two networks share a txid, and eight bytes little-endian with the time
 * of sealing in Unix milliseconds.
 */
public final class Coinbase {
  private static final String TAG = "tender/";
  private static final int VERSION = 2;

  /** Any but the final one, so that the lock time counts (BIP54). */
  private static final int SEQUENCE = 0xfffffffe;

  private static final int OP_1 = 0x51;

  private Coinbase() {}

  /** Builds one that pays {@code pay} to the treasury, if it is anything. */
  static Transaction build(
      Network network, int height, long timeMillis, Amount pay, Hash witnessRoot) {
    byte[] tag = (TAG + network.name()).getBytes(StandardCharsets.UTF_8);
    ByteWriter script = new ByteWriter(100);
    script.write(heightPush(height)).writeByte(tag.length).write(tag);
    script.writeByte(Long.BYTES).writeLong(timeMillis);
    List<TransferOutput> outputs = new ArrayList<>(2);
    if (!pay.isZero()) {
      outputs.add(new TransferOutput(pay, network.treasury()));
    }
    Hash commitment = WitnessCommitment.compute(witnessRoot, Hash.ZERO);
    outputs.add(new TransferOutput(Amount.ZERO, WitnessCommitment.script(commitment)));
    TransferInput input =
        new TransferInput(
            Outpoint.NULL,
            Script.of(script.toBytes()),
            SEQUENCE,
            List.of(new byte[Hash.SIZE_BYTES]));
    return Transaction.build(VERSION, List.of(input), outputs, height - 1);
  }

  /** The height as BIP34 wants it: as Core pushes a number, its shortest form. */
  static byte[] heightPush(int height) {
    if (height >= 1 && height <= 16) {
      return new byte[] {(byte) (OP_1 + height - 1)};
    }
    byte[] bytes = new byte[6];
    int length = 1;
    for (int rest = height; rest != 0; rest >>>= 8) {
      bytes[length++] = (byte) rest;
    }
    if ((bytes[length - 1] & 0x80) != 0) {
      length++;
    }
    bytes[0] = (byte) (length - 1);
    return Arrays.copyOf(bytes, length);
  }

  /** The height that a coinbase begins with, if it begins with one. */
  public static OptionalInt heightOf(Transaction coinbase) {
    Script script = coinbase.scriptSig(0);
    if (script.isEmpty()) {
      return OptionalInt.empty();
    }
    int first = script.byteAt(0);
    if (first >= OP_1 && first < OP_1 + 16) {
      return OptionalInt.of(first - OP_1 + 1);
    }
    if (first < 1 || first > 5 || script.length() < 1 + first) {
      return OptionalInt.empty();
    }
    long height = 0;
    for (int i = 0; i < first; i++) {
      height |= (long) script.byteAt(1 + i) << (8 * i);
    }
    if (height > Integer.MAX_VALUE || !startsWith(script, heightPush((int) height))) {
      return OptionalInt.empty();
    }
    return OptionalInt.of((int) height);
  }

  /**
   * The time of sealing that a coinbase carries, in Unix milliseconds, if it is one of this
   * network's.
   *
   * @param network the network's name
   */
  public static OptionalLong timeMillisOf(Transaction coinbase, String network) {
    byte[] tag = (TAG + network).getBytes(StandardCharsets.UTF_8);
    OptionalInt height = heightOf(coinbase);
    Script script = coinbase.scriptSig(0);
    if (height.isEmpty()) {
      return OptionalLong.empty();
    }
    byte[] push = heightPush(height.getAsInt());
    ByteWriter expected = new ByteWriter(64);
    expected.write(push).writeByte(tag.length).write(tag).writeByte(Long.BYTES);
    int timeAt = expected.length();
    if (script.length() != timeAt + Long.BYTES || !startsWith(script, expected.toBytes())) {
      return OptionalLong.empty();
    }
    long millis = 0;
    for (int i = 0; i < Long.BYTES; i++) {
      millis |= (long) script.byteAt(timeAt + i) << (8 * i);
    }
    return OptionalLong.of(millis);
  }

  /** True if a coinbase begins with the height as BIP34 wants it. */
  static boolean hasHeight(Transaction coinbase, int height) {
    return startsWith(coinbase.scriptSig(0), heightPush(height));
  }

  private static boolean startsWith(Script script, byte[] prefix) {
    if (script.length() < prefix.length) {
      return false;
    }
    for (int i = 0; i < prefix.length; i++) {
      if (script.byteAt(i) != (prefix[i] & 0xff)) {
        return false;
      }
    }
    return true;
  }
}
