package network.tender.web.pages;

import io.vertx.core.Future;
import io.vertx.ext.web.Router;
import io.vertx.ext.web.RoutingContext;
import java.util.Map;
import java.util.concurrent.atomic.AtomicReference;
import network.tender.web.Contract;

/** The reference of the API, made of the contract that the node binds its operations to. */
final class DocsPage {
  static final String PATH = "/docs";

  private final Pages pages;

  /** Made when somebody asks for it first: a start has no time for it. */
  private final AtomicReference<Future<Map<String, Object>>> variables = new AtomicReference<>();

  DocsPage(Pages pages) {
    this.pages = pages;
  }

  void mount(Router router) {
    router.get(PATH).handler(ctx -> show(ctx).onFailure(ctx::fail));
  }

  private Future<Void> show(RoutingContext ctx) {
    Future<Map<String, Object>> known = variables.get();
    if (known == null || known.failed()) {
      known = ctx.vertx().executeBlocking(() -> new ApiReference(Contract.document()).variables());
      variables.set(known);
    }
    return known.map(
        ready -> {
          pages.answer(ctx, "docs", ready);
          return null;
        });
  }
}
