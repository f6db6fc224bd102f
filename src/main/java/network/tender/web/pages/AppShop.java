package network.tender.web.pages;

import io.vertx.core.Future;
import java.net.URI;
import java.nio.charset.StandardCharsets;
import java.util.HexFormat;
import java.util.List;
import java.util.Optional;
import java.util.concurrent.TimeUnit;
import network.tender.chain.Hashing;
import network.tender.merchant.Account;
import network.tender.merchant.Accounts;
import network.tender.merchant.ApiKey;
import network.tender.merchant.InvoiceView;
import network.tender.merchant.Merchant;
import network.tender.merchant.Permission;
import network.tender.merchant.PosApp;
import network.tender.merchant.PosOrder;
import network.tender.merchant.PosSales;
import network.tender.merchant.Sessions;
import network.tender.web.Problems;

/** What the pages of points of sale ask of the merchant's side. */
public final class AppShop {
  /**
   * Who has signed in at a till.
   *
   * @param label what the owner calls the key, or who it is; may be empty
   * @param fingerprint names the key or the person, so that the sales are found
   * @param account id of the account, if that sees no other sales than its own
   */
  record Cashier(String label, String fingerprint, Optional<String> account) {
    PosSales.Seller seller() {
      return new PosSales.Seller(fingerprint, account);
    }
  }

  /**
   * Somebody who has just signed in with a password.
   *
   * @param cashier who
   * @param pass what the browser keeps to show that, for {@link #LOGIN_SECONDS}
   */
  record SignedIn(Cashier cashier, String pass) {}

  /** How long a till knows who has signed in with a password. */
  static final long LOGIN_SECONDS = TimeUnit.MILLISECONDS.toSeconds(Sessions.LIFE_MILLIS);

  private static final int FINGERPRINT_BYTES = 8;

  /** Tells what is kept of a login from an API key. */
  private static final String LOGIN = "login-";

  private final Merchant merchant;
  private final OrderRepeats repeats;

  /** The points of sale of a node's merchants. */
  public AppShop(Merchant merchant) {
    this.merchant = merchant;
    this.repeats = new OrderRepeats(merchant.idempotentAnswers());
  }

  /** A point of sale that is not put away; fails with the page's sentence if there is none. */
  Future<PosApp> app(String id) {
    return reachable(merchant.posApps().find(id))
        .compose(
            found ->
                Pages.orElse(
                    found.filter(app -> !app.settings().archived()), PageCode.APP_NOT_FOUND))
        .compose(
            app ->
                reachable(merchant.stores().find(app.storeId()))
                    .compose(
                        store -> Pages.orElse(store.map(open -> app), PageCode.APP_NOT_FOUND)));
  }

  /** A point of sale with what is left of the items whose number is counted. */
  Future<PosApp> withStock(PosApp app) {
    return reachable(merchant.posSales().withStockForPage(app));
  }

  /** Digits after the point in a point of sale's currency. */
  int digits(PosApp app) {
    return merchant.rates().digits(app.settings().currency());
  }

  /**
   * Who holds a key that may make and see a store's invoices, or has signed in with a password and
   * may; empty for all others.
   *
   * @param pass an API key, or that of {@link SignedIn}
   */
  Future<Optional<Cashier>> cashier(PosApp app, String pass) {
    if (pass.startsWith(LOGIN)) {
      return reachable(merchant.tillSessions().find(pass.substring(LOGIN.length())))
          .map(
              found -> found.flatMap(visitor -> cashier(app, visitor.account(), visitor.caller())));
    }
    return reachable(merchant.apiKeys().find(pass))
        .map(found -> found.flatMap(key -> cashier(app, key, key.label(), fingerprint(pass))));
  }

  private static Optional<Cashier> cashier(PosApp app, Account account, ApiKey caller) {
    // The same person's sales are found again, at whatever till and after whichever login.
    return cashier(
        app,
        caller,
        account.name().orElse(account.email()),
        fingerprint("account " + account.id()));
  }

  private static Optional<Cashier> cashier(
      PosApp app, ApiKey caller, String label, String fingerprint) {
    return isCashier(caller, app.storeId())
        ? Optional.of(
            new Cashier(
                label,
                fingerprint,
                caller.seesOwnSalesOnly(app.storeId())
                    ? Optional.of(caller.userId())
                    : Optional.empty()))
        : Optional.empty();
  }

