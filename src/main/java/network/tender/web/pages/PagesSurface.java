package network.tender.web.pages;

import io.micrometer.core.instrument.Counter;
import io.micrometer.core.instrument.MeterRegistry;
import io.vertx.ext.web.Router;
import io.vertx.ext.web.openapi.router.RouterBuilder;
import java.net.URI;
import java.time.InstantSource;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.function.IntSupplier;
import java.util.function.LongSupplier;
import network.tender.chain.Network;
import network.tender.web.DevPurse;
import network.tender.web.ErrorShape;
import network.tender.web.Surface;

/** The pages' routes. */
public final class PagesSurface implements Surface {
  private final Pages pages;
  private final StaticFiles files;
  private final StartPage start;
  private final TillPages till;
  private final CheckoutPages checkout;
  private final StatusSockets sockets;
  private final ExplorerPages explorer;

  /**
   * The pages, of assets that have been loaded.
   *
   * @param publicUrl where the node is seen from outside; empty for where a request came to
   * @param demoPurse pays invoices at the press of a button; only ever on the development network
   * @param height height of the newest durable block
   * @param clock the time, for countdowns
   * @param nanoTime a monotonic clock, for limits
   * @throws IllegalStateException if there is a demo wallet on another network
   */
  public PagesSurface(
      PageAssets assets,
      Network network,
      Optional<URI> publicUrl,
      Shop shop,
      Optional<DevPurse> demoPurse,
      IntSupplier height,
      InstantSource clock,
      LongSupplier nanoTime,
      MeterRegistry registry) {
    if (demoPurse.isPresent() && !network.isRegtest()) {
      throw new IllegalStateException("a demo wallet on " + network.name());
    }
    files = assets.files();
    pages = new Pages(assets.templates());
    PaymentView view = new PaymentView(network);
    start = new StartPage(pages, shop, network, height, new ChargeLimit(nanoTime));
    till =
        new TillPages(
            pages,
            shop,
            view,
            demoPurse.isPresent(),
            clock,
            new ChargeLimit(nanoTime),
            refusals(registry, PageCode.TOO_MANY_INVOICES));
    checkout =
        new CheckoutPages(
            pages,
            shop,
            view,
            network,
            publicUrl,
            demoPurse,
            clock,
            refusals(registry, PageCode.DEMO_BUSY));
    sockets = new StatusSockets(shop, registry);
    explorer = new ExplorerPages(pages, publicUrl, true);
  }

  private static Counter refusals(MeterRegistry registry, PageCode reason) {
    return Counter.builder("tender.page.refusals")
        .description("Requests of pages that met a limit")
        .tag("reason", reason.code())
        .register(registry);
  }

  /** The pages are no part of the contract. */
  @Override
  public void bind(RouterBuilder builder) {}

  @Override
  public void mount(Router router) {
    files.mount(router);
    start.mount(router);
    new DocsPage(pages).mount(router);
    till.mount(router);
    sockets.mount(router);
    checkout.mount(router);
    router.get("/modal/btcpay.js").handler(ctx -> files.answer(ctx, "btcpay.js"));
    // A worker serves pages at or below its own address.
    router.get("/till-worker.js").handler(ctx -> files.answer(ctx, "till-worker.js"));
    explorer.mount(router);
    router.route().last().handler(pages::answerNotFound);
  }

  @Override
  public Set<String> streamPaths() {
    return Set.of(StatusSockets.PATH);
  }

  @Override
  public void drain() {
    sockets.drain();
  }

  @Override
  public Map<String, ErrorShape> errorShapes() {
    return Map.of(
        "/pos",
        pages.errorShape(),
        "/i",
        pages.errorShape(),
        "/invoice",
        pages.errorShape(),
        DocsPage.PATH,
        pages.errorShape(),
        ExplorerPages.BASE,
        pages.errorShape(),
        "/",
        pages.errorShape());
  }
}
