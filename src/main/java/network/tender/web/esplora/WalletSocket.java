package network.tender.web.esplora;

import io.vertx.core.Context;
import io.vertx.core.Future;
import io.vertx.core.Promise;
import io.vertx.core.Vertx;
import io.vertx.core.buffer.Buffer;
import io.vertx.core.http.ServerWebSocket;
import io.vertx.core.json.DecodeException;
import io.vertx.core.json.JsonArray;
import io.vertx.core.json.JsonObject;
import java.util.ArrayList;
import java.util.EnumMap;
import java.util.EnumSet;
import java.util.HashMap;
import java.util.HashSet;
import java.util.LinkedHashMap;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.TreeMap;
import network.tender.chain.Address;
import network.tender.chain.Hash;
import network.tender.chain.MalformedException;
import network.tender.chain.Network;
import network.tender.chain.Script;
import network.tender.ledger.PendingTransfer;
import network.tender.web.StreamMetrics;
import org.jspecify.annotations.Nullable;

/**
 * One wallet's connection, in the words of mempool's sockets. It belongs to the event loop of its
 * connection; what other threads tell it waits for that.
 */
final class WalletSocket {
  /** What a socket can ask to be told of again and again. */
  enum Want {
    /** Each new block. */
    BLOCKS("blocks"),
    /** Figures about pending transfers and fees. */
    STATS("stats"),
    /** The blocks that pending transfers will fill. */
    MEMPOOL_BLOCKS("mempool-blocks");

    private final String word;

    Want(String word) {
      this.word = word;
    }
  }

  /** Which of the followed scripts a backlog belongs to. */
  private enum Backlog {
    /** That of {@code track-address}. */
    ADDRESS,
    /** Those of {@code track-addresses}. */
    ADDRESSES
  }

  /** What all sockets need. */
  record Parts(
      Vertx vertx,
      Network network,
      SocketFeed feed,
      SocketContent content,
      PendingReader pending,
      ChainReader chain,
      EsploraJson json,
      StreamMetrics streams,
      SocketMetrics metrics) {}

  private static final short GOING_AWAY = 1001;
  private static final short NOT_READABLE = 1007;
  private static final short AGAINST_THE_RULES = 1008;
  private static final short TRY_AGAIN_LATER = 1013;

  /** Most addresses of one socket. */
  static final int MAX_ADDRESSES = 500;

  /** Messages that a socket may send at once, and how many a second in the long run. */
  private static final int MESSAGE_BURST = 50;

  private static final long NANOS_PER_MESSAGE = 100_000_000L;

  /** Bytes that may wait for a reader; a block full of its payments fits. */
  private static final int QUEUE_BYTES = 1_000_000;

  /** Transactions in one message. */
  private static final int MAX_IN_MESSAGE = 100;

  /** Pending transfers that are remembered as told. */
  private static final int MAX_TOLD = 2_000;

  /** Most pending transfers that a socket is told of when it begins to follow a script. */
  private static final int MAX_PENDING = 50;

  private static final int PATIENCE_HEARTBEATS = 2;

  private final Parts parts;
  private final ServerWebSocket socket;
  private final Context context;
  private final Runnable onClose;
  private final long heartbeat;
  private volatile Set<Want> wants = Set.of();
  private Optional<Script> address = Optional.empty();
  private Map<Script, Set<String>> addresses = Map.of();
  private Optional<Hash> txid = Optional.empty();
  private Set<Object> followed = Set.of();
  private final Set<Hash> told = new LinkedHashSet<>();

  /** What is told in parts before the next message is taken; by what its list is called. */
  private final Map<Backlog, PendingBacklog> backlogs = new EnumMap<>(Backlog.class);

  private int missedPongs;

  /** Messages that wait for the reader. */
  private int unread;

  /** Heartbeats in a row at which messages waited and none had been taken since the last one. */
  private int stuckBeats;

  private double credit = MESSAGE_BURST;
  private long creditNanos = System.nanoTime();
  private boolean open = true;

