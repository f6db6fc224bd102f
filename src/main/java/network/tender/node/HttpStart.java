package network.tender.node;

import io.vertx.core.Future;
import io.vertx.core.VertxOptions;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import network.tender.merchant.Merchant;
import network.tender.settlement.Settlement;
import network.tender.settlement.Storage;
import network.tender.web.HttpService;
import network.tender.web.HttpSettings;
import network.tender.web.OwnHosts;
import network.tender.web.StreamLimits;
import network.tender.web.StreamMetrics;
import network.tender.web.Surface;
import network.tender.web.esplora.EsploraSurface;
import network.tender.web.greenfield.GreenfieldSurface;
import network.tender.web.greenfield.NodeStatus;
import network.tender.web.pages.InvoiceStatusFeed;
import network.tender.web.pages.MerchantShop;
import network.tender.web.pages.PagesSurface;
import network.tender.web.transfers.BlocksSurface;
import network.tender.web.transfers.DevSurface;
import network.tender.web.transfers.StreamSurface;
import network.tender.web.transfers.TransferIntake;
import network.tender.web.transfers.TransfersSurface;

/** The public server with all its surfaces. */
final class HttpStart {
  private HttpStart() {}

  /** Starts it; returns its port. */
  static Future<Integer> start(Parts parts, Opened opened, Closers closers) {
    Configuration.Http http = parts.configuration().http();
    HttpSettings defaults =
        HttpSettings.on(http.host(), http.port(), VertxOptions.DEFAULT_EVENT_LOOP_POOL_SIZE);
    HttpSettings settings =
        new HttpSettings(
            http.host(),
            http.port(),
            defaults.instances(),
            defaults.maxConnections(),
            defaults.maxBodyBytes(),
            defaults.idleTimeoutSeconds(),
            defaults.drainSeconds(),
            http.tls().map(tls -> new HttpSettings.Tls(tls.certificate(), tls.key())));
    opened.purses().ifPresent(purses -> closers.add("wallets", purses::closeAll));
    return parts
        .vertx()
        // Compiling templates takes too long for an event loop.
        .executeBlocking(() -> pages(parts, opened))
        .compose(
            pages ->
                HttpService.start(
                    parts.vertx(),
                    settings,
                    surfaces(parts, opened, pages),
                    parts.meters().registry()))
        .map(
            service -> {
              closers.add("public server", service::stop);
              return service.port();
            })
        .recover(
            error ->
                Future.failedFuture(
                    new StartException(
                        "The public server can't start on %s:%d: %s"
                            .formatted(http.host(), http.port(), error.getMessage()),
                        error)));
  }

  private static Optional<DevSurface.Purses> purses(Opened opened) {
    return opened.purses().map(both -> new DevSurface.Purses(both.faucet()::pay, both.demo()::pay));
  }

  private static Surface pages(Parts parts, Opened opened) {
    return new PagesSurface(
        parts.network(),
        parts.configuration().http().publicUrl(),
        new MerchantShop(opened.merchant(), parts.curve()),
        purses(opened).map(DevSurface.Purses::demoWallet),
        () -> opened.pipeline().status().height(),
        parts.clock(),
        System::nanoTime,
        parts.meters().registry());
  }

  private static List<Surface> surfaces(Parts parts, Opened opened, Surface pages) {
    Settlement settlement = opened.pipeline();
    Merchant merchant = opened.merchant();
    Storage storage = opened.pipeline().storage();
    merchant.invoices().passByAddressesIn(storage.index());
    TransferIntake intake = new TransferIntake(settlement, parts.settlementMetrics());
    StreamMetrics streams = new StreamMetrics(parts.meters().registry(), StreamLimits.DEFAULT);
    List<Surface> surfaces = new ArrayList<>();
    surfaces.add(new TransfersSurface(intake, settlement));
    surfaces.add(new BlocksSurface(parts.network(), storage.journal(), settlement));
    surfaces.add(
        new StreamSurface(
            parts.vertx(),
            parts.network(),
            storage.journal(),
            settlement,
            new InvoiceStatusFeed(parts.network(), merchant.views(), parts.clock()),
            streams));
    Configuration.Http http = parts.configuration().http();
    surfaces.add(
        new DevSurface(
            parts.network(), purses(opened), new OwnHosts(http.host(), http.publicUrl())));
    surfaces.add(
        new GreenfieldSurface(
            merchant, nodeStatus(parts, settlement), parts.configuration().http().publicUrl()));
    surfaces.add(
        new EsploraSurface(
            parts.vertx(),
            parts.network(),
            storage.journal(),
            storage.index(),
            settlement,
            intake,
            streams,
            parts.meters().registry()));
    surfaces.add(pages);
    return surfaces;
  }

  private static NodeStatus nodeStatus(Parts parts, Settlement settlement) {
    return new NodeStatus() {
      @Override
      public boolean canSettle() {
        return parts.readiness().isReady();
      }

      @Override
      public int height() {
        return settlement.status().height();
      }
    };
  }
}
