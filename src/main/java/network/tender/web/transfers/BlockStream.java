package network.tender.web.transfers;

import java.util.List;
import java.util.Optional;
import java.util.Set;
import network.tender.chain.Script;
import network.tender.journal.Journal;
import network.tender.journal.StoredBlock;
import network.tender.web.EventStream;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * A stream of blocks, or of what blocks hold for one script, in order and without a gap. It keeps
 * nothing but the height it needs next: live blocks are sent at once, and whatever a reader has
 * missed is read from the journal as fast as the reader takes it.
 */
final class BlockStream {
  private static final Logger LOG = LoggerFactory.getLogger(BlockStream.class);

  /** Blocks read from the journal at a time. */
  private static final int CATCH_UP_BLOCKS = 8;

  private static final long RETRY_MILLIS = 1_000;

  private final EventStream stream;
  private final BlockFeed feed;
  private final Journal journal;
  private final boolean blocks;
  private final Optional<Script> script;
  private int next;
  private int newest;
  private boolean catchingUp;

  /**
   * A stream that begins behind a height.
   *
   * @param blocks whether it tells of blocks
   * @param script the script whose transfers it tells of
   * @param seen the height its reader has seen last
   * @param newest the chain's height now
   */
  BlockStream(
      EventStream stream,
      BlockFeed feed,
      Journal journal,
      boolean blocks,
      Optional<Script> script,
      int seen,
      int newest) {
    this.stream = stream;
    this.feed = feed;
    this.journal = journal;
    this.blocks = blocks;
    this.script = script;
    this.next = seen + 1;
    this.newest = newest;
  }

  Optional<Script> script() {
    return script;
  }

  /** Begins; on the stream's event loop, after the feed knows of it. */
  void start(int height) {
    newest = Math.max(newest, height);
    catchUp();
  }

  /** Takes a live block; from any thread. */
  void offer(BlockFeed.News news) {
    stream.context().runOnContext(run -> take(news));
  }

  private void take(BlockFeed.News news) {
    newest = Math.max(newest, news.height());
    if (catchingUp) {
      return; // It will be read from the journal in its turn.
    }
    if (news.height() == next && !stream.isFull()) {
      send(news);
    } else {
      catchUp();
    }
  }

  private void send(BlockFeed.News news) {
    next = news.height() + 1;
    if (blocks) {
      stream.send(news.block());
    }
    script.ifPresent(watched -> news.transfers(watched).forEach(stream::send));
  }

  private void catchUp() {
    catchingUp = stream.isOpen() && next <= newest;
    if (!catchingUp) {
      return;
    }
    if (stream.isFull()) {
      stream.onDrain(this::catchUp);
      return;
    }
    journal
        .read(next, Math.min(CATCH_UP_BLOCKS, newest - next + 1))
        .onSuccess(this::sendPast)
        .onFailure(this::tryLater);
  }

  private void sendPast(List<StoredBlock> past) {
    Set<Script> watched = script.map(Set::of).orElse(Set.of());
    for (StoredBlock block : past) {
      if (block.height() == next) {
        send(feed.newsOf(block, watched));
      }
    }
    if (past.isEmpty()) {
      tryLater(new IllegalStateException("the journal has no block " + next + " yet"));
    } else {
      catchUp();
    }
  }

  private void tryLater(Throwable failure) {
    LOG.debug("A stream waits for block {}: {}", next, failure.toString());
    stream.later(RETRY_MILLIS, this::catchUp);
  }
}
