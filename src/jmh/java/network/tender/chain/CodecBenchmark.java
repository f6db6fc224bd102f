package network.tender.chain;

import java.util.concurrent.TimeUnit;
import network.tender.ledger.SignedChain;
import org.openjdk.jmh.annotations.Benchmark;
import org.openjdk.jmh.annotations.BenchmarkMode;
import org.openjdk.jmh.annotations.Mode;
import org.openjdk.jmh.annotations.OutputTimeUnit;
import org.openjdk.jmh.annotations.Scope;
import org.openjdk.jmh.annotations.Setup;
import org.openjdk.jmh.annotations.State;

/**
 * Reading and writing what goes over the wire: a transfer of one input and two outputs, a block.
 */
@State(Scope.Benchmark)
@BenchmarkMode(Mode.AverageTime)
@OutputTimeUnit(TimeUnit.MICROSECONDS)
public class CodecBenchmark {
  /** As many transfers of one input and two outputs as a block holds, nearly. */
  private static final int FULL_BLOCK = 7_000;

  private byte[] rawTransfer = {};
  private String hexTransfer = "";
  private Transaction transfer = Network.genesis().transactions().get(0);
  private byte[] rawBlock = {};
  private Block block = Network.genesis();

  /** Signs a block full of transfers. */
  @Setup
  public void signBlock() throws MalformedException {
    SignedChain chain = new SignedChain();
    chain.split(10, FULL_BLOCK / 10);
    block = chain.next(FULL_BLOCK);
    rawBlock = block.toBytes();
    rawTransfer = block.transactions().get(1).toBytes();
    hexTransfer = block.transactions().get(1).toHex();
    transfer = Transaction.parse(rawTransfer);
  }

  /** Bytes to a transfer whose names are known, as each one that comes in needs. */
  @Benchmark
  public Hash parseTransfer() throws MalformedException {
    return Transaction.parse(rawTransfer).txid();
  }

  /** The same from hex digits. */
  @Benchmark
  public Hash parseHexTransfer() throws MalformedException {
    return Transaction.parseHex(hexTransfer).txid();
  }

  /** A transfer to bytes. */
  @Benchmark
  public byte[] writeTransfer() {
    return transfer.toBytes();
  }

  /** A full block, without the names of its transfers. */
  @Benchmark
  public Block parseBlock() throws MalformedException {
    return Block.parse(rawBlock);
  }

  /** A full block to bytes. */
  @Benchmark
  public byte[] writeBlock() {
    return block.toBytes();
  }
}
