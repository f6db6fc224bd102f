package network.tender.ledger;

import static org.assertj.core.api.Assertions.assertThat;

import fr.acinq.bitcoin.ScriptFlags;
import java.nio.ByteBuffer;
import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.Deque;
import java.util.EnumSet;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import network.tender.chain.Network;
import network.tender.chain.Outpoint;
import network.tender.chain.Script;
import network.tender.chain.Transaction;
import network.tender.chain.TransferInput;
import network.tender.chain.TransferOutput;
import network.tender.script.KeyScript;
import network.tender.script.RegtestKeys;
import network.tender.script.TransferSigner;
import network.tender.script.TransferVerifier;
import org.bitcoinj.core.Context;
import org.bitcoinj.params.RegTestParams;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;

/**
 * A whole chain judged by software that is not ours: bitcoinj and bitcoin-kmp parse and verify
 * every block of the bootstrap and of many blocks with P2WPKH and taproot transfers behind it.
 */
class ChainOracleTest {
  private static final int MEDIAN_BLOCKS = 11;
  private static final int SEALED_BLOCKS = 60;
  private static final byte[] SECRET = RegtestKeys.treasurySecret();
  private static final byte[] KEY = Chains.CURVE.publicKey(SECRET);
  private static final Script WPKH = KeyScript.P2WPKH.of(Chains.CURVE, KEY);
  private static final Script TAPROOT = KeyScript.P2TR.of(Chains.CURVE, KEY);

  private static final List<byte[]> RAW_BLOCKS = new ArrayList<>();
  private static final List<SealedBlock> BLOCKS = new ArrayList<>(Chains.BOOTSTRAP);

  @BeforeAll
  static void makeChain() {
    Ledger ledger = Chains.ledger(Policy.DEFAULT);
    TransferSigner signer = new TransferSigner(Chains.CURVE);
    TransferVerifier verifier = new TransferVerifier(Chains.CURVE);
    Deque<Map.Entry<Outpoint, TransferOutput>> coins = new ArrayDeque<>();
    for (int height = 1; height <= 40; height++) {
      Transaction coinbase = Chains.BOOTSTRAP.get(height - 1).block().transactions().get(0);
      coins.add(Map.entry(coinbase.outpoint(0), coinbase.output(0)));
    }
    long now = Chains.NOW;
    for (int i = 0; i < SEALED_BLOCKS; i++) {
      for (int j = 0; j <= i % 7; j++) {
        Transaction transfer = transfer(coins, signer, i % 3 == 0 ? 2 : 1);
        Resolution.Resolved resolved = Chains.resolved(ledger, transfer);
        assertThat(verifier.verify(transfer, resolved.spentOutputs()).isValid()).isTrue();
        assertThat(ledger.admit(resolved, now)).isInstanceOf(Admission.Admitted.class);
        for (int k = 0; k < transfer.outputCount(); k++) {
          // Some are spent at once, so that chains of pending transfers come up.
          if (k == 0 && j % 3 == 1) {
            coins.addFirst(Map.entry(transfer.outpoint(k), transfer.output(k)));
          } else {
            coins.addLast(Map.entry(transfer.outpoint(k), transfer.output(k)));
          }
        }
      }
      now = ledger.nextSealMillis(now).getAsLong();
      BLOCKS.add(Chains.settle(ledger, now));
    }
    RAW_BLOCKS.add(Network.genesis().toBytes());
    BLOCKS.forEach(block -> RAW_BLOCKS.add(block.block().toBytes()));
  }

  private static Transaction transfer(
      Deque<Map.Entry<Outpoint, TransferOutput>> coins, TransferSigner signer, int inputs) {
    List<TransferInput> from = new ArrayList<>();
    List<TransferOutput> spent = new ArrayList<>();
    List<byte[]> secrets = new ArrayList<>();
    long sat = 0;
    for (int i = 0; i < inputs; i++) {
      Map.Entry<Outpoint, TransferOutput> coin = coins.removeFirst();
      from.add(TransferInput.unsigned(coin.getKey()));
      spent.add(coin.getValue());
      secrets.add(SECRET);
      sat += coin.getValue().amount().sat();
    }
    long rest = sat - 1_000;
    List<TransferOutput> outputs =
        List.of(Chains.output(rest / 3, TAPROOT), Chains.output(rest - rest / 3, WPKH));
    return signer.sign(Transaction.build(2, from, outputs, 0), spent, secrets);
  }

