package network.tender.chain;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.nio.ByteBuffer;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Random;
import net.jqwik.api.ForAll;
import net.jqwik.api.Property;
import net.jqwik.api.statistics.Statistics;

/** The codec keeps every byte, refuses everything not canonical, and agrees with two others. */
class CodecProperties {
  @Property(tries = 500)
  void bitcoinjAndBitcoinKmpSeeTheSameTransaction(@ForAll long seed) throws Exception {
    Transaction ours = RandomTransaction.of(new Random(seed));
    byte[] raw = ours.toBytes();

    assertThat(Transaction.parse(raw).toBytes()).isEqualTo(raw);
    assertThat(Transaction.parseHex(ours.toHex())).isEqualTo(ours).hasSameHashCodeAs(ours);
    assertSameAsOthers(ours, raw);
  }

  static void assertSameAsOthers(Transaction ours, byte[] raw) {
    var bitcoinj = org.bitcoinj.core.Transaction.read(ByteBuffer.wrap(raw));
    var kmp = fr.acinq.bitcoin.Transaction.read(raw);
    assertThat(ours.txid().toString())
        .isEqualTo(bitcoinj.getTxId().toString())
        .isEqualTo(kmp.txid.toString());
    assertThat(ours.wtxid().toString()).isEqualTo(bitcoinj.getWTxId().toString());
    assertThat(ours.weight()).isEqualTo(bitcoinj.getWeight()).isEqualTo(kmp.weight());
    assertThat(ours.virtualSize()).isEqualTo(bitcoinj.getVsize());
    assertThat(ours.size()).isEqualTo(raw.length);
    assertThat(ours.strippedSize()).isEqualTo(kmp.baseSize());
    assertThat(ours.hasWitness()).isEqualTo(kmp.getHasWitness());
    assertThat(ours.isCoinbase()).isEqualTo(kmp.isCoinbase());
    assertThat(ours.version()).isEqualTo((int) kmp.version);
    assertThat(ours.lockTime()).isEqualTo((int) kmp.lockTime);
    assertThat(ours.inputCount()).isEqualTo(kmp.txIn.size());
    assertThat(ours.outputCount()).isEqualTo(kmp.txOut.size());
    for (int i = 0; i < ours.inputCount(); i++) {
      var input = kmp.txIn.get(i);
      assertThat(ours.prevout(i).txid().toString()).isEqualTo(input.outPoint.txid.toString());
      assertThat(ours.prevout(i).index()).isEqualTo((int) input.outPoint.index);
      assertThat(ours.scriptSig(i).toBytes()).isEqualTo(input.signatureScript.toByteArray());
      assertThat(ours.sequence(i)).isEqualTo((int) input.sequence);
      assertThat(ours.witnessCount(i)).isEqualTo(input.witness.stack.size());
      List<byte[]> witness = ours.witness(i);
      for (int j = 0; j < witness.size(); j++) {
        assertThat(witness.get(j)).isEqualTo(input.witness.stack.get(j).toByteArray());
      }
    }
    for (int i = 0; i < ours.outputCount(); i++) {
      var output = kmp.txOut.get(i);
      assertThat(ours.outputSat(i)).isEqualTo(output.amount.toLong());
      assertThat(ours.script(i).toBytes()).isEqualTo(output.publicKeyScript.toByteArray());
      assertThat(ours.outpoint(i)).isEqualTo(new Outpoint(ours.txid(), i));
    }
  }

  @Property(tries = 500)
  void partsBuildTheSameTransactionAgain(@ForAll long seed) {
    Transaction transaction = RandomTransaction.of(new Random(seed));
    List<TransferInput> inputs = new ArrayList<>();
    for (int i = 0; i < transaction.inputCount(); i++) {
      inputs.add(
          new TransferInput(
              transaction.prevout(i),
              transaction.scriptSig(i),
              transaction.sequence(i),
              transaction.witness(i)));
    }
    List<TransferOutput> outputs = new ArrayList<>();
    for (int i = 0; i < transaction.outputCount(); i++) {
      outputs.add(transaction.output(i));
    }
    assertThat(Transaction.build(transaction.version(), inputs, outputs, transaction.lockTime()))
        .isEqualTo(transaction);
  }

