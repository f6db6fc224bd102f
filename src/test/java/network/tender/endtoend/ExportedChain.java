package network.tender.endtoend;

import static org.assertj.core.api.Assertions.assertThat;

import fr.acinq.bitcoin.Block;
import fr.acinq.bitcoin.ByteVector;
import fr.acinq.bitcoin.ByteVector32;
import fr.acinq.bitcoin.Crypto;
import fr.acinq.bitcoin.MerkleTree;
import fr.acinq.bitcoin.OutPoint;
import fr.acinq.bitcoin.ScriptFlags;
import fr.acinq.bitcoin.Transaction;
import fr.acinq.bitcoin.TxIn;
import fr.acinq.bitcoin.TxOut;
import java.math.BigInteger;
import java.nio.ByteBuffer;
import java.util.ArrayList;
import java.util.EnumSet;
import java.util.HashMap;
import java.util.HexFormat;
import java.util.List;
import java.util.Map;
import org.bitcoinj.base.BitcoinNetwork;
import org.bitcoinj.core.BlockChain;
import org.bitcoinj.core.Context;
import org.bitcoinj.core.NetworkParameters;
import org.bitcoinj.store.MemoryBlockStore;

/** Judges a chain with two libraries that know nothing of ours. */
final class ExportedChain {
  private static final int MEDIAN_BLOCKS = 11;
  private static final long REGTEST_BITS = 0x207fffffL;
  private static final int COINBASE_MATURITY = 100;
  private static final int HALVING = 150;

  private ExportedChain() {}

  /**
   * Each block by bitcoinj: it decodes whole, meets its target, has the right merkle root, witness
   * commitment and BIP34 height, and follows the one before with a time above the median of 11.
   */
  static void verifyWithBitcoinj(List<String> hexBlocks) throws Exception {
    Context.propagate(new Context());
    NetworkParameters params = NetworkParameters.of(BitcoinNetwork.REGTEST);
    org.bitcoinj.core.Block genesis = params.getGenesisBlock();
    assertThat(hexBlocks.get(0)).isEqualTo(HexFormat.of().formatHex(genesis.serialize()));
    BlockChain chain = new BlockChain(BitcoinNetwork.REGTEST, new MemoryBlockStore(genesis));
    List<Long> times = new ArrayList<>(List.of(genesis.time().getEpochSecond()));
    for (int height = 1; height < hexBlocks.size(); height++) {
      ByteBuffer raw = ByteBuffer.wrap(HexFormat.of().parseHex(hexBlocks.get(height)));
      org.bitcoinj.core.Block block = org.bitcoinj.core.Block.read(raw);
      assertThat(raw.remaining()).describedAs("bytes behind block %d", height).isZero();
      org.bitcoinj.core.Block.verify(
          params, block, height, EnumSet.of(org.bitcoinj.core.Block.VerifyFlag.HEIGHT_IN_COINBASE));
      assertThat(block.time().getEpochSecond())
          .describedAs("time of block %d", height)
          .isGreaterThan(medianTimePast(times));
      times.add(block.time().getEpochSecond());
      assertThat(block.getDifficultyTarget()).isEqualTo(REGTEST_BITS);
      assertThat(chain.add(block)).describedAs("block %d extends the chain", height).isTrue();
      assertThat(chain.getBestChainHeight()).isEqualTo(height);
    }
  }

  /**
   * Each block by bitcoin-kmp: form, proof of work, merkle root and witness commitment by its
   * hashes, every signature by its script interpreter, and every coin and sum counted with its
   * types.
   */
  static void verifyWithBitcoinKmp(List<String> hexBlocks) {
    Map<OutPoint, Coin> coins = new HashMap<>();
    List<Long> times = new ArrayList<>();
    Block before = Block.RegtestGenesisBlock;
    assertThat(HexFormat.of().parseHex(hexBlocks.get(0))).isEqualTo(Block.write(before));
    times.add(before.header.time);
    for (int height = 1; height < hexBlocks.size(); height++) {
      byte[] raw = HexFormat.of().parseHex(hexBlocks.get(height));
      Block block = Block.read(raw);
      String what = "block " + height;
      assertThat(Block.write(block)).describedAs(what).isEqualTo(raw);
      Block.validate(block);
      assertThat(Block.checkProofOfWork(block)).describedAs(what).isTrue();
      assertThat(block.header.bits).describedAs(what).isEqualTo(REGTEST_BITS);
      assertThat(block.header.hashPreviousBlock).describedAs(what).isEqualTo(before.hash);
      assertThat(block.header.time).describedAs(what).isGreaterThan(medianTimePast(times));
      assertThat(block.tx.get(0).txIn.get(0).signatureScript.toHex())
          .describedAs(what)
          .startsWith(heightPush(height));
      checkWitnessCommitment(block, what);
      connect(block, height, coins, what);
      times.add(block.header.time);
      before = block;
    }
  }

