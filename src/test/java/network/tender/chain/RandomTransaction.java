package network.tender.chain;

import java.util.ArrayList;
import java.util.List;
import java.util.Random;

/** Transactions of any shape that the format allows; they need not be valid. */
final class RandomTransaction {
  private RandomTransaction() {}

  static Transaction of(Random random) {
    boolean segwit = random.nextBoolean();
    List<TransferInput> inputs = new ArrayList<>();
    for (int i = 1 + random.nextInt(5); i > 0; i--) {
      List<byte[]> witness = new ArrayList<>();
      for (int j = segwit ? random.nextInt(4) : 0; j > 0; j--) {
        witness.add(bytes(random, size(random)));
      }
      Outpoint prevout = new Outpoint(Hash.of(bytes(random, 32)), random.nextInt());
      inputs.add(
          new TransferInput(
              prevout, Script.of(bytes(random, size(random))), random.nextInt(), witness));
    }
    List<TransferOutput> outputs = new ArrayList<>();
    for (int i = random.nextInt(300) == 0 ? 300 : 1 + random.nextInt(5); i > 0; i--) {
      Amount amount = Amount.ofSat((random.nextLong() >>> 1) % (Amount.MAX_SAT + 1));
      outputs.add(new TransferOutput(amount, Script.of(bytes(random, size(random)))));
    }
    return Transaction.build(random.nextInt(), inputs, outputs, random.nextInt());
  }

  /** Mostly small, sometimes at the borders of CompactSize's forms. */
  private static int size(Random random) {
    return switch (random.nextInt(40)) {
      case 0 -> 0xfc + random.nextInt(3);
      case 1 -> 0xffff + random.nextInt(2);
      default -> random.nextInt(40);
    };
  }

  static byte[] bytes(Random random, int length) {
    byte[] bytes = new byte[length];
    random.nextBytes(bytes);
    return bytes;
  }
}
