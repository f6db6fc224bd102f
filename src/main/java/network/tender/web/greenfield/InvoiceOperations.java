package network.tender.web.greenfield;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.node.ObjectNode;
import io.vertx.core.Future;
import io.vertx.ext.web.RoutingContext;
import java.math.BigDecimal;
import java.util.HashSet;
import java.util.List;
import java.util.Locale;
import java.util.Optional;
import java.util.Set;
import java.util.function.Function;
import java.util.regex.Pattern;
import network.tender.merchant.ExactJson;
import network.tender.merchant.HookTarget;
import network.tender.merchant.Invoice;
import network.tender.merchant.InvoiceCursor;
import network.tender.merchant.InvoiceFilter;
import network.tender.merchant.InvoiceHook;
import network.tender.merchant.InvoiceIssuer;
import network.tender.merchant.InvoiceRequest;
import network.tender.merchant.InvoiceStatus;
import network.tender.merchant.InvoiceWalks;
import network.tender.merchant.Invoices;
import network.tender.merchant.LenientJson;
import network.tender.merchant.Merchant;
import network.tender.merchant.Permission;
import network.tender.merchant.SpeedPolicy;
import network.tender.merchant.Store;

/**
 * Invoices, by both families of paths: {@code /stores/{storeId}/invoices/{invoiceId}} and {@code
 * /invoices/{invoiceId}}.
 */
final class InvoiceOperations {
  private static final String MAX_AMOUNT = "999999999999999999";
  private static final String MAX_MINUTES = "1000000";
  private static final int MAX_METADATA_CHARS = 100_000;
  private static final int MAX_SEARCH_TERMS = 50;
  private static final int MAX_TEXT_CHARS = 2_000;
  private static final int MAX_TERM_CHARS = 200;
  private static final long MAX_UNIX_SECONDS = 10_000_000_000L;
  private static final long LAST_MILLI = 999;
  private static final int LISTS_PAUSE_SECONDS = 5;

  /** Customers are sent to the web; a browser would run {@code javascript://} as a script. */
  private static final Pattern LINK = Pattern.compile("https?://.+", Pattern.CASE_INSENSITIVE);

  private final Merchant merchant;
  private final Function<RoutingContext, String> origin;
  private final InvoiceAccess access;
  private final InvoiceJson json;
  private final PaymentMethodIds methodIds;

  InvoiceOperations(Merchant merchant, Function<RoutingContext, String> origin) {
    this.merchant = merchant;
    this.origin = origin;
    this.access = new InvoiceAccess(merchant);
    this.json = new InvoiceJson(merchant.network(), merchant.rates());
    this.methodIds = new PaymentMethodIds(merchant.network());
  }

  void bind(GreenfieldSurface.Binder binder) {
    binder
        .bindOnce("createInvoice", this::create)
        .bindList("getInvoices", this::list)
        .bind("getStoreInvoice", this::get)
        .bind("getInvoice", this::get)
        .bind("updateStoreInvoice", this::update)
        .bind("updateInvoice", this::update)
        .bind("markStoreInvoiceStatus", this::mark)
        .bind("markInvoiceStatus", this::mark)
        .bind("getStoreInvoicePaymentMethods", this::paymentMethods)
        .bind("getInvoicePaymentMethods", this::paymentMethods);
  }

  private Future<Optional<JsonNode>> create(Call call, Optional<Idempotency.Once> once) {
    return StoreOperations.store(merchant, call, Permission.CREATE_INVOICE)
        .compose(
            store -> {
              InvoiceRequest request = request(call);
              return checkHook(request).compose(checked -> issue(call, store, request, once));
            })
        .map(
            issued -> {
              if (issued instanceof InvoiceIssuer.Issued.Refused refused) {
                throw RefusalException.business("generic-error", refused.sentence());
              }
              Invoice invoice = ((InvoiceIssuer.Issued.Made) issued).invoice();
              return Optional.of(json.invoice(invoice, origin.apply(call.ctx()), false));
            });
  }

  private Future<InvoiceIssuer.Issued> issue(
      Call call, Store store, InvoiceRequest request, Optional<Idempotency.Once> once) {
    if (once.isEmpty()) {
      return merchant.issuer().issue(store, request, seller(call, store));
    }
    int status = call.ctx().response().getStatusCode();
    String links = origin.apply(call.ctx());
    return merchant
        .issuer()
        .issueOnce(
            store,
            request,
            seller(call, store),
            once.get().claim(),
            invoice -> once.get().answer(status, Optional.of(json.invoice(invoice, links, false))));
  }

