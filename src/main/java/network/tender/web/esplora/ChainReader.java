package network.tender.web.esplora;

import io.vertx.core.Future;
import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.Collection;
import java.util.Collections;
import java.util.Deque;
import java.util.HashMap;
import java.util.HashSet;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.Optional;
import java.util.Set;
import java.util.TreeSet;
import java.util.function.Consumer;
import java.util.stream.Collectors;
import java.util.stream.IntStream;
import network.tender.chain.Hash;
import network.tender.chain.Outpoint;
import network.tender.chain.Transaction;
import network.tender.journal.ChainIndex;
import network.tender.journal.Journal;
import network.tender.journal.StoredBlock;
import network.tender.settlement.Settlement;

/** Finds blocks and transactions for wallets; a few blocks at a time, never all at once. */
final class ChainReader {
  /** A transaction with its block. */
  record Located(StoredBlock block, int position) {
    Transaction transaction() {
      return block.block().transactions().get(position);
    }
  }

  /** Blocks that the median of header times is taken of. */
  static final int MEDIAN_BLOCKS = 11;

  /** Most blocks kept in memory. */
  private static final int MAX_CARDS = 20_000;

  /** Blocks read at a time for one request. */
  private static final int PARALLEL_READS = 4;

  /** Outputs whose spenders are looked for at a time. */
  private static final int SPENDERS_PART = 200;

  private final Journal journal;
  private final ChainIndex index;
  private final Settlement settlement;
  private final Map<Integer, BlockCard> cards = Collections.synchronizedMap(new Cards());

  ChainReader(Journal journal, ChainIndex index, Settlement settlement) {
    this.journal = journal;
    this.index = index;
    this.settlement = settlement;
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

  /** A transaction by its txid, if a block has it. */
  Future<Optional<Located>> transaction(Hash txid) {
    return index.find(txid).compose(this::located);
  }

  /** The block of a hash. */
  Future<Optional<StoredBlock>> block(Hash hash) {
    int tip = tip();
    return journal.byHash(hash).map(found -> found.filter(block -> block.height() <= tip));
  }

  /** The block at a height. */
  Future<Optional<StoredBlock>> block(int height) {
    return height > tip() ? Future.succeededFuture(Optional.empty()) : journal.byHeight(height);
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

  /** Who has spent some outputs, by output; of the blocks no more is kept than that. */
  Future<Map<Outpoint, Spender>> spenders(List<Outpoint> outpoints) {
    return spenders(outpoints, 0, new HashMap<>());
  }

  private Future<Map<Outpoint, Spender>> spenders(
      List<Outpoint> outpoints, int from, Map<Outpoint, Spender> found) {
    if (from >= outpoints.size()) {
      return Future.succeededFuture(found);
    }
    int to = Math.min(outpoints.size(), from + SPENDERS_PART);
    return index
        .spenders(outpoints.subList(from, to))
        .compose(
            places -> {
              Map<Integer, Map<Integer, Set<Outpoint>>> byPlace = new HashMap<>();
              places.forEach(
                  (outpoint, place) ->
                      byPlace
                          .computeIfAbsent(place.height(), height -> new HashMap<>())
                          .computeIfAbsent(place.position(), position -> new HashSet<>())
                          .add(outpoint));
              return read(
                  byPlace.keySet(),
                  block ->
                      byPlace
                          .getOrDefault(block.height(), Map.of())
                          .forEach(
                              (position, spent) ->
                                  found.putAll(
                                      Spender.of(
                                          block.block().transactions().get(position),
                                          spent,
                                          EsploraJson.status(block)))));
            })
        .compose(read -> spenders(outpoints, to, found));
  }

  /** The transactions at some places, in the places' order. */
  Future<List<ShownTransaction>> transactions(List<ChainIndex.Place> places) {
    Map<Integer, List<ChainIndex.Place>> byHeight =
        places.stream().collect(Collectors.groupingBy(ChainIndex.Place::height));
    Map<ChainIndex.Place, ShownTransaction> found = new HashMap<>();
    return read(
            byHeight.keySet(),
            block -> {
              for (ChainIndex.Place place : byHeight.getOrDefault(block.height(), List.of())) {
                found.put(place, ShownTransaction.of(block, place.position()).detached());
              }
            })
        .map(read -> places.stream().map(found::get).filter(Objects::nonNull).toList());
  }

  /**
   * Height of the newest block. It is read before or after any question, and never below a block
   * that an answer names, because the settlement tells of a block before anything else can.
   */
  int tip() {
    return settlement.status().height();
  }

  /** What is said of the blocks at some heights; those that do not exist are left out. */
  Future<Map<Integer, BlockCard>> cards(Collection<Integer> heights) {
    Map<Integer, BlockCard> found = new LinkedHashMap<>();
    List<Integer> missing = new ArrayList<>();
    int tip = tip();
    for (int height : new TreeSet<>(heights)) {
      BlockCard card = cards.get(height);
      if (card != null) {
        found.put(height, card);
      } else if (height <= tip) {
        missing.add(height);
      }
    }
    return read(missing, block -> found.put(block.height(), card(block))).map(found);
  }

  /** The card of one block. */
  Future<BlockCard> card(int height) {
    return cards(List.of(height)).map(found -> required(found, height));
  }

  private BlockCard card(StoredBlock block) {
    return cards.computeIfAbsent(block.height(), height -> BlockCard.of(block));
  }

  /** The cards of some heights and of those below that their median times need. */
  Future<CardRow> row(int oldest, int newest) {
    return cards(
            IntStream.rangeClosed(Math.max(0, oldest - MEDIAN_BLOCKS + 1), newest).boxed().toList())
        .map(CardRow::new);
  }

  /**
   * Neighbouring cards.
   *
   * @param cards by height, with the ten blocks below those of interest
   */
  record CardRow(Map<Integer, BlockCard> cards) {
    BlockCard card(int height) {
      return required(cards, height);
    }

    /** Median of the header times of a block and the ten before. */
    long medianTimeSeconds(int height) {
      long[] times =
          IntStream.rangeClosed(Math.max(0, height - MEDIAN_BLOCKS + 1), height)
              .mapToLong(h -> card(h).timeSeconds())
              .sorted()
              .toArray();
      return times[times.length / 2];
    }
  }

  private static BlockCard required(Map<Integer, BlockCard> cards, int height) {
    BlockCard card = cards.get(height);
    if (card == null) {
      throw EsploraErrors.blockNotFound().toException();
    }
    return card;
  }

  /** Reads blocks a few at a time and lets go of each when it has been looked at. */
  private Future<Void> read(Collection<Integer> heights, Consumer<StoredBlock> each) {
    return read(new ArrayDeque<>(new TreeSet<>(heights)), each);
  }

  private Future<Void> read(Deque<Integer> heights, Consumer<StoredBlock> each) {
    List<Future<Optional<StoredBlock>>> reads = new ArrayList<>(PARALLEL_READS);
    while (!heights.isEmpty() && reads.size() < PARALLEL_READS) {
      reads.add(journal.byHeight(heights.remove()));
    }
    if (reads.isEmpty()) {
      return Future.succeededFuture();
    }
    return Future.all(reads)
        .compose(
            all -> {
              reads.forEach(read -> read.result().ifPresent(each));
              return read(heights, each);
            });
  }
}
