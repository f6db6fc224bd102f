package network.tender.web.pages;

import io.micrometer.core.instrument.Counter;
import io.vertx.core.Future;
import io.vertx.ext.web.Router;
import io.vertx.ext.web.RoutingContext;
import java.net.URI;
import java.time.InstantSource;
import java.util.Locale;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.concurrent.ConcurrentHashMap;
import java.util.stream.Stream;
import network.tender.chain.Address;
import network.tender.chain.MalformedException;
import network.tender.chain.Network;
import network.tender.chain.Script;
import network.tender.merchant.InvoiceView;
import network.tender.settlement.Outcome;
import network.tender.web.DevPurse;
import network.tender.web.PathIds;
import network.tender.web.Problems;

/** The customer's side of an invoice: checkout, its code and status, the receipt. */
final class CheckoutPages {
  private static final int MAX_DEMO_PAYMENTS = 32;

  /** The style sheet's frame round the code has this much room. */
  private static final int CODE_PIXELS = 294;

  private final Pages pages;
  private final Shop shop;
  private final PaymentView view;
  private final Network network;
  private final Optional<URI> publicUrl;
  private final Optional<DevPurse> demoPurse;
  private final InstantSource clock;
  private final Counter demoRefused;
  private final Set<String> demoUnderWay = ConcurrentHashMap.newKeySet();

  CheckoutPages(
      Pages pages,
      Shop shop,
      PaymentView view,
      Network network,
      Optional<URI> publicUrl,
      Optional<DevPurse> demoPurse,
      InstantSource clock,
      Counter demoRefused) {
    this.pages = pages;
    this.shop = shop;
    this.view = view;
    this.network = network;
    this.publicUrl = publicUrl;
    this.demoPurse = demoPurse;
    this.clock = clock;
    this.demoRefused = demoRefused;
  }

  void mount(Router router) {
    router.get("/i/:invoice").handler(ctx -> answer(ctx, this::show));
    router.get("/invoice").handler(this::showByQuery);
    router.get("/i/:invoice/status").handler(ctx -> answer(ctx, this::status));
    router.get("/i/:invoice/qr.svg").handler(ctx -> answer(ctx, this::code));
    router.get("/i/:invoice/receipt").handler(ctx -> answer(ctx, this::receipt));
    router.get("/i/:invoice/:method").handler(this::showByMethod);
    if (demoPurse.isPresent()) {
      DevPurse purse = demoPurse.get();
      router.post("/i/:invoice/pay-demo").handler(ctx -> payDemo(ctx, purse).onFailure(ctx::fail));
    }
  }

  /** {@code /invoice?id=}, as BitPay's clients and {@code btcpay.js} ask for a checkout. */
  private void showByQuery(RoutingContext ctx) {
    Pages.orElse(Pages.query(ctx, "id").filter(PathIds::isPossible), PageCode.INVOICE_NOT_FOUND)
        .compose(this::invoice)
        .onSuccess(invoice -> answer(ctx, invoice, this::show))
        .onFailure(ctx::fail);
  }

  /** There is one payment method; whatever else a link names leads to the same checkout. */
  private void showByMethod(RoutingContext ctx) {
    String method = ctx.pathParam("method").replace('_', '-').toUpperCase(Locale.ROOT);
    String code = network.coinCode().toUpperCase(Locale.ROOT);
    if (method.equals(code) || method.startsWith(code + "-")) {
      answer(ctx, this::show);
    } else if (Pages.id(ctx, "invoice").isPresent()) {
      String query = ctx.request().query();
      ctx.redirect("/i/" + ctx.pathParam("invoice") + (query == null ? "" : "?" + query));
    } else {
      ctx.fail(PageCode.INVOICE_NOT_FOUND.toException());
    }
  }

  private interface Answerer {
    void answer(RoutingContext ctx, InvoiceView invoice);
  }

  private void answer(RoutingContext ctx, Answerer answerer) {
    invoice(ctx).onSuccess(invoice -> answer(ctx, invoice, answerer)).onFailure(ctx::fail);
  }

  private static void answer(RoutingContext ctx, InvoiceView invoice, Answerer answerer) {
    try {
      answerer.answer(ctx, invoice);
    } catch (RuntimeException e) {
      ctx.fail(e);
    }
  }

  private Future<InvoiceView> invoice(RoutingContext ctx) {
    return Pages.orElse(Pages.id(ctx, "invoice"), PageCode.INVOICE_NOT_FOUND)
        .compose(this::invoice);
  }