  /** Whether the invoice's own webhook, if it has one, can be sent to. */
  private Future<Void> checkHook(InvoiceRequest request) {
    if (request.hook().isEmpty()) {
      return Future.succeededFuture();
    }
    return merchant
        .hookProblem(request.hook().get().url())
        .map(
            problem -> {
              problem.ifPresent(
                  sentence -> {
                    throw RefusalException.field("WebhookUrl", sentence);
                  });
              return null;
            });
  }

  /** The caller, if it is a cashier: it has to find its own sales again. */
  private static Optional<String> seller(Call call, Store store) {
    return call.key().seesOwnSalesOnly(store.id())
        ? Optional.of(call.key().userId())
        : Optional.empty();
  }

  private InvoiceRequest request(Call call) {
    Fields fields = Fields.of(call.body());
    Optional<BigDecimal> amount = fields.decimal("amount", "Amount", "0", MAX_AMOUNT);
    Optional<String> currency = fields.text("currency", "Currency", MAX_TEXT_CHARS);
    ObjectNode metadata = metadata(fields, call.bodyBytes());
    Fields checkout = fields.inner("checkout", "Checkout");
    Optional<SpeedPolicy> speed =
        checkout.read(
            "speedPolicy",
            "SpeedPolicy",
            "Must be HighSpeed, MediumSpeed, LowMediumSpeed or LowSpeed.",
            value -> SpeedPolicy.parse(value.asText()));
    checkPaymentMethods(checkout);
    Optional<String> defaultMethod =
        checkout
            .text("defaultPaymentMethod", "DefaultPaymentMethod", MAX_TEXT_CHARS)
            .filter(methodIds::isChain)
            .map(known -> merchant.network().paymentMethodId());
    Optional<BigDecimal> expiration =
        checkout.read(
            "expirationMinutes",
            "Expiration",
            "Expiration time must be at least 30 seconds and at most " + MAX_MINUTES + " minutes.",
            value -> minutes(value, "0.5"));
    Optional<BigDecimal> monitoring =
        checkout.read(
            "monitoringMinutes",
            "Monitoring",
            "Must be a number of minutes from 0 to " + MAX_MINUTES + ".",
            value -> minutes(value, "0"));
    Optional<BigDecimal> tolerance =
        checkout.decimal("paymentTolerance", "PaymentTolerance", "0", "100");
    Optional<String> redirect =
        checkout.read(
            "redirectURL",
            "RedirectURL",
            "Must be an http or https link, such as https://shop.example/thanks.",
            value ->
                LenientJson.text(value)
                    .filter(
                        text ->
                            text.isEmpty()
                                || (text.length() <= MAX_TEXT_CHARS
                                    && LINK.matcher(text).matches())));
    Optional<Boolean> automatically =
        checkout.flag("redirectAutomatically", "RedirectAutomatically");
    Optional<String> language =
        checkout.read(
            "defaultLanguage",
            "DefaultLanguage",
            "Must be the code of a language, such as en or pt-BR.",
            value ->
                LenientJson.text(value).filter(text -> text.isEmpty() || Languages.isKnown(text)));
    Optional<Boolean> lazy = checkout.flag("lazyPaymentMethods", "LazyPaymentMethods");
    Optional<ObjectNode> receipt = receipt(fields);
    List<String> terms =
        fields.texts(
            "additionalSearchTerms", "AdditionalSearchTerms", MAX_SEARCH_TERMS, MAX_TERM_CHARS);
    Optional<String> hookUrl = fields.text("webhookUrl", "WebhookUrl", HookTarget.MAX_CHARS);
    Optional<String> hookSecret =
        fields.text("webhookSecret", "WebhookSecret", InvoiceHook.MAX_SECRET_CHARS);
    fields.finish();
    return new InvoiceRequest(
        amount,
        currency,
        metadata,
        speed,
        defaultMethod,
        expiration,
        monitoring,
        tolerance,
        redirect.filter(text -> !text.isEmpty()),
        automatically,
        language.filter(text -> !text.isEmpty()),
        lazy,
        receipt,
        terms,
        Optional.empty(),
        hookUrl.map(url -> new InvoiceHook(url, hookSecret)));
  }

  private static Optional<BigDecimal> minutes(JsonNode value, String least) {
    return LenientJson.decimal(value)
        .filter(number -> number.compareTo(new BigDecimal(least)) >= 0)
        .filter(number -> number.compareTo(new BigDecimal(MAX_MINUTES)) <= 0);
  }

