package network.tender.cli;

import java.lang.management.ManagementFactory;
import java.lang.management.ThreadMXBean;
import java.time.Duration;
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
 * How fast signatures were verified.
 *
 * @param verified how many
 * @param nanos how long it took by the clock
 * @param cpuNanos how much processor time was used for it, on all cores together
 */
record VerificationRate(long verified, long nanos, long cpuNanos) {
  private static final long MEASURE_NANOS = TimeUnit.SECONDS.toNanos(3);

  /** As many as a chunk of the real check has, between two looks at the clock. */
  private static final int BATCH = 64;

  /** Processor time that this process has used so far; zero where the platform can't tell. */
  static long cpuNanosSoFar() {
    return ProcessHandle.current().info().totalCpuDuration().orElse(Duration.ZERO).toNanos();
  }

  double perSecond() {
    return verified * 1e9 / Math.max(1, nanos);
  }

  /** This rate as a share of another. */
  double shareOf(VerificationRate other) {
    return perSecond() / other.perSecond();
  }

  /** The same by processor time, which does not change with what else the machine does. */
  double cpuShareOf(VerificationRate other) {
    return (double) verified / Math.max(1, cpuNanos) * other.cpuNanos / other.verified;
  }

  /**
   * The rate that a machine reaches if it does nothing else: verifies known good signatures over
   * and over, on some threads at once, for some seconds.
   */
  static VerificationRate measure(
      Curve curve, List<SampledCurve.Signature> signatures, int threadCount)
      throws InterruptedException {
    ExecutorService threads = Executors.newFixedThreadPool(threadCount);
    try {
      AtomicInteger next = new AtomicInteger();
      long begin = System.nanoTime();
      List<Future<VerificationRate>> running = new ArrayList<>();
      for (int i = 0; i < threadCount; i++) {
        running.add(threads.submit(() -> verify(curve, signatures, next, begin + MEASURE_NANOS)));
      }
      long verified = 0;
      long cpuNanos = 0;
      for (Future<VerificationRate> thread : running) {
        verified += thread.get().verified();
        cpuNanos += thread.get().cpuNanos();
      }
      return new VerificationRate(verified, System.nanoTime() - begin, cpuNanos);
    } catch (ExecutionException e) {
      throw new IllegalStateException("a measurement came to no end", e);
    } finally {
      threads.shutdownNow();
    }
  }

  /** The part of one thread, with its own processor time: others of the process don't count. */
  private static VerificationRate verify(
      Curve curve, List<SampledCurve.Signature> signatures, AtomicInteger next, long endNanos) {
    ThreadMXBean threads = ManagementFactory.getThreadMXBean();
    boolean timed = threads.isCurrentThreadCpuTimeSupported();
    long cpuBegin = timed ? threads.getCurrentThreadCpuTime() : 0;
    long begin = System.nanoTime();
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
    return new VerificationRate(
        verified,
        System.nanoTime() - begin,
        timed ? threads.getCurrentThreadCpuTime() - cpuBegin : 0);
  }
}
