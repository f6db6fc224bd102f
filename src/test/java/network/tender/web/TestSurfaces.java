package network.tender.web;

import io.micrometer.core.instrument.simple.SimpleMeterRegistry;
import io.vertx.core.Future;
import io.vertx.core.Vertx;
import io.vertx.core.json.JsonObject;
import java.net.URI;
import java.util.Arrays;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.function.Consumer;
import network.tender.chain.Amount;
import network.tender.ledger.Reason;
import network.tender.settlement.Outcome;
import network.tender.settlement.Settlement;
import network.tender.telemetry.SettlementMetrics;
import network.tender.web.esplora.EsploraSurface;
import network.tender.web.transfers.BlocksSurface;
import network.tender.web.transfers.CertifiedBlocksSurface;
import network.tender.web.transfers.DevSurface;
import network.tender.web.transfers.RefusalPace;
import network.tender.web.transfers.StreamSurface;
import network.tender.web.transfers.TransferIntake;
import network.tender.web.transfers.TransfersSurface;

/** The native and the Esplora surfaces over a {@link TestChain}. */
public final class TestSurfaces {
  /** What invoices' listeners are given; the key is the invoice's id. */
  public static final Map<String, Consumer<JsonObject>> INVOICES = new ConcurrentHashMap<>();

  private static final List<Amount> PAID = new CopyOnWriteArrayList<>();

  private TestSurfaces() {}

  /** What the faucet has paid. */
  public static List<Amount> paid() {
    return List.copyOf(PAID);
  }

  public static TransferIntake intake(Settlement settlement) {
    SettlementMetrics metrics =
        new SettlementMetrics(
            new SimpleMeterRegistry(),
            Arrays.stream(Reason.values()).map(Reason::code).toList(),
            Arrays.stream(Outcome.Cause.values()).map(Outcome.Cause::code).toList());
    return new TransferIntake(settlement, metrics);
  }

  public static Surface[] of(Vertx vertx, TestChain chain) {
    return of(vertx, chain, StreamLimits.DEFAULT);
  }

  public static Surface[] of(Vertx vertx, TestChain chain, StreamLimits limits) {
    return of(vertx, chain, new StreamMetrics(new SimpleMeterRegistry(), limits));
  }

  public static Surface[] of(Vertx vertx, TestChain chain, StreamMetrics streams) {
    AnswerRoom room = AnswerRoom.ofHeap(vertx, new SimpleMeterRegistry());
    TransferIntake intake = intake(chain);
    DevPurse purse =
        (to, amount) -> {
          PAID.add(amount);
          return chain.submit(
              chain.payment(chain.treasuryCoins().get(45), to, amount.sat()),
              Settlement.Wait.SETTLED);
        };
    return new Surface[] {
      new TransfersSurface(
          intake, chain, new RefusalPace(System::nanoTime, new SimpleMeterRegistry())),
      new BlocksSurface(chain.network, chain, chain, Optional::empty, room),
      new CertifiedBlocksSurface(vertx, chain, chain, streams, room),
      new StreamSurface(vertx, chain.network, chain, chain, TestSurfaces::subscribe, streams),
      new DevSurface(
          chain.network,
          Optional.of(new DevSurface.Purses(purse, purse)),
          new OwnHosts("0.0.0.0", Optional.of(URI.create("https://pay.example/"))),
          new RepeatablePayments(Optional.empty())),
      new EsploraSurface(
          vertx,
          chain.network,
          chain,
          chain,
          chain,
          intake,
          streams,
          room,
          new SimpleMeterRegistry())
    };
  }

  private static Future<Optional<Runnable>> subscribe(
      String invoiceId, Consumer<JsonObject> listener) {
    if (!invoiceId.startsWith("inv")) {
      return Future.succeededFuture(Optional.empty());
    }
    INVOICES.put(invoiceId, listener);
    listener.accept(new JsonObject().put("id", invoiceId).put("status", "New"));
    return Future.succeededFuture(Optional.of(() -> INVOICES.remove(invoiceId)));
  }
}
