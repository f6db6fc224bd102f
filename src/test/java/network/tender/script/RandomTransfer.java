package network.tender.script;

import java.util.ArrayList;
import java.util.List;
import java.util.Random;
import network.tender.chain.Amount;
import network.tender.chain.Hash;
import network.tender.chain.Outpoint;
import network.tender.chain.Script;
import network.tender.chain.Transaction;
import network.tender.chain.TransferInput;
import network.tender.chain.TransferOutput;

/** Signed transfers with one to four P2WPKH and P2TR inputs, each with a hash type of its own. */
record RandomTransfer(
    Transaction transaction,
    List<TransferOutput> spent,
    List<byte[]> secrets,
    List<Integer> hashTypes) {
  static final Curve CURVE = Curve.load(Curve.Provider.AUTO);
  private static final int[] TYPES = {1, 2, 3, 0x81, 0x82, 0x83};

  static byte[] bytes(Random random, int length) {
    byte[] bytes = new byte[length];
    random.nextBytes(bytes);
    return bytes;
  }

  static RandomTransfer signed(Random random) {
    RandomTransfer unsigned = unsigned(random);
    Transaction transaction = unsigned.transaction;
    SpendContext context = new SpendContext(transaction, unsigned.spent);
    List<TransferInput> inputs = new ArrayList<>();
    for (int i = 0; i < transaction.inputCount(); i++) {
      byte[] secret = unsigned.secrets.get(i);
      int type = unsigned.hashTypes.get(i);
      List<byte[]> witness;
      if (unsigned.spent.get(i).script().type() == Script.Type.P2WPKH) {
        byte[] hash = context.segwitHash(i, type);
        witness = List.of(Der.encode(CURVE.signEcdsa(secret, hash), type), CURVE.publicKey(secret));
      } else {
        byte[] hash = context.taprootHash(i, type);
        byte[] signature = CURVE.signSchnorr(Taproot.tweakedSecret(CURVE, secret), hash);
        if (type != SpendContext.DEFAULT) {
          signature = java.util.Arrays.copyOf(signature, 65);
          signature[64] = (byte) type;
        }
        witness = List.of(signature);
      }
      inputs.add(
          new TransferInput(
              transaction.prevout(i), Script.EMPTY, transaction.sequence(i), witness));
    }
    List<TransferOutput> outputs = new ArrayList<>();
    for (int i = 0; i < transaction.outputCount(); i++) {
      outputs.add(transaction.output(i));
    }
    return new RandomTransfer(
        Transaction.build(transaction.version(), inputs, outputs, transaction.lockTime()),
        unsigned.spent,
        unsigned.secrets,
        unsigned.hashTypes);
  }

  static RandomTransfer unsigned(Random random) {
    int inputCount = 1 + random.nextInt(4);
    int outputCount = 1 + random.nextInt(4);
    List<TransferInput> inputs = new ArrayList<>();
    List<TransferOutput> spent = new ArrayList<>();
    List<byte[]> secrets = new ArrayList<>();
    List<Integer> hashTypes = new ArrayList<>();
    for (int i = 0; i < inputCount; i++) {
      byte[] secret = bytes(random, 32);
      boolean taproot = random.nextBoolean();
      KeyScript kind = taproot ? KeyScript.P2TR : KeyScript.P2WPKH;
      Amount amount = Amount.ofSat((random.nextLong() >>> 1) % Amount.MAX_SAT);
      spent.add(new TransferOutput(amount, kind.of(CURVE, CURVE.publicKey(secret))));
      secrets.add(secret);
      int type = TYPES[random.nextInt(TYPES.length)];
      if (taproot && (random.nextInt(3) == 0 || ((type & 3) == 3 && i >= outputCount))) {
        type = SpendContext.DEFAULT;
      }
      hashTypes.add(type);
      Outpoint prevout = new Outpoint(Hash.of(bytes(random, 32)), random.nextInt(5));
      inputs.add(new TransferInput(prevout, Script.EMPTY, random.nextInt(), List.of()));
    }
    List<TransferOutput> outputs = new ArrayList<>();
    for (int i = 0; i < outputCount; i++) {
      Script script =
          switch (random.nextInt(4)) {
            case 0 -> Script.p2wpkh(bytes(random, 20));
            case 1 -> Script.p2tr(bytes(random, 32));
            case 2 -> Script.p2pkh(bytes(random, 20));
            default -> Script.of(bytes(random, random.nextInt(300)));
          };
      outputs.add(
          new TransferOutput(Amount.ofSat((random.nextLong() >>> 1) % Amount.MAX_SAT), script));
    }
    return new RandomTransfer(
        Transaction.build(random.nextInt(), inputs, outputs, random.nextInt()),
        spent,
        secrets,
        hashTypes);
  }
}
