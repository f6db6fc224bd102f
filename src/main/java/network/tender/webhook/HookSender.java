package network.tender.webhook;

import io.netty.util.NetUtil;
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
import java.net.ConnectException;
import java.net.InetAddress;
import java.net.UnknownHostException;
import java.util.List;
import java.util.Optional;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.TimeoutException;
import javax.net.ssl.SSLException;
import network.tender.merchant.HookTarget;

/** Sends one body to one link, once. */
final class HookSender {
  /** More of an answer is not waited for: its status is all that counts. */
  private static final int MAX_ANSWER_BYTES = 64 * 1_024;

  private static final int MAX_ERROR_CHARS = 200;

  private final HookTargets targets;
  private final HttpClient client;
  private final long timeoutMillis;
  private final String userAgent;

  /**
   * A sender.
   *
   * @param timeoutMillis after which there is no answer: name, connection and answer together
   * @param connections most at a time to one host
   */
  HookSender(
      Vertx vertx,
      HookTargets targets,
      HttpClientOptions options,
      long timeoutMillis,
      int connections,
      String userAgent) {
    this.targets = targets;
    this.timeoutMillis = timeoutMillis;
    this.userAgent = userAgent;
    // A connection for each: one that its receiver has closed meanwhile would look like a failure.
    this.client =
        vertx.createHttpClient(
            new HttpClientOptions(options)
                .setKeepAlive(false)
                .setVerifyHost(true)
                .setConnectTimeout(Math.toIntExact(timeoutMillis)),
            new PoolOptions().setHttp1MaxSize(connections));
  }

  /**
   * Sends a body.
   *
   * @param secret what it is signed with
   * @param attempts how many tries there were before: each takes another address of the host
   */
  Future<Outcome> send(HookTarget target, Optional<String> secret, byte[] body, int attempts) {
    Exchange exchange = new Exchange();
    return targets
        .addresses(target)
        .compose(
            addresses ->
                client
                    .request(options(target, secret, body, chosen(addresses, attempts)))
                    .compose(request -> exchange.begin(request, body)))
        .timeout(timeoutMillis, TimeUnit.MILLISECONDS)
        .onFailure(error -> exchange.end())
        .recover(error -> Future.succeededFuture(explain(error)));
  }

  /** A request under way, which is ended with the time for it, whether it has begun or not. */
  private static final class Exchange {
    private Optional<HttpClientRequest> begun = Optional.empty();
    private boolean ended;

    Future<Outcome> begin(HttpClientRequest request, byte[] body) {
      synchronized (this) {
        begun = Optional.of(request);
        if (ended) {
          request.reset();
        }
      }
      return request.send(Buffer.buffer(body)).compose(response -> outcome(request, response));
    }

    synchronized void end() {
      ended = true;
      begun.ifPresent(HttpClientRequest::reset);
    }
  }

  private static InetAddress chosen(List<InetAddress> addresses, int attempts) {
    return addresses.get(attempts % addresses.size());
  }

  private RequestOptions options(
      HookTarget target, Optional<String> secret, byte[] body, InetAddress address) {
    RequestOptions options =
        new RequestOptions()
            .setMethod(HttpMethod.POST)
            // As an address, so that the name is not looked up again.
            .setServer(
                SocketAddress.inetSocketAddress(target.port(), NetUtil.toAddressString(address)))
            .setHost(target.authorityHost())
            .setPort(target.port())
            .setSsl(target.isTls())
            .setURI(target.path())
            .setFollowRedirects(false)
            .putHeader("Content-Type", "application/json; charset=utf-8")
            .putHeader("User-Agent", userAgent);
    secret.ifPresent(key -> options.putHeader("BTCPay-Sig", HookBody.signature(key, body)));
    return options;
  }

  /** The status counts as soon as it is there; the rest is read so that nothing is left over. */
  private static Future<Outcome> outcome(HttpClientRequest request, HttpClientResponse response) {
    Outcome outcome = Outcome.answered(response.statusCode());
    Promise<Outcome> read = Promise.promise();
    long[] bytes = {0};
    response.handler(
        part -> {
          bytes[0] += part.length();
          if (bytes[0] > MAX_ANSWER_BYTES && read.tryComplete(outcome)) {
            request.reset();
          }
        });
    response.exceptionHandler(error -> read.tryComplete(outcome));
    response.endHandler(end -> read.tryComplete(outcome));
    return read.future();
  }

  private Outcome explain(Throwable error) {
    if (error instanceof HookTargets.ClosedException closed) {
      return Outcome.refused(String.valueOf(closed.getMessage()));
    }
    if (error instanceof TimeoutException
        || error instanceof io.netty.channel.ConnectTimeoutException) {
      return Outcome.unreachable("No answer within %d ms.".formatted(timeoutMillis));
    }
    if (error instanceof UnknownHostException) {
      return Outcome.unreachable("The host can't be found.");
    }
    if (error instanceof ConnectException) {
      return Outcome.unreachable("The connection was refused.");
    }
    if (error instanceof SSLException) {
      return Outcome.unreachable("No trusted TLS connection: " + cut(error));
    }
    return Outcome.unreachable("The connection failed: " + cut(error));
  }

  private static String cut(Throwable error) {
    String text = String.valueOf(error.getMessage()).replace('\0', ' ');
    return text.length() > MAX_ERROR_CHARS ? text.substring(0, MAX_ERROR_CHARS) : text;
  }

  Future<Void> close() {
    return client.close();
  }
}
