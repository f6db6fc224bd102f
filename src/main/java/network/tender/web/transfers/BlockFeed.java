package network.tender.web.transfers;

import io.vertx.core.Context;
import io.vertx.core.Vertx;
import io.vertx.core.buffer.Buffer;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.OptionalInt;
import java.util.Set;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.ConcurrentMap;
import network.tender.chain.Block;
import network.tender.chain.Hash;
import network.tender.chain.Network;
import network.tender.chain.Script;
import network.tender.chain.Transaction;
import network.tender.journal.StoredBlock;
import network.tender.ledger.Coin;
import network.tender.ledger.SealedBlock;
import network.tender.settlement.Settlement;
import network.tender.web.EventStream;

/**
 * Hands every durable block to the streams that wait for it. The writer is asked for one small step
 * per block; what streams send is made once per block on an event loop of the feed's own, however
 * many streams there are.
 */
final class BlockFeed {
  /** What one block means to streams. */
  static final class News {
    private final int height;
    private final String block;
    private final Buffer blockFrame;
    private final Map<Script, List<Buffer>> transferFrames;

    private News(int height, String block, Map<Script, List<Buffer>> transferFrames) {
      this.height = height;
      this.block = block;
      this.blockFrame = EventStream.frame(BLOCK, OptionalInt.of(height), block);
      this.transferFrames = transferFrames;
    }

    int height() {
      return height;
    }

    /**
     * The events for a stream, which may be none. Only the last one has the height as its id: a
     * reader that is cut off before it comes back to the whole block.
     *
     * @param blocks whether the stream tells of blocks
     * @param script the script whose transfers it tells of
     */
    List<Buffer> frames(boolean blocks, Optional<Script> script) {
      List<Buffer> transfers =
          script.map(watched -> transferFrames.getOrDefault(watched, List.of())).orElse(List.of());
      if (!blocks) {
        return transfers;
      }
      if (transfers.isEmpty()) {
        return List.of(blockFrame);
      }
      List<Buffer> both = new ArrayList<>(transfers.size() + 1);
      both.add(EventStream.frame(BLOCK, OptionalInt.empty(), block));
      both.addAll(transfers);
      return both;
    }
  }

  private static final class Touch {
    private long receivedSat;
    private long spentSat;
  }

  private static final String BLOCK = "block";

  private final Network network;
  private final Context context;
  private final Set<BlockStream> streams = ConcurrentHashMap.newKeySet();
  private final ConcurrentMap<Script, Integer> watched = new ConcurrentHashMap<>();

  BlockFeed(Vertx vertx, Network network, Settlement settlement) {
    this.network = network;
    this.context = vertx.getOrCreateContext();
    settlement.onBlock(block -> context.runOnContext(run -> publish(block)));
  }

  void add(BlockStream stream) {
    stream.script().ifPresent(script -> watched.merge(script, 1, Integer::sum));
    streams.add(stream);
  }

  void remove(BlockStream stream) {
    if (streams.remove(stream)) {
      stream
          .script()
          .ifPresent(script -> watched.computeIfPresent(script, (key, n) -> n == 1 ? null : n - 1));
    }
  }

  private void publish(SealedBlock block) {
    // Streams that come later than this begin with the chain's height, which has this block.
    List<BlockStream> targets = List.copyOf(streams);
    if (targets.isEmpty()) {
      return;
    }
    News news =
        news(
            block.height(),
            block.hash(),
            block.block(),
            block.timeMillis(),
            block.spent(),
            watched.keySet());
    for (BlockStream stream : targets) {
      stream.offer(news);
    }
  }

  /** What a block of the past means to a stream that catches up. */
  News newsOf(StoredBlock block, Set<Script> scripts) {
    return news(
        block.height(), block.hash(), block.block(), block.timeMillis(), block.spent(), scripts);
  }

  private News news(
      int height,
      Hash hash,
      Block block,
      long timeMillis,
      List<List<Coin>> spent,
      Set<Script> scripts) {
    Map<Script, List<String>> events = new HashMap<>();
    if (!scripts.isEmpty()) {
      List<Transaction> transactions = block.transactions();
      for (int i = 0; i < transactions.size(); i++) {
        Transaction transaction = transactions.get(i);
        List<Coin> coins = i < spent.size() ? spent.get(i) : List.of();
        touches(transaction, coins, scripts)
            .forEach(
                (script, touch) ->
                    events
                        .computeIfAbsent(script, key -> new ArrayList<>())
                        .add(transferEvent(height, hash, timeMillis, transaction, script, touch)));
      }
    }
    Map<Script, List<Buffer>> frames = new HashMap<>();
    events.forEach((script, texts) -> frames.put(script, transferFrames(height, texts)));
    return new News(height, BlockJson.summary(height, hash, block, timeMillis).encode(), frames);
  }

  private static List<Buffer> transferFrames(int height, List<String> events) {
    List<Buffer> frames = new ArrayList<>(events.size());
    for (int i = 0; i < events.size(); i++) {
      OptionalInt id = i == events.size() - 1 ? OptionalInt.of(height) : OptionalInt.empty();
      frames.add(EventStream.frame("transfer", id, events.get(i)));
    }
    return frames;
  }

  private static Map<Script, Touch> touches(
      Transaction transaction, List<Coin> coins, Set<Script> scripts) {
    Map<Script, Touch> touches = new HashMap<>(4);
    for (int i = 0; i < transaction.outputCount(); i++) {
      Script script = transaction.script(i);
      if (scripts.contains(script)) {
        touches.computeIfAbsent(script, key -> new Touch()).receivedSat += transaction.outputSat(i);
      }
    }
    for (Coin coin : coins) {
      if (scripts.contains(coin.script())) {
        touches.computeIfAbsent(coin.script(), key -> new Touch()).spentSat += coin.amount().sat();
      }
    }
    return touches;
  }

  private String transferEvent(
      int height, Hash hash, long timeMillis, Transaction transaction, Script script, Touch touch) {
    return TransferEvent.json(
            network,
            script,
            transaction,
            touch.receivedSat,
            touch.spentSat,
            height,
            hash,
            timeMillis)
        .encode();
  }
}
