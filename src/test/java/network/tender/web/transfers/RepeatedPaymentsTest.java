package network.tender.web.transfers;

import static org.assertj.core.api.Assertions.assertThat;

import io.vertx.core.Future;
import java.net.URI;
import java.net.http.HttpRequest;
import java.net.http.HttpResponse;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.UUID;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.concurrent.atomic.AtomicReference;
import network.tender.chain.Address;
import network.tender.chain.Script;
import network.tender.journal.TestDatabase;
import network.tender.merchant.MerchantFixture;
import network.tender.settlement.Outcome;
import network.tender.settlement.Settlement;
import network.tender.web.DevPurse;
import network.tender.web.OwnHosts;
import network.tender.web.RepeatablePayments;
import network.tender.web.TestChain;
import network.tender.web.TestServer;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;

/**
 * Payments of the development network that are asked for again, with answers in a real database.
 */
class RepeatedPaymentsTest {
  private static final AtomicInteger PAID = new AtomicInteger();
  private static final AtomicReference<Future<Outcome>> NEXT = new AtomicReference<>();
  private static MerchantFixture merchants;
  private static TestServer server;
  private static String address;

  @BeforeAll
  static void start() {
    merchants = new MerchantFixture(TestDatabase.create());
    TestChain chain = new TestChain();
    DevPurse purse =
        (to, amount) -> {
          int number = PAID.incrementAndGet();
          Future<Outcome> instead = NEXT.getAndSet(null);
          return instead == null
              ? chain.submit(
                  chain.payment(chain.treasuryCoins().get(number), to, amount.sat()),
                  Settlement.Wait.SETTLED)
              : instead;
        };
    server =
        TestServer.start(
            merchants.vertx,
            new DevSurface(
                chain.network,
                Optional.of(new DevSurface.Purses(purse, purse)),
                new OwnHosts("0.0.0.0", Optional.of(URI.create("https://pay.example/"))),
                new RepeatablePayments(Optional.of(merchants.merchant.idempotentAnswers()))));
    address = Address.format(Script.p2wpkh(new byte[20]), chain.network).orElseThrow();
  }

  @AfterAll
  static void stop() {
    server.close();
    merchants.close();
  }

  @BeforeEach
  void nothingElseNext() {
    NEXT.set(null);
  }

  private static HttpRequest.Builder request(String path, String key, String amount) {
    return server
        .request(path)
        .header("Content-Type", "application/json")
        .header("Idempotency-Key", key)
        .POST(
            HttpRequest.BodyPublishers.ofString(
                "{\"address\":\"%s\",\"amount\":\"%s\"}".formatted(address, amount)));
  }

  private static HttpResponse<String> pay(String path, String key, String amount) {
    return server.send(request(path, key, amount));
  }

  private static void refused(HttpResponse<String> response, int status, String code) {
    assertThat(response.statusCode()).as(response.body()).isEqualTo(status);
    assertThat(TestServer.json(response).getString("code")).isEqualTo(code);
    assertThat(TestServer.json(response).getString("detail")).isNotBlank();
  }

  @Test
  void onePaymentIsMadeForOneKey() {
    for (String path : List.of("/dev/faucet", "/dev/pay")) {
      String key = UUID.randomUUID().toString();
      int before = PAID.get();
      HttpResponse<String> first = pay(path, key, "0.1");
      assertThat(first.statusCode()).as(first.body()).isEqualTo(200);
      assertThat(first.headers().firstValue("Idempotent-Replayed")).isEmpty();
      HttpResponse<String> again = pay(path, key, "0.1");
      assertThat(again.statusCode()).as(again.body()).isEqualTo(200);
      assertThat(again.headers().firstValue("Idempotent-Replayed")).hasValue("true");
      assertThat(again.body()).isEqualTo(first.body());
      refused(pay(path, key, "0.2"), 422, "idempotency-key-reused");
      assertThat(PAID.get()).isEqualTo(before + 1);
      assertThat(pay(path, UUID.randomUUID().toString(), "0.1").body()).isNotEqualTo(first.body());
    }
    refused(pay("/dev/faucet", "a b", "0.1"), 400, "invalid-idempotency-key");
  }

  @Test
  void aPaymentThatWasNotMadeMayBeTriedAgain() {
    String key = UUID.randomUUID().toString();
    NEXT.set(Future.succeededFuture(new Outcome.Unavailable(Outcome.Cause.BUSY, 1)));
    refused(pay("/dev/faucet", key, "0.1"), 503, "node-busy");
    assertThat(pay("/dev/faucet", key, "0.1").statusCode()).isEqualTo(200);
  }

  @Test
  void aPaymentWhoseEndNobodyKnowsIsNotMadeAgain() {
    List<Future<Outcome>> ends = new ArrayList<>();
    ends.add(Future.succeededFuture(new Outcome.Unavailable(Outcome.Cause.DELAYED, 1)));
    ends.add(Future.failedFuture(new IllegalStateException("broken")));
    for (Future<Outcome> end : ends) {
      String key = UUID.randomUUID().toString();
      NEXT.set(end);
      assertThat(pay("/dev/faucet", key, "0.1").statusCode()).isGreaterThanOrEqualTo(500);
      int before = PAID.get();
      refused(pay("/dev/faucet", key, "0.1"), 409, "idempotency-outcome-unknown");
      refused(pay("/dev/faucet", key, "0.2"), 422, "idempotency-key-reused");
      assertThat(PAID.get()).isEqualTo(before);
    }
  }
}
