package network.tender.web.esplora;

import io.vertx.core.Future;
import io.vertx.ext.web.Router;
import io.vertx.ext.web.RoutingContext;
import java.util.Optional;
import java.util.Set;
import java.util.concurrent.ConcurrentHashMap;
import network.tender.web.ConnectionPlace;
import network.tender.web.LongLivedPlaces;
import network.tender.web.Problem;
import network.tender.web.ProblemCode;

/** The door to wallets' sockets. */
final class SocketRoutes {
  static final String PATH = "/v1/ws";

  private final WalletSocket.Parts parts;
  private final Set<WalletSocket> open = ConcurrentHashMap.newKeySet();
  private volatile boolean draining;

  SocketRoutes(WalletSocket.Parts parts) {
    this.parts = parts;
  }

  void mount(Router router, String base) {
    router.get(base + PATH).handler(this::upgrade);
  }

  private void upgrade(RoutingContext ctx) {
    if (!"websocket".equalsIgnoreCase(ctx.request().getHeader("Upgrade"))) {
      throw EsploraErrors.badInput("Open this path as a WebSocket").toException();
    }
    Optional<LongLivedPlaces.Place> longLived = LongLivedPlaces.of(ctx).take(ctx, Optional.empty());
    if (draining || longLived.isEmpty() || !parts.streams().tryOpen()) {
      longLived.ifPresent(LongLivedPlaces.Place::giveBack);
      throw Problem.of(ProblemCode.TOO_MANY_STREAMS)
          .with(Problem.RETRY_AFTER_SECONDS, 10)
          .toException();
    }
    ConnectionPlace place = ConnectionPlace.of(ctx);
    // A request that can't become a socket may also throw: its place comes back all the same.
    Future.succeededFuture()
        .compose(v -> ctx.request().toWebSocket())
        .onSuccess(
            socket -> {
              WalletSocket[] made = new WalletSocket[1];
              made[0] =
                  new WalletSocket(
                      parts,
                      socket,
                      () -> {
                        parts.streams().closed();
                        longLived.get().giveBack();
                        if (made[0] != null) {
                          open.remove(made[0]);
                        }
                      },
                      place::giveBack);
              open.add(made[0]);
              if (draining) {
                made[0].goAway();
              }
            })
        .onFailure(
            error -> {
              parts.streams().closed();
              longLived.get().giveBack();
              if (!ctx.response().ended() && !ctx.response().headWritten()) {
                ctx.fail(EsploraErrors.badInput("The WebSocket upgrade failed").toException());
              }
            });
  }

  void drain() {
    draining = true;
    open.forEach(WalletSocket::goAway);
  }
}
