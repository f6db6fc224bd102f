package network.tender.web.esplora;

import io.vertx.core.buffer.Buffer;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.concurrent.TimeUnit;
import network.tender.chain.Block;
import network.tender.chain.Network;
import network.tender.chain.Outpoint;
import network.tender.chain.Transaction;
import network.tender.ledger.Coin;
import network.tender.ledger.SignedChain;
import org.openjdk.jmh.annotations.Benchmark;
import org.openjdk.jmh.annotations.BenchmarkMode;
import org.openjdk.jmh.annotations.Mode;
import org.openjdk.jmh.annotations.OutputTimeUnit;
import org.openjdk.jmh.annotations.Scope;
import org.openjdk.jmh.annotations.Setup;
import org.openjdk.jmh.annotations.State;

/** Transfers as wallets are shown them: one, and a page of a history. */
@State(Scope.Benchmark)
@BenchmarkMode(Mode.AverageTime)
@OutputTimeUnit(TimeUnit.MICROSECONDS)
public class TransferAnswerBenchmark {
  private static final int PAGE = 25;

  private final EsploraJson json = new EsploraJson(Network.regtest());
  private List<ShownTransaction> page = List.of();

  /** Signs transfers and looks up what they spend. */
  @Setup
  public void makePage() {
    SignedChain chain = new SignedChain();
    Block split = chain.split(1, PAGE);
    Map<Outpoint, Coin> coins = new HashMap<>();
    for (Transaction transfer : split.transactions()) {
      for (int i = 0; i < transfer.outputCount(); i++) {
        coins.put(
            transfer.outpoint(i), new Coin(transfer.amount(i), transfer.script(i), 251, false));
      }
    }
    List<ShownTransaction> shown = new ArrayList<>();
    List<Transaction> transfers = chain.next(PAGE).transactions();
    for (Transaction transfer : transfers.subList(1, transfers.size())) {
      List<Coin> spent = List.of(coins.get(transfer.prevout(0)));
      shown.add(new ShownTransaction(transfer, spent, EsploraJson.unconfirmed(), true));
    }
    page = shown;
  }

  /** One transfer of one input and two outputs. */
  @Benchmark
  public Buffer transfer() {
    return json.transaction(page.get(0)).toBuffer();
  }

  /** A page of 25 of them. */
  @Benchmark
  public Buffer page() {
    return json.transactions(page);
  }
}
