package network.tender.bench;

import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.atomic.AtomicLong;
import network.tender.script.Curve;

/**
 * How many signatures the machine can verify, if all its processors do nothing else.
 *
 * @param perSecond on all processors together
 * @param micros time of one on one processor, while all of them are busy
 */
record RawVerification(double perSecond, double micros) {
  private static final int CHECKED_AT_A_TIME = 64;

  /** Measures for some time, with signatures of the kind that the transfers have. */
  static RawVerification measure(Kind kind, int seconds, Progress progress) {
    List<CeilingServer.Sample> samples =
        CeilingServer.samples(Curve.load(Curve.Provider.AUTO), kind);
    Progress.Phase phase = progress.begin("signature checks alone", 0);
    int threads = Runtime.getRuntime().availableProcessors();
    AtomicLong done = new AtomicLong();
    long begun = System.nanoTime();
    long end = begun + seconds * 1_000_000_000L;
    List<Thread> all = new ArrayList<>();
    for (int i = 0; i < threads; i++) {
      Thread thread = new Thread(() -> verify(samples, end, done), "bench-verify-" + i);
      thread.setDaemon(true);
      thread.start();
      all.add(thread);
    }
    try {
      for (Thread thread : all) {
        thread.join();
      }
    } catch (InterruptedException e) {
      throw BenchException.interrupted(e);
    }
    double perSecond = done.get() * 1e9 / (System.nanoTime() - begun);
    phase.end("%,.0f/s".formatted(perSecond));
    return new RawVerification(perSecond, threads * 1e6 / perSecond);
  }

  private static void verify(List<CeilingServer.Sample> samples, long end, AtomicLong done) {
    int next = 0;
    while (System.nanoTime() - end < 0) {
      for (int i = 0; i < CHECKED_AT_A_TIME; i++) {
        if (!samples.get(next++ % samples.size()).verify()) {
          throw new IllegalStateException("a good signature was not verified");
        }
      }
      done.addAndGet(CHECKED_AT_A_TIME);
    }
  }

  /**
   * The rate that would be left if a transfer cost its signature checks and the client's share, and
   * nothing else.
   *
   * @param signatures checks for each transfer
   * @param clientMicros processor time of the client for each transfer
   */
  double perSecondLeftBy(int signatures, double clientMicros) {
    return perSecond * micros / (signatures * micros + clientMicros);
  }
}
