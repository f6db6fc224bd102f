package network.tender.node;

import io.vertx.core.Future;
import io.vertx.core.Promise;
import io.vertx.core.Vertx;
import io.vertx.core.VertxOptions;
import java.io.IOException;
import java.io.PrintStream;
import java.nio.file.Path;
import java.security.SecureRandom;
import java.time.Duration;
import java.time.InstantSource;
import java.util.Arrays;
import java.util.Optional;
import java.util.concurrent.CompletionException;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.TimeoutException;
import java.util.concurrent.atomic.AtomicBoolean;
import network.tender.chain.Network;
import network.tender.journal.Database;
import network.tender.journal.DatabaseOptions;
import network.tender.journal.DatabaseRefusedException;
import network.tender.journal.EmbeddedServer;
import network.tender.journal.Journal;
import network.tender.journal.WriterLease;
import network.tender.ledger.Policy;
import network.tender.ledger.Reason;
import network.tender.script.Curve;
import network.tender.settlement.Outcome;
import network.tender.telemetry.ChainMetrics;
import network.tender.telemetry.EventLoopMetrics;
import network.tender.telemetry.Meters;
import network.tender.telemetry.SettlementMetrics;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * A running node: everything wired together, started in order and stopped in the opposite order.
 */
public final class TenderNode {
  private static final Logger LOG = LoggerFactory.getLogger(TenderNode.class);

  /** A stop that takes longer is cut off; what was acknowledged is durable anyway. */
  private static final long STOP_LIMIT_SECONDS = 50;

  /** A database that answers no write for so long does not settle payments now. */
  private static final Duration MAX_SILENCE = Duration.ofSeconds(5);

  private static final long ROOMY_HEAP_MEGABYTES = 2_048;

  private static final long BLOCKED_CHECK_MILLIS = 200;
  private static final long BLOCKED_WARN_MILLIS = 200;
  private static final long BLOCKED_TRACE_MILLIS = 1_000;
  private static final long WORKER_WARN_SECONDS = 10;

  private final Configuration configuration;
  private final Closers closers = new Closers();
  private final Readiness readiness = new Readiness();
  private final AtomicBoolean stopping = new AtomicBoolean();
  private final Promise<Integer> stopped = Promise.promise();
  private final InstantSource clock = InstantSource.system();
  private final SecureRandom random = new SecureRandom();
  private final Meters meters = new Meters();
  private volatile int exitCode;
  private volatile Servers servers = Servers.NONE;

  private TenderNode(Configuration configuration) {
    this.configuration = configuration;
  }

  /**
   * Starts a node.
   *
   * @return completes when it serves; fails with {@link StartException}, with a sentence for the
   *     operator, if it can't, and then nothing is left running
   */
  public static Future<TenderNode> start(Configuration configuration) {
    TenderNode node = new TenderNode(configuration);
    Future<TenderNode> started;
    try {
      started = node.begin();
    } catch (StartException | RuntimeException e) {
      started = Future.failedFuture(e);
    }
    // Belongs to no context: when the start fails, the contexts are gone before this completes.
    Promise<TenderNode> result = Promise.promise();
    started
        .onSuccess(result::complete)
        .onFailure(error -> node.stop().onComplete(closed -> result.fail(explain(error))));
    return result.future();
  }

  /**
   * Runs a node until it is told to stop, by a signal or because it must not go on.
   *
   * @param out gets the one line {@code ready http=… management=…} when the node serves
   * @return the exit code: 0 after an orderly stop, 1 if the node could not go on
   * @throws StartException if it can't start
   */
  public static int run(Configuration configuration, PrintStream out)
      throws StartException, InterruptedException {
    TenderNode node;
    try {
      node = start(configuration).toCompletionStage().toCompletableFuture().join();
    } catch (CompletionException e) {
      throw explain(e.getCause() == null ? e : e.getCause());
    }
    Thread hook = new Thread(node::stopInHook, "tender-stop");
    Runtime.getRuntime().addShutdownHook(hook);
    out.println(node.readyLine());
    out.flush();
    int code = node.stopped().toCompletionStage().toCompletableFuture().join();
    try {
      Runtime.getRuntime().removeShutdownHook(hook);
    } catch (IllegalStateException e) {
      // The JVM is on its way down: the hook ends it.
      Thread.currentThread().join();
    }
    return code;
  }

