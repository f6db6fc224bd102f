package network.tender.web.greenfield;

import static network.tender.merchant.MerchantFixture.await;
import static org.assertj.core.api.Assertions.assertThat;

import io.micrometer.core.instrument.simple.SimpleMeterRegistry;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.net.InetAddress;
import java.net.Socket;
import java.net.URI;
import java.nio.charset.StandardCharsets;
import java.util.Map;
import java.util.Optional;
import network.tender.chain.Network;
import network.tender.ledger.Policy;
import network.tender.merchant.Merchant;
import network.tender.web.TestServer;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

/** Passwords on the way to a node whose coins are worth something. */
class PlainHttpTest {
  private static ApiUnderTest api;
  private static Merchant merchant;
  private static String basic;

  @BeforeAll
  static void start() {
    api = new ApiUnderTest();
    basic = api.newUser("ann@shop.example");
    Network regtest = api.fixture.network;
    Network riverside =
        new Network(
            "riverside",
            regtest.hrp(),
            regtest.pubKeyHashPrefix(),
            regtest.scriptHashPrefix(),
            regtest.coinCode(),
            regtest.uriScheme(),
            regtest.treasury(),
            regtest.validators(),
            regtest.feeFloorSatPerKvb(),
            regtest.maxBlockWeight(),
            regtest.maxBlockSigopCost());
    merchant =
        await(
            Merchant.open(
                api.fixture.vertx,
                api.fixture.pool(),
                riverside,
                api.fixture.curve,
                Policy.Dust.DEFAULT,
                Map.of(),
                api.fixture.clock,
                api.fixture.random,
                new SimpleMeterRegistry()));
  }

  @AfterAll
  static void stop() {
    await(merchant.close());
    api.close();
  }

  private static TestServer serve(Merchant of, String publicUrl) {
    return TestServer.start(
        api.fixture.vertx,
        new GreenfieldSurface(
            of,
            ApiUnderTest.STATUS,
            Optional.of(publicUrl).filter(url -> !url.isEmpty()).map(URI::create)));
  }

  private static String ask(TestServer server, String host, String credentials) {
    try (Socket socket = new Socket(InetAddress.getLoopbackAddress(), server.port())) {
      socket.setSoTimeout(10_000);
      socket
          .getOutputStream()
          .write(
              ("GET /api/v1/users/me HTTP/1.1\r\nHost: "
                      + host
                      + "\r\nAuthorization: "
                      + credentials
                      + "\r\nConnection: close\r\n\r\n")
                  .getBytes(StandardCharsets.US_ASCII));
      return new String(socket.getInputStream().readAllBytes(), StandardCharsets.UTF_8);
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }

  @ParameterizedTest
  @CsvSource({
    "pay.example, '', false",
    "localhost.evil.example, '', false",
    "pay.example, http://pay.example, false",
    "localhost:8080, '', true",
    "127.0.0.1, '', true",
    "shopshopshop.onion, '', true",
    "pay.example, https://pay.example, true"
  })
  void namesAndPasswordsAreTakenWhereNobodyListens(String host, String publicUrl, boolean taken) {
    try (TestServer server = serve(merchant, publicUrl)) {
      String answer = ask(server, host, basic);
      if (taken) {
        assertThat(answer).startsWith("HTTP/1.1 200").contains("ann@shop.example");
      } else {
        assertThat(answer).startsWith("HTTP/1.1 403").contains("\"not-encrypted\"", "https");
        // It is told before the password is looked at.
        assertThat(ask(server, host, ApiUnderTest.basic("ann@shop.example", "wrong")))
            .startsWith("HTTP/1.1 403");
      }
    }
  }

  @Test
  void onRegtestTheyAreTakenAnyhow() {
    try (TestServer server = serve(api.fixture.merchant, "")) {
      assertThat(ask(server, "pay.example", basic)).startsWith("HTTP/1.1 200");
    }
  }
}
