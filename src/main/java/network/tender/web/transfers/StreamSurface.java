package network.tender.web.transfers;

import io.vertx.core.Vertx;
import io.vertx.core.json.JsonObject;
import io.vertx.ext.web.RoutingContext;
import io.vertx.ext.web.openapi.router.RouterBuilder;
import java.util.List;
import java.util.Optional;
import java.util.OptionalInt;
import java.util.Set;
import java.util.concurrent.ConcurrentHashMap;
import network.tender.chain.Address;
import network.tender.chain.MalformedException;
import network.tender.chain.Network;
import network.tender.chain.Script;
import network.tender.journal.Journal;
import network.tender.settlement.Settlement;
import network.tender.web.EventStream;
import network.tender.web.InvoiceFeed;
import network.tender.web.PathIds;
import network.tender.web.Problem;
import network.tender.web.ProblemCode;
import network.tender.web.ProblemException;
import network.tender.web.Replies;
import network.tender.web.StreamMetrics;
import network.tender.web.Surface;
import org.jspecify.annotations.Nullable;

/**
 * {@code /v1/stream}: server-sent events of blocks, of one address, of one invoice, or of several
 * of these on one connection.
 */
public final class StreamSurface implements Surface {
  private final Network network;
  private final PastBlocks past;
  private final Settlement settlement;
  private final InvoiceFeed invoices;
  private final StreamMetrics metrics;
  private final BlockFeed feed;
  private final Set<EventStream> open = ConcurrentHashMap.newKeySet();
  private volatile boolean draining;

  /** The surface over a settlement pipeline; it subscribes to its blocks. */
  public StreamSurface(
      Vertx vertx,
      Network network,
      Journal journal,
      Settlement settlement,
      InvoiceFeed invoices,
      StreamMetrics metrics) {
    this.network = network;
    this.past = new PastBlocks(journal, metrics);
    this.settlement = settlement;
    this.invoices = invoices;
    this.metrics = metrics;
    this.feed = new BlockFeed(vertx, network, settlement);
  }

  @Override
  public void bind(RouterBuilder builder) {
    // "?blocks" has no value, which the validator does not take.
    builder.getRoute("openStream").setDoValidation(false).addHandler(this::openStream);
  }

  @Override
  public Set<String> streamPaths() {
    return Set.of("/v1/stream");
  }

  @Override
  public void drain() {
    draining = true;
    open.forEach(EventStream::close);
  }

  private void openStream(RoutingContext ctx) {
    if (draining) {
      throw Problem.of(ProblemCode.TOO_MANY_STREAMS, "The node is stopping; come back soon.")
          .with(Problem.RETRY_AFTER_SECONDS, 5)
          .toException();
    }
    Optional<Script> script = Optional.ofNullable(param(ctx, "address")).map(this::script);
    String invoice = param(ctx, "invoice");
    String blocks = param(ctx, "blocks");
    boolean wantsBlocks =
        blocks == null ? script.isEmpty() && invoice == null : !blocks.equals("false");
    demandPlaceToCatchUp(ctx, wantsBlocks || script.isPresent());
    if (invoice == null) {
      EventStream stream = EventStream.open(ctx, metrics);
      follow(ctx, stream, wantsBlocks, script, Optional.empty());
    } else {
      openWithInvoice(ctx, wantsBlocks, script, invoice);
    }
  }

  /** Whoever has missed blocks waits for a place with a 503, not in an open stream. */
  private void demandPlaceToCatchUp(RoutingContext ctx, boolean tellsOfBlocks) {
    OptionalInt seen = EventStream.lastEventId(ctx);
    if (tellsOfBlocks
        && seen.isPresent()
        && seen.getAsInt() < settlement.status().height()
        && metrics.isFullOfThoseWhoCatchUp()) {
      metrics.refused();
      throw Problem.of(ProblemCode.TOO_MANY_STREAMS, "Too many streams catch up; come back soon.")
          .with(Problem.RETRY_AFTER_SECONDS, 5)
          .toException();
    }
  }

  private static @Nullable String param(RoutingContext ctx, String name) {
    List<String> values = ctx.queryParam(name);
    return values.isEmpty() ? null : values.get(0);
  }

  private Script script(String address) {
    try {
      return Address.parse(address, network);
    } catch (MalformedException e) {
      throw Addresses.problem(e, network).toException();
    }
  }

  private void openWithInvoice(
      RoutingContext ctx, boolean wantsBlocks, Optional<Script> script, String invoice) {
    if (!PathIds.isPossible(invoice)) {
      throw Problem.of(ProblemCode.INVOICE_NOT_FOUND).toException();
    }
    InvoiceEvents events = new InvoiceEvents();
    Replies.read(
        ctx,
        invoices.subscribe(invoice, events),
        subscription -> {
          if (subscription.isEmpty()) {
            throw Problem.of(ProblemCode.INVOICE_NOT_FOUND).toException();
          }
          EventStream stream;
          try {
            stream = EventStream.open(ctx, metrics, Optional.of(invoice));
          } catch (ProblemException e) {
            subscription.get().run();
            throw e;
          }
          follow(ctx, stream, wantsBlocks, script, subscription);
          events.sendTo(stream);
        },
        // Nobody is left to be told, and nobody else would end it.
        late -> late.ifPresent(Runnable::run));
  }

  private void follow(
      RoutingContext ctx,
      EventStream stream,
      boolean wantsBlocks,
      Optional<Script> script,
      Optional<Runnable> subscription) {
    open.add(stream);
    if (!wantsBlocks && script.isEmpty()) {
      stream.onClose(() -> end(stream, subscription));
    } else {
      OptionalInt seen = EventStream.lastEventId(ctx);
      int newest = settlement.status().height();
      BlockStream blocks =
          new BlockStream(
              stream,
              feed,
              past,
              wantsBlocks,
              script,
              Math.min(seen.orElse(newest), newest),
              newest);
      stream.onClose(
          () -> {
            feed.remove(blocks);
            end(stream, subscription);
          });
      feed.add(blocks);
      // A block between the status above and the subscription would otherwise be missed.
      blocks.start(settlement.status().height());
    }
    if (draining) {
      stream.close();
    }
  }

  private void end(EventStream stream, Optional<Runnable> subscription) {
    open.remove(stream);
    subscription.ifPresent(Runnable::run);
  }

  /** Invoice states on their way to a stream; those that come before it is open wait. */
  private static final class InvoiceEvents implements java.util.function.Consumer<JsonObject> {
    private @Nullable EventStream stream;
    private @Nullable JsonObject waiting;

    @Override
    public void accept(JsonObject invoice) {
      EventStream target;
      synchronized (this) {
        target = stream;
        if (target == null) {
          waiting = invoice; // Each state replaces the one before.
          return;
        }
      }
      EventStream sendTo = target;
      sendTo.context().runOnContext(run -> send(sendTo, invoice));
    }

    void sendTo(EventStream opened) {
      JsonObject first;
      synchronized (this) {
        stream = opened;
        first = waiting;
        waiting = null;
      }
      if (first != null) {
        send(opened, first);
      }
    }

    private static void send(EventStream stream, JsonObject invoice) {
      if (stream.isFull()) {
        stream.cut(); // Coming back, the reader is told the invoice's state at once.
      } else {
        stream.send("invoice", OptionalInt.empty(), invoice.encode());
      }
    }
  }
}
