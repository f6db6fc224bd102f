package network.tender.web.pages;

import io.micrometer.core.instrument.Gauge;
import io.micrometer.core.instrument.MeterRegistry;
import io.vertx.core.Context;
import io.vertx.core.Future;
import io.vertx.core.Vertx;
import io.vertx.core.buffer.Buffer;
import io.vertx.core.http.ServerWebSocket;
import io.vertx.ext.web.Router;
import io.vertx.ext.web.RoutingContext;
import java.util.Optional;
import java.util.Set;
import java.util.concurrent.ConcurrentHashMap;
import network.tender.web.ConnectionPlace;
import network.tender.web.LongLivedPlaces;

/**
 * {@code /i/{id}/status/ws}: a byte whenever an invoice's status may have changed, for pages that
 * then ask for it. One comes when the socket opens, so that nothing is missed that happened since
 * the page was made; a text {@code ping} keeps proxies from closing it. A page that gets no socket
 * because too many are open asks by itself every few seconds.
 */
final class StatusSockets {
  static final String PATH = "/i/:invoice/status/ws";

  private static final long PING_MILLIS = 20_000;
  private static final short GOING_AWAY = 1001;
  private static final short NO_SUCH_INVOICE = 1008;
  private static final short TRY_AGAIN_LATER = 1013;
  private static final Buffer CHANGED = Buffer.buffer(new byte[1]);

  private final Shop shop;
  private final Set<ServerWebSocket> open = ConcurrentHashMap.newKeySet();
  private volatile boolean draining;

  StatusSockets(Shop shop, MeterRegistry registry) {
    this.shop = shop;
    Gauge.builder("tender.checkout.sockets", open, Set::size)
        .description("Sockets that are told of changes of an invoice")
        .register(registry);
  }

  void mount(Router router) {
    router.get(PATH).handler(this::upgrade);
  }

  private void upgrade(RoutingContext ctx) {
    Optional<String> invoice = Pages.id(ctx, "invoice");
    if (invoice.isEmpty()) {
      throw PageCode.INVOICE_NOT_FOUND.toException();
    }
    if (!"websocket".equalsIgnoreCase(ctx.request().getHeader("Upgrade"))) {
      throw PageCode.NOT_FOUND.toException();
    }
    if (draining) {
      throw PageCode.TOO_MANY_SOCKETS.toException();
    }
    LongLivedPlaces.Place longLived =
        LongLivedPlaces.of(ctx)
            .take(ctx, invoice)
            .orElseThrow(PageCode.TOO_MANY_SOCKETS::toException);
    ConnectionPlace place = ConnectionPlace.of(ctx);
    // A request that can't become a socket may also throw: its place comes back all the same.
    Future.succeededFuture()
        .compose(v -> ctx.request().toWebSocket())
        .onSuccess(
            socket ->
                follow(
                    socket,
                    invoice.get(),
                    () -> {
                      place.giveBack();
                      longLived.giveBack();
                    }))
        .onFailure(
            error -> {
              longLived.giveBack();
              ctx.fail(error);
            });
  }

  private void follow(ServerWebSocket socket, String invoice, Runnable giveBack) {
    Context context = Vertx.currentContext();
    long pings = context.owner().setPeriodic(PING_MILLIS, id -> socket.writeTextMessage("ping"));
    open.add(socket);
    End end = new End();
    socket.closeHandler(
        closed -> {
          context.owner().cancelTimer(pings);
          open.remove(socket);
          giveBack.run();
          end.closed();
        });
    // Nothing that a page could say matters here.
    socket.handler(ignored -> {});
    if (draining) {
      socket.close(GOING_AWAY, null);
      return;
    }
    shop.follow(invoice, () -> context.runOnContext(v -> tell(socket)))
        .onSuccess(
            following -> {
              if (following.isEmpty()) {
                context.runOnContext(v -> socket.close(NO_SUCH_INVOICE, "no such invoice"));
              } else {
                end.by(following.get());
              }
            })
        .onFailure(
            error -> context.runOnContext(v -> socket.close(TRY_AGAIN_LATER, "try again later")));
  }

  private static void tell(ServerWebSocket socket) {
    // One that waits to be read says all that another one would.
    if (!socket.isClosed() && !socket.writeQueueFull()) {
      socket.writeBinaryMessage(CHANGED);
    }
  }

  /** Ends a subscription once, whether the socket closes before or after it is there. */
  private static final class End {
    private Optional<Runnable> how = Optional.empty();
    private boolean closed;

    synchronized void by(Runnable ending) {
      if (closed) {
        ending.run();
      } else {
        how = Optional.of(ending);
      }
    }

    synchronized void closed() {
      closed = true;
      how.ifPresent(Runnable::run);
      how = Optional.empty();
    }
  }

  void drain() {
    draining = true;
    open.forEach(socket -> socket.close(GOING_AWAY, null));
  }
}
