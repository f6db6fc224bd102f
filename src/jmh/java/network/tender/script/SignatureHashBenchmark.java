package network.tender.script;

import java.util.List;
import java.util.concurrent.TimeUnit;
import network.tender.chain.Amount;
import network.tender.chain.Hash;
import network.tender.chain.Outpoint;
import network.tender.chain.Script;
import network.tender.chain.Transaction;
import network.tender.chain.TransferInput;
import network.tender.chain.TransferOutput;
import org.openjdk.jmh.annotations.Benchmark;
import org.openjdk.jmh.annotations.BenchmarkMode;
import org.openjdk.jmh.annotations.Mode;
import org.openjdk.jmh.annotations.OutputTimeUnit;
import org.openjdk.jmh.annotations.Scope;
import org.openjdk.jmh.annotations.Setup;
import org.openjdk.jmh.annotations.State;

/** What is hashed before a signature can be checked, of a transfer of one input and two outputs. */
@State(Scope.Benchmark)
@BenchmarkMode(Mode.AverageTime)
@OutputTimeUnit(TimeUnit.MICROSECONDS)
public class SignatureHashBenchmark {
  private static final byte[] SECRET = RegtestKeys.treasurySecret();

  /** One key's transfer and the output that it spends. */
  private record Spend(Transaction transfer, List<TransferOutput> spent) {
    static Spend of(KeyScript kind) {
      Curve curve = Curve.load(Curve.Provider.AUTO);
      Script own = kind.of(curve, curve.publicKey(SECRET));
      List<TransferOutput> spent = List.of(new TransferOutput(Amount.ofSat(3_000), own));
      TransferOutput half = new TransferOutput(Amount.ofSat(1_400), own);
      Transaction unsigned =
          Transaction.build(
              2,
              List.of(TransferInput.unsigned(new Outpoint(Hash.ZERO, 1))),
              List.of(half, half),
              0);
      return new Spend(new TransferSigner(curve).sign(unsigned, spent, List.of(SECRET)), spent);
    }

    SpendContext context() {
      return new SpendContext(transfer, spent);
    }
  }

  private Spend segwit = Spend.of(KeyScript.P2WPKH);
  private Spend taproot = Spend.of(KeyScript.P2TR);
  private SpendContext segwitContext = segwit.context();
  private SpendContext taprootContext = taproot.context();

  /** Signs anew, so that no fork starts from what another left. */
  @Setup
  public void sign() {
    segwit = Spend.of(KeyScript.P2WPKH);
    taproot = Spend.of(KeyScript.P2TR);
    segwitContext = segwit.context();
    taprootContext = taproot.context();
  }

  /** BIP143 for P2WPKH, with the hashes that all inputs share. */
  @Benchmark
  public byte[] wholeSegwit() {
    return segwit.context().segwitHash(0, SpendContext.ALL);
  }

  /** One input more of the same transfer. */
  @Benchmark
  public byte[] furtherSegwitInput() {
    return segwitContext.segwitHash(0, SpendContext.ALL);
  }

  /** BIP341 for a key path, with the hashes that all inputs share. */
  @Benchmark
  public byte[] wholeTaproot() {
    return taproot.context().taprootHash(0, SpendContext.DEFAULT);
  }

  /** One input more of the same transfer. */
  @Benchmark
  public byte[] furtherTaprootInput() {
    return taprootContext.taprootHash(0, SpendContext.DEFAULT);
  }
}