  private Future<InvoiceView> invoice(String id) {
    return shop.invoice(id).compose(found -> Pages.orElse(found, PageCode.INVOICE_NOT_FOUND));
  }

  private void show(RoutingContext ctx, InvoiceView invoice) {
    Map<String, Object> pay = view.of(invoice, clock.millis());
    if (invoice.address().isEmpty()) {
      // Nothing is due, so there is nothing to check out.
      String next =
          Stream.of("receiptLink", "merchantRefLink")
              .map(name -> (String) pay.get(name))
              .filter(link -> !link.isEmpty())
              .findFirst()
              .orElse("");
      if (!next.isEmpty()) {
        ctx.redirect(next);
        return;
      }
    }
    boolean modal = Pages.query(ctx, "view").filter("modal"::equals).isPresent();
    pages.answer(
        ctx, "checkout", Map.of("pay", pay, "demo", demoPurse.isPresent(), "modal", modal));
  }

  private void status(RoutingContext ctx, InvoiceView invoice) {
    Pages.answerJson(ctx, view.of(invoice, clock.millis()));
  }

  private void code(RoutingContext ctx, InvoiceView invoice) {
    view.codeText(invoice)
        .ifPresentOrElse(
            text -> Pages.answerSvg(ctx, QrSvg.of(text, CODE_PIXELS)),
            () -> ctx.fail(PageCode.INVOICE_NOT_FOUND.toException()));
  }

  private void receipt(RoutingContext ctx, InvoiceView invoice) {
    if (!PaymentView.hasReceipt(invoice)) {
      if (invoice.address().isEmpty()) {
        ctx.fail(PageCode.NO_RECEIPT.toException());
      } else {
        ctx.redirect("/i/" + invoice.invoiceId());
      }
      return;
    }
    String link = Pages.origin(ctx.request(), publicUrl) + "/i/" + invoice.invoiceId() + "/receipt";
    boolean print = "true".equals(ctx.request().getParam("print"));
    boolean narrow = "58".equals(ctx.request().getParam("width"));
    pages.answer(
        ctx,
        "receipt",
        Map.of(
            "pay",
            view.of(invoice, clock.millis()),
            "receipt",
            ReceiptView.of(invoice, view, link),
            "printNow",
            print,
            "roll",
            print ? (narrow ? " roll w58" : " roll") : ""));
  }

  private Future<Void> payDemo(RoutingContext ctx, DevPurse purse) {
    Pages.ownJson(ctx);
    return invoice(ctx)
        .compose(invoice -> payOnce(invoice, purse).compose(paid -> invoice(invoice.invoiceId())))
        .map(
            invoice -> {
              Pages.answerJson(ctx, view.of(invoice, clock.millis()));
              return null;
            });
  }

  /** Two presses of the button are one payment. */
  private Future<Void> payOnce(InvoiceView invoice, DevPurse purse) {
    if (!Phase.of(invoice).isOpen()) {
      return Future.failedFuture(PageCode.NOT_PAYABLE.toException());
    }
    if (invoice.missing().isZero() || invoice.address().isEmpty()) {
      return Future.failedFuture(PageCode.NO_AMOUNT.toException());
    }
    Script to;
    try {
      to = Address.parse(invoice.address().get(), network);
    } catch (MalformedException e) {
      return Future.failedFuture(new IllegalStateException("an invoice's own address", e));
    }
    if (demoUnderWay.size() >= MAX_DEMO_PAYMENTS) {
      demoRefused.increment();
      return Future.failedFuture(PageCode.DEMO_BUSY.toException());
    }
    if (!demoUnderWay.add(invoice.invoiceId())) {
      return Future.failedFuture(PageCode.PAYING_ALREADY.toException());
    }
    return purse
        .pay(to, invoice.missing())
        .eventually(
            () -> {
              demoUnderWay.remove(invoice.invoiceId());
              return Future.succeededFuture();
            })
        .compose(CheckoutPages::settled);
  }

  private static Future<Void> settled(Outcome outcome) {
    if (outcome instanceof Outcome.Refused refused) {
      return Future.failedFuture(Problems.of(refused.rejection()).toException());
    }
    if (outcome instanceof Outcome.Unavailable unavailable) {
      return Future.failedFuture(Problems.of(unavailable).toException());
    }
    return Future.succeededFuture();
  }
}
