package network.tender.merchant;

import com.fasterxml.jackson.core.JsonPointer;
import com.fasterxml.jackson.databind.JsonNode;
import io.micrometer.core.instrument.Counter;
import io.micrometer.core.instrument.MeterRegistry;
import io.vertx.core.Context;
import io.vertx.core.Future;
import io.vertx.core.Promise;
import io.vertx.core.Vertx;
import io.vertx.core.buffer.Buffer;
import io.vertx.core.http.HttpClient;
import io.vertx.core.http.HttpClientOptions;
import io.vertx.core.http.HttpClientRequest;
import io.vertx.core.http.HttpClientResponse;
import io.vertx.core.http.HttpMethod;
import io.vertx.core.http.PoolOptions;
import io.vertx.core.http.RequestOptions;
import io.vertx.core.net.SocketAddress;
import java.math.BigDecimal;
import java.net.InetAddress;
import java.net.URI;
import java.time.InstantSource;
import java.util.HashMap;
import java.util.LinkedHashMap;
import java.util.Map;
import java.util.Optional;
import java.util.concurrent.TimeUnit;

/**
 * Rates that other servers answer with. Each is remembered: a fresh one is used as it is, and asked
 * for anew before it is no longer fresh. An older one is used only while its server fails or is
 * slow, and one past its limit is none. At most one question is under way for each rate, few for
 * each store, and not many in all. The name is looked up here and the address that was judged is
 * the one that is called; redirects are not followed.
 */
final class HttpRates {
  private static final String NO_ANSWER =
      "The server of the rates does not answer as it should; check its address.";

  private static final int MAX_RATES = 2_000;
  private static final int MAX_UNDER_WAY = 64;

  /** Most of them that one store has asked: slow servers of one keep no other store waiting. */
  static final int MAX_OF_STORE = 8;

  private static final int MAX_ANSWER_BYTES = 256 * 1024;

  /** For a connection, and twice that for all of a question. */
  static final int TIMEOUT_MILLIS = 5_000;

  private static final int HTTPS_PORT = 443;
  private static final int HTTP_PORT = 80;

  /** A rate this young needs no new look. */
  static final long FRESH_MILLIS = 30_000;

  /** From this age on a newer one is fetched, for which nobody waits: a busy till never does. */
  static final long RENEWED_MILLIS = 15_000;

  /** Who knows an older rate waits only so long for a newer one. */
  static final long PATIENCE_MILLIS = 1_500;

  /** A server that failed is let be for a while. */
  static final long PAUSE_MILLIS = 10_000;

  private record Question(String url, String pointer) {}

  /** A question under way, who asked it first and when. */
  private record Asked(String storeId, Future<StoreRates.Quote> quote, long millis) {}

  private record Known(BigDecimal rate, long millis) {}

  private record Failed(String sentence, long millis) {}

  private static final class FetchException extends RuntimeException {
    private static final long serialVersionUID = 1L;

    FetchException(String sentence) {
      super(sentence, null, false, false);
    }
  }

  private final Vertx vertx;
  private final AddressGuard guard;
  private final InstantSource clock;
  private final int timeoutMillis;
  private final HttpClient client;
  private final HostLookup lookup;
  private final Counter fetched;
  private final Counter failures;
  private final Counter refused;
  private final Map<Question, Known> known = bounded();
  private final Map<Question, Failed> failed = bounded();
  private final Map<Question, Asked> underWay = new HashMap<>();

  HttpRates(
      Vertx vertx,
      AddressGuard guard,
      HostLookup lookup,
      InstantSource clock,
      int timeoutMillis,
      MeterRegistry registry) {
    this.vertx = vertx;
    this.guard = guard;
    this.clock = clock;
    this.timeoutMillis = timeoutMillis;
    this.client =
        vertx.createHttpClient(
            new HttpClientOptions()
                .setConnectTimeout(timeoutMillis)
                .setKeepAlive(false)
                .setIdleTimeout(timeoutMillis * 2)
                .setIdleTimeoutUnit(TimeUnit.MILLISECONDS),
            new PoolOptions().setHttp1MaxSize(MAX_UNDER_WAY).setMaxWaitQueueSize(MAX_UNDER_WAY));
    this.lookup = lookup;
    this.fetched = fetches(registry, "fetched");
    this.failures = fetches(registry, "failed");
    this.refused = fetches(registry, "refused");
  }

