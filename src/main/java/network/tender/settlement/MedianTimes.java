package network.tender.settlement;

import io.vertx.core.Future;
import java.util.ArrayList;
import java.util.Collection;
import java.util.Collections;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import network.tender.journal.Journal;
import network.tender.ledger.ChainState;

/** Finds medians of header times that are too old for the ledger to know. */
public final class MedianTimes {
  /** Most blocks asked for at a time; the others are asked for when these are known. */
  private static final int MAX_AT_ONCE = 16;

  private final Journal journal;

  /** Reads header times from a journal. */
  public MedianTimes(Journal journal) {
    this.journal = journal;
  }

  /**
   * The median at some of the heights, at least one of them.
   *
   * @return seconds by height (BIP113)
   */
  public Future<Map<Integer, Long>> at(Collection<Integer> heights) {
    List<Integer> asked = heights.stream().sorted().limit(MAX_AT_ONCE).toList();
    List<Future<Long>> medians = new ArrayList<>();
    for (int height : asked) {
      int from = Math.max(0, height - ChainState.MEDIAN_BLOCKS + 1);
      medians.add(journal.headerTimes(from, height - from + 1).map(MedianTimes::median));
    }
    return Future.all(medians)
        .map(
            all -> {
              Map<Integer, Long> found = new HashMap<>();
              for (int i = 0; i < asked.size(); i++) {
                found.put(asked.get(i), medians.get(i).result());
              }
              return found;
            });
  }

  private static long median(List<Long> seconds) {
    List<Long> sorted = new ArrayList<>(seconds);
    Collections.sort(sorted);
    return sorted.get(sorted.size() / 2);
  }
}
