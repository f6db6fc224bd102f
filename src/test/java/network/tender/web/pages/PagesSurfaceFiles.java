package network.tender.web.pages;

import io.vertx.ext.web.Router;
import io.vertx.ext.web.openapi.router.RouterBuilder;
import network.tender.web.Surface;

/** The pages' scripts and styles without the pages. */
final class PagesSurfaceFiles implements Surface {
  @Override
  public void bind(RouterBuilder builder) {}

  @Override
  public void mount(Router router) {
    new StaticFiles().mount(router);
  }
}