  /**
   * A socket that is open.
   *
   * @param onClose runs once, when the conversation is over
   * @param onEnd runs once, when the connection is gone
   */
  WalletSocket(Parts parts, ServerWebSocket socket, Runnable onClose, Runnable onEnd) {
    this.parts = parts;
    this.socket = socket;
    this.context = parts.vertx().getOrCreateContext();
    this.onClose = onClose;
    this.heartbeat =
        parts.vertx().setPeriodic(parts.streams().limits().heartbeatMillis(), id -> beat());
    socket.setWriteQueueMaxSize(QUEUE_BYTES);
    socket.closeHandler(
        gone -> {
          closed();
          onEnd.run();
        });
    // Such as a message above the limit; without a goodbye its sender would wait for an answer.
    socket.exceptionHandler(failure -> close(NOT_READABLE, "too long, or not to be read"));
    socket.pongHandler(pong -> missedPongs = 0);
    socket.textMessageHandler(this::take);
    socket.binaryMessageHandler(bytes -> close(NOT_READABLE, "send text"));
    parts.feed().open(this);
  }

  boolean wants(Want want) {
    return wants.contains(want);
  }

  // Messages.

  private void take(String text) {
    if (!open) {
      return;
    }
    if (!hasCredit()) {
      parts.metrics().refused();
      close(AGAINST_THE_RULES, "too many messages");
      return;
    }
    JsonObject message;
    try {
      message = new JsonObject(text);
    } catch (DecodeException e) {
      parts.metrics().refused();
      close(NOT_READABLE, "not a JSON object");
      return;
    }
    parts.metrics().taken();
    // One after the other: the answer to the next message is true of what this one has changed.
    socket.pause();
    answer(message)
        .compose(
            answer ->
                // Whoever does not read is not heard either, so answers don't pile up for it.
                answer.isEmpty()
                    ? Future.succeededFuture()
                    : send(message(answer)).otherwiseEmpty())
        .compose(sent -> tellBacklogs())
        .onSuccess(done -> socket.resume())
        .onFailure(error -> close(TRY_AGAIN_LATER, "try again later"));
  }

  private boolean hasCredit() {
    long now = System.nanoTime();
    credit = Math.min(MESSAGE_BURST, credit + (double) (now - creditNanos) / NANOS_PER_MESSAGE);
    creditNanos = now;
    if (credit < 1) {
      return false;
    }
    credit--;
    return true;
  }

  private Future<Map<String, Object>> answer(JsonObject message) {
    Map<String, Object> answer = new TreeMap<>();
    List<Future<?>> asked = new ArrayList<>();
    String action = text(message, "action").orElse("");
    Set<Want> news = "want".equals(action) ? want(message.getValue("data")) : Set.of();
    if (news.contains(Want.BLOCKS) || message.containsKey("refresh-blocks")) {
      asked.add(parts.content().blocks().onSuccess(answer::putAll));
    }
    if (news.contains(Want.STATS)) {
      asked.add(parts.content().stats().onSuccess(answer::putAll));
    }
    if (news.contains(Want.MEMPOOL_BLOCKS)) {
      asked.add(parts.content().mempoolBlocks().onSuccess(answer::putAll));
    }
    if (message.containsKey("track-tx")) {
      asked.add(trackTransaction(text(message, "track-tx").orElse(""), answer));
    }
    if (message.containsKey("track-address")) {
      asked.add(trackAddress(text(message, "track-address").orElse(""), answer));
    }
    if (message.getValue("track-addresses") instanceof JsonArray list) {
      asked.add(trackAddresses(list, answer));
    }
    // Nothing is ever replaced here.
    if (Boolean.TRUE.equals(message.getValue("track-rbf-summary"))) {
      answer.put("rbfLatestSummary", new JsonArray());
    }
    if (Set.of("all", "fullRbf").contains(text(message, "track-rbf").orElse(""))) {
      answer.put("rbfLatest", new JsonArray());
    }
    if ("init".equals(action)) {
      asked.add(parts.content().init().onSuccess(answer::putAll));
    }
    if ("ping".equals(action)) {
      answer.put("pong", true);
    }
    return Future.all(asked).map(answer);
  }

  private static Optional<String> text(JsonObject message, String name) {
    return message.getValue(name) instanceof String text ? Optional.of(text) : Optional.empty();
  }

  /** Takes the list of what is wanted from now on; returns what is new. */
  private Set<Want> want(@Nullable Object data) {
    if (!(data instanceof JsonArray words)) {
      return Set.of();
    }
    Set<Want> now = EnumSet.noneOf(Want.class);
    for (Want want : Want.values()) {
      if (words.contains(want.word)) {
        now.add(want);
      }
    }
    Set<Want> added = EnumSet.noneOf(Want.class);
    added.addAll(now);
    added.removeAll(wants);
    wants = Set.copyOf(now);
    return added;
  }

