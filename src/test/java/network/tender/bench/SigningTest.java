package network.tender.bench;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.PrintStream;
import java.util.ArrayList;
import java.util.HashSet;
import java.util.List;
import java.util.Set;
import network.tender.chain.Amount;
import network.tender.chain.Hash;
import network.tender.chain.Outpoint;
import network.tender.chain.Script;
import network.tender.chain.Transaction;
import network.tender.chain.TransferOutput;
import network.tender.script.Curve;
import network.tender.script.KeyScript;
import network.tender.script.ScriptVerdict;
import network.tender.script.SigningKey;
import network.tender.script.TransferVerifier;
import org.junit.jupiter.api.Test;

class SigningTest {
  private static final Curve CURVE = Curve.load(Curve.Provider.AUTO);

  private final KeyRing keys = new KeyRing(CURVE);
  private final Progress.Phase phase =
      new Progress(new PrintStream(PrintStream.nullOutputStream()), false).begin("sign", 0);

  private static Funding.Coins coins(int count, long sat) {
    return new Funding.Coins(count, sat, List.of(Hash.ZERO));
  }

  private static void assertVerified(Transaction transfer, List<TransferOutput> spent) {
    assertThat(new TransferVerifier(CURVE).verify(transfer, spent))
        .isInstanceOf(ScriptVerdict.Valid.class);
  }

  @Test
  void eachTransferSpendsCoinsOfItsOwnOfBothKinds() throws Exception {
    Shape shape = new Shape(2, 3);
    Signing signing = new Signing(CURVE, keys, Kind.BOTH, shape);
    Funding.Coins coins = coins(20, signing.coinSat(500));
    SignedTransfers signed = signing.sign(coins, i -> i, 10, phase);
    Set<Outpoint> spent = new HashSet<>();
    Set<Script> paid = new HashSet<>();
    for (int i = 0; i < 10; i++) {
      Transaction transfer = Transaction.parse(signed.raw(i));
      assertThat(new String(signed.txid(i), java.nio.charset.StandardCharsets.US_ASCII))
          .isEqualTo(transfer.txid().toString());
      assertThat(transfer.inputCount()).isEqualTo(2);
      assertThat(transfer.outputCount()).isEqualTo(3);
      List<TransferOutput> prevouts = new ArrayList<>();
      for (int j = 0; j < 2; j++) {
        spent.add(transfer.prevout(j));
        Script script = keys.key(i * 2 + j).script(i % 2 == 0 ? KeyScript.P2WPKH : KeyScript.P2TR);
        prevouts.add(new TransferOutput(Amount.ofSat(coins.sat()), script));
      }
      for (int j = 0; j < 3; j++) {
        paid.add(transfer.script(j));
      }
      assertVerified(transfer, prevouts);
    }
    assertThat(spent).hasSize(20);
    assertThat(paid).hasSize(30);
  }

  @Test
  void aLaterRoundSpendsWhatAnEarlierOneHasPaid() throws Exception {
    Signing signing = new Signing(CURVE, keys, Kind.BOTH, new Shape(1, 1));
    int[] order = {3, 0, 4, 1, 2};
    SignedTransfers signed = signing.signRounds(coins(5, 10_000), order, 0, 12, 100, phase);
    for (int i = 0; i < 12; i++) {
      Transaction transfer = Transaction.parse(signed.raw(i));
      if (i < 5) {
        assertThat(transfer.prevout(0)).isEqualTo(new Outpoint(Hash.ZERO, order[i]));
        Script script = keys.key(order[i]).script(Kind.BOTH.of(order[i]));
        assertVerified(transfer, List.of(new TransferOutput(Amount.ofSat(10_000), script)));
      } else {
        Transaction parent = Transaction.parse(signed.raw(i - 5));
        assertThat(transfer.prevout(0)).isEqualTo(parent.outpoint(0));
        assertThat(transfer.outputSat(0)).isEqualTo(parent.outputSat(0) - 100);
        assertVerified(transfer, List.of(parent.output(0)));
      }
    }
  }

  @Test
  void aLaterRunGoesOnWhereAnEarlierOneEnded() {
    Signing signing = new Signing(CURVE, keys, Kind.BOTH, new Shape(1, 1));
    int[] order = {3, 0, 4, 1, 2};
    SignedTransfers all = signing.signRounds(coins(5, 10_000), order, 0, 12, 100, phase);
    SignedTransfers rest = signing.signRounds(coins(5, 10_000), order, 7, 5, 100, phase);
    for (int i = 0; i < 5; i++) {
      assertThat(rest.txid(i)).isEqualTo(all.txid(7 + i));
    }
  }

  @Test
  void aKeySignsAsItsSecretDoes() {
    byte[] secret = network.tender.chain.Hashing.sha256(new byte[] {7});
    SigningKey key = SigningKey.of(CURVE, secret);
    for (KeyScript kind : List.of(KeyScript.P2WPKH, KeyScript.P2TR)) {
      assertThat(key.script(kind)).isEqualTo(kind.of(CURVE, CURVE.publicKey(secret)));
    }
  }
}
