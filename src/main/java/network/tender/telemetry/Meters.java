package network.tender.telemetry;

import io.micrometer.core.instrument.Meter;
import io.micrometer.core.instrument.Tags;
import io.micrometer.core.instrument.binder.jvm.ClassLoaderMetrics;
import io.micrometer.core.instrument.binder.jvm.JvmGcMetrics;
import io.micrometer.core.instrument.binder.jvm.JvmMemoryMetrics;
import io.micrometer.core.instrument.binder.jvm.JvmThreadMetrics;
import io.micrometer.core.instrument.binder.system.FileDescriptorMetrics;
import io.micrometer.core.instrument.binder.system.ProcessorMetrics;
import io.micrometer.core.instrument.binder.system.UptimeMetrics;
import io.micrometer.core.instrument.config.MeterFilter;
import io.micrometer.core.instrument.distribution.DistributionStatisticConfig;
import io.micrometer.prometheusmetrics.PrometheusConfig;
import io.micrometer.prometheusmetrics.PrometheusMeterRegistry;
import io.vertx.core.http.HttpMethod;
import io.vertx.core.spi.VertxMetricsFactory;
import io.vertx.micrometer.Label;
import io.vertx.micrometer.MetricsDomain;
import io.vertx.micrometer.MicrometerMetricsFactory;
import io.vertx.micrometer.MicrometerMetricsOptions;
import io.vertx.micrometer.VertxPrometheusOptions;
import java.time.Duration;
import java.util.EnumSet;
import java.util.Map;
import java.util.Set;
import java.util.stream.Stream;

/**
 * The registry that holds every meter of one node, and what it measures without our help: HTTP and
 * SQL pools through Vert.x, the JVM and the process.
 */
public final class Meters implements AutoCloseable {
  private static final Set<HttpMethod> METHODS =
      Set.of(
          HttpMethod.GET,
          HttpMethod.HEAD,
          HttpMethod.POST,
          HttpMethod.PUT,
          HttpMethod.PATCH,
          HttpMethod.DELETE,
          HttpMethod.OPTIONS);

  private final PrometheusMeterRegistry registry =
      new PrometheusMeterRegistry(PrometheusConfig.DEFAULT);
  private final JvmGcMetrics garbageCollection = new JvmGcMetrics();

  /** A registry with the JVM's and the process's meters. */
  public Meters() {
    registry.config().meterFilter(new OwnNames()).meterFilter(new HttpBuckets());
    new ClassLoaderMetrics().bindTo(registry);
    new JvmMemoryMetrics().bindTo(registry);
    new JvmThreadMetrics().bindTo(registry);
    garbageCollection.bindTo(registry);
    new ProcessorMetrics().bindTo(registry);
    new FileDescriptorMetrics().bindTo(registry);
    new UptimeMetrics().bindTo(registry);
  }

  /** The registry. */
  public PrometheusMeterRegistry registry() {
    return registry;
  }

  /** All meters in Prometheus's text format. */
  public String scrape() {
    return registry.scrape();
  }

  /** For {@link io.vertx.core.VertxBuilder#withMetrics}. */
  public VertxMetricsFactory vertxMetrics() {
    return new MicrometerMetricsFactory(registry);
  }

  /**
   * What Vert.x measures. HTTP carries the route's template and never the path, whose values have
   * no end; the same goes for made-up methods.
   */
  public static MicrometerMetricsOptions vertxOptions() {
    return new MicrometerMetricsOptions()
        .setEnabled(true)
        .setPrometheusOptions(new VertxPrometheusOptions().setEnabled(true))
        .setLabels(EnumSet.of(Label.HTTP_ROUTE, Label.HTTP_CODE, Label.POOL_TYPE, Label.POOL_NAME))
        .setServerRequestTagsProvider(request -> Tags.of("method", method(request.method())))
        .addDisabledMetricsCategory(MetricsDomain.EVENT_BUS);
  }

  private static String method(HttpMethod method) {
    return METHODS.contains(method) ? method.name() : "other";
  }

  @Override
  public void close() {
    garbageCollection.close();
    registry.close();
  }

  /** Gives Vert.x's meters our prefix, and those of database pools names of their own. */
  private static final class OwnNames implements MeterFilter {
    private static final String VERTX = "vertx.";
    private static final String POOL = "vertx.pool.";

    @Override
    public Meter.Id map(Meter.Id id) {
      String name = id.getName();
      if (name.startsWith(POOL) && "sql".equals(id.getTag("pool_type"))) {
        return id.withName("tender.sql.pool." + name.substring(POOL.length()));
      }
      return name.startsWith(VERTX) ? id.withName("tender." + name.substring(VERTX.length())) : id;
    }
  }

  /** Gives Vert.x's HTTP response times buckets, so that they can be summed over nodes. */
  private static final class HttpBuckets implements MeterFilter {
    private static final Map<String, double[]> BUCKETS =
        Map.of(
            "tender.http.server.response.time",
            nanos(5, 10, 25, 50, 100, 250, 500, 1_000, 2_500, 10_000));

    private static double[] nanos(long... millis) {
      return java.util.Arrays.stream(millis).mapToDouble(m -> m * 1e6).toArray();
    }

    @Override
    public DistributionStatisticConfig configure(
        Meter.Id id, DistributionStatisticConfig configuration) {
      double[] buckets = BUCKETS.get(id.getName());
      if (buckets == null) {
        return configuration;
      }
      return DistributionStatisticConfig.builder()
          .serviceLevelObjectives(buckets)
          .build()
          .merge(configuration);
    }
  }

  /** Bucket boundaries of everything that is part of a settlement. */
  static Duration[] settlementBuckets() {
    return Stream.of(5, 10, 25, 50, 100, 250, 500, 1_000, 2_500)
        .map(Duration::ofMillis)
        .toArray(Duration[]::new);
  }
}