  private Future<?> trackTransaction(String hex, Map<String, Object> answer) {
    Optional<Hash> wanted = Optional.empty();
    try {
      wanted = Optional.of(Hash.fromDisplayHex(hex));
    } catch (IllegalArgumentException e) {
      // "stop", or what is no txid: none is followed any more.
    }
    Optional<Hash> before = txid;
    txid = wanted;
    if (!follow()) {
      txid = before;
      answer.put("track-tx-error", "too much is followed, try again later");
      return Future.succeededFuture();
    }
    if (wanted.isEmpty()) {
      return Future.succeededFuture();
    }
    Hash tracked = wanted.get();
    return parts
        .pending()
        .find(tracked)
        .compose(
            pending ->
                pending.isPresent()
                    ? Future.succeededFuture(pending)
                    : parts
                        .chain()
                        .transaction(tracked)
                        .onSuccess(
                            found -> {
                              // The block may have told it already.
                              if (found.isPresent() && endOf(tracked)) {
                                answer.put("txConfirmed", tracked.toString());
                              }
                            })
                        .map(Optional.<PendingTransfer>empty()))
        .onSuccess(
            pending -> {
              if (pending.isPresent() && txid.equals(Optional.of(tracked))) {
                answer.put("tx", parts.json().transaction(ShownTransaction.of(pending.get())));
                answer.put("txPosition", position(tracked));
              }
            });
  }

  /** A settled transaction is followed no more; false if it was not. */
  private boolean endOf(Hash settled) {
    if (!txid.equals(Optional.of(settled))) {
      return false;
    }
    txid = Optional.empty();
    follow();
    return true;
  }

  /** Every pending transfer is on its way into the next block. */
  private static JsonObject position(Hash txid) {
    return new JsonObject()
        .put("txid", txid.toString())
        .put("position", new JsonObject().put("block", 0).put("vsize", 0));
  }

  private Future<?> trackAddress(String text, Map<String, Object> answer) {
    Optional<Script> wanted = script(text);
    if (wanted.isEmpty() && !text.isEmpty() && !text.equals("stop")) {
      answer.put("track-address-error", "Address on invalid network");
    }
    Optional<Script> before = address;
    address = wanted;
    if (!follow()) {
      address = before;
      answer.put("track-address-error", "too much is followed, try again later");
      return Future.succeededFuture();
    }
    if (wanted.isEmpty()) {
      return Future.succeededFuture();
    }
    return ask(Backlog.ADDRESS, Set.of(wanted.get()));
  }

  private Future<?> trackAddresses(JsonArray list, Map<String, Object> answer) {
    Map<Script, Set<String>> wanted = new HashMap<>();
    for (Object item : list) {
      if (item instanceof String text) {
        script(text)
            .ifPresent(
                script -> wanted.computeIfAbsent(script, s -> new LinkedHashSet<>()).add(text));
      }
    }
    Map<Script, Set<String>> before = addresses;
    if (wanted.size() > MAX_ADDRESSES) {
      wanted.clear();
      answer.put(
          "track-addresses-error",
          "too many addresses requested, this connection supports tracking a maximum of "
              + MAX_ADDRESSES
              + " addresses");
    }
    addresses = wanted;
    if (!follow()) {
      addresses = before;
      answer.put("track-addresses-error", "too much is followed, try again later");
      return Future.succeededFuture();
    }
    return wanted.isEmpty() ? Future.succeededFuture() : ask(Backlog.ADDRESSES, wanted.keySet());
  }

  // What is pending when a script begins to be followed.

  /** Asks once for all the scripts; what is found is told after the answer to the message. */
  private Future<?> ask(Backlog which, Set<Script> scripts) {
    PendingBacklog backlog = new PendingBacklog();
    backlogs.put(which, backlog);
    return parts
        .pending()
        .ofScripts(scripts.stream().map(Script::hash).toList(), MAX_PENDING)
        .onSuccess(backlog::answered);
  }

  private Future<Void> tellBacklogs() {
    Set<Hash> now = new HashSet<>();
    return tellBacklog(Backlog.ADDRESS, now)
        .compose(done -> tellBacklog(Backlog.ADDRESSES, now))
        .onSuccess(done -> backlogs.clear());
  }

