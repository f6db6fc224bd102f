package network.tender.web.esplora;

import io.vertx.core.Context;
import io.vertx.core.Future;
import io.vertx.core.Vertx;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.Queue;
import java.util.Set;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.ConcurrentLinkedQueue;
import java.util.concurrent.ConcurrentMap;
import java.util.concurrent.atomic.AtomicBoolean;
import java.util.concurrent.atomic.AtomicInteger;
import network.tender.chain.Hash;
import network.tender.chain.Script;
import network.tender.chain.Transaction;
import network.tender.journal.StoredBlock;
import network.tender.ledger.Coin;
import network.tender.ledger.PendingTransfer;
import network.tender.ledger.SealedBlock;
import network.tender.settlement.Settlement;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Tells sockets of what they follow. The writer only puts events into a queue, and pending
 * transfers only while somebody follows something; what they mean to whom is found out on worker
 * threads, one event after the other, so that each socket hears of them in order.
 */
final class SocketFeed {
  private static final Logger LOG = LoggerFactory.getLogger(SocketFeed.class);

  /** Pending transfers that wait here; of more, sockets hear only once they are in a block. */
  private static final int MAX_WAITING = 50_000;

  /** Blocks that wait here; with more, all sockets are cut and begin anew. */
  private static final int MAX_WAITING_BLOCKS = 100;

  private static final int BATCH = 256;
  private static final long FIGURES_MILLIS = 1_000;

  private final Vertx vertx;
  private final Context context;
  private final Settlement settlement;
  private final SocketContent content;
  private final EsploraJson json;
  private final SocketMetrics metrics;
  private final Set<WalletSocket> sockets = ConcurrentHashMap.newKeySet();
  private final ConcurrentMap<Script, Set<WalletSocket>> scripts = new ConcurrentHashMap<>();
  private final ConcurrentMap<Hash, Set<WalletSocket>> txids = new ConcurrentHashMap<>();
  private final Queue<Object> events = new ConcurrentLinkedQueue<>();
  private final AtomicInteger waiting = new AtomicInteger();
  private final AtomicInteger waitingBlocks = new AtomicInteger();
  private final AtomicBoolean running = new AtomicBoolean();
  private @Nullable Runnable unsubscribe;
  private long figuresTimer = -1;
  private final Map<WalletSocket.Want, String> lastFigures = new ConcurrentHashMap<>();

  SocketFeed(
      Vertx vertx,
      Settlement settlement,
      SocketContent content,
      EsploraJson json,
      SocketMetrics metrics) {
    this.vertx = vertx;
    this.context = vertx.getOrCreateContext();
    this.settlement = settlement;
    this.content = content;
    this.json = json;
    this.metrics = metrics;
    settlement.onBlock(this::onBlock);
  }

  // Who follows what.

  void open(WalletSocket socket) {
    sockets.add(socket);
    synchronized (this) {
      if (figuresTimer < 0) {
        figuresTimer = vertx.setPeriodic(FIGURES_MILLIS, id -> sendFigures());
      }
    }
  }

  void close(WalletSocket socket) {
    sockets.remove(socket);
    synchronized (this) {
      if (sockets.isEmpty() && figuresTimer >= 0) {
        vertx.cancelTimer(figuresTimer);
        figuresTimer = -1;
      }
    }
  }

  /**
   * Changes what a socket follows. From when this returns, the socket hears of every transfer that
   * is accepted.
   *
   * @return false if all sockets together would follow too much; nothing is changed then
   */
  boolean follow(WalletSocket socket, Set<?> before, Set<?> after) {
    if (!metrics.tryTrack(after.size() - before.size())) {
      return false;
    }
    for (Object key : after) {
      if (!before.contains(key)) {
        add(key, socket);
      }
    }
    for (Object key : before) {
      if (!after.contains(key)) {
        remove(key, socket);
      }
    }
    watchPending();
    return true;
  }

  private void add(Object key, WalletSocket socket) {
    if (key instanceof Script script) {
      add(scripts, script, socket);
    } else {
      add(txids, (Hash) key, socket);
    }
  }

  private void remove(Object key, WalletSocket socket) {
    if (key instanceof Script script) {
      remove(scripts, script, socket);
    } else {
      remove(txids, (Hash) key, socket);
    }
  }

  private static <K> void add(ConcurrentMap<K, Set<WalletSocket>> map, K key, WalletSocket socket) {
    map.merge(
        key,
        Set.of(socket),
        (old, one) -> {
          Set<WalletSocket> more = new HashSet<>(old);
          more.addAll(one);
          return more;
        });
  }

  private static <K> void remove(
      ConcurrentMap<K, Set<WalletSocket>> map, K key, WalletSocket socket) {
    map.computeIfPresent(
        key,
        (same, old) -> {
          Set<WalletSocket> fewer = new HashSet<>(old);
          fewer.remove(socket);
          return fewer.isEmpty() ? null : fewer;
        });
  }

  private synchronized void watchPending() {
    boolean needed = !scripts.isEmpty() || !txids.isEmpty();
    if (needed && unsubscribe == null) {
      unsubscribe = settlement.onPending(this::onPending);
    } else if (!needed && unsubscribe != null) {
      unsubscribe.run();
      unsubscribe = null;
    }
  }

  // Events, on the writer's context.

  private void onPending(PendingTransfer transfer) {
    if (waiting.incrementAndGet() > MAX_WAITING) {
      waiting.decrementAndGet();
      metrics.dropped();
      return;
    }
    events.add(transfer);
    schedule();
  }

