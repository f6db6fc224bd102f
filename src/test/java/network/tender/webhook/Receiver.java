package network.tender.webhook;

import static network.tender.merchant.MerchantFixture.await;
import static org.assertj.core.api.Assertions.assertThat;

import com.fasterxml.jackson.databind.JsonNode;
import io.vertx.core.MultiMap;
import io.vertx.core.Vertx;
import io.vertx.core.buffer.Buffer;
import io.vertx.core.http.HttpServer;
import io.vertx.core.http.HttpServerOptions;
import io.vertx.core.http.HttpServerRequest;
import io.vertx.core.http.HttpServerResponse;
import java.nio.charset.StandardCharsets;
import java.security.GeneralSecurityException;
import java.util.HexFormat;
import java.util.concurrent.LinkedBlockingQueue;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.function.BiConsumer;
import javax.crypto.Mac;
import javax.crypto.spec.SecretKeySpec;
import network.tender.merchant.ExactJson;

/** A shop's server that events are sent to. */
public final class Receiver implements AutoCloseable {
  private static final int SECONDS = 20;

  /** What came, as it came. */
  public record Received(String path, MultiMap headers, Buffer bytes) {
    public byte[] body() {
      return bytes.getBytes();
    }

    public JsonNode json() {
      return ExactJson.parse(body()).orElseThrow();
    }

    public String type() {
      return json().path("type").asText();
    }

    /** As every plugin checks it: over the bytes, not over what they mean. */
    public void assertSignedWith(String secret) {
      try {
        Mac mac = Mac.getInstance("HmacSHA256");
        mac.init(new SecretKeySpec(secret.getBytes(StandardCharsets.UTF_8), "HmacSHA256"));
        assertThat(headers.get("btcpay-sig"))
            .isEqualTo("sha256=" + HexFormat.of().formatHex(mac.doFinal(body())));
      } catch (GeneralSecurityException e) {
        throw new IllegalStateException(e);
      }
    }
  }

  private final HttpServer server;
  private final LinkedBlockingQueue<Received> queue = new LinkedBlockingQueue<>();
  public final AtomicInteger openNow = new AtomicInteger();
  public final AtomicInteger mostOpen = new AtomicInteger();
  private volatile BiConsumer<HttpServerRequest, Received> behaviour =
      (request, received) -> request.response().end();

  public Receiver(Vertx vertx) {
    this(vertx, new HttpServerOptions().setHost("127.0.0.1").setPort(0));
  }

  public Receiver(Vertx vertx, HttpServerOptions options) {
    this.server = await(vertx.createHttpServer(options).requestHandler(this::handle).listen());
  }

  private void handle(HttpServerRequest request) {
    mostOpen.accumulateAndGet(openNow.incrementAndGet(), Math::max);
    // However it ends.
    request.response().endHandler(v -> openNow.decrementAndGet());
    request
        .body()
        .onSuccess(
            body -> {
              Received received = new Received(request.path(), request.headers(), body);
              queue.add(received);
              behaviour.accept(request, received);
            });
  }

  /** From now on answers like this. */
  public void behave(BiConsumer<HttpServerRequest, Received> newBehaviour) {
    behaviour = newBehaviour;
  }

  public void answer(int status) {
    behave((request, received) -> status(request.response(), status));
  }

  private static void status(HttpServerResponse response, int status) {
    response.setStatusCode(status).end("answer " + status);
  }

  public int port() {
    return server.actualPort();
  }

  public String url(String path) {
    return "http://127.0.0.1:" + port() + path;
  }

  /** The next request; fails if none comes. */
  public Received next() {
    try {
      Received received = queue.poll(SECONDS, TimeUnit.SECONDS);
      assertThat(received).as("a request within %d s", SECONDS).isNotNull();
      return received;
    } catch (InterruptedException e) {
      throw new IllegalStateException(e);
    }
  }

  /** How many have come that nobody has asked for. */
  public int waiting() {
    return queue.size();
  }

  @Override
  public void close() {
    await(server.close());
  }
}
