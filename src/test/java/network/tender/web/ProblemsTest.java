package network.tender.web;

import static org.assertj.core.api.Assertions.assertThat;

import io.vertx.core.Future;
import io.vertx.core.Vertx;
import io.vertx.core.VertxException;
import io.vertx.pgclient.PgException;
import java.io.IOException;
import java.net.http.HttpResponse;
import java.util.List;
import java.util.Optional;
import java.util.concurrent.TimeoutException;
import java.util.stream.Stream;
import network.tender.journal.IndexBehindException;
import network.tender.journal.LeaseLostException;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;

class ProblemsTest {
  private static PgException sqlState(String state) {
    return new PgException("no", "ERROR", state, "");
  }

  static Stream<Throwable> outages() {
    return Stream.of(
        new IOException("connection reset"),
        new TimeoutException("15 s"),
        Future.failedFuture("Timeout").cause(),
        new VertxException("Connection closed"),
        new IndexBehindException("later"),
        new LeaseLostException("another node writes"),
        sqlState("08006"),
        sqlState("25006"),
        sqlState("40001"),
        sqlState("53300"),
        sqlState("57P01"),
        sqlState("58030"));
  }

  static Stream<Throwable> bugsAndDamage() {
    return Stream.of(
        new IllegalStateException("Block 7 in the journal is damaged"),
        new IllegalArgumentException("height out of range"),
        new NullPointerException(),
        new java.util.NoSuchElementException(),
        new UnsupportedOperationException(),
        new AssertionError(),
        new OutOfMemoryError(),
        sqlState("23505"),
        sqlState("42601"),
        sqlState("22021"),
        sqlState("XX001"),
        new PgException("no", "ERROR", null, ""));
  }

  @ParameterizedTest
  @MethodSource("outages")
  void whatIsOverAfterAWhileIsA503(Throwable failure) {
    assertThat(Problems.unavailable(failure))
        .isInstanceOfSatisfying(
            ProblemException.class,
            expected -> {
              assertThat(expected.problem().status()).isEqualTo(503);
              assertThat(expected.problem().code()).isEqualTo("journal-unavailable");
              assertThat(expected.problem().extra()).containsKey(Problem.RETRY_AFTER_SECONDS);
            });
  }

  @ParameterizedTest
  @MethodSource("bugsAndDamage")
  void whatTryingAgainDoesNotHelpIsNoOutage(Throwable failure) {
    assertThat(Problems.unavailable(failure)).isSameAs(failure);
  }

  @Test
  void aDamagedJournalIsA500WithACodeOnEverySurface() {
    Vertx vertx = Vertx.vertx();
    TestChain chain = new TestChain();
    try (TestServer server = TestServer.start(vertx, TestSurfaces.of(vertx, chain))) {
      for (String path : List.of("/v1/blocks/7", "/v1/receipts/" + "0".repeat(64))) {
        chain.readsFail(Optional.of(new IllegalStateException("Block 7 is damaged")));
        HttpResponse<String> damaged = server.get(path);
        assertThat(damaged.statusCode()).as(path).isEqualTo(500);
        assertThat(TestServer.json(damaged).getString("code")).isEqualTo("internal-error");
        assertThat(damaged.headers().firstValue("Retry-After")).isEmpty();
        chain.readsFail(Optional.of(new IOException("connection refused")));
        HttpResponse<String> away = server.get(path);
        assertThat(away.statusCode()).as(path).isEqualTo(503);
        assertThat(away.headers().firstValue("Retry-After")).isPresent();
      }
      chain.readsFail(Optional.of(new IllegalStateException("Block 7 is damaged")));
      assertThat(server.get("/esplora/block-height/7").statusCode()).isEqualTo(500);
    } finally {
      TestServer.await(vertx.close());
    }
  }
}
