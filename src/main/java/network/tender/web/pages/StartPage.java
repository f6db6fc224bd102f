package network.tender.web.pages;

import io.vertx.core.Future;
import io.vertx.ext.web.Router;
import io.vertx.ext.web.RoutingContext;
import java.util.List;
import java.util.Map;
import java.util.function.IntSupplier;
import network.tender.chain.Network;

/** The page for somebody who has just started a node, or found one. */
final class StartPage {
  private static final List<Map<String, Object>> LINKS =
      List.of(
          link("/pos/STORE-ID", "a store's till: a keypad, a code, paid"),
          link("/i/INVOICE-ID", "an invoice's checkout; its receipt is at …/receipt"),
          page("/explorer", "blocks, transactions and addresses, and proofs of payment"),
          page(
              "/docs",
              "the reference of the APIs for shops and tills; for programs at /openapi.yaml"),
          link("/api/v1", "for shops and billing: the Greenfield API"),
          link("/v1", "for tills and tools: transfers, blocks, receipts, a live stream"));

  private final Pages pages;
  private final Shop shop;
  private final Network network;
  private final IntSupplier height;

  /** Stores are for good, so even on a network for play they are not made without end. */
  private final ChargeLimit limit;

  StartPage(Pages pages, Shop shop, Network network, IntSupplier height, ChargeLimit limit) {
    this.pages = pages;
    this.shop = shop;
    this.network = network;
    this.height = height;
    this.limit = limit;
  }

  void mount(Router router) {
    router.get("/").handler(this::show);
    if (network.isRegtest()) {
      router.post("/demo-store").handler(ctx -> openStore(ctx).onFailure(ctx::fail));
    }
  }

  private void show(RoutingContext ctx) {
    pages.answer(
        ctx,
        "start",
        Map.of(
            "height", height.getAsInt(),
            "demo", network.isRegtest(),
            "links", LINKS));
  }

  private Future<Void> openStore(RoutingContext ctx) {
    Pages.ownJson(ctx);
    if (!limit.tryTake("")) {
      return Future.failedFuture(PageCode.TOO_MANY_INVOICES.toException());
    }
    return shop.demoStore()
        .compose(Pages::valueOf)
        .map(
            store -> {
              Pages.answerJson(ctx, Map.of("storeId", store.id(), "till", "/pos/" + store.id()));
              return null;
            });
  }

  /** What stands for many pages, or is for programs. */
  private static Map<String, Object> link(String path, String words) {
    return Map.of("path", path, "words", words, "open", false);
  }

  /** One page that a person can open. */
  private static Map<String, Object> page(String path, String words) {
    return Map.of("path", path, "words", words, "open", true);
  }
}
