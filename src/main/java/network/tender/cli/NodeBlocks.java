package network.tender.cli;

import java.io.IOException;
import java.util.ArrayDeque;
import java.util.Deque;
import java.util.Optional;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;

/** Blocks from a node, a few of them on the way at any time. */
final class NodeBlocks implements BlockSource {
  private static final int AHEAD = 8;

  private final NodeClient node;
  private final int last;
  private final boolean withCertificates;
  private final ExecutorService pool =
      Executors.newFixedThreadPool(
          AHEAD,
          task -> {
            Thread thread = new Thread(task, "block-fetch");
            thread.setDaemon(true);
            return thread;
          });
  private final Deque<Future<SourceBlock>> fetching = new ArrayDeque<>();
  private int nextHeight;

  /** The blocks from one height to another, both included. */
  NodeBlocks(NodeClient node, int first, int last, boolean withCertificates) {
    this.node = node;
    this.nextHeight = first;
    this.last = last;
    this.withCertificates = withCertificates;
  }

  @Override
  public Optional<SourceBlock> next() throws IOException {
    while (fetching.size() < AHEAD && nextHeight <= last) {
      int height = nextHeight++;
      fetching.add(pool.submit(() -> fetch(height)));
    }
    if (fetching.isEmpty()) {
      return Optional.empty();
    }
    try {
      return Optional.of(fetching.remove().get());
    } catch (ExecutionException e) {
      if (e.getCause() instanceof CommandFailure failure) {
        throw failure;
      }
      throw new IOException(e.getCause());
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
      throw new CommandFailure("interrupted", "Interrupted while waiting for the node.", e);
    }
  }

  private SourceBlock fetch(int height) {
    return new SourceBlock(
        node.rawBlock(height),
        withCertificates ? Optional.of(node.certificate(height)) : Optional.empty());
  }

  @Override
  public boolean hasCertificates() {
    return withCertificates;
  }

  @Override
  public void close() {
    pool.shutdownNow();
  }
}
