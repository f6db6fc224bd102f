package network.tender.node;

import com.sun.management.UnixOperatingSystemMXBean;
import io.vertx.core.Future;
import io.vertx.core.VertxOptions;
import java.lang.management.ManagementFactory;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.function.Supplier;
import network.tender.follower.FollowerStatus;
import network.tender.settlement.Settlement;
import network.tender.settlement.Storage;
import network.tender.web.AnswerBounds;
import network.tender.web.AnswerRoom;
import network.tender.web.FollowerSurface;
import network.tender.web.HttpService;
import network.tender.web.HttpSettings;
import network.tender.web.InvoiceFeed;
import network.tender.web.OwnHosts;
import network.tender.web.RepeatablePayments;
import network.tender.web.StreamLimits;
import network.tender.web.StreamMetrics;
import network.tender.web.Surface;
import network.tender.web.esplora.EsploraSurface;
import network.tender.web.greenfield.GreenfieldSurface;
import network.tender.web.greenfield.NodeStatus;
import network.tender.web.greenfield.WebhookSurface;
import network.tender.web.pages.AccountsSurface;
import network.tender.web.pages.AppShop;
import network.tender.web.pages.AppsSurface;
import network.tender.web.pages.ExplorerSurface;
import network.tender.web.pages.InvoiceStatusFeed;
import network.tender.web.pages.MerchantShop;
import network.tender.web.pages.PageAssets;
import network.tender.web.pages.PagesSurface;
import network.tender.web.transfers.BlocksSurface;
import network.tender.web.transfers.CertifiedBlocksSurface;
import network.tender.web.transfers.DevSurface;
import network.tender.web.transfers.RefusalPace;
import network.tender.web.transfers.StreamSurface;
import network.tender.web.transfers.TransferIntake;
import network.tender.web.transfers.TransfersSurface;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/** The public server with all its surfaces. */
final class HttpStart {
  private static final Logger LOG = LoggerFactory.getLogger(HttpStart.class);

  /** What a node opens beside connections: its program, PostgreSQL, requests of its own. */
  private static final int OTHER_FILES = 1_000;

  private HttpStart() {}