  private static Counter fetches(MeterRegistry registry, String outcome) {
    return Counter.builder("tender_rate_fetches")
        .description("Questions for rates to other servers; refused are those that were not asked")
        .tag("outcome", outcome)
        .register(registry);
  }

  private static <V> Map<Question, V> bounded() {
    return new LinkedHashMap<>(64, 0.75f, true) {
      private static final long serialVersionUID = 1L;

      @Override
      protected boolean removeEldestEntry(Map.Entry<Question, V> eldest) {
        return size() > MAX_RATES;
      }
    };
  }

  /**
   * A rate.
   *
   * @param storeId who asks
   * @param url an http or https URL
   * @param pointer where in the answer the number is
   * @param staleAfterSeconds an older rate is none
   */
  Future<StoreRates.Quote> rate(String storeId, String url, String pointer, int staleAfterSeconds) {
    Question question = new Question(url, pointer);
    Future<StoreRates.Quote> asked;
    Optional<StoreRates.Quote> older = Optional.empty();
    long patience = 0;
    synchronized (this) {
      long now = clock.millis();
      Known last = known.get(question);
      long age = last == null ? Long.MAX_VALUE : now - last.millis();
      Failed failure = failed.get(question);
      boolean pauses = failure != null && now - failure.millis() < PAUSE_MILLIS;
      if (last != null && age < TimeUnit.SECONDS.toMillis(staleAfterSeconds)) {
        StoreRates.Quote kept = new StoreRates.Quote.Known(last.rate());
        if (!pauses && age >= RENEWED_MILLIS) {
          askOnce(storeId, question);
        }
        if (pauses || age < FRESH_MILLIS) {
          return Future.succeededFuture(kept);
        }
        Asked running = underWay.get(question);
        patience = running == null ? 0 : running.millis() + PATIENCE_MILLIS - now;
        if (patience <= 0) {
          return Future.succeededFuture(kept);
        }
        older = Optional.of(kept);
      } else if (failure != null && pauses) {
        return Future.succeededFuture(new StoreRates.Quote.Missing(failure.sentence()));
      }
      asked = askOnce(storeId, question);
    }
    Future<StoreRates.Quote> answer = here(asked);
    return older.isEmpty() ? answer : answerOr(older.get(), answer, patience);
  }

  /** Whoever waits for another's question goes on where it was, not on the other's event loop. */
  private Future<StoreRates.Quote> here(Future<StoreRates.Quote> asked) {
    Promise<StoreRates.Quote> quote = Promise.promise();
    Context here = vertx.getOrCreateContext();
    asked.onComplete(done -> here.runOnContext(back -> quote.complete(done.result())));
    return quote.future();
  }

  /** What a server answers soon, or else the rate that is known. */
  private Future<StoreRates.Quote> answerOr(
      StoreRates.Quote older, Future<StoreRates.Quote> answer, long patienceMillis) {
    Promise<StoreRates.Quote> quote = Promise.promise();
    long timer = vertx.setTimer(patienceMillis, over -> quote.tryComplete(older));
    answer.onSuccess(
        newer -> {
          vertx.cancelTimer(timer);
          quote.tryComplete(newer instanceof StoreRates.Quote.Known ? newer : older);
        });
    return quote.future();
  }

  private Future<StoreRates.Quote> askOnce(String storeId, Question question) {
    Asked running = underWay.get(question);
    if (running != null) {
      return running.quote();
    }
    if (underWay.size() >= MAX_UNDER_WAY
        || underWay.values().stream().filter(one -> one.storeId().equals(storeId)).count()
            >= MAX_OF_STORE) {
      refused.increment();
      return Future.succeededFuture(
          new StoreRates.Quote.Missing("Too many rates are being asked for; try again."));
    }
    Promise<StoreRates.Quote> quote = Promise.promise();
    underWay.put(question, new Asked(storeId, quote.future(), clock.millis()));
    Exchange exchange = new Exchange();
    ask(question, exchange)
        .timeout(timeoutMillis * 2L, TimeUnit.MILLISECONDS)
        .onFailure(error -> exchange.end())
        .onComplete(
            answer ->
                quote.complete(
                    answer.succeeded()
                        ? keep(question, answer.result())
                        : note(question, answer.cause())));
    return quote.future();
  }

  private synchronized StoreRates.Quote keep(Question question, BigDecimal rate) {
    fetched.increment();
    underWay.remove(question);
    failed.remove(question);
    known.put(question, new Known(rate, clock.millis()));
    return new StoreRates.Quote.Known(rate);
  }