  private void stopInHook() {
    try {
      stop().toCompletionStage().toCompletableFuture().get(STOP_LIMIT_SECONDS, TimeUnit.SECONDS);
    } catch (InterruptedException | java.util.concurrent.ExecutionException e) {
      LOG.warn("The stop was disturbed", e);
    } catch (TimeoutException e) {
      LOG.warn("The stop took more than {} s and was cut off", STOP_LIMIT_SECONDS);
    }
    // Without this, an orderly stop by a signal would end with the signal's code.
    Runtime.getRuntime().halt(exitCode);
  }

  private static StartException explain(Throwable error) {
    if (error instanceof StartException refusal) {
      return refusal;
    }
    if (error instanceof DatabaseRefusedException || error instanceof IllegalStateException) {
      return new StartException(String.valueOf(error.getMessage()), error);
    }
    return new StartException("The node could not start: " + error, error);
  }

  // ---- Start.

  private Future<TenderNode> begin() throws StartException {
    configuration.describe().forEach(line -> LOG.info("Configuration: {}", line));
    closers.add(
        "metrics",
        () -> {
          meters.close();
          return Future.succeededFuture();
        });
    reportHeap();
    Network network = network();
    Curve curve = Curve.load(configuration.crypto().provider());
    LOG.info("Signatures are checked with {}", curve.name());
    NodeFiles files = NodeFiles.open(configuration.dataDir(), network);
    closers.add("data folder", () -> close(files));
    // A follower certifies nothing, and so has no such key.
    byte[] validatorSecret =
        configuration.follow().url().isPresent()
            ? new byte[0]
            : files.validatorSecret(network, curve, random);
    Vertx vertx = openVertx();
    closers.add("Vert.x", vertx::close);
    new EventLoopMetrics(meters.registry(), System::nanoTime)
        .start(vertx, VertxOptions.DEFAULT_EVENT_LOOP_POOL_SIZE);
    Policy policy = policy();
    Ahead ahead = Ahead.begin(vertx, network, curve);
    closers.add("preparations", ahead::ended);
    SettlementMetrics metrics =
        new SettlementMetrics(
            meters.registry(),
            Arrays.stream(Reason.values()).map(Reason::code).toList(),
            Arrays.stream(Outcome.Cause.values()).map(Outcome.Cause::code).toList());
    Parts parts =
        new Parts(
            vertx,
            configuration,
            network,
            policy,
            curve,
            clock,
            random,
            meters,
            metrics,
            new ChainMetrics(meters.registry()),
            readiness,
            ahead);
    // It takes its time in a process of its own, and most of a start is loading classes.
    Future<Optional<EmbeddedServer>> server = beginServer(vertx);
    Future<Integer> management = ManagementStart.start(parts, closers);
    return Future.join(server, management)
        .transform(
            both -> {
              if (server.succeeded()) {
                server.result().ifPresent(own -> closers.add("PostgreSQL", own::close));
              }
              return both.succeeded()
                  ? database(vertx, server.result())
                  : Future.failedFuture(management.failed() ? management.cause() : server.cause());
            })
        .compose(
            options ->
                Database.open(vertx, options, network, configuration.database().allowUnsafe()))
        .compose(
            database -> {
              closers.add("database", database::close);
              return open(parts, database, files, validatorSecret);
            })
        .compose(
            opened ->
                HttpStart.start(parts, opened, closers)
                    .map(httpPort -> serve(vertx, opened, httpPort, management.result())));
  }

  private static void reportHeap() {
    long megabytes = Runtime.getRuntime().maxMemory() >> 20;
    if (megabytes > ROOMY_HEAP_MEGABYTES) {
      LOG.info(
          "Java's heap may grow to {} MB, more than a node needs;"
              + " java @conf/java.options -jar … bounds it",
          megabytes);
    } else {
      LOG.info("Java's heap may grow to {} MB", megabytes);
    }
  }

