package network.tender.web.pages;

import io.micrometer.core.instrument.Counter;
import io.vertx.core.Future;
import io.vertx.core.json.JsonObject;
import io.vertx.ext.web.Router;
import io.vertx.ext.web.RoutingContext;
import java.math.BigDecimal;
import java.time.InstantSource;
import java.util.Map;
import java.util.Optional;
import java.util.regex.Pattern;
import network.tender.merchant.ExactJson;
import network.tender.web.RepeatableRequest;
import org.jspecify.annotations.Nullable;

/** The till: a keypad that makes invoices. It needs no key, only the address of its page. */
final class TillPages {
  private static final int MAX_DESCRIPTION_CHARACTERS = 80;
  private static final Pattern AMOUNT = Pattern.compile("[0-9]{1,12}(\\.[0-9]{1,8})?");
  private static final Pattern TOO_LARGE = Pattern.compile("[0-9]{13,}(\\.[0-9]*)?");
  private static final Pattern SALE_KEY = Pattern.compile("[0-9a-f]{32}");

  private final Pages pages;
  private final Shop shop;
  private final PaymentView view;
  private final boolean demo;
  private final InstantSource clock;
  private final ChargeLimit limit;
  private final Counter limited;

  TillPages(
      Pages pages,
      Shop shop,
      PaymentView view,
      boolean demo,
      InstantSource clock,
      ChargeLimit limit,
      Counter limited) {
    this.pages = pages;
    this.shop = shop;
    this.view = view;
    this.demo = demo;
    this.clock = clock;
    this.limit = limit;
    this.limited = limited;
  }

  void mount(Router router) {
    router.get("/pos/:store").handler(ctx -> show(ctx).onFailure(ctx::fail));
    router
        .get("/pos/:store/manifest.webmanifest")
        .handler(ctx -> manifest(ctx).onFailure(ctx::fail));
    router.post("/pos/:store/invoices").handler(ctx -> charge(ctx).onFailure(ctx::fail));
    router
        .post("/pos/:store/invoices/:invoice/cancel")
        .handler(ctx -> cancel(ctx).onFailure(ctx::fail));
  }

  private Future<Void> show(RoutingContext ctx) {
    return store(ctx)
        .map(
            store -> {
              pages.answer(
                  ctx,
                  "pos",
                  Map.of("store", view.store(store), "demo", demo, "pay", PaymentView.blank()));
              return null;
            });
  }

  private Future<Void> manifest(RoutingContext ctx) {
    return store(ctx)
        .map(
            store -> {
              pages.answerManifest(ctx, store.name(), "/pos/" + store.id());
              return null;
            });
  }

  private Future<Shop.Store> store(RoutingContext ctx) {
    Optional<String> id = Pages.id(ctx, "store");
    return id.isEmpty()
        ? Future.failedFuture(PageCode.STORE_NOT_FOUND.toException())
        : shop.store(id.get()).compose(found -> Pages.orElse(found, PageCode.STORE_NOT_FOUND));
  }

  private Future<Void> charge(RoutingContext ctx) {
    JsonObject body = Pages.ownJson(ctx);
    return store(ctx)
        .compose(
            store -> {
              Shop.Sale sale = sale(store, body, ctx.request().getHeader(RepeatableRequest.HEADER));
              if (!limit.tryTake(store.id())) {
                limited.increment();
                throw PageCode.TOO_MANY_INVOICES.toException();
              }
              return shop.charge(sale, order(ctx, Optional.of(sale.key())));
            })
        .compose(Pages::valueOf)
        .map(reply -> answer(ctx, reply));
  }

  private static Shop.Sale sale(
      Shop.Store store, JsonObject body, @Nullable String idempotencyKey) {
    if (!(body.getValue("amount") instanceof String amountText)) {
      throw PageCode.INVALID_AMOUNT.toException();
    }
    if (!AMOUNT.matcher(amountText).matches()) {
      throw (TOO_LARGE.matcher(amountText).matches()
              ? PageCode.AMOUNT_TOO_LARGE
              : PageCode.INVALID_AMOUNT)
          .toException();
    }
    BigDecimal amount = new BigDecimal(amountText);
    if (amount.signum() == 0 || amount.scale() > store.digits()) {
      throw PageCode.INVALID_AMOUNT.toException();
    }
    String description = body.getValue("description") instanceof String text ? text.strip() : "";
    if (description.length() > MAX_DESCRIPTION_CHARACTERS) {
      throw PageCode.DESCRIPTION_TOO_LONG.toException();
    }
    if (!ExactJson.isStorable(description)) {
      throw PageCode.MALFORMED_JSON.toException();
    }
    Object given = idempotencyKey == null ? body.getValue("key") : idempotencyKey;
    if (!(given instanceof String key) || !SALE_KEY.matcher(key).matches()) {
      throw PageCode.INVALID_SALE_KEY.toException();
    }
    return new Shop.Sale(
        store.id(),
        amount,
        description.isEmpty() ? Optional.empty() : Optional.of(description),
        key);
  }

  private Future<Void> cancel(RoutingContext ctx) {
    Pages.ownJson(ctx);
    Optional<String> key = Optional.ofNullable(ctx.request().getHeader(RepeatableRequest.HEADER));
    if (key.filter(text -> !SALE_KEY.matcher(text).matches()).isPresent()) {
      return Future.failedFuture(PageCode.INVALID_SALE_KEY.toException());
    }
    Optional<String> invoiceId = Pages.id(ctx, "invoice");
    if (invoiceId.isEmpty()) {
      return Future.failedFuture(PageCode.INVOICE_NOT_FOUND.toException());
    }
    return store(ctx)
        .compose(store -> shop.cancel(store.id(), invoiceId.get(), order(ctx, key)))
        .compose(Pages::valueOf)
        .map(reply -> answer(ctx, reply));
  }

  /** What was posted, by whom it may be posted again with its key, and how it is answered. */
  private Shop.Order order(RoutingContext ctx, Optional<String> key) {
    String store = "till\n" + ctx.pathParam("store");
    return new Shop.Order(
        key.map(text -> Pages.repeatable(ctx, store, text)),
        invoice -> new JsonObject(view.of(invoice, clock.millis())).toBuffer());
  }

  @SuppressWarnings("NullAway") // the type of a Future without a value
  private static Void answer(RoutingContext ctx, Shop.Reply reply) {
    Pages.answerJson(ctx, reply);
    return null;
  }
}
