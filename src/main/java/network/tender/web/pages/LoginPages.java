package network.tender.web.pages;

import io.vertx.core.Future;
import io.vertx.core.http.HttpHeaders;
import io.vertx.ext.web.Router;
import io.vertx.ext.web.RoutingContext;
import java.util.Map;
import java.util.regex.Pattern;
import network.tender.merchant.Accounts;
import network.tender.web.BrowserOrigin;

/** Logging in with a browser, and out again. */
final class LoginPages {
  private static final String PATH = "/login";
  private static final int SEE_OTHER = 303;
  private static final int UNAUTHORIZED = 401;
  private static final int TOO_MANY = 429;

  /** A path on this node; {@code //host} and {@code /\host} would lead to another. */
  private static final Pattern OWN_PATH =
      Pattern.compile("/(?![/\\\\])[^\\s\\\\\\p{Cntrl}]{0,8000}");

  private final Pages pages;
  private final Accounts accounts;
  private final Visits visits;

  LoginPages(Pages pages, Accounts accounts, Visits visits) {
    this.pages = pages;
    this.accounts = accounts;
    this.visits = visits;
  }

  void mount(Router router) {
    router.get(PATH).handler(this::show);
    router.post(PATH).handler(ctx -> login(ctx).onFailure(ctx::fail));
    router.post("/logout").handler(ctx -> logout(ctx).onFailure(ctx::fail));
  }

  /** Sends a visitor who has not logged in to do so and come back. */
  static void demand(RoutingContext ctx) {
    redirect(ctx, PATH + "?returnUrl=" + encode(ctx.request().uri()));
  }

  private static String encode(String text) {
    return java.net.URLEncoder.encode(text, java.nio.charset.StandardCharsets.UTF_8);
  }

  private static void redirect(RoutingContext ctx, String path) {
    ctx.response()
        .setStatusCode(SEE_OTHER)
        .putHeader(HttpHeaders.LOCATION, path)
        .putHeader(HttpHeaders.CACHE_CONTROL, "no-store")
        .end();
  }

  private void show(RoutingContext ctx) {
    if (!visits.isPrivate(ctx.request())) {
      throw PageCode.NOT_ENCRYPTED.toException();
    }
    page(ctx, ownPath(ctx.queryParams().get("returnUrl")), "", "");
  }

  private static String ownPath(@org.jspecify.annotations.Nullable String given) {
    return given != null && OWN_PATH.matcher(given).matches() ? given : "/";
  }

  private void page(RoutingContext ctx, String returnUrl, String email, String complaint) {
    pages.answer(
        ctx,
        "login",
        Map.of(
            "returnUrl",
            returnUrl,
            "returns",
            !returnUrl.equals("/"),
            "email",
            email,
            "complaint",
            complaint));
  }

  private Future<Void> login(RoutingContext ctx) {
    if (!visits.isPrivate(ctx.request())) {
      throw PageCode.NOT_ENCRYPTED.toException();
    }
    if (!BrowserOrigin.isOwn(ctx.request())) {
      throw PageCode.CROSS_SITE.toException();
    }
    String email = form(ctx, "email");
    String returnUrl = ownPath(ctx.request().getFormAttribute("returnUrl"));
    return accounts
        .login(ctx.request().remoteAddress().hostAddress(), email, form(ctx, "password"))
        .compose(
            answer -> {
              if (answer instanceof Accounts.Login.Welcome welcome) {
                return visits
                    .begin(ctx, welcome.account().id())
                    .onSuccess(begun -> redirect(ctx, returnUrl));
              }
              boolean tooMany = answer instanceof Accounts.Login.TooMany;
              ctx.response().setStatusCode(tooMany ? TOO_MANY : UNAUTHORIZED);
              page(
                  ctx,
                  returnUrl,
                  email,
                  tooMany
                      ? "Too many wrong passwords. Wait a minute, then try again."
                      : "The email address or the password is wrong.");
              return Future.succeededFuture();
            });
  }

  private static String form(RoutingContext ctx, String name) {
    String value = ctx.request().getFormAttribute(name);
    return value == null ? "" : value;
  }

  private Future<Void> logout(RoutingContext ctx) {
    return visits
        .visitor(ctx)
        .compose(
            visitor -> {
              if (visitor.isEmpty()) {
                redirect(ctx, PATH);
                return Future.succeededFuture();
              }
              if (!Visits.isOwnForm(ctx, visitor.get())) {
                throw PageCode.FORM_EXPIRED.toException();
              }
              return visits.end(ctx, visitor.get()).onSuccess(ended -> redirect(ctx, PATH));
            });
  }
}