  /**
   * The merchant's data.
   *
   * @param bodyBytes length of the whole body; what comes in a short one is never much longer where
   *     it is stored, so it need not be written to be measured: at most twenty times, if it is all
   *     numbers such as 1e99
   */
  private static ObjectNode metadata(Fields fields, int bodyBytes) {
    JsonNode given = fields.get("metadata");
    if (given.isNull()) {
      return ExactJson.object();
    }
    if (!given.isObject()) {
      fields.error("Metadata", "Must be an object.");
      return ExactJson.object();
    }
    if (!ExactJson.isStorable(given)) {
      fields.error("Metadata", "Must not hold numbers of more than 100 digits.");
    } else if (bodyBytes > MAX_METADATA_CHARS / 25
        && !ExactJson.isStorable(given, MAX_METADATA_CHARS)) {
      fields.error(
          "Metadata",
          "Must be at most %d characters, its numbers written out.".formatted(MAX_METADATA_CHARS));
    }
    return (ObjectNode) given;
  }

  private void checkPaymentMethods(Fields checkout) {
    List<String> given =
        checkout.texts("paymentMethods", "PaymentMethods", MAX_SEARCH_TERMS, MAX_TERM_CHARS);
    for (int i = 0; i < given.size(); i++) {
      if (!methodIds.isChain(given.get(i))) {
        checkout.error(
            "PaymentMethods[" + i + "]",
            "Invalid payment method; the only one is %s."
                .formatted(merchant.network().paymentMethodId()));
      }
    }
  }

  private static Optional<ObjectNode> receipt(Fields fields) {
    Fields receipt = fields.inner("receipt", "Receipt");
    ObjectNode changes = ExactJson.object();
    for (String key : List.of("enabled", "showQR", "showPayments")) {
      receipt.flag(key, LenientJson.pascalCase(key)).ifPresent(value -> changes.put(key, value));
    }
    return changes.isEmpty() ? Optional.empty() : Optional.of(changes);
  }

  private Future<GreenfieldSurface.Listed> list(Call call) {
    boolean withTotal = call.flag("includeTotal");
    boolean withMethods = call.flag("includePaymentMethods");
    Optional<Integer> take = call.number("take", 0, Integer.MAX_VALUE).map(Long::intValue);
    InvoiceFilter asked = filter(call);
    return StoreOperations.store(
            merchant, call, InvoiceAccess.viewPolicy(call, call.path("storeId")))
        .compose(
            store -> {
              InvoiceFilter filter = asked.soldBy(seller(call, store));
              Future<Void> counted =
                  withTotal
                      ? LongList.inTurn(call, () -> merchant.invoices().count(store.id(), filter))
                          .onSuccess(total -> Pages.total(call.ctx(), total))
                          .mapEmpty()
                      : Future.succeededFuture();
              return counted.compose(
                  done ->
                      LongList.inTurn(
                          call,
                          () ->
                              FirstInvoices.read(merchant.invoices(), store.id(), filter, take)
                                  .compose(
                                      first ->
                                          listed(call, store, filter, first, take, withMethods))));
            });
  }

  /**
   * A list as an answer.
   *
   * @param take how many are wanted; empty for all
   */
  private Future<GreenfieldSurface.Listed> listed(
      Call call,
      Store store,
      InvoiceFilter filter,
      FirstInvoices first,
      Optional<Integer> take,
      boolean withMethods) {
    String links = origin.apply(call.ctx());
    if (first.isAll()) {
      first.next().ifPresent(cursor -> Pages.next(call.ctx(), links, cursor.text()));
      return LongList.whole(
          call, first.invoices(), invoice -> json.invoice(invoice, links, withMethods));
    }
    return goesOn(store, filter, take)
        .map(
            next -> {
              next.ifPresent(cursor -> Pages.next(call.ctx(), links, cursor.text()));
              return ctx -> {
                InvoiceWalks.Walk walk =
                    merchant
                        .invoices()
                        .walks()
                        .begin(store.id(), filter, first.invoices(), take)
                        .orElseThrow(InvoiceOperations::tooManyLists);
                new InvoiceStream(call, walk, invoice -> json.invoice(invoice, links, withMethods))
                    .begin();
              };
            });
  }

  private static RefusalException tooManyLists() {
    return RefusalException.busy(
        "too-many-lists",
        "Too many long lists are being read; try again soon, or ask for parts with take.",
        LISTS_PAUSE_SECONDS);
  }

