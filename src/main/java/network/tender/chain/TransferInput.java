package network.tender.chain;

import java.util.List;

/**
 * One input, for building a transaction.
 *
 * @param prevout the coin it spends
 * @param scriptSig its signature script, empty for native segwit
 * @param sequence its sequence number, an unsigned 32-bit value
 * @param witness its witness stack, bottom first
 */
public record TransferInput(
    Outpoint prevout, Script scriptSig, int sequence, List<byte[]> witness) {
  /** The sequence number that signals neither replacement nor a lock. */
  public static final int SEQUENCE_FINAL = 0xffffffff;

  /** Makes the witness stack unmodifiable. */
  public TransferInput {
    witness = List.copyOf(witness);
  }

  /** An input that is not signed yet. */
  public static TransferInput unsigned(Outpoint prevout) {
    return new TransferInput(prevout, Script.EMPTY, SEQUENCE_FINAL, List.of());
  }

  /** The same input with a witness. */
  public TransferInput withWitness(List<byte[]> newWitness) {
    return new TransferInput(prevout, scriptSig, sequence, newWitness);
  }
}