  private TenderNode serve(Vertx vertx, Opened opened, int httpPort, int managementPort) {
    BlockedThreads.serving(vertx);
    servers = new Servers(httpPort, managementPort);
    Journal journal = opened.storage().journal();
    readiness.serving(
        () -> journal.isAvailable() && journal.silence().compareTo(MAX_SILENCE) < 0,
        opened.lease()::isHeld,
        () -> !opened.waitsForFlush().getAsBoolean());
    ProcessHandle.current()
        .info()
        .startInstant()
        .ifPresent(
            begun ->
                LOG.info(
                    "Serves {} ms after the process began",
                    Duration.between(begun, clock.instant()).toMillis()));
    return this;
  }

  private Future<Opened> open(
      Parts parts, Database database, NodeFiles files, byte[] validatorSecret) {
    return WriterLease.acquire(database, WriterLease.Options.DEFAULT, this::fail)
        .compose(
            lease -> {
              closers.add("lease", lease::close);
              parts.chainMetrics().lease(lease::isHeld);
              return configuration
                  .follow()
                  .url()
                  .map(
                      url ->
                          new FollowingStart(parts, database, lease, closers, this::fail).open(url))
                  .orElseGet(
                      () ->
                          new SealingStart(parts, database, lease, closers, files, this::fail)
                              .open(validatorSecret));
            });
  }

  private static Future<Void> close(NodeFiles files) {
    try {
      files.close();
      return Future.succeededFuture();
    } catch (IOException e) {
      return Future.failedFuture(e);
    }
  }

  private Network network() throws StartException {
    try {
      if (configuration.network().file().isPresent()) {
        return NetworkFile.load(configuration.network().file().get());
      }
    } catch (ConfigurationException e) {
      throw new StartException(String.valueOf(e.getMessage()), e);
    }
    Network regtest = Network.regtest();
    return configuration
        .network()
        .coinCode()
        .map(code -> withCoinCode(regtest, code))
        .orElse(regtest);
  }

  private static Network withCoinCode(Network network, String coinCode) {
    return new Network(
        network.name(),
        network.hrp(),
        network.pubKeyHashPrefix(),
        network.scriptHashPrefix(),
        coinCode,
        network.uriScheme(),
        network.treasury(),
        network.validators(),
        network.feeFloorSatPerKvb(),
        network.maxBlockWeight(),
        network.maxBlockSigopCost());
  }

  private Policy policy() {
    Policy defaults = Policy.DEFAULT;
    return new Policy(
        defaults.dust(),
        defaults.maxTransferWeight(),
        defaults.maxTransferSigopCost(),
        defaults.maxDataBytes(),
        configuration.settlement().maxPending(),
        defaults.maxPendingWeight(),
        defaults.maxPendingChain(),
        configuration.coins().cacheEntries(),
        defaults.maxUnflushedChanges(),
        configuration.block().ratePerSecond(),
        configuration.block().burst(),
        random.nextLong());
  }

  private Vertx openVertx() {
    VertxOptions options =
        new VertxOptions()
            .setPreferNativeTransport(true)
            .setBlockedThreadCheckInterval(BLOCKED_CHECK_MILLIS)
            .setBlockedThreadCheckIntervalUnit(TimeUnit.MILLISECONDS)
            .setMaxEventLoopExecuteTime(BLOCKED_WARN_MILLIS)
            .setMaxEventLoopExecuteTimeUnit(TimeUnit.MILLISECONDS)
            .setWarningExceptionTime(BLOCKED_TRACE_MILLIS)
            .setWarningExceptionTimeUnit(TimeUnit.MILLISECONDS)
            .setMaxWorkerExecuteTime(WORKER_WARN_SECONDS)
            .setMaxWorkerExecuteTimeUnit(TimeUnit.SECONDS)
            .setMetricsOptions(Meters.vertxOptions());
    Vertx vertx = Vertx.builder().with(options).withMetrics(meters.vertxMetrics()).build();
    BlockedThreads.starting(vertx);
    if (vertx.isNativeTransportEnabled()) {
      LOG.info("Native transport is on");
    } else {
      LOG.warn(
          "Native transport is off; Java's own is slower: {}",
          String.valueOf(vertx.unavailableNativeTransportCause()));
    }
    return vertx;
  }

