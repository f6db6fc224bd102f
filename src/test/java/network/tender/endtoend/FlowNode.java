package network.tender.endtoend;

import static org.assertj.core.api.Assertions.assertThat;

import com.fasterxml.jackson.databind.JsonNode;
import io.vertx.core.Vertx;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.net.URI;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpResponse;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.security.SecureRandom;
import java.time.Duration;
import java.util.List;
import network.tender.chain.Amount;
import network.tender.chain.Network;
import network.tender.chain.TransferOutput;
import network.tender.merchant.ExactJson;
import network.tender.script.Curve;
import network.tender.script.WalletAccount;
import network.tender.web.AnswerCheck;

/** A real node that shops' plugins and client libraries ask, and a customer who pays at it. */
final class FlowNode implements AutoCloseable {
  /** A coin costs so many dollars here. */
  static final String DOLLARS = "50000.00";

  final Vertx vertx = Vertx.vertx();
  final String admin;
  final String coin = Network.regtest().coinCode();
  final String method = Network.regtest().paymentMethodId();
  private final HttpClient client =
      HttpClient.newBuilder().version(HttpClient.Version.HTTP_1_1).build();
  private final Curve curve = Curve.load(Curve.Provider.AUTO);
  private final SecureRandom random = new SecureRandom();
  private final NodeProcess process;
  private final FundingWallet customer;
  private final AnswerCheck answers = AnswerCheck.load();
  private String cookie = "";

  FlowNode(Path folder) {
    process =
        NodeProcess.start(
            folder.resolve("data"), "--config", configuration(folder.resolve("tender.yaml")));
    admin = process.adminKey();
    customer = new FundingWallet(process, 1);
  }

  private String configuration(Path file) {
    String rates = "merchant:\n  rates:\n    %s_USD: \"%s\"\n".formatted(coin, DOLLARS);
    try {
      return Files.writeString(file, rates).toString();
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }

  HttpRequest.Builder request(String path) {
    return HttpRequest.newBuilder(URI.create(process.http() + path))
        .timeout(Duration.ofSeconds(30));
  }

  /** Sends a request; what the merchant API answers must be as its contract says. */
  HttpResponse<String> send(HttpRequest.Builder builder) {
    try {
      HttpResponse<String> response =
          client.send(builder.build(), HttpResponse.BodyHandlers.ofString());
      answers.check(response);
      return response;
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
      throw new AssertionError(e);
    }
  }

  static JsonNode json(HttpResponse<String> response) {
    return ExactJson.parse(response.body().getBytes(StandardCharsets.UTF_8)).orElseThrow();
  }

  /** The public key of a wallet that nobody else uses. */
  String freshKey() {
    byte[] seed = new byte[32];
    random.nextBytes(seed);
    return WalletAccount.of(seed, WalletAccount.Purpose.NATIVE_SEGWIT, 0, curve).xpub();
  }

  /** Pays an invoice with a transfer of its own and waits until that is settled. */
  void pay(String invoiceId, long sat) {
    HttpResponse<String> methods =
        send(
            request("/api/v1/invoices/" + invoiceId + "/payment-methods")
                .header("Authorization", "token " + admin));
    String address = json(methods).path(0).path("destination").asText();
    customer.payAll(
        List.of(new TransferOutput(Amount.ofSat(sat), FundingWallet.scriptOf(address))));
  }

  /** The cookie of the administrator's browser, which has logged in. */
  synchronized String cookie() {
    if (cookie.isEmpty()) {
      HttpResponse<String> login =
          send(
              request("/login")
                  .header("Content-Type", "application/x-www-form-urlencoded")
                  .POST(
                      HttpRequest.BodyPublishers.ofString(
                          "email=admin%40localhost&returnUrl=%2F&password=" + admin)));
      assertThat(login.statusCode()).as(login.body()).isEqualTo(303);
      String header = login.headers().firstValue("Set-Cookie").orElseThrow();
      cookie = header.substring(0, header.indexOf(';'));
    }
    return cookie;
  }

  static long nowSeconds() {
    return System.currentTimeMillis() / 1_000;
  }

  /** Waits until what is made next is of a later millisecond than what was made before. */
  static void awaitNextMillisecond() {
    long now = System.currentTimeMillis();
    NodeProcess.until("time goes on", 5, () -> System.currentTimeMillis() > now);
  }

  @Override
  public void close() {
    process.close();
    vertx.close().toCompletionStage().toCompletableFuture().join();
  }
}
