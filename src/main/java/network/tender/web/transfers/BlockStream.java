package network.tender.web.transfers;

import io.vertx.core.AsyncResult;
import java.util.List;
import java.util.Optional;
import java.util.Set;
import network.tender.chain.Script;
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

  private static final long RETRY_MILLIS = 1_000;

  private final EventStream stream;
  private final BlockFeed feed;
  private final PastBlocks past;
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
      PastBlocks past,
      boolean blocks,
      Optional<Script> script,
      int seen,
      int newest) {
    this.stream = stream;
    this.feed = feed;
    this.past = past;
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
    // Else a reader for which nothing happens would come back to the newest block then.
    stream.seen(next - 1);
    stream.sendSeen();
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
    news.frames(blocks, script).forEach(stream::send);
    stream.seen(news.height());
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
    past.read(next, newest - next + 1)
        // Whatever thread the journal answers on.
        .onComplete(done -> stream.context().runOnContext(run -> afterRead(done)));
  }

  private void afterRead(AsyncResult<List<StoredBlock>> done) {
    if (done.succeeded()) {
      sendPast(done.result());
    } else {
      tryLater(done.cause());
    }
  }

  private void sendPast(List<StoredBlock> read) {
    Set<Script> watched = script.map(Set::of).orElse(Set.of());
    for (StoredBlock block : read) {
      if (block.height() == next) {
        send(feed.newsOf(block, watched));
      }
    }
    if (read.isEmpty()) {
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
