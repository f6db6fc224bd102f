package network.tender.bench;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.atomic.AtomicLong;
import java.util.regex.Pattern;
import org.jspecify.annotations.Nullable;

/** Measures what the machine can do at most, with the same client, payload and connections. */
final class Ceiling implements AutoCloseable {
  private static final Pattern READY = Pattern.compile("ready http=(\\S+)");
  private static final byte[] HEAD = Load.postHead("/v1/transfers", "application/octet-stream");
  private static final int LIMIT_SECONDS = 600;

  private final JavaProcess server;
  private final Path log;
  private final int connections;
  private final List<Result> results = new ArrayList<>();

  /**
   * One measurement.
   *
   * @param serverCpuMicros processor time of the server for one request
   * @param clientCpuMicros processor time of this process for one request
   */
  record Result(double perSecond, double serverCpuMicros, double clientCpuMicros) {}

  private Ceiling(JavaProcess server, Path log, int connections) {
    this.server = server;
    this.log = log;
    this.connections = connections;
  }

  /** Starts the server. */
  static Ceiling open(BenchOptions options, int connections) {
    try {
      Path log = Files.createTempFile("tender-ceiling", ".log");
      log.toFile().deleteOnExit();
      JavaProcess server =
          JavaProcess.start(
              List.of(),
              List.of(
                  CeilingServer.class.getName(),
                  options.kind().name(),
                  Integer.toString(options.shape().inputs())),
              log,
              READY);
      return new Ceiling(server, log, connections);
    } catch (IOException e) {
      throw new BenchException("start-failed", "The ceiling's server does not start: " + e, e);
    }
  }

  /** Measures for some time, the first time after a warm-up. */
  void measure(SignedTransfers payload, int warmupSeconds, int seconds, Progress progress) {
    try (Load load = Load.open(server.told(1), connections)) {
      if (warmupSeconds > 0) {
        Progress.Phase phase = progress.begin("ceiling, warm-up", 0);
        Echoes warmup = new Echoes(payload, warmupSeconds);
        load.run(warmup, phase, LIMIT_SECONDS);
        phase.end("%,.0f/s".formatted(warmup.perSecond()));
      }
      Progress.Phase phase = progress.begin("ceiling", 0);
      Echoes echoes = new Echoes(payload, seconds);
      Usage before = usage();
      load.run(echoes, phase, LIMIT_SECONDS);
      Usage after = usage();
      Result result =
          new Result(
              echoes.perSecond(),
              (after.node().cpuSeconds() - before.node().cpuSeconds()) * 1e6 / echoes.done(),
              (after.client().cpuSeconds() - before.client().cpuSeconds()) * 1e6 / echoes.done());
      results.add(result);
      phase.end(
          "%,.0f/s, %.0f us of processor time in the server, %.0f in the client"
              .formatted(result.perSecond(), result.serverCpuMicros(), result.clientCpuMicros()));
    }
  }

  private Usage usage() {
    return Usage.now(java.util.OptionalLong.of(server.pid()), java.util.OptionalLong.empty());
  }

  List<Result> results() {
    return results;
  }

  /** The mean of all measurements. */
  double perSecond() {
    return results.stream().mapToDouble(Result::perSecond).average().orElse(0);
  }

  /** Processor time of one request in both processes, the mean of all measurements. */
  double cpuMicros() {
    return results.stream()
        .mapToDouble(result -> result.serverCpuMicros() + result.clientCpuMicros())
        .average()
        .orElse(0);
  }

  @Override
  public void close() {
    server.close();
    try {
      Files.deleteIfExists(log);
    } catch (IOException e) {
      throw new BenchException("data-left", "A log could not be removed: " + e, e);
    }
  }

  /** Sends the payload round and round. */
  private static final class Echoes implements Source {
    private final SignedTransfers payload;
    private final long limitNanos;
    private long beginNanos;
    private boolean begun;
    private int at;
    private int inFlight;
    private final AtomicLong answers = new AtomicLong();
    private long inTime;

    Echoes(SignedTransfers payload, int seconds) {
      this.payload = payload;
      this.limitNanos = seconds * 1_000_000_000L;
    }

    @Override
    public @Nullable Request next(long nowNanos) {
      if (!begun) {
        begun = true;
        beginNanos = nowNanos;
      }
      if (nowNanos - beginNanos >= limitNanos) {
        return null;
      }
      int number = at++ % payload.count();
      inFlight++;
      return new Request(this, HEAD, payload.raw(number), number, nowNanos);
    }

    @Override
    public void answered(Request request, ResponseReader answer, long nowNanos) {
      inFlight--;
      if (answer.status() != 200 || answer.bodyLength() != request.body.length) {
        throw new IllegalStateException("the ceiling's server answers something else");
      }
      answers.incrementAndGet();
      if (nowNanos - beginNanos < limitNanos) {
        inTime++;
      }
    }

    @Override
    public void lost(Request request, long nowNanos) {
      throw new IllegalStateException("the ceiling's server closed a connection");
    }

    @Override
    public boolean isFinished(long nowNanos) {
      return begun && inFlight == 0 && nowNanos - beginNanos >= limitNanos;
    }

    @Override
    public long done() {
      return answers.get();
    }

    double perSecond() {
      return inTime * 1e9 / limitNanos;
    }
  }
}
