package network.tender.web.transfers;

import io.vertx.core.Future;
import io.vertx.core.Promise;
import java.util.ArrayDeque;
import java.util.Deque;
import java.util.List;
import network.tender.journal.Journal;
import network.tender.journal.StoredBlock;
import network.tender.web.StreamMetrics;

/**
 * Reads blocks of the past for streams, two reads at a time and in turn, so that however many
 * streams catch up, they leave the database to payments and memory to live ones. Safe for any
 * thread.
 */
final class PastBlocks {
  private static final int READS_AT_A_TIME = 2;

  /** Blocks in one read. */
  private static final int READ_BLOCKS = 8;

  private record Wanted(int from, int count, Promise<List<StoredBlock>> promise) {}

  private final Journal journal;
  private final StreamMetrics metrics;
  private final Deque<Wanted> waiting = new ArrayDeque<>();
  private int reading;

  /**
   * Reads from a journal.
   *
   * @param metrics bounds and counts the streams that wait
   */
  PastBlocks(Journal journal, StreamMetrics metrics) {
    this.journal = journal;
    this.metrics = metrics;
  }

  /**
   * The first few of some blocks; each stream asks again when it has got them.
   *
   * @param from first height
   * @param count how many are wanted
   * @return fails if too many streams wait, or if the journal can't be read
   */
  Future<List<StoredBlock>> read(int from, int count) {
    if (!metrics.tryCatchUp()) {
      return Future.failedFuture("too many streams catch up");
    }
    Promise<List<StoredBlock>> promise = Promise.promise();
    synchronized (this) {
      waiting.add(new Wanted(from, Math.min(count, READ_BLOCKS), promise));
    }
    readNext();
    return promise.future().onComplete(done -> metrics.caughtUp());
  }

  private void readNext() {
    Wanted next;
    synchronized (this) {
      if (reading >= READS_AT_A_TIME || waiting.isEmpty()) {
        return;
      }
      reading++;
      next = waiting.remove();
    }
    journal
        .read(next.from(), next.count())
        .onComplete(
            done -> {
              synchronized (this) {
                reading--;
              }
              readNext();
              if (done.succeeded()) {
                next.promise().complete(done.result());
              } else {
                next.promise().fail(done.cause());
              }
            });
  }
}
