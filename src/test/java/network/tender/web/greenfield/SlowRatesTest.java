package network.tender.web.greenfield;

import static network.tender.merchant.MerchantFixture.await;
import static org.assertj.core.api.Assertions.assertThat;

import io.vertx.core.http.HttpServer;
import java.net.http.HttpResponse;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.UUID;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.Test;

/** One store's slow source of rates is nobody else's delay. */
class SlowRatesTest {
  private static final int PREVIEWS = 40;
  private static final String DOLLAR = "{\"amount\":\"1.00\",\"currency\":\"USD\"}";

  @Test
  void slowPreviewsWithKeysDelayNoOtherStore() throws InterruptedException {
    try (ApiRig rig = new ApiRig()) {
      CountDownLatch asked = new CountDownLatch(2);
      HttpServer slow =
          await(
              rig.fixture
                  .vertx
                  .createHttpServer()
                  .requestHandler(request -> asked.countDown())
                  .listen(0, "127.0.0.1"));
      String store = rig.newStore();
      String other = rig.newPayableStore();
      List<CompletableFuture<HttpResponse<String>>> previews = new ArrayList<>();
      for (int i = 0; i < PREVIEWS; i++) {
        String source =
            "{\"preferredSource\":\"http-json\",\"httpJson\":{\"url\":\"http://127.0.0.1:%d/%d\",\"pointer\":\"/x\"}}"
                .formatted(slow.actualPort(), i);
        previews.add(
            rig.server.client.sendAsync(
                rig.request(
                        rig.server,
                        rig.admin,
                        "POST",
                        "/stores/" + store + "/rates/configuration/preview",
                        source,
                        "Idempotency-Key",
                        UUID.randomUUID().toString())
                    .build(),
                HttpResponse.BodyHandlers.ofString()));
      }
      assertThat(asked.await(10, TimeUnit.SECONDS)).isTrue();
      long begun = System.nanoTime();
      String path = "/stores/" + other + "/invoices";
      rig.ok("POST", path, DOLLAR);
      rig.ok("POST", path, DOLLAR, "Idempotency-Key", UUID.randomUUID().toString());
      rig.ok(
          "POST", "/stores", "{\"name\":\"x\"}", "Idempotency-Key", UUID.randomUUID().toString());
      assertThat(Duration.ofNanos(System.nanoTime() - begun)).isLessThan(Duration.ofSeconds(3));
      assertThat(previews).as("they still wait").anyMatch(preview -> !preview.isDone());
      await(slow.close());
      previews.forEach(preview -> preview.exceptionally(gone -> null).join());
    }
  }
}
