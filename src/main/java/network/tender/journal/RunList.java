package network.tender.journal;

import java.util.ArrayList;
import java.util.Comparator;
import java.util.List;
import java.util.Optional;
import java.util.concurrent.atomic.AtomicLong;

/**
 * Which runs of a store there are, and the numbers of new ones.
 *
 * @param <K> the kinds of keys
 * @param <R> the runs
 */
final class RunList<K, R extends SortedRun<K>> {
  /** Of each kind the oldest blocks first; replaced as a whole. */
  private volatile List<R> runs;

  private final AtomicLong lastNumber = new AtomicLong();

  /**
   * The runs in the database.
   *
   * @param runs of each kind the oldest blocks first
   */
  RunList(List<R> runs) {
    this.runs = List.copyOf(runs);
    runs.forEach(run -> used(run.number()));
  }

  /** All runs, of each kind those of the oldest blocks first. */
  List<R> all() {
    return runs;
  }

  /** The runs of one kind, those of the oldest blocks first. */
  List<R> of(K kind) {
    return runs.stream().filter(run -> run.kind() == kind).toList();
  }

  /** Takes in runs of the newest blocks, which are durable. */
  synchronized void added(List<R> newest) {
    List<R> longer = new ArrayList<>(runs);
    longer.addAll(newest);
    runs = List.copyOf(longer);
  }

  /** Some neighbouring runs have become one, or have left nothing. */
  synchronized void merged(List<R> parts, Optional<R> whole) {
    List<R> shorter = new ArrayList<>(runs);
    // By number: comparing all that a run holds would take long.
    shorter.removeIf(run -> parts.stream().anyMatch(part -> part.number() == run.number()));
    whole.ifPresent(shorter::add);
    shorter.sort(Comparator.comparingInt(SortedRun::fromHeight));
    runs = List.copyOf(shorter);
  }

  /** A number that no run ever had. */
  long newNumber() {
    return lastNumber.incrementAndGet();
  }

  /** A number that some run had, if only one that nobody reads. */
  final void used(long number) {
    lastNumber.accumulateAndGet(number, Math::max);
  }
}
