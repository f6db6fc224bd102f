package network.tender.script;

import static org.assertj.core.api.Assertions.assertThat;

import fr.acinq.bitcoin.ByteVector;
import fr.acinq.bitcoin.OutPoint;
import fr.acinq.bitcoin.Satoshi;
import fr.acinq.bitcoin.ScriptFlags;
import fr.acinq.bitcoin.SigVersion;
import fr.acinq.bitcoin.TxOut;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Random;
import net.jqwik.api.ForAll;
import net.jqwik.api.Property;
import net.jqwik.api.statistics.Statistics;
import network.tender.chain.Amount;
import network.tender.chain.MalformedException;
import network.tender.chain.Script;
import network.tender.chain.Transaction;
import network.tender.chain.TransferOutput;

/** Our signature hashes and verdicts agree with those of bitcoin-kmp's script interpreter. */
class VerifierAgreementProperties {
  private static final TransferVerifier NATIVE =
      new TransferVerifier(Curve.load(Curve.Provider.NATIVE));
  private static final TransferVerifier BOUNCY_CASTLE =
      new TransferVerifier(Curve.load(Curve.Provider.BOUNCYCASTLE));

  private static List<TxOut> theirOutputs(List<TransferOutput> spent) {
    List<TxOut> outputs = new ArrayList<>();
    for (TransferOutput output : spent) {
      outputs.add(
          new TxOut(new Satoshi(output.amount().sat()), new ByteVector(output.script().toBytes())));
    }
    return outputs;
  }

  private static boolean theirVerdict(Transaction transaction, List<TransferOutput> spent) {
    var theirs = fr.acinq.bitcoin.Transaction.read(transaction.toBytes());
    List<TxOut> outputs = theirOutputs(spent);
    Map<OutPoint, TxOut> prevouts = new HashMap<>();
    for (int i = 0; i < outputs.size(); i++) {
      prevouts.put(theirs.txIn.get(i).outPoint, outputs.get(i));
    }
    try {
      theirs.correctlySpends(prevouts, ScriptFlags.STANDARD_SCRIPT_VERIFY_FLAGS);
      return true;
    } catch (RuntimeException e) {
      return false;
    }
  }

  @Property(tries = 300)
  void signatureHashesAgreeForAllHashTypes(@ForAll long seed) {
    RandomTransfer transfer = RandomTransfer.unsigned(new Random(seed));
    Transaction ours = transfer.transaction();
    var theirs = fr.acinq.bitcoin.Transaction.read(ours.toBytes());
    SpendContext context = new SpendContext(ours, transfer.spent());
    for (int i = 0; i < ours.inputCount(); i++) {
      TransferOutput spent = transfer.spent().get(i);
      byte[] code =
          Script.p2pkh(java.util.Arrays.copyOfRange(spent.script().toBytes(), 2, 22)).toBytes();
      for (int type = 0; type < 256; type++) {
        if (spent.script().type() == Script.Type.P2WPKH) {
          assertThat(context.segwitHash(i, type))
              .isEqualTo(
                  theirs.hashForSigning(
                      i,
                      code,
                      type,
                      new Satoshi(spent.amount().sat()),
                      SigVersion.SIGVERSION_WITNESS_V0));
        } else if (context.hasTaprootHash(i, type)) {
          assertThat(context.taprootHash(i, type))
              .isEqualTo(
                  theirs
                      .hashForSigningTaprootKeyPath(i, theirOutputs(transfer.spent()), type, null)
                      .toByteArray());
        }
      }
    }
  }

  @Property(tries = 300)
  void validTransfersAreValidForAll(@ForAll long seed) {
    RandomTransfer transfer = RandomTransfer.signed(new Random(seed));
    assertThat(NATIVE.verify(transfer.transaction(), transfer.spent()).isValid()).isTrue();
    assertThat(BOUNCY_CASTLE.verify(transfer.transaction(), transfer.spent()).isValid()).isTrue();
    assertThat(theirVerdict(transfer.transaction(), transfer.spent())).isTrue();
  }

  /** Hash types that leave parts of a transfer open make some changed transfers valid still. */
  @Property(tries = 600)
  void transfersWithOneChangedBitGetTheSameVerdict(@ForAll long seed) {
    Random random = new Random(seed);
    RandomTransfer transfer = RandomTransfer.signed(random);
    Transaction transaction = transfer.transaction();
    List<TransferOutput> spent = new ArrayList<>(transfer.spent());
    if (random.nextInt(5) == 0) {
      int i = random.nextInt(spent.size());
      TransferOutput old = spent.get(i);
      spent.set(i, new TransferOutput(Amount.ofSat(old.amount().sat() ^ 1), old.script()));
    } else {
      byte[] raw = transaction.toBytes();
      raw[random.nextInt(raw.length)] ^= (byte) (1 << random.nextInt(8));
      try {
        transaction = Transaction.parse(raw);
      } catch (MalformedException e) {
        return;
      }
    }
    if (transaction.inputCount() != spent.size()) {
      return;
    }
    ScriptVerdict verdict = NATIVE.verify(transaction, spent);
    assertThat(BOUNCY_CASTLE.verify(transaction, spent)).isEqualTo(verdict);
    boolean theirs = theirVerdict(transaction, spent);
    assertThat(verdict.isValid()).as("%s", verdict).isEqualTo(theirs);
    Statistics.label("bitcoin-kmp says")
        .collect(theirs ? "valid" : "refused")
        .coverage(
            coverage -> {
              coverage.check("valid").count(count -> count > 10);
              coverage.check("refused").count(count -> count > 100);
            });
  }
}
