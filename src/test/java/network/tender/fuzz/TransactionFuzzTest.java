package network.tender.fuzz;

import static network.tender.fuzz.FuzzRig.require;

import com.code_intelligence.jazzer.junit.FuzzTest;
import java.util.Arrays;
import java.util.List;
import java.util.Optional;
import network.tender.chain.ByteReader;
import network.tender.chain.Hashing;
import network.tender.chain.MalformedException;
import network.tender.chain.Network;
import network.tender.chain.Transaction;
import network.tender.ledger.Policy;
import network.tender.ledger.Rejection;
import network.tender.ledger.Rules;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.provider.MethodSource;

/** Any bytes are refused as malformed or are the one encoding of a transaction. */
class TransactionFuzzTest {
  private static final Rules RULES = new Rules(Network.regtest(), Policy.DEFAULT);
  private static final int PADDING = 16;

  private interface Decoder {
    Transaction decode(byte[] bytes) throws MalformedException;
  }

  /** Forgets to ask whether everything was read. */
  private static final Decoder PLANTED = bytes -> Transaction.read(new ByteReader(bytes));

  static List<byte[]> seeds() {
    return List.of(
        Shapes.plain().toBytes(),
        Shapes.segwit().toBytes(),
        Shapes.wide().toBytes(),
        Shapes.coinbase().toBytes());
  }

  @MethodSource("seeds")
  @FuzzTest
  void transaction(byte[] input) {
    check(FuzzRig.PLANTED ? PLANTED : Transaction::parse, input);
  }

  @Test
  void rigFindsAPlantedBug() {
    FuzzRig.assertFindsPlantedBug(
        seeds(), input -> check(Transaction::parse, input), input -> check(PLANTED, input));
  }

  private static void check(Decoder decoder, byte[] input) {
    Optional<Transaction> decoded = decode(decoder, input);
    require(decoded.equals(readWindow(input)), "what stands around a transaction changes it");
    if (decoded.isEmpty()) {
      return;
    }
    Transaction transaction = decoded.get();
    require(Arrays.equals(transaction.toBytes(), input), "another encoding than what was decoded");
    require(Arrays.equals(Shapes.encode(transaction, true), input), "parts differ from the bytes");
    require(
        Arrays.equals(Shapes.encode(transaction, false), transaction.toStrippedBytes()),
        "parts differ from the bytes without witness");
    require(
        Hashing.sha256d(transaction.toStrippedBytes()).equals(transaction.txid()), "another txid");
    require(Hashing.sha256d(input).equals(transaction.wtxid()), "another wtxid");
    require(
        transaction.weight() == 3 * transaction.toStrippedBytes().length + input.length,
        "another weight");
    Transaction again = decode(decoder, transaction.toBytes()).orElseThrow();
    require(again.equals(transaction), "decoding again gives another transaction");
    require(again.txid().equals(transaction.txid()), "decoding again gives another txid");
    for (int cut : new int[] {input.length - 1, input.length / 2}) {
      require(decode(decoder, Arrays.copyOf(input, cut)).isEmpty(), "decoded though cut off");
    }
    Optional<Rejection> rejection = RULES.checkContextFree(transaction);
    require(RULES.checkContextFree(again).equals(rejection), "judged in two ways");
  }

  private static Optional<Transaction> decode(Decoder decoder, byte[] bytes) {
    try {
      return Optional.of(decoder.decode(bytes));
    } catch (MalformedException e) {
      return Optional.empty();
    }
  }

  /** The transaction in the middle of other bytes, read as it is read in a block. */
  private static Optional<Transaction> readWindow(byte[] input) {
    byte[] around = new byte[input.length + 2 * PADDING];
    Arrays.fill(around, (byte) (input.length % 3 == 0 ? 0 : input.length % 3 == 1 ? 1 : 0xff));
    System.arraycopy(input, 0, around, PADDING, input.length);
    ByteReader reader = new ByteReader(around, PADDING, input.length);
    try {
      Transaction transaction = Transaction.read(reader);
      require(reader.position() <= PADDING + input.length, "read over the end");
      reader.expectEnd();
      return Optional.of(transaction);
    } catch (MalformedException e) {
      return Optional.empty();
    }
  }
}
