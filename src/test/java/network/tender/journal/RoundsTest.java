package network.tender.journal;

import static network.tender.journal.Awaiting.await;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.vertx.core.Future;
import io.vertx.core.Promise;
import io.vertx.core.Vertx;
import java.util.concurrent.TimeoutException;
import org.junit.jupiter.api.Test;

class RoundsTest {
  private static final int MANY = 200_000;

  @Test
  void roundsThatEndAtOnceMayBeVeryMany() throws TimeoutException {
    int[] done = {0};
    await(Rounds.run(() -> Future.succeededFuture(++done[0] < MANY)));
    assertThat(done[0]).isEqualTo(MANY);
  }

  @Test
  void soMayThoseThatEndLater() throws TimeoutException {
    Vertx vertx = Vertx.vertx();
    int[] done = {0};
    Promise<Void> all = Promise.promise();
    vertx.runOnContext(
        v ->
            Rounds.run(
                    () -> {
                      Promise<Boolean> later = Promise.promise();
                      vertx.runOnContext(w -> later.complete(++done[0] < MANY));
                      return later.future().compose(Future::succeededFuture);
                    })
                .onComplete(all));
    await(all.future());
    assertThat(done[0]).isEqualTo(MANY);
    await(vertx.close());
  }

  @Test
  void theFirstFailureEndsThem() {
    int[] done = {0};
    assertThatThrownBy(
            () ->
                await(
                    Rounds.run(
                        () ->
                            ++done[0] == 3
                                ? Future.failedFuture("third")
                                : Future.succeededFuture(true))))
        .hasMessageContaining("third");
    assertThat(done[0]).isEqualTo(3);
    assertThatThrownBy(
            () ->
                await(
                    Rounds.run(
                        () -> {
                          throw new IllegalStateException("thrown");
                        })))
        .hasMessageContaining("thrown");
  }
}