  private Path serverFolder() {
    return configuration.dataDir().resolve(EmbeddedServer.FOLDER);
  }

  /** Starts a PostgreSQL of the node's own; none if there is another to use. */
  private Future<Optional<EmbeddedServer>> beginServer(Vertx vertx) {
    return configuration.database().url().isPresent()
        ? Future.succeededFuture(Optional.empty())
        : EmbeddedServer.start(vertx, EmbeddedServer.Options.of(serverFolder())).map(Optional::of);
  }

  private Future<DatabaseOptions> database(Vertx vertx, Optional<EmbeddedServer> server) {
    if (server.isEmpty()) {
      try {
        return Future.succeededFuture(limited(external(configuration.database())));
      } catch (IllegalArgumentException e) {
        return Future.failedFuture(new StartException(String.valueOf(e.getMessage()), e));
      }
    }
    FreeSpace space =
        new FreeSpace(() -> serverFolder().toFile().getUsableSpace(), System::nanoTime);
    readiness.disk(space::isEnough);
    return space.start(vertx, closers).map(limited(server.get().databaseOptions()));
  }

  private static DatabaseOptions external(Configuration.Database database) {
    DatabaseOptions parsed = DatabaseOptions.parse(database.url().orElseThrow());
    return database.password().map(secret -> parsed.withPassword(secret.value())).orElse(parsed);
  }

  private DatabaseOptions limited(DatabaseOptions options) {
    DatabaseOptions.Limits limits = options.limits();
    return options.withLimits(
        new DatabaseOptions.Limits(
            configuration.database().poolSize(),
            limits.maxWaitQueue(),
            limits.connectTimeout(),
            Duration.ofMillis(configuration.database().statementTimeoutMillis()),
            limits.idleInTransactionTimeout()));
  }

  // ---- Stop.

  /** This process must not write any more. */
  private void fail(String explanation) {
    LOG.error("THE NODE STOPS: {}", explanation);
    exitCode = 1;
    stop();
  }

  /** Stops in order: no new requests, those under way finished, everything written. */
  public Future<Void> stop() {
    if (stopping.compareAndSet(false, true)) {
      readiness.stopping();
      boolean served = !servers.equals(Servers.NONE);
      long beganNanos = System.nanoTime();
      closers
          .close()
          .onComplete(
              done -> {
                if (served) {
                  LOG.info(
                      "Stopped: takes no more requests, has ended what was under way, in {} ms",
                      TimeUnit.NANOSECONDS.toMillis(System.nanoTime() - beganNanos));
                }
                stopped.complete(exitCode);
              });
    }
    return stopped.future().mapEmpty();
  }

  /** Completes with the exit code once the node has stopped. */
  public Future<Integer> stopped() {
    return stopped.future();
  }

  /** Whether the node can settle payments now. */
  public Readiness readiness() {
    return readiness;
  }

  /** Where the public server listens, such as {@code http://127.0.0.1:8080}. */
  public String http() {
    return (configuration.http().tls().isPresent() ? "https://" : "http://")
        + hostText(configuration.http().host())
        + ":"
        + servers.httpPort();
  }

  /** Where the server for operators listens. */
  public String management() {
    return "http://" + hostText(configuration.management().host()) + ":" + servers.managementPort();
  }

  /** The line that says that the node serves, and where. */
  public String readyLine() {
    return "ready http=" + http() + " management=" + management();
  }

  /** An IPv6 address stands in brackets in a URL. */
  private static String hostText(String host) {
    return host.contains(":") ? "[" + host + "]" : host;
  }
}