  @Property(tries = 100)
  void everyTruncationAndEveryTrailingByteIsRefused(@ForAll long seed, @ForAll byte trailing) {
    byte[] raw = RandomTransaction.of(new Random(seed)).toBytes();
    int step = Math.max(1, raw.length / 400);
    for (int length = 0; length < raw.length; length += step) {
      byte[] cut = Arrays.copyOf(raw, length);
      assertThatThrownBy(() -> Transaction.parse(cut)).isInstanceOf(MalformedException.class);
    }
    byte[] longer = Arrays.copyOf(raw, raw.length + 1);
    longer[raw.length] = trailing;
    assertThatThrownBy(() -> Transaction.parse(longer)).isInstanceOf(MalformedException.class);
  }

  /** Whatever is accepted is canonical: it writes back to the very same bytes. */
  @Property(tries = 4000)
  void changedBytesAreRefusedOrKept(@ForAll long seed) {
    Random random = new Random(seed);
    byte[] raw = RandomTransaction.of(random).toBytes();
    for (int i = 1 + random.nextInt(3); i > 0; i--) {
      int at = random.nextBoolean() ? random.nextInt(raw.length) : random.nextInt(60);
      raw[at] = (byte) (random.nextBoolean() ? random.nextInt(256) : 0xfd + random.nextInt(3));
    }
    boolean accepted;
    try {
      Transaction transaction = Transaction.parse(raw);
      accepted = true;
      assertThat(transaction.toBytes()).isEqualTo(raw);
      var kmp = fr.acinq.bitcoin.Transaction.read(raw);
      if (transaction.inputCount() > 0) {
        assertThat(transaction.txid().toString()).isEqualTo(kmp.txid.toString());
      }
    } catch (MalformedException e) {
      accepted = false;
    }
    Statistics.label("changed bytes")
        .collect(accepted ? "kept" : "refused")
        .coverage(
            coverage -> {
              coverage.check("kept").count(count -> count > 100);
              coverage.check("refused").count(count -> count > 100);
            });
  }

  @Property(tries = 2000)
  void noiseIsNeverAnythingButRefused(@ForAll byte[] noise) {
    try {
      assertThat(Transaction.parse(noise).toBytes()).isEqualTo(noise);
    } catch (MalformedException e) {
      assertThat(e).hasMessageNotContaining("null");
    }
  }

  @Property(tries = 100)
  void blocksAreSeenTheSameByBitcoinjAndBitcoinKmp(@ForAll long seed) throws Exception {
    Random random = new Random(seed);
    List<Transaction> transactions = new ArrayList<>();
    for (int i = 1 + random.nextInt(12); i > 0; i--) {
      transactions.add(RandomTransaction.of(random));
    }
    List<Hash> txids = transactions.stream().map(Transaction::txid).toList();
    BlockHeader header =
        new BlockHeader(
            random.nextInt(),
            Hash.of(RandomTransaction.bytes(random, 32)),
            MerkleTree.root(txids),
            random.nextInt(),
            Network.BITS,
            random.nextInt());
    Block block = new Block(header, transactions);
    byte[] raw = block.toBytes();

    Block parsed = Block.parse(raw);
    assertThat(parsed).isEqualTo(block);
    assertThat(parsed.toBytes()).isEqualTo(raw);
    assertThat(parsed.txids()).isEqualTo(txids);
    var bitcoinj = org.bitcoinj.core.Block.read(ByteBuffer.wrap(raw));
    var kmp = fr.acinq.bitcoin.Block.read(raw);
    assertThat(block.hash().toString())
        .isEqualTo(bitcoinj.getHashAsString())
        .isEqualTo(kmp.blockId.toString());
    assertThat(header.meetsTarget()).isEqualTo(kmp.checkProofOfWork());
    assertThat(kmp.tx).hasSameSizeAs(transactions);
    List<fr.acinq.bitcoin.ByteVector32> leaves = new ArrayList<>();
    int bodies = 0;
    for (int i = 0; i < transactions.size(); i++) {
      assertThat(kmp.tx.get(i).txid.toString()).isEqualTo(txids.get(i).toString());
      leaves.add(kmp.tx.get(i).hash.value);
      bodies += transactions.get(i).weight();
    }
    assertThat(fr.acinq.bitcoin.MerkleTree.computeRoot(leaves).toByteArray())
        .isEqualTo(header.merkleRoot().toBytes());
    assertThat(block.weight()).isEqualTo(4 * (80 + 1) + bodies);
    byte[] cut = Arrays.copyOf(raw, random.nextInt(raw.length));
    assertThatThrownBy(() -> Block.parse(cut)).isInstanceOf(MalformedException.class);
    byte[] longer = Arrays.copyOf(raw, raw.length + 1);
    assertThatThrownBy(() -> Block.parse(longer)).isInstanceOf(MalformedException.class);
  }
}
