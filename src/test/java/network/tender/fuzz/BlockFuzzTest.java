package network.tender.fuzz;

import static network.tender.fuzz.FuzzRig.require;

import com.code_intelligence.jazzer.junit.FuzzTest;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Optional;
import network.tender.chain.Block;
import network.tender.chain.BlockHeader;
import network.tender.chain.ByteReader;
import network.tender.chain.ByteWriter;
import network.tender.chain.Hash;
import network.tender.chain.Hashing;
import network.tender.chain.MalformedException;
import network.tender.chain.MerkleTree;
import network.tender.chain.Transaction;
import network.tender.chain.WitnessCommitment;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.provider.MethodSource;

/** Any bytes are refused as malformed or are the one encoding of a block. */
class BlockFuzzTest {
  private interface Decoder {
    Block decode(byte[] bytes) throws MalformedException;
  }

  /** Is content with fewer transactions than are announced. */
  private static final Decoder PLANTED =
      bytes -> {
        ByteReader reader = new ByteReader(bytes);
        BlockHeader header = BlockHeader.read(reader);
        List<Transaction> transactions = new ArrayList<>();
        for (int left = reader.readCompactSize(); left > 0 && reader.remaining() > 0; left--) {
          transactions.add(Transaction.read(reader));
        }
        reader.expectEnd();
        return new Block(header, transactions);
      };

  static List<byte[]> seeds() {
    return List.of(
        Shapes.block().toBytes(),
        Shapes.block(Shapes.coinbase()).toBytes(),
        Shapes.block(Shapes.coinbase(), Shapes.plain(), Shapes.segwit()).toBytes(),
        Shapes.block(Shapes.coinbase(), Shapes.plain(), Shapes.plain()).toBytes());
  }

  @MethodSource("seeds")
  @FuzzTest
  void block(byte[] input) {
    check(FuzzRig.PLANTED ? PLANTED : Block::parse, input);
  }

  @Test
  void rigFindsAPlantedBug() {
    FuzzRig.assertFindsPlantedBug(
        seeds(), input -> check(Block::parse, input), input -> check(PLANTED, input));
  }

  private static void check(Decoder decoder, byte[] input) {
    Optional<Block> decoded = decode(decoder, input);
    if (decoded.isEmpty()) {
      return;
    }
    Block block = decoded.get();
    List<Transaction> transactions = block.transactions();
    require(Arrays.equals(block.toBytes(), input), "another encoding than what was decoded");
    ByteWriter parts = new ByteWriter(input.length);
    parts.write(block.header().toBytes()).writeCompactSize(transactions.size());
    int stripped = parts.length();
    List<Hash> txids = new ArrayList<>();
    for (Transaction transaction : transactions) {
      Shapes.encode(transaction, true, parts);
      byte[] bytes = Shapes.encode(transaction, false);
      stripped += bytes.length;
      txids.add(Hashing.sha256d(bytes));
    }
    require(Arrays.equals(parts.toBytes(), input), "parts differ from the bytes");
    require(block.txids().equals(txids), "other txids");
    require(block.weight() == 3 * stripped + input.length, "another weight");
    require(
        block.hash().equals(Hashing.sha256d(Arrays.copyOf(input, BlockHeader.SIZE_BYTES))),
        "another hash");
    require(block.header().unixSeconds() >= 0, "a negative time");
    boolean meets = block.header().meetsTarget();
    Block again = decode(decoder, block.toBytes()).orElseThrow();
    require(again.equals(block), "decoding again gives another block");
    require(again.header().meetsTarget() == meets, "the target is met once only");
    if (!transactions.isEmpty()) {
      checkTree(txids);
      WitnessCommitment.find(transactions.get(0));
    }
    for (int cut : new int[] {input.length - 1, input.length / 2}) {
      require(decode(decoder, Arrays.copyOf(input, cut)).isEmpty(), "decoded though cut off");
    }
    require(
        decode(decoder, Arrays.copyOf(input, input.length + 1)).isEmpty(),
        "decoded though something follows");
  }

  private static void checkTree(List<Hash> txids) {
    Hash root = MerkleTree.root(txids);
    int last = txids.size() - 1;
    require(
        MerkleTree.rootFromBranch(txids.get(last), last, MerkleTree.branch(txids, last))
            .equals(root),
        "a branch leads to another root");
  }

  private static Optional<Block> decode(Decoder decoder, byte[] bytes) {
    try {
      return Optional.of(decoder.decode(bytes));
    } catch (MalformedException e) {
      return Optional.empty();
    }
  }
}
