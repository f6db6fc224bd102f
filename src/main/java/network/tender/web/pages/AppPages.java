package network.tender.web.pages;

import io.micrometer.core.instrument.Counter;
import io.vertx.core.Future;
import io.vertx.core.MultiMap;
import io.vertx.core.http.Cookie;
import io.vertx.core.http.CookieSameSite;
import io.vertx.core.http.HttpHeaders;
import io.vertx.core.http.HttpServerRequest;
import io.vertx.core.json.DecodeException;
import io.vertx.core.json.JsonArray;
import io.vertx.core.json.JsonObject;
import io.vertx.ext.web.Router;
import io.vertx.ext.web.RoutingContext;
import java.net.URI;
import java.time.Duration;
import java.time.Instant;
import java.time.InstantSource;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.UUID;
import java.util.regex.Pattern;
import network.tender.merchant.InvoiceView;
import network.tender.merchant.PosApp;
import network.tender.merchant.PosItem;
import network.tender.merchant.PosOrder;
import network.tender.merchant.PosSettings;
import network.tender.web.BrowserOrigin;
import network.tender.web.JsonBodies;
import network.tender.web.RepeatableRequest;

/**
 * The page of a point of sale: items, a keypad, the cart, the payment. Customers may use it without
 * a key. A cashier signs in with the password of an account, or with an API key, that may make and
 * see the store's invoices; then there are discounts and a list of the cashier's own sales. The
 * browser keeps what shows that where no script reads it and sends it to this page only.
 */
final class AppPages {
  private static final String COOKIE = "till";
  private static final Duration WORKING_DAY = Duration.ofHours(16);
  private static final int MAX_ORDER_BYTES = 64 * 1024;
  private static final Pattern SALE_KEY = Pattern.compile("[0-9A-Za-z_-]{16,64}");
  private static final Pattern VIEW = Pattern.compile("(?i)static|cart|light|print");
  private static final Pattern LINK = Pattern.compile("https?://.{1,2000}");

  private final Pages pages;
  private final AppShop shop;
  private final Visits visits;
  private final PaymentView view;
  private final Optional<URI> publicUrl;
  private final boolean demo;
  private final InstantSource clock;
  private final ChargeLimit limit;
  private final Counter limited;

  AppPages(
      Pages pages,
      AppShop shop,
      PaymentView view,
      Optional<URI> publicUrl,
      boolean demo,
      InstantSource clock,
      ChargeLimit limit,
      Counter limited) {
    this.pages = pages;
    this.shop = shop;
    this.visits = shop.visits(publicUrl);
    this.view = view;
    this.publicUrl = publicUrl;
    this.demo = demo;
    this.clock = clock;
    this.limit = limit;
    this.limited = limited;
  }

  void mount(Router router) {
    String page = "/apps/:app/pos";
    router.get(page).handler(ctx -> show(ctx).onFailure(ctx::fail));
    router.post(page).handler(ctx -> order(ctx).onFailure(ctx::fail));
    router.get(page + "/manifest.webmanifest").handler(ctx -> manifest(ctx).onFailure(ctx::fail));
    router.get(page + "/sales").handler(ctx -> recent(ctx).onFailure(ctx::fail));
    router.post(page + "/sales").handler(ctx -> sell(ctx).onFailure(ctx::fail));
    router.post(page + "/sales/:invoice/cancel").handler(ctx -> cancel(ctx).onFailure(ctx::fail));
    router.get(page + "/cashier").handler(ctx -> whoIs(ctx).onFailure(ctx::fail));
    router.post(page + "/cashier").handler(ctx -> signIn(ctx).onFailure(ctx::fail));
    router.post(page + "/cashier/leave").handler(ctx -> signOut(ctx).onFailure(ctx::fail));
    router.get(page + "/:view").handler(ctx -> show(ctx).onFailure(ctx::fail));
    router.post(page + "/:view").handler(ctx -> order(ctx).onFailure(ctx::fail));
  }

  private Future<PosApp> app(RoutingContext ctx) {
    return Pages.orElse(Pages.id(ctx, "app"), PageCode.APP_NOT_FOUND).compose(shop::app);
  }

  // The page

