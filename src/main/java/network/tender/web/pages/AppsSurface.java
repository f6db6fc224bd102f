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
import java.util.function.LongSupplier;
import network.tender.chain.Network;
import network.tender.web.ErrorShape;
import network.tender.web.Surface;

/** {@code /apps}: pages of points of sale. To be mounted before {@link PagesSurface}. */
public final class AppsSurface implements Surface {
  private static final String BASE = "/apps";

  private final Pages pages;
  private final AppPages apps;

  /**
   * The pages, of assets that have been loaded.
   *
   * @param publicUrl where the node is seen from outside; empty for where a request came to
   * @param demo true if there is a demo wallet that pays invoices at the press of a button
   * @param clock the time, for countdowns
   * @param nanoTime a monotonic clock, for limits
   */
  public AppsSurface(
      PageAssets assets,
      Network network,
      Optional<URI> publicUrl,
      AppShop shop,
      boolean demo,
      InstantSource clock,
      LongSupplier nanoTime,
      MeterRegistry registry) {
    this.pages = new Pages(assets.templates());
    Counter limited =
        Counter.builder("tender.page.refusals")
            .description("Requests of pages that met a limit")
            .tag("reason", PageCode.TOO_MANY_INVOICES.code())
            .register(registry);
    this.apps =
        new AppPages(
            pages,
            shop,
            new PaymentView(network),
            publicUrl,
            demo,
            clock,
            new ChargeLimit(nanoTime),
            limited);
  }

  /** The pages are no part of the contract. */
  @Override
  public void bind(RouterBuilder builder) {}

  @Override
  public void mount(Router router) {
    apps.mount(router);
  }

  @Override
  public Map<String, ErrorShape> errorShapes() {
    return Map.of(BASE, pages.errorShape());
  }

  /** Any site may have a form that orders here; what only cashiers may do needs their cookie. */
  @Override
  public Set<String> crossOriginPrefixes() {
    return Set.of(BASE);
  }
}