  /** Where a long list goes on behind what is taken of it; empty if that is all. */
  private Future<Optional<InvoiceCursor>> goesOn(
      Store store, InvoiceFilter filter, Optional<Integer> take) {
    if (take.isEmpty() || (long) filter.skip() + take.get() > Integer.MAX_VALUE) {
      return Future.succeededFuture(Optional.empty());
    }
    Invoices invoices = merchant.invoices();
    return invoices
        .part(store.id(), filter.sized(filter.skip() + take.get() - 1, 1))
        .compose(
            last -> {
              Optional<InvoiceCursor> behind = last.next().map(InvoiceCursor::at);
              return behind.isEmpty()
                  ? Future.succeededFuture(behind)
                  : invoices
                      .part(store.id(), filter.from(behind.get(), 1))
                      .map(more -> more.next().flatMap(some -> behind));
            });
  }

  /** Which invoices are asked for; how many is not said. */
  private static InvoiceFilter filter(Call call) {
    Set<InvoiceStatus> statuses = new HashSet<>();
    for (String text : call.queries("status")) {
      statuses.add(
          InvoiceStatus.parse(text.toLowerCase(Locale.ROOT))
              .orElseThrow(() -> RefusalException.field("status", "Unknown status.")));
    }
    Optional<Long> from = call.number("startDate", 0, MAX_UNIX_SECONDS);
    Optional<Long> to = call.number("endDate", 0, MAX_UNIX_SECONDS);
    if (from.isPresent() && to.isPresent() && from.get() > to.get()) {
      throw RefusalException.field("startDate", "startDate should not be above endDate.");
    }
    Optional<InvoiceCursor> after =
        call.query("after")
            .map(
                text ->
                    InvoiceCursor.parse(text)
                        .orElseThrow(
                            () ->
                                RefusalException.field(
                                    "after", "Must be from a Link that this list has given.")));
    return new InvoiceFilter(
        call.queries("orderId"),
        statuses,
        from.map(seconds -> seconds * 1_000),
        to.map(seconds -> seconds * 1_000 + LAST_MILLI),
        call.query("textSearch"),
        call.flag("includeArchived"),
        call.number("skip", 0, Integer.MAX_VALUE).orElse(0L).intValue(),
        InvoiceFilter.MAX_TAKE,
        after,
        Optional.empty());
  }

  private Future<Optional<JsonNode>> get(Call call) {
    boolean withMethods = call.flag("includePaymentMethods");
    return access
        .viewed(call)
        .map(found -> Optional.of(json.invoice(found, origin.apply(call.ctx()), withMethods)));
  }

  private Future<Optional<JsonNode>> update(Call call) {
    return access
        .of(call, Permission.MODIFY_INVOICES)
        .compose(
            invoice -> {
              Fields fields = Fields.of(call.body());
              if (fields.get("metadata").isNull()) {
                return Future.succeededFuture(invoice);
              }
              ObjectNode metadata = metadata(fields, call.bodyBytes());
              fields.finish();
              return merchant.invoices().setMetadata(invoice, metadata);
            })
        .map(invoice -> Optional.of(json.invoice(invoice, origin.apply(call.ctx()), false)));
  }

  private Future<Optional<JsonNode>> mark(Call call) {
    return access
        .of(call, Permission.MODIFY_INVOICES)
        .compose(
            invoice -> {
              Optional<InvoiceStatus> status =
                  LenientJson.text(LenientJson.get(call.body(), "status"))
                      .flatMap(InvoiceStatus::parse);
              return status.isEmpty()
                  ? Future.failedFuture(notMarkable())
                  : merchant.invoices().mark(invoice.id(), status.get());
            })
        .map(
            marking -> {
              if (marking instanceof Invoices.Marking.Marked marked) {
                return Optional.of(json.invoice(marked.invoice(), origin.apply(call.ctx()), false));
              }
              throw marking instanceof Invoices.Marking.NotFound
                  ? InvoiceAccess.notFound()
                  : notMarkable();
            });
  }

  private static RefusalException notMarkable() {
    return RefusalException.field(
        "Status",
        "Only Settled and Invalid can be set by hand, and only what"
            + " availableStatusesForManualMarking lists.");
  }

  private Future<Optional<JsonNode>> paymentMethods(Call call) {
    boolean sensitive = call.flag("includeSensitive");
    return access
        .viewed(call)
        .compose(
            invoice -> {
              if (!sensitive) {
                return Future.succeededFuture(json.paymentMethods(invoice, Optional.empty()));
              }
              call.require(Permission.MODIFY_STORE, invoice.storeId());
              Future<Optional<Store>> store = merchant.stores().find(invoice.storeId());
              return store.map(found -> json.paymentMethods(invoice, found));
            })
        .map(Optional::of);
  }
}
