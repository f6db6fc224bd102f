package network.tender.follower;

import com.sun.net.httpserver.HttpExchange;
import com.sun.net.httpserver.HttpServer;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.net.URI;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.List;
import java.util.Random;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import network.tender.ledger.CertifiedBlock;

/**
 * A node that a follower can't trust: it serves whatever blocks a test gives it, over real HTTP,
 * and loses connections in the middle of answers if it is told to.
 */
public final class ChainServer implements AutoCloseable {
  private static final Pattern QUERY =
      Pattern.compile("from=([0-9]+)&limit=([0-9]+)&waitMillis=([0-9]+)");
  private static final int MAX_BYTES = 4_000_000;

  private final List<CertifiedBlock> blocks = new ArrayList<>();
  private final HttpServer server;
  private final ExecutorService threads = Executors.newCachedThreadPool();
  private final Random random;
  private final AtomicInteger cuts = new AtomicInteger();
  private volatile String network = "regtest";
  private int cutPercent;
  private boolean cutNext;
  private final AtomicInteger questions = new AtomicInteger();
  private volatile boolean waits = true;
  private volatile int exaggeration;

  /** A node without blocks on a free port; {@code random} decides which answers are cut. */
  public ChainServer(Random random) {
    this.random = random;
    try {
      server = HttpServer.create(new InetSocketAddress(InetAddress.getLoopbackAddress(), 0), 0);
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
    server.createContext("/v1/network", this::network);
    server.createContext("/v1/certified-blocks", this::blocks);
    server.setExecutor(threads);
    server.start();
  }

  public URI url() {
    return URI.create("http://127.0.0.1:" + server.getAddress().getPort());
  }

  /** Another network's name from now on. */
  public void network(String name) {
    network = name;
  }

  /**
   * So many of a hundred answers with blocks end in the middle from now on, and the next one in any
   * case: how many questions there will be depends on how quick the follower is.
   */
  public void cut(int percent) {
    synchronized (random) {
      cutPercent = percent;
      cutNext = percent > 0;
    }
  }

  /** How many answers were cut so far. */
  public int cuts() {
    return cuts.get();
  }

  /** Never waits for a block from now on, but says at once that there is none. */
  public void neverWait() {
    waits = false;
  }

  /** Claims so many blocks more than it gives from now on. */
  public void exaggerate(int blockCount) {
    exaggeration = blockCount;
  }

  /** How often it was asked for blocks so far. */
  public int questions() {
    return questions.get();
  }

  /** Adds the next block. */
  public synchronized void add(CertifiedBlock block) {
    blocks.add(block);
    notifyAll();
  }

  /** Puts another block in the place of one, and forgets those behind it. */
  public synchronized void rewrite(CertifiedBlock block) {
    blocks.subList(block.height(), blocks.size()).clear();
    add(block);
  }

  private synchronized int tip() {
    return blocks.size() - 1;
  }

  private synchronized List<CertifiedBlock> await(int from, int limit, long waitMillis) {
    questions.incrementAndGet();
    long end = System.nanoTime() + (waits ? waitMillis * 1_000_000 : 0);
    try {
      for (long left = end - System.nanoTime();
          blocks.size() <= from && left > 0;
          left = end - System.nanoTime()) {
        wait(left / 1_000_000 + 1);
      }
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
    }
    List<CertifiedBlock> part = new ArrayList<>();
    int bytes = 0;
    for (int i = from; i < Math.min(blocks.size(), from + limit) && bytes < MAX_BYTES; i++) {
      part.add(blocks.get(i));
      bytes += blocks.get(i).raw().length;
    }
    return part;
  }

  private void network(HttpExchange exchange) throws IOException {
    answer(
        exchange,
        ("{\"name\":\"" + network + "\",\"tip\":{\"height\":" + (tip() + exaggeration) + "}}")
            .getBytes(StandardCharsets.UTF_8),
        false);
  }

  private void blocks(HttpExchange exchange) throws IOException {
    Matcher query = QUERY.matcher(exchange.getRequestURI().getQuery());
    if (!query.matches()) {
      exchange.sendResponseHeaders(400, -1);
      exchange.close();
      return;
    }
    List<CertifiedBlock> part =
        await(
            Integer.parseInt(query.group(1)),
            Integer.parseInt(query.group(2)),
            Long.parseLong(query.group(3)));
    answer(exchange, CertifiedBlock.encode(part), !part.isEmpty() && isCut());
  }

  private boolean isCut() {
    synchronized (random) {
      boolean cut = cutNext || random.nextInt(100) < cutPercent;
      cutNext = false;
      return cut;
    }
  }

  private void answer(HttpExchange exchange, byte[] body, boolean cut) throws IOException {
    try (exchange) {
      exchange
          .getResponseHeaders()
          .add("Tender-Tip-Height", Integer.toString(tip() + exaggeration));
      exchange.sendResponseHeaders(200, body.length == 0 ? -1 : body.length);
      if (cut) {
        cuts.incrementAndGet();
        exchange.getResponseBody().write(body, 0, body.length / 2);
        return; // Closing with half of it drops the connection.
      }
      exchange.getResponseBody().write(body);
    } catch (IOException e) {
      // Whoever asked is gone, or has been cut off.
    }
  }

  @Override
  public void close() {
    server.stop(0);
    threads.shutdownNow();
  }
}
