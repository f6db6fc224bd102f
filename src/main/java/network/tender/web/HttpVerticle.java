package network.tender.web;

import io.vertx.core.Future;
import io.vertx.core.Handler;
import io.vertx.core.VerticleBase;
import io.vertx.core.http.Http2Settings;
import io.vertx.core.http.HttpConnection;
import io.vertx.core.http.HttpServer;
import io.vertx.core.http.HttpServerOptions;
import io.vertx.core.http.HttpServerRequest;
import io.vertx.core.net.PemKeyCertOptions;
import io.vertx.openapi.contract.OpenAPIContract;
import java.util.List;
import java.util.concurrent.TimeUnit;
import org.jspecify.annotations.Nullable;

/** One server of the public port, on one event loop, with a router of its own. */
final class HttpVerticle extends VerticleBase {
  private static final int MAX_HEADER_BYTES = 16 * 1024;
  private static final int MAX_REQUEST_LINE_BYTES = 8 * 1024;
  private static final int SOCKET_GOODBYE_SECONDS = 1;
  private static final int MAX_SOCKET_MESSAGE_BYTES = 64 * 1024;
  private static final int MAX_STREAMS_PER_CONNECTION = 128;

  private final HttpSettings settings;
  private final int listenPort;
  private final OpenAPIContract contract;
  private final List<Surface> surfaces;
  private final AnswerBounds bounds;
  private final LongLivedPlaces places;
  private final HttpMetrics metrics;
  private @Nullable HttpServer server;

  HttpVerticle(
      HttpSettings settings,
      int listenPort,
      OpenAPIContract contract,
      List<Surface> surfaces,
      AnswerBounds bounds,
      LongLivedPlaces places,
      HttpMetrics metrics) {
    this.settings = settings;
    this.listenPort = listenPort;
    this.contract = contract;
    this.surfaces = surfaces;
    this.bounds = bounds;
    this.places = places;
    this.metrics = metrics;
  }

  @Override
  public Future<?> start() {
    Handler<HttpServerRequest> router =
        new Frame(
                vertx,
                settings,
                contract,
                surfaces,
                new ConnectionPlace(metrics::connectionClosed),
                bounds,
                places)
            .router();
    HttpServer created = vertx.createHttpServer(options(settings, listenPort));
    server = created;
    return created
        .connectionHandler(this::admit)
        .requestHandler(router)
        .listen()
        .onSuccess(listening -> server = listening);
  }

  @Override
  public Future<?> stop() {
    surfaces.forEach(Surface::drain);
    HttpServer running = server;
    return running == null
        ? Future.succeededFuture()
        : running.shutdown(settings.drainSeconds(), TimeUnit.SECONDS);
  }

  int port() {
    HttpServer running = server;
    return running == null ? 0 : running.actualPort();
  }

  private void admit(HttpConnection connection) {
    if (metrics.connectionOpened(settings.maxConnections())) {
      connection.closeHandler(closed -> metrics.connectionClosed());
    } else {
      connection.close();
    }
  }

  static HttpServerOptions options(HttpSettings settings, int listenPort) {
    HttpServerOptions options =
        new HttpServerOptions()
            .setHost(settings.host())
            .setPort(listenPort)
            .setIdleTimeout(settings.idleTimeoutSeconds())
            .setIdleTimeoutUnit(TimeUnit.SECONDS)
            .setMaxHeaderSize(MAX_HEADER_BYTES)
            .setMaxInitialLineLength(MAX_REQUEST_LINE_BYTES)
            .setHandle100ContinueAutomatically(true)
            .setTcpNoDelay(true)
            .setCompressionSupported(false)
            .setMaxWebSocketFrameSize(MAX_SOCKET_MESSAGE_BYTES)
            .setMaxWebSocketMessageSize(MAX_SOCKET_MESSAGE_BYTES)
            // Who takes nothing any more does not answer a goodbye either.
            .setWebSocketClosingTimeout(SOCKET_GOODBYE_SECONDS)
            // With an upgrade from HTTP/1.1 possible, connections would not be told of, and so not
            // counted, before their first request. HTTP/2 is for TLS.
            .setHttp2ClearTextEnabled(false)
            .setInitialSettings(
                new Http2Settings()
                    .setMaxConcurrentStreams(MAX_STREAMS_PER_CONNECTION)
                    .setMaxHeaderListSize(MAX_HEADER_BYTES));
    settings
        .tls()
        .ifPresent(
            tls ->
                options
                    .setSsl(true)
                    .setUseAlpn(true)
                    .setKeyCertOptions(
                        new PemKeyCertOptions()
                            .setCertPath(tls.certificate().toString())
                            .setKeyPath(tls.key().toString())));
    return options;
  }
}
