package network.tender.web.transfers;

import static org.assertj.core.api.Assertions.assertThat;

import io.vertx.core.Vertx;
import io.vertx.core.json.JsonObject;
import java.io.BufferedReader;
import java.io.IOException;
import java.io.InputStream;
import java.io.InputStreamReader;
import java.net.http.HttpRequest;
import java.net.http.HttpResponse;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.TimeUnit;
import network.tender.chain.Address;
import network.tender.chain.Amount;
import network.tender.chain.Script;
import network.tender.chain.Transaction;
import network.tender.chain.TransferOutput;
import network.tender.settlement.Settlement;
import network.tender.web.TestChain;
import network.tender.web.TestServer;
import network.tender.web.TestSurfaces;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;

@Timeout(value = 30, unit = TimeUnit.SECONDS)
class StreamTest {
  private static final Script SHOP = Script.p2wpkh(new byte[20]);

  private Vertx vertx;
  private TestChain chain;
  private TestServer server;
  private int coin;

  @BeforeEach
  void start() {
    vertx = Vertx.vertx();
    chain = new TestChain();
    server = TestServer.start(vertx, TestSurfaces.of(vertx, chain, 2));
  }

  @AfterEach
  void stop() {
    server.close();
    TestServer.await(vertx.close());
  }

  private Transaction pay(Script to) {
    Transaction transfer = chain.payment(chain.treasuryCoins().get(coin++), to, 100_000);
    TestServer.await(chain.submit(transfer, Settlement.Wait.SETTLED));
    return transfer;
  }

  /** One event as it came over the wire. */
  private record Event(String id, String name, JsonObject data) {}

  /** An open stream, read line by line. */
  private final class Reader implements AutoCloseable {
    private final BufferedReader lines;
    final HttpResponse<InputStream> response;

    Reader(String path, String lastEventId) throws IOException {
      HttpRequest.Builder request = server.request(path);
      if (lastEventId != null) {
        request.header("Last-Event-ID", lastEventId);
      }
      response = server.send(request, HttpResponse.BodyHandlers.ofInputStream());
      assertThat(response.statusCode()).isEqualTo(200);
      lines = new BufferedReader(new InputStreamReader(response.body(), StandardCharsets.UTF_8));
      assertThat(lines.readLine()).startsWith("retry: ");
      assertThat(lines.readLine()).isEmpty();
    }

    Event next() throws IOException {
      String id = null;
      String name = null;
      JsonObject data = null;
      for (String line = lines.readLine(); line != null; line = lines.readLine()) {
        if (line.startsWith("id: ")) {
          id = line.substring(4);
        } else if (line.startsWith("event: ")) {
          name = line.substring(7);
        } else if (line.startsWith("data: ")) {
          data = new JsonObject(line.substring(6));
        } else if (line.isEmpty() && name != null) {
          return new Event(id, name, data);
        }
      }
      return null;
    }

    @Override
    public void close() throws IOException {
      response.body().close();
    }
  }

  @Test
  void blocksAreToldAsTheyBecomeDurable() throws Exception {
    try (Reader reader = new Reader("/v1/stream?blocks", null)) {
      assertThat(reader.response.headers().firstValue("Content-Type"))
          .hasValue("text/event-stream");
      assertThat(reader.response.headers().firstValue("Cache-Control")).hasValue("no-store");
      assertThat(reader.response.headers().firstValue("X-Accel-Buffering")).hasValue("no");
      for (int i = 1; i <= 3; i++) {
        pay(SHOP);
        Event event = reader.next();
        assertThat(event.name()).isEqualTo("block");
        assertThat(event.id()).isEqualTo(Integer.toString(250 + i));
        assertThat(event.data().getInteger("height")).isEqualTo(250 + i);
        assertThat(event.data().getInteger("transferCount")).isEqualTo(1);
      }
    }
  }

  @Test
  void whoComesBackGetsWhatWasMissedInOrderAndThenTheNews() throws Exception {
    pay(SHOP);
    try (Reader reader = new Reader("/v1/stream", "200")) {
      for (int height = 201; height <= 251; height++) {
        assertThat(reader.next().id()).isEqualTo(Integer.toString(height));
      }
      pay(SHOP);
      assertThat(reader.next().id()).isEqualTo("252");
    }
  }

  @Test
  void blocksThatComeWhileAReaderCatchesUpAreNeitherLostNorDoubled() throws Exception {
    try (Reader reader = new Reader("/v1/stream", "0")) {
      CompletableFuture<Void> payments =
          CompletableFuture.runAsync(
              () -> {
                for (int i = 0; i < 20; i++) {
                  pay(SHOP);
                }
              });
      for (int height = 1; height <= 270; height++) {
        assertThat(reader.next().id()).isEqualTo(Integer.toString(height));
      }
      payments.get(10, TimeUnit.SECONDS);
    }
  }

  @Test
  void anUnreadableJournalDelaysAReaderAndLosesNothing() throws Exception {
    chain.unreadable(true);
    try (Reader reader = new Reader("/v1/stream", "247")) {
      pay(SHOP);
      chain.unreadable(false);
      for (int height = 248; height <= 251; height++) {
        assertThat(reader.next().id()).isEqualTo(Integer.toString(height));
      }
    }
  }

