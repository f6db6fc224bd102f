package network.tender.follower;

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
import io.vertx.core.json.DecodeException;
import io.vertx.core.json.JsonObject;
import java.net.URI;
import java.util.List;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.TimeoutException;
import network.tender.chain.MalformedException;
import network.tender.ledger.CertifiedBlock;

/** The node that is followed, over its public HTTP interface. Nothing it says is believed. */
final class UpstreamNode {
  /** More than the blocks of one answer may take, one block of four million bytes included. */
  private static final int MAX_ANSWER_BYTES = 9_000_000;

  private static final int MAX_CONNECTIONS = 64;
  private static final int CONNECT_MILLIS = 5_000;

  /** Beyond the time that an answer may take by itself; the blocks of one take time to come. */
  private static final int GRACE_MILLIS = 30_000;

  private static final int LONGEST_MILLIS = 300_000;
  private static final int SUBMIT_MILLIS = 45_000;
  private static final String TIP_HEIGHT = "Tender-Tip-Height";

  /**
   * What the node says of its network.
   *
   * @param network its name
   * @param height of its newest block
   */
  record Facts(String network, int height) {}

  /**
   * Some consecutive blocks.
   *
   * @param blocks in order; empty if the chain has no such block yet
   * @param tipHeight height of the node's newest block
   */
  record Blocks(List<CertifiedBlock> blocks, int tipHeight) {}

  /**
   * An answer to a transfer.
   *
   * @param status HTTP status
   * @param body as it came
   */
  record Answer(int status, Buffer body) {}

  private final String base;
  private final int longestMillis;
  private final HttpClient client;

  /**
   * A node.
   *
   * @param url its base, http or https
   */
  UpstreamNode(Vertx vertx, URI url) {
    this(vertx, url, LONGEST_MILLIS);
  }

  /**
   * A node.
   *
   * @param longestMillis how long an answer may take to come, beside what it was asked to wait
   */
  UpstreamNode(Vertx vertx, URI url, int longestMillis) {
    this.longestMillis = longestMillis;
    String text = url.toString();
    this.base = text.endsWith("/") ? text.substring(0, text.length() - 1) : text;
    this.client =
        vertx.createHttpClient(
            new HttpClientOptions()
                .setConnectTimeout(CONNECT_MILLIS)
                .setIdleTimeout(GRACE_MILLIS * 2)
                .setIdleTimeoutUnit(TimeUnit.MILLISECONDS)
                .setTcpNoDelay(true)
                .setVerifyHost(true),
            new PoolOptions().setHttp1MaxSize(MAX_CONNECTIONS));
  }

  /** What network it serves and how long its chain is. */
  Future<Facts> facts() {
    return get("/v1/network", 0)
        .compose(
            response -> {
              try {
                JsonObject json = response.body().toJsonObject();
                int height = json.getJsonObject("tip").getInteger("height");
                return height < 0
                    ? unexpected("it says that its chain has a height below 0")
                    : Future.succeededFuture(new Facts(Said.of(json.getString("name")), height));
              } catch (DecodeException | ClassCastException | NullPointerException e) {
                return unexpected("it does not say which network it serves");
              }
            });
  }

  /**
   * Blocks from a height upwards.
   *
   * @param waitMillis how long the node may wait for the first of them
   */
  Future<Blocks> blocks(int from, int limit, int waitMillis) {
    return get(
            "/v1/certified-blocks?from=" + from + "&limit=" + limit + "&waitMillis=" + waitMillis,
            waitMillis)
        .compose(
            response -> {
              try {
                List<CertifiedBlock> blocks = CertifiedBlock.decode(response.body().getBytes());
                if (blocks.size() > limit) {
                  return unexpected("it has answered with more blocks than asked for");
                }
                for (int i = 0; i < blocks.size(); i++) {
                  if (blocks.get(i).height() != from + i) {
                    return unexpected("it has answered with other blocks than asked for");
                  }
                }
                int tip = Integer.parseInt(response.tipHeight());
                return tip < 0
                    ? unexpected("it says that its chain has a height below 0")
                    : Future.succeededFuture(new Blocks(blocks, tip));
              } catch (MalformedException | NumberFormatException e) {
                return unexpected("its blocks can't be read: " + e.getMessage());
              }
            });
  }

  private record Response(Buffer body, String tipHeight) {}

  private Future<Response> get(String path, int waitMillis) {
    RequestOptions options =
        new RequestOptions()
            .setMethod(HttpMethod.GET)
            .setAbsoluteURI(base + path)
            .setConnectTimeout(CONNECT_MILLIS)
            .setIdleTimeout(waitMillis + GRACE_MILLIS);
    return client
        .request(options)
        .compose(
            request ->
                within(
                    (long) waitMillis + longestMillis,
                    request,
                    request.send().compose(response -> answer(response, path))))
        .recover(error -> Future.failedFuture(explain(error, false)));
  }

  private static Future<Response> answer(HttpClientResponse response, String path) {
    return read(response)
        .compose(
            body ->
                response.statusCode() == 200
                    ? Future.succeededFuture(
                        new Response(body, String.valueOf(response.getHeader(TIP_HEIGHT))))
                    : unexpected("it has answered " + response.statusCode() + " to " + path));
  }

  /** However slowly a byte follows the other, some time is enough; then its connection is free. */
  private static <T> Future<T> within(long millis, HttpClientRequest request, Future<T> answer) {
    return answer
        .timeout(millis, TimeUnit.MILLISECONDS)
        .onFailure(
            error -> {
              if (error instanceof TimeoutException) {
                request.reset();
              }
            });
  }

  /** Hands a transfer on. */
  Future<Answer> submit(byte[] transfer, boolean wait) {
    RequestOptions options =
        new RequestOptions()
            .setMethod(HttpMethod.POST)
            .setAbsoluteURI(base + "/v1/transfers")
            .setConnectTimeout(CONNECT_MILLIS)
            .setIdleTimeout(SUBMIT_MILLIS)
            .putHeader("Content-Type", "application/octet-stream")
            .putHeader("Accept", "application/json, application/problem+json");
    if (!wait) {
      options.putHeader("Prefer", "respond-async");
    }
    return client
        .request(options)
        .recover(error -> Future.failedFuture(explain(error, false)))
        .compose(
            request ->
                within(
                        Math.min(longestMillis, SUBMIT_MILLIS),
                        request,
                        request
                            .send(Buffer.buffer(transfer))
                            .compose(
                                response ->
                                    read(response)
                                        .map(body -> new Answer(response.statusCode(), body))))
                    .recover(error -> Future.failedFuture(explain(error, true))));
  }

  private static <T> Future<T> unexpected(String what) {
    return Future.failedFuture(new UpstreamException(what, true));
  }

  private static UpstreamException explain(Throwable error, boolean perhapsTaken) {
    return error instanceof UpstreamException known
        ? known
        : new UpstreamException(String.valueOf(error.getMessage()), perhapsTaken);
  }

  /** The whole body, unless it is larger than any honest answer. */
  private static Future<Buffer> read(HttpClientResponse response) {
    Promise<Buffer> promise = Promise.promise();
    Buffer body = Buffer.buffer();
    response.handler(
        part -> {
          if (body.length() + part.length() > MAX_ANSWER_BYTES) {
            promise.tryFail(new UpstreamException("its answer does not end", true));
            response.request().reset();
          } else {
            body.appendBuffer(part);
          }
        });
    response.exceptionHandler(promise::tryFail);
    response.endHandler(end -> promise.tryComplete(body));
    return promise.future();
  }

  Future<Void> close() {
    return client.close();
  }
}