  private Future<Void> show(RoutingContext ctx) {
    Optional<String> asked = Optional.ofNullable(ctx.pathParam("view"));
    if (asked.filter(name -> !VIEW.matcher(name).matches()).isPresent()) {
      return Future.failedFuture(PageCode.NOT_FOUND.toException());
    }
    return app(ctx)
        .compose(shop::withStock)
        .map(
            app -> {
              boolean keypadFirst =
                  app.settings().takesAmounts()
                      && asked.orElse(app.settings().defaultView()).equalsIgnoreCase("Light");
              pages.answerWithPictures(ctx, "app", variables(app, keypadFirst));
              return null;
            });
  }

  private Map<String, Object> variables(PosApp app, boolean keypadFirst) {
    PosSettings settings = app.settings();
    List<PosItem> items =
        settings.showsItems()
            ? app.items().stream().filter(item -> !item.disabled()).toList()
            : List.of();
    boolean hasKeypad = settings.takesAmounts();
    Map<String, Object> variables = new LinkedHashMap<>();
    variables.put("app", appView(app));
    variables.put("items", items.stream().map(item -> itemView(app, item)).toList());
    variables.put(
        "categories",
        settings.showsCategories()
            ? items.stream().flatMap(item -> item.categories().stream()).distinct().toList()
            : List.of());
    variables.put("hasItems", !items.isEmpty());
    variables.put("hasSearch", settings.showsSearch() && items.size() > 8);
    variables.put("hasKeypad", hasKeypad);
    variables.put("keypadFirst", hasKeypad && (keypadFirst || items.isEmpty()));
    variables.put("discounts", settings.givesDiscounts());
    variables.put("tips", settings.takesTips() ? settings.tipPercentages() : List.of());
    variables.put("takesTips", settings.takesTips());
    variables.put("tipText", settings.tipText());
    variables.put("demo", demo);
    variables.put("pay", PaymentView.blank());
    return variables;
  }

  private Map<String, Object> appView(PosApp app) {
    Map<String, Object> shown =
        new LinkedHashMap<>(
            view.store(
                new Shop.Store(
                    app.id(), app.title(), app.settings().currency(), shop.digits(app))));
    shown.put("description", app.settings().description());
    return shown;
  }

  private Map<String, Object> itemView(PosApp app, PosItem item) {
    String priceText =
        item.price()
            .map(price -> view.amount(price, app.settings().currency()))
            .map(text -> item.priceType() == PosItem.PriceType.MINIMUM ? "from " + text : text)
            .orElse("Any amount");
    return Map.of(
        "id",
        item.id(),
        "title",
        item.title(),
        "description",
        item.description().orElse(""),
        "image",
        item.image().orElse(""),
        "type",
        item.priceType().text(),
        "price",
        item.price().map(java.math.BigDecimal::toPlainString).orElse(""),
        "priceText",
        item.isOffered() ? priceText : "Sold out",
        "offered",
        item.isOffered(),
        "left",
        item.inventory().map(String::valueOf).orElse(""),
        "categories",
        String.join("\n", item.categories()));
  }

  private Future<Void> manifest(RoutingContext ctx) {
    return app(ctx)
        .map(
            app -> {
              pages.answerManifest(ctx, app.title(), "/apps/" + app.id() + "/pos");
              return null;
            });
  }

  // Sales

  private Future<Void> sell(RoutingContext ctx) {
    byte[] body = Pages.ownJson(ctx, MAX_ORDER_BYTES).getBytes();
    String key = key(ctx).orElseThrow(PageCode.INVALID_SALE_KEY::toException);
    PosOrder what = OrderReader.ofPage(body);
    return app(ctx)
        .compose(
            app ->
                cashier(ctx, app)
                    .compose(
                        cashier -> {
                          take(app, cashier);
                          return shop.sell(
                              app,
                              what,
                              cashier,
                              key,
                              Optional.empty(),
                              order(ctx, app, cashier, Optional.of(key)));
                        }))
        .map(reply -> answer(ctx, reply));
  }

  private void take(PosApp app, Optional<AppShop.Cashier> cashier) {
    String bucket = cashier.map(AppShop.Cashier::fingerprint).orElse("");
    if (!limit.tryTake(app.id() + ":" + bucket)) {
      limited.increment();
      throw PageCode.TOO_MANY_INVOICES.toException();
    }
  }

  private Future<Void> cancel(RoutingContext ctx) {
    Pages.ownJson(ctx);
    Optional<String> key = key(ctx);
    return Pages.orElse(Pages.id(ctx, "invoice"), PageCode.INVOICE_NOT_FOUND)
        .compose(
            invoice ->
                app(ctx)
                    .compose(
                        app ->
                            cashier(ctx, app)
                                .compose(
                                    cashier ->
                                        shop.cancel(
                                            app, invoice, cashier, order(ctx, app, cashier, key)))))
        .map(reply -> answer(ctx, reply));
  }