  /**
   * Tells a part of a backlog and then the rest, no faster than the reader takes it.
   *
   * @param now what this message's answer has told; it may touch several scripts
   */
  private Future<Void> tellBacklog(Backlog which, Set<Hash> now) {
    PendingBacklog backlog = backlogs.get(which);
    List<PendingBacklog.Entry> part = backlog == null ? List.of() : backlog.part();
    if (!open || backlog == null || part.isEmpty()) {
      return Future.succeededFuture();
    }
    return Answer.written(
            parts.vertx(),
            part.stream().mapToLong(PendingBacklog.Entry::sourceBytes).sum(),
            () -> part.stream().map(entry -> shown(entry.pending())).toList())
        .compose(
            texts -> {
              String message = backlogMessage(which, backlog, part, texts, now);
              return message.isEmpty() || !open
                  ? Future.succeededFuture()
                  : socket.writeTextMessage(message).compose(done -> drained());
            })
        .compose(done -> tellBacklog(which, now));
  }

  private String backlogMessage(
      Backlog which,
      PendingBacklog backlog,
      List<PendingBacklog.Entry> part,
      List<String> texts,
      Set<Hash> now) {
    Map<Hash, Set<String>> names = new HashMap<>();
    addresses.forEach((script, all) -> names.put(script.hash(), all));
    List<String> own = new ArrayList<>();
    Map<String, List<String>> others = new LinkedHashMap<>();
    for (int i = 0; i < part.size(); i++) {
      PendingBacklog.Entry entry = part.get(i);
      String text = texts.get(i);
      if (!backlog.take(entry) || !(now.contains(entry.txid()) || isNews(entry.txid()))) {
        continue;
      }
      now.add(entry.txid());
      if (which == Backlog.ADDRESS) {
        own.add(text);
        continue;
      }
      for (Hash script : entry.scripts()) {
        for (String address : names.getOrDefault(script, Set.of())) {
          others.computeIfAbsent(address, key -> new ArrayList<>()).add(text);
        }
      }
    }
    Map<String, String> message = new LinkedHashMap<>();
    if (!own.isEmpty()) {
      message.put("address-transactions", "[" + String.join(",", own) + "]");
    }
    if (!others.isEmpty()) {
      message.put("multi-address-transactions", multi(others, false));
    }
    return message.isEmpty() ? "" : joined(message);
  }

  /** When there is room for more; a reader that takes nothing is cut by the heartbeat. */
  private Future<Void> drained() {
    if (!socket.writeQueueFull()) {
      return Future.succeededFuture();
    }
    Promise<Void> drained = Promise.promise();
    socket.drainHandler(done -> drained.tryComplete());
    return drained.future();
  }

  private String shown(PendingTransfer pending) {
    return parts.json().transaction(ShownTransaction.of(pending)).encode();
  }

  private Optional<Script> script(String text) {
    try {
      return Optional.of(Address.parse(text, parts.network()).detached());
    } catch (MalformedException e) {
      return Optional.empty();
    }
  }

  /** Registers what is followed now; from when this returns nothing of it is missed. */
  private boolean follow() {
    Set<Object> now = new HashSet<>(addresses.keySet());
    address.ifPresent(now::add);
    txid.ifPresent(now::add);
    if (!parts.feed().follow(this, followed, now)) {
      return false;
    }
    followed = now;
    return true;
  }

  // News.

  /** Tells the reader of an event; from any thread. */
  void tell(SocketNews news) {
    context.runOnContext(run -> show(news));
  }

  private void show(SocketNews news) {
    if (!open) {
      return;
    }
    Map<String, String> message = new LinkedHashMap<>();
    if (news.block != null) {
      message.put("block", news.block);
    }
    for (SocketNews.Touch touch : news.transactions) {
      if (txid.equals(Optional.of(touch.txid()))) {
        if (!news.confirmed) {
          message.put("tx", touch.json());
          message.put("txPosition", position(touch.txid()).encode());
        } else if (endOf(touch.txid())) {
          message.put("txConfirmed", "\"" + touch.txid() + "\"");
        }
      }
    }
    List<SocketNews.Touch> fresh = new ArrayList<>();
    Set<Hash> now = new HashSet<>();
    if (news.confirmed) {
      for (PendingBacklog backlog : backlogs.values()) {
        news.touches.forEach(touch -> backlog.settled(touch.txid()));
      }
    }
    for (SocketNews.Touch touch : news.touches) {
      // One transaction may touch several scripts.
      if (news.confirmed || now.contains(touch.txid()) || isNews(touch.txid())) {
        now.add(touch.txid());
        fresh.add(touch);
      }
    }
    for (int from = 0; from < fresh.size() || from == 0; from += MAX_IN_MESSAGE) {
      touches(
          fresh.subList(from, Math.min(fresh.size(), from + MAX_IN_MESSAGE)),
          news.confirmed,
          message);
      if (!message.isEmpty()) {
        send(joined(message));
        message.clear();
      }
    }
  }

