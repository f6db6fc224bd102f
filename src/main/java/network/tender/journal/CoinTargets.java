package network.tender.journal;

import java.util.Arrays;
import java.util.Collection;
import network.tender.chain.Outpoint;

/**
 * Outpoints that are looked for, each once and in the order of runs: of each the beginning of its
 * txid, as {@link CoinRun#fence} has it, and the output's number. In arrays, as a thousand of them
 * are compared with each run.
 */
final class CoinTargets {
  private record Target(long fence, int index) implements Comparable<Target> {
    @Override
    public int compareTo(Target other) {
      int order = Long.compare(fence, other.fence);
      return order != 0 ? order : Integer.compare(index, other.index);
    }
  }

  private final long[] fences;
  private final int[] indexes;
  private final long[] filterHashes;

  private CoinTargets(long[] fences, int[] indexes, long[] filterHashes) {
    this.fences = fences;
    this.indexes = indexes;
    this.filterHashes = filterHashes;
  }

  /** Those of some coins. */
  static CoinTargets of(Collection<Outpoint> outpoints) {
    Target[] sorted = new Target[outpoints.size()];
    int count = 0;
    for (Outpoint outpoint : outpoints) {
      sorted[count++] = new Target(CoinRun.fence(outpoint.txid().a()), outpoint.index());
    }
    return of(sorted);
  }

  /**
   * Those of the coins that entries tell of.
   *
   * @param beginnings of their txids
   * @param indexes the output's number of each
   */
  static CoinTargets of(long[] beginnings, int[] indexes) {
    Target[] sorted = new Target[beginnings.length];
    for (int i = 0; i < sorted.length; i++) {
      sorted[i] = new Target(CoinRun.fence(beginnings[i]), indexes[i]);
    }
    return of(sorted);
  }

  private static CoinTargets of(Target[] sorted) {
    Arrays.sort(sorted);
    long[] fences = new long[sorted.length];
    int[] indexes = new int[sorted.length];
    long[] filterHashes = new long[sorted.length];
    int count = 0;
    for (int i = 0; i < sorted.length; i++) {
      Target target = sorted[i];
      if (i == 0 || !target.equals(sorted[i - 1])) {
        fences[count] = target.fence;
        indexes[count] = target.index;
        filterHashes[count++] = CoinFilter.hash(CoinRun.fence(target.fence), target.index);
      }
    }
    return new CoinTargets(
        Arrays.copyOf(fences, count),
        Arrays.copyOf(indexes, count),
        Arrays.copyOf(filterHashes, count));
  }

  /** How many there are. */
  int count() {
    return fences.length;
  }

  /** Some of them. */
  CoinTargets range(int from, int to) {
    return new CoinTargets(
        Arrays.copyOfRange(fences, from, to),
        Arrays.copyOfRange(indexes, from, to),
        Arrays.copyOfRange(filterHashes, from, to));
  }

  /** The beginning of one's txid, in the order of fences. */
  long fence(int target) {
    return fences[target];
  }

  /** The beginning of one's txid. */
  long beginning(int target) {
    return CoinRun.fence(fences[target]);
  }

  /** The number of one's output. */
  int index(int target) {
    return indexes[target];
  }

  /** What a {@link CoinFilter} knows each by; not to be changed. */
  long[] filterHashes() {
    return filterHashes;
  }
}