  /** What was posted, by whom it may be posted again with its key, and how it is answered. */
  private Shop.Order order(
      RoutingContext ctx, PosApp app, Optional<AppShop.Cashier> cashier, Optional<String> key) {
    return new Shop.Order(
        key.map(text -> Pages.repeatable(ctx, who(app, cashier), text)),
        invoice -> new JsonObject(view.of(invoice, clock.millis())).toBuffer());
  }

  private static String who(PosApp app, Optional<AppShop.Cashier> cashier) {
    return "app\n" + app.id() + '\n' + cashier.map(AppShop.Cashier::fingerprint).orElse("");
  }

  /** The key of what may be sent again, of any kind. */
  private static Optional<String> key(RoutingContext ctx) {
    Optional<String> key = Optional.ofNullable(ctx.request().getHeader(RepeatableRequest.HEADER));
    if (key.filter(text -> !SALE_KEY.matcher(text).matches()).isPresent()) {
      throw PageCode.INVALID_SALE_KEY.toException();
    }
    return key;
  }

  @SuppressWarnings("NullAway") // the type of a Future without a value
  private static Void answer(RoutingContext ctx, Shop.Reply reply) {
    Pages.answerJson(ctx, reply);
    return null;
  }

  /**
   * An order of a form anywhere, as BTCPay's points of sale take it. All that it can do is to ask
   * for money for the store, so it may come from any site.
   */
  private Future<Void> order(RoutingContext ctx) {
    if (Optional.ofNullable(ctx.pathParam("view"))
        .filter(name -> !VIEW.matcher(name).matches())
        .isPresent()) {
      return Future.failedFuture(PageCode.NOT_FOUND.toException());
    }
    MultiMap form = form(ctx);
    Optional<String> key = key(ctx);
    return app(ctx)
        .compose(
            app -> {
              PosOrder what = OrderReader.ofForm(app, form);
              take(app, Optional.empty());
              String origin = Pages.origin(ctx.request(), publicUrl);
              String back =
                  Optional.ofNullable(form.get("redirectUrl"))
                      .filter(url -> LINK.matcher(url).matches())
                      .orElse(origin + "/apps/" + app.id() + "/pos");
              return shop.sell(
                  app,
                  what,
                  Optional.empty(),
                  key.orElseGet(() -> UUID.randomUUID().toString()),
                  Optional.of(back),
                  new Shop.Order(
                      key.map(text -> repeatable(ctx, app, form, text)),
                      invoice -> made(origin, invoice).toBuffer()));
            })
        .map(
            reply -> {
              if (wantsJson(ctx.request())) {
                Pages.answerJson(ctx, reply);
              } else {
                Pages.markReplayed(ctx, reply);
                ctx.redirect("/i/" + reply.body().toJsonObject().getString("invoiceId"));
              }
              return null;
            });
  }

  private static JsonObject made(String origin, InvoiceView invoice) {
    return new JsonObject()
        .put("invoiceId", invoice.invoiceId())
        .put("invoiceUrl", origin + "/i/" + invoice.invoiceId());
  }

  /** The order by its fields, in whichever way and order they were sent. */
  private static RepeatableRequest repeatable(
      RoutingContext ctx, PosApp app, MultiMap form, String key) {
    JsonArray fields = new JsonArray();
    form.entries().stream()
        .map(field -> new JsonArray().add(field.getKey()).add(field.getValue()).encode())
        .sorted()
        .forEach(fields::add);
    return RepeatableRequest.of(
        ctx.request(), who(app, Optional.empty()) + '\n' + key, fields.toBuffer().getBytes());
  }

  private static boolean wantsJson(HttpServerRequest request) {
    String accept = request.getHeader(HttpHeaders.ACCEPT);
    return accept != null && accept.contains("application/json") && !accept.contains("text/html");
  }

  private static MultiMap form(RoutingContext ctx) {
    if (!JsonBodies.isJson(ctx.request())) {
      return ctx.request().formAttributes();
    }
    if (ctx.body().buffer() == null || ctx.body().length() > MAX_ORDER_BYTES) {
      throw PageCode.MALFORMED_JSON.toException();
    }
    try {
      MultiMap form = MultiMap.caseInsensitiveMultiMap();
      JsonObject json = ctx.body().buffer().toJsonObject();
      json.forEach(
          member -> {
            Object value = member.getValue();
            if (value != null) {
              form.set(
                  member.getKey(),
                  value instanceof JsonObject tree ? tree.encode() : value.toString());
            }
          });
      return form;
    } catch (DecodeException | ClassCastException e) {
      throw PageCode.MALFORMED_JSON.toException();
    }
  }

