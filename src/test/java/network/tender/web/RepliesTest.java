package network.tender.web;

import static org.assertj.core.api.Assertions.assertThat;

import io.vertx.core.Promise;
import io.vertx.core.Vertx;
import io.vertx.core.http.HttpClientResponse;
import io.vertx.core.http.HttpMethod;
import io.vertx.core.http.HttpServer;
import io.vertx.ext.web.Router;
import java.util.concurrent.LinkedBlockingQueue;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;

@Timeout(value = 30, unit = TimeUnit.SECONDS)
class RepliesTest {
  private final LinkedBlockingQueue<String> late = new LinkedBlockingQueue<>();
  private Vertx vertx;

  @BeforeEach
  void start() {
    vertx = Vertx.vertx();
  }

  @AfterEach
  void stop() {
    TestServer.await(vertx.close());
  }

  private int statusOf(Promise<String> data, long limitMillis) {
    Router router = Router.router(vertx);
    router
        .get("/")
        .handler(
            ctx ->
                Replies.read(
                    ctx, data.future(), text -> ctx.response().end(text), late::add, limitMillis));
    router.errorHandler(
        500,
        ctx ->
            ctx.response()
                .setStatusCode(
                    ctx.failure() instanceof ProblemException expected
                        ? expected.problem().status()
                        : 500)
                .end());
    HttpServer server =
        TestServer.await(vertx.createHttpServer().requestHandler(router).listen(0, "127.0.0.1"));
    return TestServer.await(
        vertx
            .createHttpClient()
            .request(HttpMethod.GET, server.actualPort(), "127.0.0.1", "/")
            .compose(request -> request.send())
            .map(HttpClientResponse::statusCode));
  }

  @Test
  void whatComesAfterTheAnswerIsGivenBack() throws Exception {
    Promise<String> data = Promise.promise();
    assertThat(statusOf(data, 20)).isEqualTo(503);
    data.complete("a subscription");
    assertThat(late.poll(10, TimeUnit.SECONDS)).isEqualTo("a subscription");
  }

  @Test
  void whatComesInTimeIsAnsweredAndKept() {
    Promise<String> data = Promise.promise();
    data.complete("a subscription");
    assertThat(statusOf(data, 10_000)).isEqualTo(200);
    assertThat(late).isEmpty();
  }

  /** On its own loop: a thread that serves all requests would have to be woken for each. */
  @Test
  void timeIsKeptByTheRequestsOwnEventLoop() throws Exception {
    LinkedBlockingQueue<String> seen = new LinkedBlockingQueue<>();
    Router router = Router.router(vertx);
    router
        .get("/")
        .handler(
            ctx -> {
              String loop = Thread.currentThread().getName();
              Replies.inTime(ctx, Promise.<String>promise().future(), 20)
                  .onComplete(
                      read -> {
                        seen.add(read.cause().getClass().getSimpleName());
                        seen.add(Thread.currentThread().getName().equals(loop) ? "here" : "there");
                        ctx.end();
                      });
            });
    HttpServer server =
        TestServer.await(vertx.createHttpServer().requestHandler(router).listen(0, "127.0.0.1"));
    TestServer.await(
        vertx
            .createHttpClient()
            .request(HttpMethod.GET, server.actualPort(), "127.0.0.1", "/")
            .compose(request -> request.send()));
    assertThat(seen.poll(10, TimeUnit.SECONDS)).isEqualTo("TimeoutException");
    assertThat(seen.poll(10, TimeUnit.SECONDS)).isEqualTo("here");
  }
}
