package network.tender.web.transfers;

import io.vertx.core.Context;
import io.vertx.core.Vertx;
import io.vertx.core.buffer.Buffer;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
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
    private final Buffer blockFrame;
    private final Map<Script, List<Buffer>> transferFrames;

    private News(int height, Buffer blockFrame, Map<Script, List<Buffer>> transferFrames) {
      this.height = height;
      this.blockFrame = blockFrame;
      this.transferFrames = transferFrames;
    }

    int height() {
      return height;
    }

    /** The event for streams of blocks. */
    Buffer block() {
      return blockFrame;
    }

    /** The events for streams of one script; none if the block does not touch it. */
    List<Buffer> transfers(Script script) {
      return transferFrames.getOrDefault(script, List.of());
    }
  }

  private static final class Touch {
    private long receivedSat;
    private long spentSat;
  }

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
    Buffer blockFrame =
        EventStream.frame(
            "block",
            OptionalInt.of(height),
            BlockJson.summary(height, hash, block, timeMillis).encode());
    Map<Script, List<Buffer>> frames = new HashMap<>();
    if (!scripts.isEmpty()) {
      List<Transaction> transactions = block.transactions();
      for (int i = 0; i < transactions.size(); i++) {
        Transaction transaction = transactions.get(i);
        List<Coin> coins = i < spent.size() ? spent.get(i) : List.of();
        touches(transaction, coins, scripts)
            .forEach(
                (script, touch) ->
                    frames
                        .computeIfAbsent(script, key -> new ArrayList<>())
                        .add(transferFrame(height, hash, timeMillis, transaction, script, touch)));
      }
    }
    return new News(height, blockFrame, frames);
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

  private Buffer transferFrame(
      int height, Hash hash, long timeMillis, Transaction transaction, Script script, Touch touch) {
    return EventStream.frame(
        "transfer",
        OptionalInt.of(height),
        TransferEvent.json(
                network,
                script,
                transaction,
                touch.receivedSat,
                touch.spentSat,
                height,
                hash,
                timeMillis)
            .encode());
  }
}