  private synchronized StoreRates.Quote note(Question question, Throwable error) {
    failures.increment();
    underWay.remove(question);
    // What other exceptions say may tell of this node's network; nobody outside needs to know it.
    String sentence =
        error instanceof FetchException plain ? String.valueOf(plain.getMessage()) : NO_ANSWER;
    failed.put(question, new Failed(sentence, clock.millis()));
    return new StoreRates.Quote.Missing(sentence);
  }

  /** A request under way; its connection is closed with the time for it, begun or not. */
  private static final class Exchange {
    private Optional<HttpClientRequest> begun = Optional.empty();
    private boolean ended;

    Future<Buffer> begin(HttpClientRequest request) {
      synchronized (this) {
        begun = Optional.of(request);
        if (ended) {
          request.reset();
        }
      }
      return request.send().compose(HttpRates::body);
    }

    synchronized void end() {
      ended = true;
      begun.ifPresent(HttpClientRequest::reset);
    }
  }

  private Future<BigDecimal> ask(Question question, Exchange exchange) {
    URI uri;
    try {
      uri = URI.create(question.url());
    } catch (IllegalArgumentException e) {
      return Future.failedFuture(new FetchException("The address of the rates is not a URL."));
    }
    String host = uri.getHost();
    if (host == null) {
      return Future.failedFuture(new FetchException("The address of the rates names no server."));
    }
    boolean tls = "https".equalsIgnoreCase(uri.getScheme());
    int port = uri.getPort() > 0 ? uri.getPort() : tls ? HTTPS_PORT : HTTP_PORT;
    String plain = host.startsWith("[") ? host.substring(1, host.length() - 1) : host;
    return lookup
        .lookup(plain)
        .compose(
            addresses -> {
              if (!addresses.stream().allMatch(guard::mayCall)) {
                throw new FetchException(
                    "The server of the rates has a private address, which this node does not call.");
              }
              return get(uri, host, port, tls, addresses.get(0), exchange);
            })
        .map(body -> read(body, question.pointer()));
  }

  private Future<Buffer> get(
      URI uri, String host, int port, boolean tls, InetAddress address, Exchange exchange) {
    String path = uri.getRawPath() == null || uri.getRawPath().isEmpty() ? "/" : uri.getRawPath();
    RequestOptions options =
        new RequestOptions()
            .setMethod(HttpMethod.GET)
            .setServer(SocketAddress.inetSocketAddress(port, address.getHostAddress()))
            .setHost(host)
            .setPort(port)
            .setSsl(tls)
            .setURI(uri.getRawQuery() == null ? path : path + "?" + uri.getRawQuery())
            .setFollowRedirects(false)
            .setTimeout(timeoutMillis)
            .putHeader("Accept", "application/json")
            .putHeader("User-Agent", "tender");
    return client.request(options).compose(exchange::begin);
  }

  private static Future<Buffer> body(HttpClientResponse response) {
    if (response.statusCode() != 200) {
      // Nobody reads the rest of it.
      response.exceptionHandler(cut -> {});
      response.request().reset();
      // Not which status: whoever owns a store is not told what else answers at an address.
      return Future.failedFuture(new FetchException(NO_ANSWER));
    }
    Promise<Buffer> whole = Promise.promise();
    Buffer body = Buffer.buffer();
    response.handler(
        chunk -> {
          if (body.length() + chunk.length() > MAX_ANSWER_BYTES) {
            whole.tryFail(
                new FetchException(
                    "The server of the rates answers more than %d bytes."
                        .formatted(MAX_ANSWER_BYTES)));
            response.request().reset();
          } else {
            body.appendBuffer(chunk);
          }
        });
    response.exceptionHandler(whole::tryFail);
    response.endHandler(ended -> whole.tryComplete(body));
    return whole.future();
  }

  private static BigDecimal read(Buffer body, String pointer) {
    JsonNode answer =
        ExactJson.parse(body.getBytes())
            .orElseThrow(() -> new FetchException("The server of the rates answers no JSON."));
    Optional<BigDecimal> rate = LenientJson.decimal(answer.at(JsonPointer.compile(pointer)));
    return rate.filter(number -> number.signum() > 0)
        .orElseThrow(
            () ->
                new FetchException(
                    "There is no number above 0 at %s of what the server of the rates answers."
                        .formatted(pointer)));
  }

  Future<Void> close() {
    return client.close();
  }
}
