package network.tender.web.esplora;

import io.vertx.core.Future;
import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.Collection;
import java.util.Collections;
import java.util.Deque;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.TreeSet;
import java.util.concurrent.atomic.AtomicInteger;
import network.tender.chain.Hash;
import network.tender.chain.Outpoint;
import network.tender.journal.ChainIndex;
import network.tender.journal.Journal;
import network.tender.journal.StoredBlock;
import network.tender.ledger.SealedBlock;
import network.tender.settlement.Settlement;

/** Finds blocks and transactions for wallets; a few blocks at a time, never all at once. */
final class ChainReader {
  /** A transaction with its block. */
  record Located(StoredBlock block, int position) {}

  /** Most blocks kept in memory. */
  private static final int MAX_CARDS = 20_000;

  /** Blocks read at a time for one request. */
  private static final int PARALLEL_READS = 4;

  private final Journal journal;
  private final ChainIndex index;
  private final AtomicInteger newest;
  private final Map<Integer, BlockCard> cards = Collections.synchronizedMap(new Cards());

  ChainReader(Journal journal, ChainIndex index, Settlement settlement) {
    this.journal = journal;
    this.index = index;
    this.newest = new AtomicInteger(settlement.status().height());
    settlement.onBlock(this::onBlock);
    newest.accumulateAndGet(settlement.status().height(), Math::max);
  }

  private static final class Cards extends LinkedHashMap<Integer, BlockCard> {
    private static final long serialVersionUID = 1L;

    Cards() {
      super(1_024, 0.75f, true);
    }

    @Override
    protected boolean removeEldestEntry(Map.Entry<Integer, BlockCard> eldest) {
      return size() > MAX_CARDS;
    }
  }

  /** A transaction by its txid. */
  Future<Optional<Located>> transaction(Hash txid) {
    return index.find(txid).compose(this::located);
  }

  /** The block of a hash. */
  Future<Optional<StoredBlock>> block(Hash hash) {
    return journal.byHash(hash);
  }

  /** The transaction that spends an output. */
  Future<Optional<Located>> spender(Outpoint outpoint) {
    return index.spender(outpoint).compose(this::located);
  }

  private Future<Optional<Located>> located(Optional<ChainIndex.Place> place) {
    return place
        .map(
            found ->
                journal
                    .byHeight(found.height())
                    .map(block -> block.map(b -> new Located(b, found.position()))))
        .orElseGet(() -> Future.succeededFuture(Optional.empty()));
  }

  /** The transactions at some places, in the places' order. */
  Future<List<Located>> transactions(List<ChainIndex.Place> places) {
    return blocks(places.stream().map(ChainIndex.Place::height).toList())
        .map(
            blocks -> {
              List<Located> located = new ArrayList<>(places.size());
              for (ChainIndex.Place place : places) {
                StoredBlock block = blocks.get(place.height());
                if (block != null) {
                  located.add(new Located(block, place.position()));
                }
              }
              return located;
            });
  }

  /** Takes in a block that has just become durable. */
  private void onBlock(SealedBlock block) {
    cards.put(block.height(), BlockCard.of(block));
    newest.accumulateAndGet(block.height(), Math::max);
  }

  /** Height of the newest block that any answer may name. */
  int tip() {
    return newest.get();
  }

  /** What is said of the blocks at some heights; those that do not exist are left out. */
  Future<Map<Integer, BlockCard>> cards(Collection<Integer> heights) {
    Map<Integer, BlockCard> found = new LinkedHashMap<>();
    List<Integer> missing = new ArrayList<>();
    for (int height : new TreeSet<>(heights)) {
      BlockCard card = cards.get(height);
      if (card == null) {
        missing.add(height);
      } else {
        found.put(height, card);
      }
    }
    return blocks(missing)
        .map(
            blocks -> {
              blocks.forEach((height, block) -> found.put(height, BlockCard.of(block)));
              return found;
            });
  }

  private Future<Map<Integer, StoredBlock>> blocks(Collection<Integer> heights) {
    Map<Integer, StoredBlock> found = new LinkedHashMap<>();
    return blocks(new ArrayDeque<>(new TreeSet<>(heights)), found).map(found);
  }

  private Future<Void> blocks(Deque<Integer> heights, Map<Integer, StoredBlock> found) {
    List<Future<?>> reads = new ArrayList<>(PARALLEL_READS);
    while (!heights.isEmpty() && reads.size() < PARALLEL_READS) {
      reads.add(
          journal
              .byHeight(heights.remove())
              .onSuccess(block -> block.ifPresent(b -> keep(b, found))));
    }
    if (reads.isEmpty()) {
      return Future.succeededFuture();
    }
    return Future.all(reads).compose(all -> blocks(heights, found));
  }

  private void keep(StoredBlock block, Map<Integer, StoredBlock> found) {
    cards.put(block.height(), BlockCard.of(block));
    found.put(block.height(), block);
  }
}