  private void touches(
      List<SocketNews.Touch> touches, boolean confirmed, Map<String, String> message) {
    List<String> own = new ArrayList<>();
    Map<String, List<String>> others = new LinkedHashMap<>();
    for (SocketNews.Touch touch : touches) {
      if (address.equals(Optional.of(touch.script()))) {
        own.add(touch.json());
      }
      for (String text : addresses.getOrDefault(touch.script(), Set.of())) {
        others.computeIfAbsent(text, key -> new ArrayList<>()).add(touch.json());
      }
    }
    if (!own.isEmpty()) {
      message.put(
          confirmed ? "block-transactions" : "address-transactions",
          "[" + String.join(",", own) + "]");
    }
    if (!others.isEmpty()) {
      message.put("multi-address-transactions", multi(others, confirmed));
    }
  }

  private static String multi(Map<String, List<String>> byAddress, boolean confirmed) {
    StringBuilder text = new StringBuilder("{");
    byAddress.forEach(
        (address, transactions) -> {
          String list = "[" + String.join(",", transactions) + "]";
          text.append(text.length() > 1 ? "," : "")
              .append('"')
              .append(address)
              .append("\":{\"mempool\":")
              .append(confirmed ? "[]" : list)
              .append(",\"confirmed\":")
              .append(confirmed ? list : "[]")
              .append(",\"removed\":[]}");
        });
    return text.append('}').toString();
  }

  /** False if the reader has been told that this is pending. */
  private boolean isNews(Hash pending) {
    if (!told.add(pending)) {
      return false;
    }
    if (told.size() > MAX_TOLD) {
      told.remove(told.iterator().next());
    }
    return true;
  }

  // Sending.

  static String message(Map<String, Object> parts) {
    JsonObject message = new JsonObject();
    parts.forEach(message::put);
    return message.encode();
  }

  private static String joined(Map<String, String> parts) {
    StringBuilder text = new StringBuilder("{");
    parts.forEach(
        (name, value) ->
            text.append(text.length() > 1 ? "," : "")
                .append('"')
                .append(name)
                .append("\":")
                .append(value));
    return text.append('}').toString();
  }

  private Future<?> send(String text) {
    if (open && socket.writeQueueFull()) {
      cutNow();
    }
    return open ? write(text) : Future.succeededFuture();
  }

  private Future<?> write(String text) {
    unread++;
    return socket
        .writeTextMessage(text)
        .onComplete(
            written -> {
              unread--;
              stuckBeats = 0;
            });
  }

  /** Sends what the next one will replace, unless the reader is behind; from any thread. */
  void sendIfNotBusy(String text) {
    context.runOnContext(
        run -> {
          if (open && !socket.writeQueueFull()) {
            write(text);
          }
        });
  }

  private void beat() {
    // Pongs may come without being asked for; what is taken off the queue can't be feigned.
    if (missedPongs >= PATIENCE_HEARTBEATS || stuckBeats >= PATIENCE_HEARTBEATS) {
      cutNow();
    } else {
      missedPongs++;
      stuckBeats += unread > 0 ? 1 : 0;
      socket.writePing(Buffer.buffer());
    }
  }

  /** Ends the connection of a reader that does not keep up; from any thread. */
  void cut() {
    context.runOnContext(run -> cutNow());
  }

  private void cutNow() {
    if (open) {
      parts.streams().cut();
      close(TRY_AGAIN_LATER, "too slow");
    }
  }

  /** Ends the connection because the node stops; from any thread. */
  void goAway() {
    context.runOnContext(run -> close(GOING_AWAY, "the node is stopping"));
  }

  private void close(short code, String reason) {
    if (open) {
      closed();
      socket.close(code, reason);
    }
  }

  private void closed() {
    if (open) {
      open = false;
      parts.vertx().cancelTimer(heartbeat);
      address = Optional.empty();
      addresses = Map.of();
      txid = Optional.empty();
      follow();
      parts.feed().close(this);
      onClose.run();
    }
  }
}
