package network.tender.web.pages;

import io.vertx.ext.web.Router;
import io.vertx.ext.web.RoutingContext;
import java.net.URI;
import java.util.Map;
import java.util.Optional;
import java.util.regex.Pattern;

/**
 * The explorer's pages. What they show is fetched by the reader's browser from the public API, so
 * they need no more from a node than any other reader does, and a proof is checked where it is
 * read.
 */
final class ExplorerPages {
  static final String BASE = "/explorer";

  private static final Pattern HEIGHT_OR_HASH = Pattern.compile("[0-9]{1,9}|[0-9a-fA-F]{64}");
  private static final Pattern HASH = Pattern.compile("[0-9a-fA-F]{64}");

  /** Of an address or of a script's hash; whether it is one is for the API to say. */
  private static final Pattern ADDRESS = Pattern.compile("[0-9A-Za-z]{1,100}");

  private final Pages pages;
  private final Optional<URI> publicUrl;
  private final boolean startPage;

  /**
   * The pages of one node.
   *
   * @param publicUrl where the node is seen from outside; empty for where a request came to
   * @param startPage whether there is a start page to lead back to
   */
  ExplorerPages(Pages pages, Optional<URI> publicUrl, boolean startPage) {
    this.pages = pages;
    this.publicUrl = publicUrl;
    this.startPage = startPage;
  }

  void mount(Router router) {
    router.get(BASE).handler(ctx -> show(ctx, "explorer", ""));
    router.get(BASE + "/search").handler(ctx -> show(ctx, "explorer-search", ""));
    router.get(BASE + "/verify").handler(ctx -> show(ctx, "explorer-receipt", ""));
    mountNamed(router, "block", "explorer-block", HEIGHT_OR_HASH);
    mountNamed(router, "tx", "explorer-transaction", HASH);
    mountNamed(router, "address", "explorer-address", ADDRESS);
    mountNamed(router, "receipt", "explorer-receipt", HASH);
  }

  private void mountNamed(Router router, String path, String page, Pattern names) {
    router
        .get(BASE + "/" + path + "/:name")
        .handler(
            ctx -> {
              String name = ctx.pathParam("name");
              if (name == null || !names.matcher(name).matches()) {
                throw PageCode.NO_SUCH_THING.toException();
              }
              show(ctx, page, name);
            });
  }

  private void show(RoutingContext ctx, String page, String name) {
    pages.answer(
        ctx,
        page,
        Map.of(
            "name", name,
            "origin", Pages.origin(ctx.request(), publicUrl),
            "startPage", startPage));
  }
}
