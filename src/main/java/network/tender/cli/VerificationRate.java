package network.tender.cli;

import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicInteger;
import network.tender.script.Curve;

/**
 * How many signatures a machine verifies in a second if it does nothing else: what a validator is
 * measured against.
 */
final class VerificationRate {
  private static final int ROUNDS = 5;
  private static final long ROUND_NANOS = TimeUnit.MILLISECONDS.toNanos(600);

  /** As many as a chunk of the real check has, between two looks at the clock. */
  private static final int BATCH = 64;

  private VerificationRate() {}

  /**
   * Verifies known good signatures over and over, on some threads at once, for some seconds.
   *
   * @return the best of several rounds, so that what else the machine does in the meantime does not
   *     flatter the validator
   */
  static double measure(Curve curve, List<SampledCurve.Signature> signatures, int threadCount)
      throws InterruptedException {
    ExecutorService threads = Executors.newFixedThreadPool(threadCount);
    try {
      double best = 0;
      for (int round = 0; round < ROUNDS; round++) {
        best = Math.max(best, round(curve, signatures, threadCount, threads));
      }
      return best;
    } finally {
      threads.shutdownNow();
    }
  }

  private static double round(
      Curve curve, List<SampledCurve.Signature> signatures, int count, ExecutorService threads)
      throws InterruptedException {
    AtomicInteger next = new AtomicInteger();
    long begin = System.nanoTime();
    List<Future<Long>> running = new ArrayList<>();
    for (int i = 0; i < count; i++) {
      running.add(threads.submit(() -> verify(curve, signatures, next, begin + ROUND_NANOS)));
    }
    long verified = 0;
    for (Future<Long> thread : running) {
      try {
        verified += thread.get();
      } catch (ExecutionException e) {
        throw new IllegalStateException("a good signature was refused", e);
      }
    }
    return verified * 1e9 / (System.nanoTime() - begin);
  }

  private static long verify(
      Curve curve, List<SampledCurve.Signature> signatures, AtomicInteger next, long endNanos) {
    long verified = 0;
    while (System.nanoTime() - endNanos < 0) {
      int from = next.getAndAdd(BATCH);
      for (int i = 0; i < BATCH; i++) {
        if (!signatures.get(Math.floorMod(from + i, signatures.size())).verify(curve)) {
          throw new IllegalStateException("a signature that held does not hold any more");
        }
      }
      verified += BATCH;
    }
    return verified;
  }
}
