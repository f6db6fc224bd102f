package network.tender.merchant;

import static network.tender.merchant.MerchantFixture.await;
import static org.assertj.core.api.Assertions.assertThat;

import io.micrometer.core.instrument.simple.SimpleMeterRegistry;
import io.vertx.core.Vertx;
import io.vertx.core.http.HttpServer;
import java.time.InstantSource;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.Test;

/** What servers of rates can do to this node. */
class HttpRatesTest {
  private static final int TIMEOUT_MILLIS = 250;

  @Test
  void aServerThatDripsItsAnswerIsHungUpOn() throws InterruptedException {
    Vertx vertx = Vertx.vertx();
    CountDownLatch hungUp = new CountDownLatch(1);
    HttpServer server =
        await(
            vertx
                .createHttpServer()
                .requestHandler(
                    request -> {
                      request.connection().closeHandler(closed -> hungUp.countDown());
                      request.response().setChunked(true).write("{\"p\":1");
                      vertx.setPeriodic(
                          20,
                          timer -> {
                            if (request.response().closed()) {
                              vertx.cancelTimer(timer);
                            } else {
                              request.response().write(" ");
                            }
                          });
                    })
                .listen(0, "127.0.0.1"));
    HttpRates rates =
        new HttpRates(
            vertx,
            new PublicAddresses(true),
            HostLookup.ofVertx(vertx, new SimpleMeterRegistry()),
            InstantSource.system(),
            TIMEOUT_MILLIS,
            new SimpleMeterRegistry());
    String url = "http://127.0.0.1:" + server.actualPort() + "/";
    assertThat(await(rates.rate("store", url, "/p", 60)))
        .isInstanceOf(StoreRates.Quote.Missing.class);
    assertThat(hungUp.await(10, TimeUnit.SECONDS)).as("the connection is closed").isTrue();
    await(rates.close());
    await(vertx.close());
  }
}