  private record Coin(TxOut output, int height, boolean coinbase) {}

  private static long medianTimePast(List<Long> times) {
    List<Long> last =
        times.subList(Math.max(0, times.size() - MEDIAN_BLOCKS), times.size()).stream()
            .sorted()
            .toList();
    return last.get(last.size() / 2);
  }

  /** BIP34: the height as the script language pushes a number. */
  private static String heightPush(int height) {
    if (height <= 16) {
      return Integer.toHexString(0x50 + height);
    }
    byte[] bigEndian = BigInteger.valueOf(height).toByteArray();
    StringBuilder push = new StringBuilder();
    push.append(HexFormat.of().toHexDigits((byte) bigEndian.length));
    for (int i = bigEndian.length - 1; i >= 0; i--) {
      push.append(HexFormat.of().toHexDigits(bigEndian[i]));
    }
    return push.toString();
  }

  private static void checkWitnessCommitment(Block block, String what) {
    Transaction coinbase = block.tx.get(0);
    List<ByteVector> reserved = coinbase.txIn.get(0).witness.stack;
    assertThat(reserved).describedAs(what).hasSize(1);
    List<ByteVector32> wtxids = new ArrayList<>();
    wtxids.add(ByteVector32.Zeroes);
    for (Transaction transaction : block.tx.subList(1, block.tx.size())) {
      wtxids.add(new ByteVector32(Crypto.hash256(Transaction.write(transaction))));
    }
    byte[] root = MerkleTree.computeRoot(wtxids).toByteArray();
    byte[] both = java.util.Arrays.copyOf(root, 64);
    System.arraycopy(reserved.get(0).toByteArray(), 0, both, 32, 32);
    String commitment = "6a24aa21a9ed" + HexFormat.of().formatHex(Crypto.hash256(both));
    assertThat(coinbase.txOut)
        .describedAs(what)
        .anyMatch(output -> output.publicKeyScript.toHex().equals(commitment));
  }

  private static void connect(Block block, int height, Map<OutPoint, Coin> coins, String what) {
    long fees = 0;
    for (int i = 0; i < block.tx.size(); i++) {
      Transaction transaction = block.tx.get(i);
      if (i > 0) {
        fees += spend(transaction, height, coins, what);
      }
      for (int n = 0; n < transaction.txOut.size(); n++) {
        TxOut output = transaction.txOut.get(n);
        if (!output.publicKeyScript.toHex().startsWith("6a")) {
          coins.put(new OutPoint(transaction, n), new Coin(output, height, i == 0));
        }
      }
    }
    long subsidy = 5_000_000_000L >> (height / HALVING);
    assertThat(sum(block.tx.get(0))).describedAs(what).isLessThanOrEqualTo(subsidy + fees);
  }

  private static long spend(
      Transaction transaction, int height, Map<OutPoint, Coin> coins, String what) {
    Map<OutPoint, TxOut> spent = new HashMap<>();
    long in = 0;
    for (TxIn input : transaction.txIn) {
      Coin coin = coins.remove(input.outPoint);
      assertThat(coin).describedAs("%s spends what is there: %s", what, input.outPoint).isNotNull();
      assertThat(!coin.coinbase() || height - coin.height() >= COINBASE_MATURITY)
          .describedAs("%s: mature", what)
          .isTrue();
      spent.put(input.outPoint, coin.output());
      in += coin.output().amount.toLong();
    }
    Transaction.correctlySpends(transaction, spent, ScriptFlags.STANDARD_SCRIPT_VERIFY_FLAGS);
    long fee = in - sum(transaction);
    assertThat(fee).describedAs("%s: pays no more than it spends", what).isNotNegative();
    return fee;
  }

  private static long sum(Transaction transaction) {
    return transaction.txOut.stream().mapToLong(output -> output.amount.toLong()).sum();
  }
}
