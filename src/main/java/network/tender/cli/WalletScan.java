package network.tender.cli;

import com.fasterxml.jackson.databind.JsonNode;
import java.util.ArrayList;
import java.util.HashSet;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.concurrent.Callable;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import network.tender.chain.Outpoint;
import network.tender.chain.Script;

/**
 * Finds a wallet's addresses on the chain: receive and change, until so many in a row have never
 * been used and everything that the wallet file remembers is covered.
 */
final class WalletScan {
  /**
   * BIP44's gap limit, behind which other wallets stop looking. Enough for change, of which a
   * wallet itself uses one address after the other; receive addresses may be an invoice's that
   * nobody paid.
   */
  static final int BIP44_GAP_LIMIT = 20;

  /** Requests to the node at the same time. */
  private static final int CONCURRENCY = 8;

  /** No chain of a wallet is scanned further: far more addresses than anybody gives out by hand. */
  static final int MAX_INDEX = 100_000;

  /**
   * An address of the wallet that the chain knows.
   *
   * @param place its key
   * @param script its script
   * @param head first page of its history
   */
  private record Used(KeyPlace place, Script script, JsonNode head) {}

  /**
   * One line of a wallet's history.
   *
   * @param txid the transfer
   * @param height its block, -1 while pending
   * @param timeSeconds its block's time, Unix seconds; 0 while pending
   * @param deltaSat what the wallet won (positive) or spent, fee included (negative), in sat
   * @param feeSat the transfer's fee if the wallet paid it, else 0
   */
  record Entry(String txid, int height, long timeSeconds, long deltaSat, long feeSat) {}

  private final NodeClient node;
  private final WalletKeys keys;
  private final List<Used> used = new ArrayList<>();
  private final int[] nextUnused = new int[2];

  private WalletScan(NodeClient node, WalletKeys keys) {
    this.node = node;
    this.keys = keys;
  }

  /**
   * Looks for used addresses.
   *
   * @param gapLimit how many unused receive addresses in a row end it
   */
  static WalletScan run(
      NodeClient node, WalletKeys keys, WalletFile.Content content, GapLimit gapLimit) {
    WalletScan scan = new WalletScan(node, keys);
    ExecutorService pool = newPool();
    try {
      scan.scanChain(pool, false, content.nextReceive(), gapLimit.addresses());
      scan.scanChain(pool, true, content.nextChange(), BIP44_GAP_LIMIT);
    } finally {
      pool.shutdownNow();
    }
    return scan;
  }

  /** Threads for questions to the node at the same time. */
  static ExecutorService newPool() {
    return Executors.newFixedThreadPool(
        CONCURRENCY,
        task -> {
          Thread thread = new Thread(task, "wallet-scan");
          thread.setDaemon(true);
          return thread;
        });
  }

  private void scanChain(ExecutorService pool, boolean change, int remembered, int gapLimit) {
    int firstUnused = 0;
    int end = gapLimit;
    for (int from = 0; from < end; from = end, end = Math.max(firstUnused, remembered) + gapLimit) {
      if (end > MAX_INDEX) {
        throw new CommandFailure(
            "wallet-too-large", "The wallet uses more addresses than can be scanned.");
      }
      List<Callable<Used>> lookups = new ArrayList<>();
      for (int index = from; index < end; index++) {
        KeyPlace place = new KeyPlace(change, index);
        lookups.add(
            () -> {
              Script script = keys.script(place);
              return new Used(place, script, node.historyHead(script.hash()));
            });
      }
      for (Used found : all(pool, lookups)) {
        if (!found.head().isEmpty()) {
          used.add(found);
          firstUnused = found.place().index() + 1;
        }
      }
    }
    nextUnused[change ? 1 : 0] = firstUnused;
  }

  private static <T> List<T> all(ExecutorService pool, List<Callable<T>> calls) {
    List<T> results = new ArrayList<>(calls.size());
    try {
      for (Future<T> future : pool.invokeAll(calls)) {
        results.add(result(future));
      }
      return results;
    } catch (InterruptedException e) {
      throw interrupted(e);
    }
  }

  private static CommandFailure interrupted(InterruptedException e) {
    Thread.currentThread().interrupt();
    return new CommandFailure("interrupted", "Interrupted while waiting for the node.", e);
  }