  @Test
  void theChainHasTransfersOfBothKindsAndChainsOfThem() {
    int wpkh = 0;
    int taproot = 0;
    int ofSameBlock = 0;
    for (SealedBlock block : BLOCKS) {
      for (List<Coin> coins : block.spent()) {
        for (Coin coin : coins) {
          wpkh += coin.script().type() == Script.Type.P2WPKH ? 1 : 0;
          taproot += coin.script().type() == Script.Type.P2TR ? 1 : 0;
          ofSameBlock += coin.height() == block.height() ? 1 : 0;
        }
      }
    }
    assertThat(wpkh).isGreaterThan(50);
    assertThat(taproot).isGreaterThan(30);
    assertThat(ofSameBlock).isGreaterThan(10);
  }

  @Test
  void bitcoinjVerifiesEveryBlock() throws Exception {
    Context.propagate(new Context());
    RegTestParams params = RegTestParams.get();
    List<Long> times = new ArrayList<>();
    org.bitcoinj.base.Sha256Hash previous = org.bitcoinj.base.Sha256Hash.ZERO_HASH;
    for (int height = 0; height < RAW_BLOCKS.size(); height++) {
      byte[] raw = RAW_BLOCKS.get(height);
      org.bitcoinj.core.Block block = org.bitcoinj.core.Block.read(ByteBuffer.wrap(raw));
      assertThat(block.serialize()).isEqualTo(raw);
      assertThat(block.getPrevBlockHash()).isEqualTo(previous);
      previous = block.getHash();
      if (height == 0) {
        assertThat(previous).isEqualTo(params.getGenesisBlock().getHash());
      } else {
        assertThat(previous.toString()).isEqualTo(BLOCKS.get(height - 1).hash().toString());
        assertThat(block.getDifficultyTargetAsInteger())
            .isEqualTo(params.getGenesisBlock().getDifficultyTargetAsInteger());
        // Target, merkle root, sigops, and the height in the coinbase.
        org.bitcoinj.core.Block.verifyHeader(block);
        org.bitcoinj.core.Block.verifyTransactions(
            params,
            block,
            height,
            EnumSet.of(org.bitcoinj.core.Block.VerifyFlag.HEIGHT_IN_COINBASE));
        checkWitnessCommitment(block);
        assertThat(block.time().getEpochSecond()).isGreaterThan(median(times));
      }
      times.add(block.time().getEpochSecond());
    }
  }

  private static void checkWitnessCommitment(org.bitcoinj.core.Block block) {
    org.bitcoinj.core.Transaction coinbase = block.getTransactions().get(0);
    org.bitcoinj.base.Sha256Hash commitment = coinbase.findWitnessCommitment();
    byte[] nonce = coinbase.getInput(0).getWitness().getPush(0);
    byte[] root = block.getWitnessRoot().serialize();
    assertThat(org.bitcoinj.base.Sha256Hash.twiceOf(root, nonce)).isEqualTo(commitment);
  }

  private static long median(List<Long> times) {
    List<Long> last =
        times.subList(Math.max(0, times.size() - MEDIAN_BLOCKS), times.size()).stream()
            .sorted()
            .toList();
    return last.get(last.size() / 2);
  }