  // Cashiers

  private Future<Optional<AppShop.Cashier>> cashier(RoutingContext ctx, PosApp app) {
    Cookie cookie = ctx.request().getCookie(COOKIE);
    return cookie == null
        ? Future.succeededFuture(Optional.empty())
        : shop.cashier(app, cookie.getValue());
  }

  private Future<Void> whoIs(RoutingContext ctx) {
    return app(ctx).compose(app -> cashier(ctx, app)).map(cashier -> answerCashier(ctx, cashier));
  }

  @SuppressWarnings("NullAway") // the type of a Future without a value
  private static Void answerCashier(RoutingContext ctx, Optional<AppShop.Cashier> cashier) {
    Pages.answerJson(
        ctx,
        Map.of(
            "signedIn",
            cashier.isPresent(),
            "label",
            cashier.map(AppShop.Cashier::label).orElse("")));
    return null;
  }

  private Future<Void> signIn(RoutingContext ctx) {
    JsonObject body = Pages.ownJson(ctx);
    String key = text(body, "key").strip();
    if (!key.isEmpty()) {
      return app(ctx)
          .compose(
              app ->
                  shop.cashier(app, key)
                      .compose(found -> Pages.orElse(found, PageCode.NO_CASHIER))
                      .map(cashier -> welcome(ctx, app, key, WORKING_DAY.toSeconds(), cashier)));
    }
    if (!visits.isPrivate(ctx.request())) {
      throw PageCode.NOT_ENCRYPTED.toException();
    }
    String address = ctx.request().remoteAddress().hostAddress();
    return app(ctx)
        .compose(
            app ->
                shop.signIn(app, address, text(body, "email"), text(body, "password"))
                    .map(in -> welcome(ctx, app, in.pass(), AppShop.LOGIN_SECONDS, in.cashier())));
  }

  private static String text(JsonObject body, String name) {
    return body.getValue(name) instanceof String text ? text : "";
  }

  private Void welcome(
      RoutingContext ctx, PosApp app, String pass, long seconds, AppShop.Cashier cashier) {
    ctx.response().addCookie(cookie(ctx, app, pass, seconds));
    return answerCashier(ctx, Optional.of(cashier));
  }

  private Future<Void> signOut(RoutingContext ctx) {
    Pages.ownJson(ctx);
    Cookie pass = ctx.request().getCookie(COOKIE);
    return app(ctx)
        .compose(
            app ->
                shop.signOut(pass == null ? "" : pass.getValue())
                    .map(
                        ended -> {
                          ctx.response().addCookie(cookie(ctx, app, "", 0));
                          return answerCashier(ctx, Optional.empty());
                        }));
  }

  private Cookie cookie(RoutingContext ctx, PosApp app, String value, long seconds) {
    return Cookie.cookie(COOKIE, value)
        .setPath("/apps/" + app.id() + "/pos")
        .setHttpOnly(true)
        .setSameSite(CookieSameSite.STRICT)
        .setSecure(Pages.origin(ctx.request(), publicUrl).startsWith("https://"))
        .setMaxAge(seconds);
  }

  private Future<Void> recent(RoutingContext ctx) {
    if (!BrowserOrigin.isOwn(ctx.request())) {
      return Future.failedFuture(PageCode.CROSS_SITE.toException());
    }
    return app(ctx)
        .compose(
            app ->
                cashier(ctx, app)
                    .compose(who -> Pages.orElse(who, PageCode.NO_CASHIER))
                    .compose(cashier -> shop.recent(app, cashier)))
        .map(
            sales -> {
              Pages.answerJson(ctx, Map.of("sales", sales.stream().map(this::saleView).toList()));
              return null;
            });
  }

  private Map<String, Object> saleView(InvoiceView invoice) {
    Map<String, Object> all = view.of(invoice, clock.millis());
    Map<String, Object> sale = new LinkedHashMap<>();
    for (String key :
        List.of(
            "invoiceId", "phase", "open", "amountText", "itemDesc", "receiptLink", "printLink")) {
      sale.put(key, all.get(key));
    }
    sale.put("timeIso", Instant.ofEpochMilli(invoice.createdMillis()).toString());
    return sale;
  }
}