  @Test
  void anAddressIsToldOfItsTransfersOnly() throws Exception {
    String address = Address.format(SHOP, chain.network).orElseThrow();
    Script other =
        Script.p2wpkh(
            new byte[] {1, 2, 3, 4, 5, 6, 7, 8, 9, 10, 11, 12, 13, 14, 15, 16, 17, 18, 19, 20});
    try (Reader reader = new Reader("/v1/stream?address=" + address, null)) {
      pay(other);
      Transaction paid = pay(SHOP);
      Event event = reader.next();
      assertThat(event.name()).isEqualTo("transfer");
      assertThat(event.id()).isEqualTo("252");
      assertThat(event.data().getString("txid")).isEqualTo(paid.txid().toString());
      assertThat(event.data().getString("address")).isEqualTo(address);
      assertThat(event.data().getLong("receivedSat")).isEqualTo(100_000);
      assertThat(event.data().getLong("spentSat")).isZero();
    }
  }

  @Test
  void anAddressIsToldWhatItSpendsAndWhatItMissed() throws Exception {
    var spent = chain.treasuryCoins().get(coin++);
    Transaction first =
        chain.transfer(
            spent, new TransferOutput(Amount.ofSat(spent.getValue().amount().sat() - 1_000), SHOP));
    TestServer.await(chain.submit(first, Settlement.Wait.SETTLED));
    String treasury = Address.format(chain.network.treasury(), chain.network).orElseThrow();
    try (Reader reader = new Reader("/v1/stream?address=" + treasury, "250")) {
      // The block's coinbase pays the fee to the treasury.
      Event fee = reader.next();
      assertThat(fee.data().getLong("receivedSat")).isEqualTo(1_000);
      Event event = reader.next();
      assertThat(event.data().getLong("spentSat")).isEqualTo(spent.getValue().amount().sat());
      assertThat(event.data().getLong("receivedSat")).isZero();
    }
  }

  @Test
  void anInvoiceIsToldAtOnceAndAfterEachChange() throws Exception {
    try (Reader reader = new Reader("/v1/stream?invoice=inv1", null)) {
      assertThat(reader.next().data().getString("status")).isEqualTo("New");
      TestSurfaces.INVOICES
          .get("inv1")
          .accept(new JsonObject().put("id", "inv1").put("status", "Settled"));
      Event event = reader.next();
      assertThat(event.name()).isEqualTo("invoice");
      assertThat(event.data().getString("status")).isEqualTo("Settled");
    }
  }

  @Test
  void wrongStreamsHaveCodes() {
    HttpResponse<String> invoice = server.get("/v1/stream?invoice=none");
    assertThat(invoice.statusCode()).isEqualTo(404);
    assertThat(TestServer.json(invoice).getString("code")).isEqualTo("invoice-not-found");
    // TestSurfaces knows every invoice whose id starts with "inv"; these are no ids at all.
    for (String id :
        List.of("%00", "inv%00", "inv%20", "inv%F0%9F%92%B8", "inv" + "x".repeat(62))) {
      HttpResponse<String> impossible = server.get("/v1/stream?invoice=" + id);
      assertThat(impossible.statusCode()).as(id).isEqualTo(404);
      assertThat(TestServer.json(impossible).getString("code")).isEqualTo("invoice-not-found");
      assertThat(TestSurfaces.INVOICES).as(id).isEmpty();
    }
    HttpResponse<String> address = server.get("/v1/stream?address=bc1q");
    assertThat(address.statusCode()).isEqualTo(400);
    assertThat(TestServer.json(address).getString("code")).isEqualTo("invalid-address");
  }

  @Test
  void streamsAreLimitedAndTheirPlacesComeBack() throws Exception {
    try (Reader first = new Reader("/v1/stream?invoice=inv2", null);
        Reader second = new Reader("/v1/stream", null)) {
      assertThat(first.next()).isNotNull();
      HttpResponse<String> third = server.get("/v1/stream");
      assertThat(third.statusCode()).isEqualTo(503);
      assertThat(TestServer.json(third).getString("code")).isEqualTo("too-many-streams");
      assertThat(third.headers().firstValue("Retry-After")).isPresent();
      assertThat(second.response.statusCode()).isEqualTo(200);
    }
    awaitPlace();
    assertThat(TestSurfaces.INVOICES)
        .as("subscriptions end with streams")
        .doesNotContainKey("inv2");
  }

  /** The server learns of a closed connection a moment later. */
  private void awaitPlace() throws Exception {
    long deadline = System.nanoTime() + TimeUnit.SECONDS.toNanos(10);
    while (TestSurfaces.INVOICES.containsKey("inv2") && System.nanoTime() < deadline) {
      Thread.onSpinWait();
    }
    try (Reader again = new Reader("/v1/stream", "249")) {
      assertThat(again.next().id()).isEqualTo("250");
    }
  }

  @Test
  void stoppingTheServerEndsStreams() throws Exception {
    List<Event> seen = new ArrayList<>();
    try (Reader reader = new Reader("/v1/stream", null)) {
      pay(SHOP);
      seen.add(reader.next());
      server.close();
      assertThat(reader.next()).as("the end").isNull();
    }
    assertThat(seen).hasSize(1);
    server = TestServer.start(vertx, TestSurfaces.of(vertx, chain));
  }
}