  /**
   * Signs somebody in; fails with the page's sentence if the password is wrong or the account may
   * not make and see the store's invoices.
   *
   * @param address where the request came from, for the limit
   */
  Future<SignedIn> signIn(PosApp app, String address, String email, String password) {
    return reachable(merchant.accounts().login(address, email, password))
        .compose(
            login -> {
              if (!(login instanceof Accounts.Login.Welcome welcome)) {
                PageCode code =
                    login instanceof Accounts.Login.TooMany
                        ? PageCode.TOO_MANY_LOGINS
                        : PageCode.WRONG_LOGIN;
                return Future.failedFuture(code.toException());
              }
              return Pages.orElse(
                      cashier(app, welcome.account(), welcome.caller()), PageCode.NO_ROLE)
                  .compose(
                      cashier ->
                          reachable(merchant.tillSessions().begin(welcome.account().id()))
                              .map(secret -> new SignedIn(cashier, LOGIN + secret)));
            });
  }

  /** Ends a login; a key stays what it is. */
  Future<Void> signOut(String pass) {
    return pass.startsWith(LOGIN)
        ? reachable(merchant.tillSessions().end(pass.substring(LOGIN.length())))
        : Future.succeededFuture();
  }

  /** Tells where passwords may be sent. */
  Visits visits(Optional<URI> publicUrl) {
    return new Visits(merchant.sessions(), publicUrl, merchant.network().isRegtest());
  }

  /** Names a key or an account without giving it away: the beginning of its SHA-256. */
  private static String fingerprint(String key) {
    byte[] hash = Hashing.sha256(key.getBytes(StandardCharsets.UTF_8));
    return HexFormat.of().formatHex(hash, 0, FINGERPRINT_BYTES);
  }

  private static boolean isCashier(ApiKey key, String storeId) {
    return key.allows(Permission.CREATE_INVOICE, storeId)
        && (key.allows(Permission.VIEW_INVOICES, storeId)
            || key.allows(Permission.VIEW_OWN_SALES, storeId));
  }

  /** Makes an invoice; fails with the merchant's sentence if it can't be sold so. */
  Future<Shop.Reply> sell(
      PosApp app,
      PosOrder what,
      Optional<Cashier> cashier,
      String key,
      Optional<String> returnUrl,
      Shop.Order order) {
    return reachable(
            repeats.sell(
                order,
                once ->
                    merchant
                        .posSales()
                        .sell(app, what, cashier.map(Cashier::seller), key, returnUrl, once)
                        .map(AppShop::answer)))
        .compose(Pages::valueOf);
  }

  private static Shop.Answer<InvoiceView> answer(PosSales.Sold sold) {
    if (sold instanceof PosSales.Sold.Made made) {
      return new Shop.Answer.Done<>(made.view());
    }
    PosSales.Sold.Refused refused = (PosSales.Sold.Refused) sold;
    return new Shop.Answer.Refused<>(422, refused.code(), refused.sentence());
  }

  /** Gives an invoice up, unless money has come in; answers with it as it stands then. */
  Future<Shop.Reply> cancel(
      PosApp app, String invoiceId, Optional<Cashier> cashier, Shop.Order order) {
    return reachable(
            repeats.together(
                order,
                () ->
                    merchant
                        .posSales()
                        .cancel(app, invoiceId, cashier.map(Cashier::fingerprint))
                        .map(AppShop::answer)))
        .compose(Pages::valueOf);
  }

  private static Shop.Answer<InvoiceView> answer(PosSales.Cancelled cancelled) {
    if (cancelled instanceof PosSales.Cancelled.Done done) {
      return new Shop.Answer.Done<>(done.view());
    }
    return cancelled instanceof PosSales.Cancelled.OfCashier
        ? PageCode.NO_CASHIER.refused()
        : PageCode.INVOICE_NOT_FOUND.refused();
  }

  /** A cashier's own sales, the newest first. */
  Future<List<InvoiceView>> recent(PosApp app, Cashier cashier) {
    return reachable(merchant.posSales().recent(app, cashier.fingerprint()));
  }

  private static <T> Future<T> reachable(Future<T> answer) {
    return answer.recover(failure -> Future.failedFuture(Problems.unavailable(failure)));
  }
}