  /** True if only this machine reaches a host; names are not looked up. */
  static boolean isLoopback(String host) {
    return host.equalsIgnoreCase("localhost") || host.startsWith("127.") || host.equals("::1");
  }

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
            http.maxConnections(),
            defaults.maxBodyBytes(),
            defaults.idleTimeoutSeconds(),
            defaults.drainSeconds(),
            http.tls().map(tls -> new HttpSettings.Tls(tls.certificate(), tls.key())));
    complainOfFewFiles(http.maxConnections());
    if (opened.role() instanceof Opened.Role.Sealing sealing) {
      sealing.purses().ifPresent(purses -> closers.add("wallets", purses::closeAll));
    }
    AnswerBounds bounds = AnswerBounds.ofHeap(parts.vertx(), parts.meters().registry());
    return parts
        .ahead()
        .pages()
        .compose(
            assets ->
                HttpService.start(
                    parts.vertx(),
                    settings,
                    parts.ahead().contract(),
                    surfaces(parts, opened, bounds.room(), pages(parts, opened, assets)),
                    bounds,
                    parts.meters().registry()))
        .map(
            service -> {
              closers.add("public server", service::stop);
              if (http.publicUrl().isEmpty() && !isLoopback(http.host())) {
                LOG.warn(
                    "http.publicUrl is not set: links to checkouts name whatever host a request"
                        + " names. Set it to what customers' browsers call this node.");
              }
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

  /** A connection that finds no file descriptor is not refused in order; it hangs. */
  private static void complainOfFewFiles(int maxConnections) {
    if (ManagementFactory.getOperatingSystemMXBean() instanceof UnixOperatingSystemMXBean system
        && system.getMaxFileDescriptorCount() < maxConnections + OTHER_FILES) {
      LOG.warn(
          "The system lets this program open {} files, too few for {} connections: raise its limit"
              + " (ulimit -n) or lower http.maxConnections.",
          system.getMaxFileDescriptorCount(),
          maxConnections);
    }
  }

  private static Optional<DevSurface.Purses> purses(Opened.Role.Sealing role) {
    return role.purses().map(both -> new DevSurface.Purses(both.faucet()::pay, both.demo()::pay));
  }

  private static List<Surface> pages(Parts parts, Opened opened, PageAssets assets) {
    if (opened.role() instanceof Opened.Role.Sealing role) {
      return List.of(
          new AccountsSurface(assets, role.merchant(), parts.configuration().http().publicUrl()),
          new AppsSurface(
              assets,
              parts.network(),
              parts.configuration().http().publicUrl(),
              new AppShop(role.merchant()),
              role.purses().isPresent(),
              parts.clock(),
              System::nanoTime,
              parts.meters().registry()),
          new PagesSurface(
              assets,
              parts.network(),
              parts.configuration().http().publicUrl(),
              new MerchantShop(role.merchant(), parts.curve()),
              purses(role).map(DevSurface.Purses::demoWallet),
              () -> opened.settlement().status().height(),
              parts.clock(),
              System::nanoTime,
              parts.meters().registry()));
    }
    return List.of(new ExplorerSurface(assets, parts.configuration().http().publicUrl()));
  }

  private static List<Surface> surfaces(
      Parts parts, Opened opened, AnswerRoom room, List<Surface> pages) {
    Settlement settlement = opened.settlement();
    Storage storage = opened.storage();
    TransferIntake intake = new TransferIntake(settlement, parts.settlementMetrics());
    StreamMetrics streams = new StreamMetrics(parts.meters().registry(), StreamLimits.DEFAULT);
    List<Surface> surfaces = new ArrayList<>();
    surfaces.add(
        new TransfersSurface(
            intake, settlement, new RefusalPace(System::nanoTime, parts.meters().registry())));
    surfaces.add(
        new BlocksSurface(parts.network(), storage.journal(), settlement, following(opened), room));
    surfaces.add(
        new CertifiedBlocksSurface(parts.vertx(), storage.journal(), settlement, streams, room));
    surfaces.add(
        new StreamSurface(
            parts.vertx(),
            parts.network(),
            storage.journal(),
            settlement,
            invoices(parts, opened),
            streams));
    if (opened.role() instanceof Opened.Role.Sealing role) {
      surfaces.addAll(shops(parts, settlement, storage, role));
    }
    surfaces.add(
        new EsploraSurface(
            parts.vertx(),
            parts.network(),
            storage.journal(),
            storage.index(),
            settlement,
            intake,
            streams,
            room,
            parts.meters().registry()));
    if (opened.role() instanceof Opened.Role.Following role) {
      surfaces.add(new FollowerSurface(role.follower().following().node()));
    }
    surfaces.addAll(pages);
    return surfaces;
  }

  private static InvoiceFeed invoices(Parts parts, Opened opened) {
    return opened.role() instanceof Opened.Role.Sealing role
        ? new InvoiceStatusFeed(parts.network(), role.merchant().views(), parts.clock())
        : InvoiceFeed.NONE;
  }

  private static Supplier<Optional<FollowerStatus>> following(Opened opened) {
    return opened.role() instanceof Opened.Role.Following role
        ? () -> Optional.of(role.follower().following())
        : Optional::empty;
  }

  private static List<Surface> shops(
      Parts parts, Settlement settlement, Storage storage, Opened.Role.Sealing role) {
    if (storage.index().isOn()) {
      settlement.onBlock(role.merchant().invoices()::onBlock);
      role.merchant().invoices().passByAddressesIn(storage.index());
    }
    Configuration.Http http = parts.configuration().http();
    GreenfieldSurface greenfield =
        new GreenfieldSurface(role.merchant(), nodeStatus(parts, settlement), http.publicUrl());
    return List.of(
        new DevSurface(
            parts.network(),
            purses(role),
            new OwnHosts(http.host(), http.publicUrl()),
            new RepeatablePayments(Optional.of(role.merchant().idempotentAnswers()))),
        greenfield,
        new WebhookSurface(greenfield, role.merchant(), role.webhooks()));
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
