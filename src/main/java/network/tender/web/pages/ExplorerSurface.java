package network.tender.web.pages;

import io.vertx.ext.web.Router;
import io.vertx.ext.web.openapi.router.RouterBuilder;
import java.net.URI;
import java.util.Map;
import java.util.Optional;
import network.tender.web.ErrorShape;
import network.tender.web.Surface;

/** The explorer alone, for a node without merchants; its start page is the explorer. */
public final class ExplorerSurface implements Surface {
  private final StaticFiles files;
  private final Pages pages;
  private final ExplorerPages explorer;

  /**
   * The explorer, of assets that have been loaded.
   *
   * @param publicUrl where the node is seen from outside; empty for where a request came to
   */
  public ExplorerSurface(PageAssets assets, Optional<URI> publicUrl) {
    files = assets.files();
    pages = new Pages(assets.templates());
    explorer = new ExplorerPages(pages, publicUrl, false);
  }

  /** The pages are no part of the contract. */
  @Override
  public void bind(RouterBuilder builder) {}

  @Override
  public void mount(Router router) {
    files.mount(router);
    router.get("/").handler(ctx -> ctx.redirect(ExplorerPages.BASE));
    explorer.mount(router);
    router.route().last().handler(pages::answerNotFound);
  }

  @Override
  public Map<String, ErrorShape> errorShapes() {
    return Map.of(ExplorerPages.BASE, pages.errorShape(), "/", pages.errorShape());
  }
}
