package network.tender.journal;

import io.vertx.core.Future;
import java.util.ArrayList;
import java.util.Collection;
import java.util.HashMap;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.function.BiPredicate;
import network.tender.chain.Outpoint;
import network.tender.chain.Transaction;
import network.tender.journal.ChainIndex.Place;
import network.tender.journal.ChainIndex.Spending;
import network.tender.ledger.Coin;

/** Holds what the short keys of the chain index suggest against the blocks themselves. */
final class PlaceChecks {
  /** Distinct blocks read at a time: memory and others who want to read have to be spared. */
  private static final int PARALLEL_READS = 4;

  private final BlockReader reader;

  PlaceChecks(BlockReader reader) {
    this.reader = reader;
  }

  /** Adds what really spends its output. */
  Future<Map<Outpoint, Place>> keepTrue(
      List<Spending> candidates, int from, Map<Outpoint, Place> found) {
    if (from == candidates.size()) {
      return Future.succeededFuture(found);
    }
    List<Spending> part =
        candidates.subList(from, Math.min(candidates.size(), from + PARALLEL_READS));
    return blocks(part.stream().map(spending -> spending.place().height()).distinct().toList())
        .compose(
            blocks -> {
              for (Spending spending : part) {
                if (passes(
                    blocks,
                    spending.place(),
                    (transaction, spent) -> spends(transaction, spending.outpoint()))) {
                  found.put(spending.outpoint(), spending.place());
                }
              }
              return keepTrue(candidates, from + part.size(), found);
            });
  }

  /** The first that really spends its output. */
  Future<Optional<Spending>> firstTrue(List<Spending> candidates, int from) {
    if (from == candidates.size()) {
      return Future.succeededFuture(Optional.empty());
    }
    Spending candidate = candidates.get(from);
    return checked(
            List.of(candidate.place()),
            (transaction, spent) -> spends(transaction, candidate.outpoint()),
            1)
        .compose(
            good ->
                good.isEmpty()
                    ? firstTrue(candidates, from + 1)
                    : Future.succeededFuture(Optional.of(candidate)));
  }

  private static boolean spends(Transaction transaction, Outpoint outpoint) {
    for (int i = 0; i < transaction.inputCount(); i++) {
      if (transaction.prevout(i).equals(outpoint)) {
        return true;
      }
    }
    return false;
  }

  /**
   * Those of the candidates whose transaction really is meant, in the candidates' order.
   *
   * @param limit most that are returned
   */
  Future<List<Place>> checked(
      List<Place> candidates, BiPredicate<Transaction, List<Coin>> check, int limit) {
    return checked(candidates, 0, check, limit, new ArrayList<>());
  }

  /** A few blocks at a time, as memory and the others who want to read have to be spared. */
  private Future<List<Place>> checked(
      List<Place> candidates,
      int from,
      BiPredicate<Transaction, List<Coin>> check,
      int limit,
      List<Place> good) {
    if (from == candidates.size() || good.size() >= limit) {
      return Future.succeededFuture(good);
    }
    Set<Integer> heights = new LinkedHashSet<>();
    int to = from;
    while (to < candidates.size() && to - from < limit - good.size()) {
      int height = candidates.get(to).height();
      if (heights.size() == PARALLEL_READS && !heights.contains(height)) {
        break;
      }
      heights.add(height);
      to++;
    }
    List<Place> part = candidates.subList(from, to);
    int next = to;
    return blocks(heights)
        .compose(
            blocks -> {
              for (Place place : part) {
                if (passes(blocks, place, check)) {
                  good.add(place);
                }
              }
              return checked(candidates, next, check, limit, good);
            });
  }

  private Future<Map<Integer, StoredBlock>> blocks(Collection<Integer> heights) {
    return Future.all(heights.stream().map(reader::byHeight).toList())
        .map(
            all -> {
              Map<Integer, StoredBlock> blocks = new HashMap<>();
              List<Optional<StoredBlock>> found = all.list();
              found.forEach(block -> block.ifPresent(b -> blocks.put(b.height(), b)));
              return blocks;
            });
  }

  private static boolean passes(
      Map<Integer, StoredBlock> blocks, Place place, BiPredicate<Transaction, List<Coin>> check) {
    StoredBlock block = blocks.get(place.height());
    return block != null
        && place.position() < block.block().transactions().size()
        && check.test(
            block.block().transactions().get(place.position()),
            block.spent().get(place.position()));
  }
}