  private void onBlock(SealedBlock block) {
    if (sockets.isEmpty()) {
      return;
    }
    if (waitingBlocks.incrementAndGet() > MAX_WAITING_BLOCKS) {
      waitingBlocks.decrementAndGet();
      sockets.forEach(WalletSocket::cut);
      return;
    }
    events.add(block);
    schedule();
  }

  private void schedule() {
    if (running.compareAndSet(false, true)) {
      context.runOnContext(run -> next());
    }
  }

  // One event after the other, on the feed's context.

  private void next() {
    Object first = events.poll();
    if (first == null) {
      running.set(false);
      if (!events.isEmpty()) {
        schedule();
      }
      return;
    }
    (first instanceof SealedBlock block ? block(block) : pending((PendingTransfer) first))
        .onFailure(error -> LOG.error("Sockets were not told of an event", error))
        .onComplete(done -> context.runOnContext(run -> next()));
  }

  private Future<Void> pending(PendingTransfer first) {
    List<PendingTransfer> batch = new ArrayList<>();
    batch.add(first);
    while (batch.size() < BATCH && events.peek() instanceof PendingTransfer) {
      batch.add((PendingTransfer) Objects.requireNonNull(events.poll()));
    }
    waiting.addAndGet(-batch.size());
    return vertx
        .executeBlocking(
            () -> {
              Map<WalletSocket, SocketNews> news = new HashMap<>();
              for (PendingTransfer transfer : batch) {
                match(ShownTransaction.of(transfer), news);
              }
              return news;
            },
            false)
        .onSuccess(SocketFeed::deliver)
        .mapEmpty();
  }

  private Future<Void> block(SealedBlock block) {
    waitingBlocks.decrementAndGet();
    boolean wanted = sockets.stream().anyMatch(s -> s.wants(WalletSocket.Want.BLOCKS));
    Future<String> text =
        wanted
            ? content.block(block.height()).map(shown -> shown.encode()).otherwise("")
            : Future.succeededFuture("");
    return text.compose(
            blockText ->
                vertx.executeBlocking(
                    () -> {
                      Map<WalletSocket, SocketNews> news = new HashMap<>();
                      if (!scripts.isEmpty() || !txids.isEmpty()) {
                        match(block, news);
                      }
                      if (!blockText.isEmpty()) {
                        for (WalletSocket socket : sockets) {
                          if (socket.wants(WalletSocket.Want.BLOCKS)) {
                            news.computeIfAbsent(socket, s -> new SocketNews(true)).block =
                                blockText;
                          }
                        }
                      }
                      return news;
                    },
                    false))
        .onSuccess(SocketFeed::deliver)
        .mapEmpty();
  }

  private void match(SealedBlock block, Map<WalletSocket, SocketNews> news) {
    StoredBlock stored =
        new StoredBlock(
            block.height(),
            block.hash(),
            block.block(),
            block.timeMillis(),
            block.certificate(),
            block.spent(),
            block.totals());
    for (int i = 0; i < block.block().transactions().size(); i++) {
      match(ShownTransaction.of(stored, i), news);
    }
  }

  private void match(ShownTransaction shown, Map<WalletSocket, SocketNews> news) {
    Transaction transaction = shown.transaction();
    Map<Script, Set<WalletSocket>> hits = new HashMap<>();
    if (!scripts.isEmpty()) {
      for (Coin coin : shown.spent()) {
        hit(coin.script(), hits);
      }
      for (int i = 0; i < transaction.outputCount(); i++) {
        hit(transaction.script(i), hits);
      }
    }
    Set<WalletSocket> followers = txids.getOrDefault(transaction.txid(), Set.of());
    if (hits.isEmpty() && followers.isEmpty()) {
      return;
    }
    boolean confirmed = !shown.pending();
    String text = json.transaction(shown).encode();
    hits.forEach(
        (script, all) ->
            all.forEach(
                socket ->
                    news.computeIfAbsent(socket, s -> new SocketNews(confirmed))
                        .touches
                        .add(new SocketNews.Touch(script, transaction.txid(), text))));
    for (WalletSocket socket : followers) {
      news.computeIfAbsent(socket, s -> new SocketNews(confirmed))
          .transactions
          .add(new SocketNews.Touch(Script.EMPTY, transaction.txid(), text));
    }
  }

  private void hit(Script script, Map<Script, Set<WalletSocket>> hits) {
    Set<WalletSocket> followers = scripts.get(script);
    if (followers != null) {
      hits.put(script, followers);
    }
  }

  private static void deliver(Map<WalletSocket, SocketNews> news) {
    news.forEach(WalletSocket::tell);
  }

  // Figures, for those who want them.

  private void sendFigures() {
    sendFigures(WalletSocket.Want.STATS);
    sendFigures(WalletSocket.Want.MEMPOOL_BLOCKS);
  }

  private void sendFigures(WalletSocket.Want want) {
    List<WalletSocket> wanting = sockets.stream().filter(socket -> socket.wants(want)).toList();
    if (wanting.isEmpty()) {
      return;
    }
    (want == WalletSocket.Want.STATS ? content.stats() : content.mempoolBlocks())
        .onSuccess(
            parts -> {
              String text = WalletSocket.message(parts);
              if (!text.equals(lastFigures.put(want, text))) {
                wanting.forEach(socket -> socket.sendIfNotBusy(text));
              }
            });
  }
}