  /** What a question has brought; its failure is thrown. */
  static <T> T result(Future<T> future) {
    try {
      return future.get();
    } catch (ExecutionException e) {
      if (e.getCause() instanceof CommandFailure failure) {
        throw failure;
      }
      throw new IllegalStateException(e.getCause());
    } catch (InterruptedException e) {
      throw interrupted(e);
    }
  }

  /** Index behind the last used address of a chain. */
  int nextUnused(boolean change) {
    return nextUnused[change ? 1 : 0];
  }

  /** The unspent coins. */
  List<WalletCoin> coins() {
    ExecutorService pool = newPool();
    try {
      List<Callable<List<WalletCoin>>> lookups = new ArrayList<>();
      for (Used address : used) {
        lookups.add(() -> coinsOf(address));
      }
      List<WalletCoin> coins = new ArrayList<>();
      long sum = 0;
      for (List<WalletCoin> some : all(pool, lookups)) {
        for (WalletCoin coin : some) {
          sum = node.sum(sum, coin.amount());
          coins.add(coin);
        }
      }
      return coins;
    } finally {
      pool.shutdownNow();
    }
  }

  private List<WalletCoin> coinsOf(Used address) {
    // A server may list coins that a pending transfer spends already.
    Set<Outpoint> spent = new HashSet<>();
    for (JsonNode transfer : address.head()) {
      if (!transfer.path("status").path("confirmed").asBoolean()) {
        transfer.path("vin").forEach(input -> spent.add(outpoint(input)));
      }
    }
    List<WalletCoin> coins = new ArrayList<>();
    for (JsonNode coin : node.unspent(address.script().hash())) {
      Outpoint outpoint = outpoint(coin);
      if (!spent.contains(outpoint)) {
        coins.add(
            new WalletCoin(
                outpoint,
                node.amount(coin.path("value")),
                address.place(),
                coin.path("status").path("confirmed").asBoolean()));
      }
    }
    return coins;
  }

  private Outpoint outpoint(JsonNode json) {
    return new Outpoint(node.hash(json.path("txid")), json.path("vout").asInt());
  }

  /** Every transfer that touched the wallet, newest first. */
  List<Entry> history() {
    Map<String, JsonNode> transfers = new LinkedHashMap<>();
    Set<String> scripts = new HashSet<>();
    ExecutorService pool = newPool();
    try {
      List<Callable<List<JsonNode>>> lookups = new ArrayList<>();
      for (Used address : used) {
        scripts.add(address.script().toHex());
        lookups.add(() -> node.history(address.script().hash(), address.head()));
      }
      for (List<JsonNode> history : all(pool, lookups)) {
        history.forEach(
            transfer -> transfers.put(node.hash(transfer.path("txid")).toString(), transfer));
      }
    } finally {
      pool.shutdownNow();
    }
    return transfers.entrySet().stream()
        .map(transfer -> entry(transfer.getKey(), transfer.getValue(), scripts))
        .sorted(WalletScan::newestFirst)
        .toList();
  }

  private static int newestFirst(Entry a, Entry b) {
    boolean pendingA = a.height() < 0;
    boolean pendingB = b.height() < 0;
    if (pendingA != pendingB) {
      return pendingA ? -1 : 1;
    }
    int order = Integer.compare(b.height(), a.height());
    return order != 0 ? order : a.txid().compareTo(b.txid());
  }

  private Entry entry(String txid, JsonNode transfer, Set<String> scripts) {
    long delta = 0;
    boolean paidByUs = false;
    for (JsonNode input : transfer.path("vin")) {
      JsonNode prevout = input.path("prevout");
      if (scripts.contains(prevout.path("scriptpubkey").asText())) {
        delta -= node.amount(prevout.path("value")).sat();
        paidByUs = true;
      }
    }
    for (JsonNode output : transfer.path("vout")) {
      if (scripts.contains(output.path("scriptpubkey").asText())) {
        delta += node.amount(output.path("value")).sat();
      }
    }
    JsonNode status = transfer.path("status");
    boolean confirmed = status.path("confirmed").asBoolean();
    return new Entry(
        txid,
        confirmed ? status.path("block_height").asInt() : -1,
        confirmed ? node.unixSeconds(status.path("block_time")) : 0,
        node.difference(delta),
        paidByUs ? node.amount(transfer.path("fee")).sat() : 0);
  }
}
