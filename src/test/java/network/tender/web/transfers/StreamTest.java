package network.tender.web.transfers;

import static org.assertj.core.api.Assertions.assertThat;

import io.micrometer.core.instrument.simple.SimpleMeterRegistry;
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
import java.util.function.BooleanSupplier;
import network.tender.chain.Address;
import network.tender.chain.Amount;
import network.tender.chain.Script;
import network.tender.chain.Transaction;
import network.tender.chain.TransferOutput;
import network.tender.settlement.Settlement;
import network.tender.web.StreamLimits;
import network.tender.web.StreamMetrics;
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
  private StreamMetrics metrics;
  private int coin;

  @BeforeEach
  void start() {
    vertx = Vertx.vertx();
    chain = new TestChain();
    serve(new StreamLimits(2, 2, 15_000));
  }

  private void serve(StreamLimits limits) {
    metrics = new StreamMetrics(new SimpleMeterRegistry(), limits);
    server = TestServer.start(vertx, TestSurfaces.of(vertx, chain, metrics));
  }

  private void serveAnew(StreamLimits limits) {
    server.close();
    serve(limits);
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

    /** What a client that comes back now would send. */
    private String lastEventId;

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

    /** Reads on until an id comes, with an event or without. */
    String nextId() throws IOException {
      String before = lastEventId;
      lastEventId = null;
      for (String line = lines.readLine(); line != null; line = lines.readLine()) {
        if (line.startsWith("id: ")) {
          lastEventId = line.substring(4);
        } else if (line.isEmpty() && lastEventId != null) {
          return lastEventId;
        }
      }
      lastEventId = before;
      return null;
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
          lastEventId = id == null ? lastEventId : id;
          return new Event(id, name, data);
        } else if (line.isEmpty() && id != null) {
          lastEventId = id;
          id = null;
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
  void whoSawNoEventYetComesBackToWhereTheStreamBegan() throws Exception {
    String path = "/v1/stream?address=" + Address.format(SHOP, chain.network).orElseThrow();
    String id;
    try (Reader reader = new Reader(path, null)) {
      id = reader.nextId();
      assertThat(id).isEqualTo("250");
    }
    Transaction missed = pay(SHOP);
    pay(Script.p2wpkh(new byte[] {7, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0}));
    try (Reader reader = new Reader(path, id)) {
      assertThat(reader.next().data().getString("txid")).isEqualTo(missed.txid().toString());
    }
  }

  @Test
  void heartbeatsSayHowFarAStreamIsForWhichNothingHappened() throws Exception {
    serveAnew(new StreamLimits(2, 2, 20));
    String path = "/v1/stream?address=" + Address.format(SHOP, chain.network).orElseThrow();
    Script other =
        Script.p2wpkh(new byte[] {7, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0});
    try (Reader reader = new Reader(path, "240")) {
      assertThat(reader.nextId()).isEqualTo("240");
      pay(other);
      String id = reader.nextId();
      while (!id.equals("251")) {
        assertThat(Integer.parseInt(id)).isBetween(240, 250);
        id = reader.nextId();
      }
    }
  }

  @Test
  void onlyTheLastEventOfABlockMovesTheIdOn() throws Exception {
    String address = Address.format(SHOP, chain.network).orElseThrow();
    chain.hold();
    Transaction first = chain.payment(chain.treasuryCoins().get(0), SHOP, 1_000_000);
    Transaction second = chain.payment(chain.treasuryCoins().get(1), SHOP, 2_000_000);
    try (Reader live = new Reader("/v1/stream?blocks&address=" + address, null)) {
      assertThat(live.nextId()).isEqualTo("250");
      TestServer.await(chain.submit(first, Settlement.Wait.ACCEPTED));
      TestServer.await(chain.submit(second, Settlement.Wait.ACCEPTED));
      chain.seal();
      assertOneBlockWithItsIdLast(live);
    }
    try (Reader past = new Reader("/v1/stream?blocks&address=" + address, "250")) {
      assertOneBlockWithItsIdLast(past);
    }
    try (Reader transfers = new Reader("/v1/stream?address=" + address, "250")) {
      assertThat(transfers.next().id()).isNull();
      assertThat(transfers.next().id()).isEqualTo("251");
    }
  }

  private static void assertOneBlockWithItsIdLast(Reader reader) throws IOException {
    Event block = reader.next();
    assertThat(block.name()).isEqualTo("block");
    assertThat(block.id()).as("a cut here must bring the transfers again").isNull();
    Event first = reader.next();
    assertThat(first.name()).isEqualTo("transfer");
    assertThat(first.id()).as("a cut here must bring the second transfer").isNull();
    assertThat(reader.lastEventId).isEqualTo("250");
    Event second = reader.next();
    assertThat(second.name()).isEqualTo("transfer");
    assertThat(second.id()).isEqualTo("251");
    assertThat(second.data().getString("txid")).isNotEqualTo(first.data().getString("txid"));
  }

  @Test
  void onlySoManyStreamsCatchUpAndFewReadAtATime() throws Exception {
    serveAnew(new StreamLimits(10, 3, 15_000));
    chain.holdReads();
    try (Reader first = new Reader("/v1/stream", "0");
        Reader second = new Reader("/v1/stream", "1");
        Reader third = new Reader("/v1/stream", "2")) {
      await(metrics::isFullOfThoseWhoCatchUp);
      HttpResponse<String> fourth =
          server.send(server.request("/v1/stream").header("Last-Event-ID", "3"));
      assertThat(fourth.statusCode()).isEqualTo(503);
      assertThat(TestServer.json(fourth).getString("code")).isEqualTo("too-many-streams");
      assertThat(fourth.headers().firstValue("Retry-After")).isPresent();
      try (Reader live = new Reader("/v1/stream", null)) {
        assertThat(live.nextId()).as("who missed nothing needs no place").isEqualTo("250");
      }
      assertThat(chain.heldReads()).as("the third stream's read waits").isEqualTo(2);
      chain.releaseReads();
      for (int height = 1; height <= 250; height++) {
        assertThat(first.next().id()).isEqualTo(Integer.toString(height));
      }
      assertThat(second.next().id()).isEqualTo("2");
      assertThat(third.next().id()).isEqualTo("3");
    }
  }

  private static void await(BooleanSupplier condition) {
    long deadline = System.nanoTime() + TimeUnit.SECONDS.toNanos(10);
    while (!condition.getAsBoolean() && System.nanoTime() < deadline) {
      Thread.onSpinWait();
    }
    assertThat(condition.getAsBoolean()).isTrue();
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
