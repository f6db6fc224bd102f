package network.tender.chain;

import java.util.Arrays;

/** Goes through a script operation by operation (Core: GetScriptOp). Nothing is copied. */
public final class OpReader {
  private final byte[] array;
  private final int start;
  private final int end;
  private int position;
  private int opcode;
  private int dataFrom;
  private int dataLength;

  /** Begins at a script's first operation. */
  public OpReader(Script script) {
    this(script.array(), script.offset(), script.length());
  }

  /** Begins at {@code offset} in an array. */
  public OpReader(byte[] array, int offset, int length) {
    this.array = array;
    this.start = offset;
    this.position = offset;
    this.end = offset + length;
  }

  /** True if there are bytes left. */
  public boolean hasNext() {
    return position < end;
  }

  /**
   * Reads the next operation.
   *
   * @return false if there is none, or it is cut off; what it is is unknown then
   */
  public boolean next() {
    if (position >= end) {
      return false;
    }
    opcode = array[position++] & 0xff;
    dataLength = 0;
    dataFrom = position;
    if (opcode > Opcode.PUSHDATA4) {
      return true;
    }
    long length = opcode;
    if (opcode >= Opcode.PUSHDATA1) {
      int sizeBytes = 1 << (opcode - Opcode.PUSHDATA1);
      if (end - position < sizeBytes) {
        return false;
      }
      length = 0;
      for (int i = 0; i < sizeBytes; i++) {
        length |= (array[position + i] & 0xffL) << (8 * i);
      }
      position += sizeBytes;
    }
    if (length > end - position) {
      return false;
    }
    dataFrom = position;
    dataLength = (int) length;
    position += dataLength;
    return true;
  }

  /** The operation read last, 0..255. */
  public int opcode() {
    return opcode;
  }

  /** True if the operation read last pushes bytes that stand in the script. */
  public boolean isData() {
    return opcode <= Opcode.PUSHDATA4;
  }

  /** How many bytes the operation read last pushes. */
  public int dataLength() {
    return dataLength;
  }

  /** The bytes that the operation read last pushes, copied. */
  public byte[] data() {
    return Arrays.copyOfRange(array, dataFrom, dataFrom + dataLength);
  }

  /** Where the next operation begins, counted from the script's first byte. */
  public int position() {
    return position - start;
  }

  /** Goes to the operation at a place counted from the script's first byte. */
  public void seek(int newPosition) {
    java.util.Objects.checkIndex(newPosition, end - start + 1);
    position = start + newPosition;
  }

  /** True if a script only pushes data, small numbers included (Core: IsPushOnly). */
  public static boolean isPushOnly(Script script) {
    return isPushOnly(script, 0);
  }

  /** True if a script from a place on only pushes data, small numbers included. */
  public static boolean isPushOnly(Script script, int from) {
    OpReader reader = new OpReader(script.array(), script.offset() + from, script.length() - from);
    while (reader.hasNext()) {
      if (!reader.next() || reader.opcode() > Opcode.OP_16) {
        return false;
      }
    }
    return true;
  }
}
