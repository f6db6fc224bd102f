package network.tender.chain;

import java.nio.ByteBuffer;
import java.util.List;
import java.util.concurrent.TimeUnit;
import java.util.stream.IntStream;
import org.openjdk.jmh.annotations.Benchmark;
import org.openjdk.jmh.annotations.BenchmarkMode;
import org.openjdk.jmh.annotations.Mode;
import org.openjdk.jmh.annotations.OutputTimeUnit;
import org.openjdk.jmh.annotations.Param;
import org.openjdk.jmh.annotations.Scope;
import org.openjdk.jmh.annotations.Setup;
import org.openjdk.jmh.annotations.State;

/** The trees over a block's transfers. */
@State(Scope.Benchmark)
@BenchmarkMode(Mode.AverageTime)
@OutputTimeUnit(TimeUnit.MICROSECONDS)
public class MerkleBenchmark {
  @Param({"10", "1000", "5000"})
  private int leaves;

  private List<Hash> hashes = List.of();

  /** Makes leaves that are all different. */
  @Setup
  public void makeLeaves() {
    hashes =
        IntStream.range(0, leaves)
            .mapToObj(i -> Hashing.sha256d(ByteBuffer.allocate(4).putInt(i).array()))
            .toList();
  }

  /** The root alone, as a header needs it. */
  @Benchmark
  public Hash root() {
    return MerkleTree.root(hashes);
  }

  /** All nodes, from which every transfer of a block gets its branch. */
  @Benchmark
  public MerkleNodes nodes() {
    return MerkleNodes.of(hashes);
  }

  /** One transfer's branch from the leaves. */
  @Benchmark
  public List<Hash> branch() {
    return MerkleTree.branch(hashes, leaves / 2);
  }

  /** What a verifier asks of a block: can another list have the same root? */
  @Benchmark
  public boolean hasEqualNeighbours() {
    return MerkleTree.hasEqualNeighbours(hashes);
  }
}