  @Test
  void bitcoinKmpVerifiesEveryBlockAndEverySpend() {
    Map<fr.acinq.bitcoin.OutPoint, fr.acinq.bitcoin.TxOut> outputs = new HashMap<>();
    List<Long> times = new ArrayList<>();
    fr.acinq.bitcoin.BlockHash previous = null;
    for (int height = 0; height < RAW_BLOCKS.size(); height++) {
      byte[] raw = RAW_BLOCKS.get(height);
      fr.acinq.bitcoin.Block block = fr.acinq.bitcoin.Block.read(raw);
      assertThat(fr.acinq.bitcoin.Block.write(block)).isEqualTo(raw);
      assertThat(fr.acinq.bitcoin.Block.checkProofOfWork(block)).isTrue();
      // The merkle root, and the transactions by themselves.
      fr.acinq.bitcoin.Block.validate(block);
      if (previous == null) {
        assertThat(block.hash).isEqualTo(fr.acinq.bitcoin.Block.RegtestGenesisBlock.hash);
      } else {
        assertThat(block.header.hashPreviousBlock).isEqualTo(previous);
        assertThat(block.header.time).isGreaterThan(median(times));
        checkCoinbase(block, height);
      }
      previous = block.hash;
      times.add(block.header.time);
      for (int i = 0; i < block.tx.size(); i++) {
        fr.acinq.bitcoin.Transaction tx = block.tx.get(i);
        if (i > 0) {
          fr.acinq.bitcoin.Transaction.correctlySpends(
              tx, outputs, ScriptFlags.STANDARD_SCRIPT_VERIFY_FLAGS);
          tx.txIn.forEach(input -> assertThat(outputs.remove(input.outPoint)).isNotNull());
        }
        for (int j = 0; j < tx.txOut.size(); j++) {
          outputs.put(new fr.acinq.bitcoin.OutPoint(tx, j), tx.txOut.get(j));
        }
      }
    }
  }

  private static void checkCoinbase(fr.acinq.bitcoin.Block block, int height) {
    fr.acinq.bitcoin.Transaction coinbase = block.tx.get(0);
    List<fr.acinq.bitcoin.ScriptElt> script =
        fr.acinq.bitcoin.Script.parse(coinbase.txIn.get(0).signatureScript);
    if (height > 16) {
      fr.acinq.bitcoin.ByteVector number = fr.acinq.bitcoin.Script.encodeNumber(height);
      assertThat(script.get(0)).isEqualTo(new fr.acinq.bitcoin.OP_PUSHDATA(number));
    } else {
      assertThat(script.get(0).getCode()).isEqualTo(0x50 + height);
    }
    List<fr.acinq.bitcoin.ByteVector32> wtxids = new ArrayList<>();
    wtxids.add(fr.acinq.bitcoin.ByteVector32.Zeroes);
    for (fr.acinq.bitcoin.Transaction tx : block.tx.subList(1, block.tx.size())) {
      byte[] raw = fr.acinq.bitcoin.Transaction.write(tx);
      wtxids.add(new fr.acinq.bitcoin.ByteVector32(fr.acinq.bitcoin.Crypto.hash256(raw)));
    }
    fr.acinq.bitcoin.ByteVector root = fr.acinq.bitcoin.MerkleTree.computeRoot(wtxids);
    fr.acinq.bitcoin.ByteVector nonce = coinbase.txIn.get(0).witness.stack.get(0);
    fr.acinq.bitcoin.ByteVector output =
        coinbase.txOut.get(coinbase.txOut.size() - 1).publicKeyScript;
    assertThat(output.slice(0, 6).toHex()).isEqualTo("6a24aa21a9ed");
    assertThat(output.slice(6, 38).toByteArray())
        .isEqualTo(fr.acinq.bitcoin.Crypto.hash256(root.concat(nonce)));
  }

  @Test
  void ourOwnValidatorAgrees() {
    BlockValidator validator =
        new BlockValidator(
            Network.regtest(),
            Chains.CURVE,
            BlockValidator.coinsInMemory(),
            BlockValidator.SignatureCheck.sequential(new TransferVerifier(Chains.CURVE)));
    for (SealedBlock block : BLOCKS) {
      assertThat(
              validator.validate(
                  block.block(), Optional.of(block.certificate()), Chains.NOW / 1_000 + 60))
          .isInstanceOf(BlockValidator.Verdict.Valid.class);
    }
    assertThat(validator.state().totals()).isEqualTo(BLOCKS.get(BLOCKS.size() - 1).totals());
  }
}
