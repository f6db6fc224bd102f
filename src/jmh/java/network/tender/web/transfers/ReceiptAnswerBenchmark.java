package network.tender.web.transfers;

import io.vertx.core.buffer.Buffer;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.TimeUnit;
import network.tender.chain.Block;
import network.tender.chain.MalformedException;
import network.tender.ledger.Certificate;
import network.tender.ledger.Receipt;
import network.tender.ledger.ReceiptJson;
import network.tender.ledger.Receipts;
import network.tender.ledger.SignedChain;
import org.openjdk.jmh.annotations.Benchmark;
import org.openjdk.jmh.annotations.BenchmarkMode;
import org.openjdk.jmh.annotations.Mode;
import org.openjdk.jmh.annotations.OutputTimeUnit;
import org.openjdk.jmh.annotations.Scope;
import org.openjdk.jmh.annotations.Setup;
import org.openjdk.jmh.annotations.State;

/** Receipts in their one and only spelling, of a block of a thousand transfers. */
@State(Scope.Benchmark)
@BenchmarkMode(Mode.AverageTime)
@OutputTimeUnit(TimeUnit.MICROSECONDS)
public class ReceiptAnswerBenchmark {
  private static final int TRANSFERS = 1_000;

  private final List<Receipt> receipts = new ArrayList<>();
  private byte[] answer = {};
  private String receipt = "";
  private int next;

  /** Signs a block and makes its receipts. */
  @Setup
  public void makeReceipts() throws MalformedException {
    receipts.clear();
    next = 0;
    SignedChain chain = new SignedChain();
    chain.split(1, TRANSFERS);
    int height = chain.bootstrap().size() + 1;
    Block block = chain.next(TRANSFERS);
    Certificate certificate = Certificate.parse(chain.certified(height, block).certificate());
    Receipts all = new Receipts("regtest", height, block, chain.sealedMillis(height), certificate);
    for (int i = 1; i <= TRANSFERS; i++) {
      receipts.add(all.receipt(i));
    }
    answer = SettledAnswer.of(receipts.get(0)).getBytes();
    receipt = ReceiptJson.write(receipts.get(0));
  }

  private Receipt nextReceipt() {
    next = (next + 1) % TRANSFERS;
    return receipts.get(next);
  }

  /** The answer to one settled transfer after the other of the same block. */
  @Benchmark
  public Buffer settledAnswer() {
    return SettledAnswer.of(nextReceipt());
  }

  /** A receipt of which nothing is known from another of its block. */
  @Benchmark
  public String writeReceipt() {
    return ReceiptJson.write(nextReceipt());
  }

  /** A receipt read back. */
  @Benchmark
  public Receipt parseReceipt() throws MalformedException {
    return ReceiptJson.parse(receipt);
  }

  /** A saved answer read back, and compared with its spelling. */
  @Benchmark
  public Receipt parseAnswer() throws MalformedException {
    return SettledAnswer.parseFile(answer);
  }
}
