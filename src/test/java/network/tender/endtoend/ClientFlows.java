package network.tender.endtoend;

import static org.assertj.core.api.Assertions.assertThat;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.node.MissingNode;
import com.fasterxml.jackson.databind.node.ObjectNode;
import java.math.BigDecimal;
import java.net.http.HttpRequest;
import java.net.http.HttpResponse;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.function.Predicate;
import network.tender.merchant.ExactJson;
import network.tender.web.greenfield.ApiUnderTest;
import network.tender.webhook.Receiver;
import org.junit.jupiter.api.Test;

/**
 * What client libraries send, method by method, and what they must be able to read of the answers:
 * .NET's reads into typed classes and fails at what isn't of the type, PHP's takes nothing but 200
 * and hands out by strict types, that for Node.js reads what the Content-Type says. Asked is a real
 * node.
 */
abstract class ClientFlows {
  private static final Map<String, Predicate<JsonNode>> KINDS =
      Map.of(
          "text",
          JsonNode::isTextual,
          "decimal",
          node -> node.isTextual() && isPlainDecimal(node.textValue()),
          "number",
          JsonNode::isNumber,
          "int",
          JsonNode::isIntegralNumber,
          "time",
          node -> node.isIntegralNumber() && node.longValue() > 1_000_000_000,
          "bool",
          JsonNode::isBoolean,
          "list",
          JsonNode::isArray,
          "object",
          JsonNode::isObject);

  private static final String INVOICE =
      "id:text storeId:text amount:decimal paidAmount:decimal currency:text type:text status:text"
          + " additionalStatus:text checkoutLink:text createdTime:time expirationTime:time"
          + " monitoringExpiration:time availableStatusesForManualMarking:list archived:bool"
          + " metadata:object checkout:object receipt:object paymentMethods:list";
  private static final String CHECKOUT =
      "speedPolicy:text paymentMethods:list defaultPaymentMethod:text? expirationMinutes:int"
          + " monitoringMinutes:int paymentTolerance:number redirectURL:text?"
          + " redirectAutomatically:bool defaultLanguage:text? lazyPaymentMethods:bool?";
  private static final String PAYMENT_METHOD =
      "paymentMethodId:text currency:text activated:bool destination:text paymentLink:text"
          + " rate:decimal paymentMethodPaid:decimal totalPaid:decimal due:decimal amount:decimal"
          + " paymentMethodFee:decimal payments:list additionalData:object";
  private static final String PAYMENT =
      "id:text receivedDate:time value:decimal fee:decimal status:text destination:text";
  private static final String STORE =
      "id:text name:text website:text? supportUrl:text? defaultCurrency:text"
          + " additionalTrackedRates:list? invoiceExpiration:int displayExpirationTimer:int"
          + " monitoringExpiration:int speedPolicy:text paymentTolerance:number"
          + " anyoneCanCreateInvoice:bool networkFeeMode:text defaultPaymentMethod:text?"
          + " defaultLang:text? redirectAutomatically:bool lazyPaymentMethods:bool receipt:object"
          + " paymentMethodCriteria:list archived:bool";
  private static final String WEBHOOK =
      "id:text enabled:bool automaticRedelivery:bool url:text authorizedEvents:object";
  private static final String DELIVERY =
      "id:text timestamp:time deliveryTime:time httpCode:int? errorMessage:text? status:text";

  private final FlowNode node;

  ClientFlows(FlowNode node) {
    this.node = node;
  }

  private static boolean isPlainDecimal(String text) {
    return new BigDecimal(text).toPlainString().equals(text);
  }

  /** Every key is there, spelled so, and of its kind; with a question mark it may be null. */
  private static JsonNode reads(String shape, JsonNode object) {
    for (String field : shape.split(" ", -1)) {
      String name = field.substring(0, field.indexOf(':'));
      String kind = field.substring(field.indexOf(':') + 1);
      boolean mayBeNull = kind.endsWith("?");
      JsonNode value = object.path(name);
      assertThat(object.has(name)).as("%s of %s", name, object).isTrue();
      assertThat(
              (mayBeNull && value.isNull())
                  || KINDS.get(mayBeNull ? kind.substring(0, kind.length() - 1) : kind).test(value))
          .as("%s of %s", field, object)
          .isTrue();
    }
    return object;
  }

  private static List<JsonNode> readsAll(String shape, JsonNode list) {
    assertThat(list.isArray()).as(list.toString()).isTrue();
    List<JsonNode> items = new ArrayList<>();
    list.forEach(item -> items.add(reads(shape, item)));
    return items;
  }

  private static String text(JsonNode object, String name) {
    return object.path(name).asText();
  }

  private static List<String> ids(JsonNode list) {
    List<String> ids = new ArrayList<>();
    list.forEach(item -> ids.add(text(item, "id")));
    return ids;
  }

  private HttpRequest.Builder request(String key, String verb, String path, String body) {
    return node.request(path)
        .header("Authorization", "token " + key)
        .method(
            verb,
            body.isEmpty()
                ? HttpRequest.BodyPublishers.noBody()
                : HttpRequest.BodyPublishers.ofString(body));
  }

  private static JsonNode read(HttpResponse<String> response) {
    assertThat(response.statusCode()).as(response.body()).isEqualTo(200);
    if (response.body().isEmpty()) {
      return MissingNode.getInstance();
    }
    assertThat(response.headers().firstValue("Content-Type").orElse(""))
        .startsWith("application/json");
    return FlowNode.json(response);
  }

  // ---- BTCPayServer.Client, the official client for .NET.

  private HttpResponse<String> sendDotnet(String key, String verb, String path, String body) {
    HttpRequest.Builder request = request(key, verb, "/api/v1/" + path, body);
    if (!body.isEmpty()) {
      request.header("Content-Type", "application/json; charset=utf-8");
    }
    return node.send(request);
  }

  private JsonNode dotnet(String key, String verb, String path, String body) {
    return read(sendDotnet(key, verb, path, body));
  }

  private JsonNode dotnet(String key, String path) {
    return dotnet(key, "GET", path, "");
  }

  private void dotnetDoes(String key, String verb, String path, String body) {
    assertThat(dotnet(key, verb, path, body).isMissingNode()).isTrue();
  }

  /** Its request for a store, with every property that isn't left out when it is null. */
  private static String dotnetStore(String name, String tolerance) {
    return """
        {"Name":"%s","Website":null,"BrandColor":null,"ApplyBrandColorToBackend":null,
         "LogoUrl":null,"CssUrl":null,"PaymentSoundUrl":null,"SupportUrl":null,
         "SpeedPolicy":null,"LightningDescriptionTemplate":null,"PaymentTolerance":%s,
         "AnyoneCanCreateInvoice":null,"DefaultCurrency":"USD","AdditionalTrackedRates":null,
         "LightningAmountInSatoshi":null,"LightningPrivateRouteHints":null,
         "OnChainWithLnInvoiceFallback":null,"LazyPaymentMethods":null,
         "RedirectAutomatically":null,"DefaultPaymentMethod":null,"HtmlTitle":null,
         "PayJoinEnabled":null,"Receipt":null}
        """
        .formatted(name, tolerance);
  }

  private String dotnetPayableStore(String key) {
    String store = text(dotnet(key, "POST", "stores", dotnetStore("Desk", "null")), "id");
    String xpub = node.freshKey();
    reads(
        "enabled:bool paymentMethodId:text",
        dotnet(
            key,
            "PUT",
            "stores/" + store + "/payment-methods/" + node.method,
            "{\"Enabled\":true,\"Config\":\"" + xpub + "\"}"));
    return store;
  }

  private JsonNode dotnetInvoice(String key, String store, String amount, String order) {
    return reads(
        INVOICE,
        dotnet(
            key,
            "POST",
            "stores/" + store + "/invoices",
            """
            {"Amount":%s,"AdditionalSearchTerms":["desk"],"Type":"Standard","Currency":"USD",
             "Metadata":{"orderId":"%s","itemDesc":"Tea"},
             "Checkout":{"SpeedPolicy":"HighSpeed","PaymentMethods":null,
              "DefaultPaymentMethod":null,"expirationMinutes":20,"monitoringMinutes":null,
              "PaymentTolerance":0.5,"redirectURL":"https://desk.example/done",
              "RedirectAutomatically":null,"DefaultLanguage":null,"LazyPaymentMethods":null},
             "Receipt":{"Enabled":null,"ShowQR":false,"ShowPayments":null}}
            """
                .formatted(amount, order)));
  }

  @Test
  void dotnetLooksAtTheServerAndHandlesKeysAndUsers() {
    reads("synchronized:bool", dotnet(node.admin, "health"));
    JsonNode info =
        reads(
            "version:text onion:text? supportedPaymentMethods:list fullySynched:bool"
                + " syncStatus:list",
            dotnet(node.admin, "server/info"));
    readsAll(
            "paymentMethodId:text available:bool chainHeight:int syncHeight:int?"
                + " nodeInformation:object",
            info.path("syncStatus"))
        .forEach(
            status ->
                reads(
                    "headers:int blocks:int verificationProgress:number",
                    status.path("nodeInformation")));

    JsonNode key =
        reads(
            "apiKey:text label:text permissions:list",
            dotnet(
                node.admin,
                "POST",
                "api-keys",
                "{\"Label\":\"desk\",\"Permissions\":[\"btcpay.user.canviewprofile\","
                    + "\"btcpay.store.canmodifystoresettings\"]}"));
    String desk = text(key, "apiKey");
    assertThat(dotnet(desk, "api-keys/current")).isEqualTo(key);
    String user =
        "id:text email:text name:text? imageUrl:text? emailConfirmed:bool"
            + " requiresEmailConfirmation:bool approved:bool requiresApproval:bool roles:list"
            + " invitationUrl:text? created:time? disabled:bool storeQuota:int?";
    reads(user, dotnet(desk, "users/me"));
    dotnetDoes(desk, "DELETE", "api-keys/current", "");
    HttpResponse<String> revoked = sendDotnet(desk, "GET", "api-keys/current", "");
    ApiUnderTest.assertRefused(revoked, 401, "unauthenticated");

    HttpResponse<String> made =
        sendDotnet(
            node.admin,
            "POST",
            "users",
            """
            {"Name":"Dora","ImageUrl":null,"Email":"dora@desk.example","Password":"Kitten0@long",
             "IsAdministrator":false,"SendInvitationEmail":true}
            """);
    assertThat(made.statusCode()).as(made.body()).isEqualTo(201);
    String id = text(reads(user, FlowNode.json(made)), "id");
    readsAll(user, dotnet(node.admin, "users/"));
    assertThat(text(reads(user, dotnet(node.admin, "users/dora@desk.example")), "id"))
        .isEqualTo(id);
    String hers =
        text(
            dotnet(
                node.admin,
                "POST",
                "users/" + id + "/api-keys",
                "{\"Label\":null,\"Permissions\":[\"unrestricted\"]}"),
            "apiKey");
    assertThat(text(dotnet(hers, "users/me"), "email")).isEqualTo("dora@desk.example");
    dotnetDoes(node.admin, "DELETE", "users/" + id + "/api-keys/" + hers, "");
    dotnetDoes(node.admin, "DELETE", "users/" + id, "");
  }

  @Test
  void dotnetMakesAStoreAndSendsBackWholeWhatItHasRead() {
    String store =
        text(reads(STORE, dotnet(node.admin, "POST", "stores", dotnetStore("Desk", "1.5"))), "id");
    JsonNode made = reads(STORE, dotnet(node.admin, "stores/" + store));
    assertThat(made.path("paymentTolerance").decimalValue()).isEqualByComparingTo("1.5");
    reads("enabled:bool? showQR:bool? showPayments:bool?", made.path("receipt"));
    assertThat(ids(dotnet(node.admin, "stores"))).contains(store);
    // UpdateStore takes a store as it was read: all its keys, in the client's own case.
    ObjectNode whole = ExactJson.object();
    made.properties()
        .forEach(
            field ->
                whole.set(
                    field.getKey().substring(0, 1).toUpperCase(java.util.Locale.ROOT)
                        + field.getKey().substring(1),
                    field.getValue()));
    whole.put("Name", "Front desk");
    JsonNode changed =
        reads(STORE, dotnet(node.admin, "PUT", "stores/" + store, ExactJson.write(whole)));
    ObjectNode expected = made.deepCopy();
    expected.put("name", "Front desk");
    assertThat(changed).isEqualTo(expected);

    String path = "stores/" + store + "/payment-methods";
    assertThat(dotnet(node.admin, path + "?onlyEnabled=True&includeConfig=True")).isEmpty();
    String xpub = node.freshKey();
    String preview = path + "/" + node.method + "/wallet/preview?offset=0&amount=10";
    JsonNode proposed =
        dotnet(node.admin, "POST", preview, "{\"Enabled\":null,\"Config\":\"" + xpub + "\"}");
    dotnet(
        node.admin,
        "PUT",
        path + "/" + node.method,
        "{\"Enabled\":true,\"Config\":\"" + xpub + "\"}");
    assertThat(readsAll("keyPath:text address:text", proposed.path("addresses"))).hasSize(10);
    assertThat(dotnet(node.admin, preview)).isEqualTo(proposed);
    readsAll(
        "enabled:bool paymentMethodId:text config:object",
        dotnet(node.admin, path + "?onlyEnabled=True&includeConfig=True"));
    readsAll(
        "currencyPair:text rate:decimal? errors:list",
        dotnet(node.admin, "stores/" + store + "/rates?currencyPair=" + node.coin + "_USD"));
    reads(
        "spread:number isCustomScript:bool effectiveScript:text? preferredSource:text?",
        dotnet(node.admin, "stores/" + store + "/rates/configuration/primary"));
    readsAll(
        "id:text role:text permissions:list isServerRole:bool",
        dotnet(node.admin, "stores/" + store + "/roles"));
    assertThat(
            sendDotnet(
                    node.admin,
                    "POST",
                    "users",
                    "{\"Email\":\"clerk@desk.example\",\"Password\":\"Kitten0@long\"}")
                .statusCode())
        .isEqualTo(201);
    dotnet(
        node.admin,
        "POST",
        "stores/" + store + "/users",
        """
        {"StoreRole":"Guest","Id":"clerk@desk.example","Email":null,"Name":null,"ImageUrl":null,
         "EmailConfirmed":false,"RequiresEmailConfirmation":false,"Approved":false,
         "RequiresApproval":false,"Roles":null,"InvitationUrl":null,"Created":null,
         "Disabled":false,"StoreQuota":null}
        """);
    assertThat(
            readsAll(
                "id:text email:text storeRole:text",
                dotnet(node.admin, "stores/" + store + "/users")))
        .anyMatch(member -> text(member, "storeRole").equals("Guest"));
    dotnetDoes(node.admin, "DELETE", "stores/" + store + "/users/clerk@desk.example", "");
    dotnetDoes(node.admin, "DELETE", path + "/" + node.method, "");
    dotnetDoes(node.admin, "DELETE", "stores/" + store, "");
  }

  @Test
  void dotnetHandlesInvoicesByTheirIdsAlone() {
    String store = dotnetPayableStore(node.admin);
    JsonNode invoice = dotnetInvoice(node.admin, store, "\"20.0\"", "net-1");
    String id = text(invoice, "id");
    JsonNode checkout = reads(CHECKOUT, invoice.path("checkout"));
    assertThat(text(checkout, "speedPolicy")).isEqualTo("HighSpeed");
    assertThat(checkout.path("expirationMinutes").intValue()).isEqualTo(20);
    assertThat(
            reads("enabled:bool? showQR:bool? showPayments:bool?", invoice.path("receipt"))
                .path("showQR")
                .booleanValue())
        .isFalse();
    String path = "invoices/" + id;
    assertThat(dotnet(node.admin, path + "?includePaymentMethods=False")).isEqualTo(invoice);
    JsonNode changed =
        reads(
            INVOICE,
            dotnet(node.admin, "PUT", path, "{\"Metadata\":{\"orderId\":\"net-1b\",\"n\":1.50}}"));
    assertThat(changed.path("metadata")).isEqualTo(dotnet(node.admin, path).path("metadata"));
    assertThat(text(changed.path("metadata"), "orderId")).isEqualTo("net-1b");
    dotnetDoes(node.admin, "POST", path + "/payment-methods/" + node.method + "/activate", "");
    node.pay(id, 40_000);
    JsonNode paid = reads(INVOICE, dotnet(node.admin, path + "?includePaymentMethods=True"));
    assertThat(text(paid, "status")).isEqualTo("Settled");
    assertThat(readsAll(PAYMENT_METHOD, paid.path("paymentMethods"))).hasSize(1);
    JsonNode methods =
        dotnet(
            node.admin,
            path + "/payment-methods?onlyAccountedPayments=True&includeSensitive=False");
    JsonNode method = readsAll(PAYMENT_METHOD, methods).get(0);
    assertThat(text(readsAll(PAYMENT, method.path("payments")).get(0), "status"))
        .isEqualTo("Settled");

    String other = text(dotnetInvoice(node.admin, store, "null", "net-2"), "id");
    assertThat(text(dotnet(node.admin, "invoices/" + other), "type")).isEqualTo("TopUp");
    assertThat(
            text(
                reads(
                    INVOICE,
                    dotnet(
                        node.admin,
                        "POST",
                        "invoices/" + other + "/status",
                        "{\"Status\":\"Invalid\"}")),
                "additionalStatus"))
        .isEqualTo("Marked");
    dotnetDoes(node.admin, "DELETE", "invoices/" + other, "");
    String list = "stores/" + store + "/invoices?includeArchived=";
    assertThat(ids(dotnet(node.admin, list + "False"))).containsExactly(id);
    assertThat(readsAll(INVOICE, dotnet(node.admin, list + "True"))).hasSize(2);
    assertThat(
            reads(INVOICE, dotnet(node.admin, "POST", "invoices/" + other + "/unarchive", ""))
                .path("archived")
                .booleanValue())
        .isFalse();
    long now = FlowNode.nowSeconds();
    // Both may be of one millisecond: which comes first isn't said then, but no page repeats
    // another.
    List<String> paged = new ArrayList<>();
    for (int skip = 0; skip < 3; skip++) {
      paged.addAll(
          ids(
              dotnet(
                  node.admin,
                  list
                      + "False&startDate=%d&endDate=%d".formatted(now - 600, now + 600)
                      + "&orderId=net-1b&orderId=net-2&status=settled&status=invalid"
                      + "&skip=%d&take=1".formatted(skip))));
    }
    assertThat(paged).containsExactlyInAnyOrder(id, other);
    assertThat(ids(dotnet(node.admin, list + "False&textSearch=desk"))).contains(id, other);
  }

  @Test
  void dotnetReadsWhatIsWrongWithARequest() {
    String store = dotnetPayableStore(node.admin);
    HttpResponse<String> wrong =
        sendDotnet(
            node.admin,
            "POST",
            "stores/" + store + "/invoices",
            "{\"Amount\":\"-1\",\"Currency\":\"USD\",\"Checkout\":{\"PaymentTolerance\":101.0}}");
    assertThat(wrong.statusCode()).isEqualTo(422);
    assertThat(wrong.headers().firstValue("Content-Type").orElse(""))
        .startsWith("application/json");
    assertThat(readsAll("path:text message:text", FlowNode.json(wrong)))
        .extracting(error -> text(error, "path"))
        .containsExactlyInAnyOrder("Amount", "Checkout.PaymentTolerance");
    String viewer =
        text(
            dotnet(
                node.admin,
                "POST",
                "api-keys",
                "{\"Permissions\":[\"btcpay.store.canviewinvoices:" + store + "\"]}"),
            "apiKey");
    HttpResponse<String> forbidden =
        sendDotnet(viewer, "POST", "stores/" + store + "/invoices", "{\"Amount\":\"1\"}");
    assertThat(forbidden.statusCode()).isEqualTo(403);
    JsonNode missing =
        reads("code:text message:text missingPermission:text", FlowNode.json(forbidden));
    assertThat(text(missing, "missingPermission")).isEqualTo("btcpay.store.cancreateinvoice");
    // Of an invoice that isn't refundable the client hands out code and sentence.
    String id = text(dotnetInvoice(node.admin, store, "\"3\"", "net-3"), "id");
    ApiUnderTest.assertRefused(
        sendDotnet(
            node.admin,
            "POST",
            "invoices/" + id + "/refund",
            """
            {"Name":null,"PayoutMethodId":null,"PayoutMethods":["%s"],"Description":null,
             "RefundVariant":"RateThen","SubtractPercentage":"0","CustomAmount":null,
             "CustomCurrency":null}
            """
                .formatted(node.method)),
        400,
        "non-refundable");
  }

  @Test
  void dotnetHandlesWebhooksByTheirIdsAlone() {
    String store = dotnetPayableStore(node.admin);
    try (Receiver receiver = new Receiver(node.vertx)) {
      String settings =
          "{\"Enabled\":true,%s\"AutomaticRedelivery\":true,\"Url\":\""
              + receiver.url("/desk")
              + "\",\"AuthorizedEvents\":{\"Everything\":%s,\"SpecificEvents\":%s}}";
      JsonNode made =
          reads(
              WEBHOOK + " secret:text",
              dotnet(
                  node.admin,
                  "POST",
                  "stores/" + store + "/webhooks",
                  settings.formatted("", "true", "[]")));
      String path = "webhooks/" + text(made, "id");
      JsonNode read = reads(WEBHOOK, dotnet(node.admin, path));
      reads("everything:bool specificEvents:list", read.path("authorizedEvents"));
      assertThat(read.has("secret")).isFalse();
      JsonNode changed =
          reads(
              WEBHOOK,
              dotnet(
                  node.admin,
                  "PUT",
                  path,
                  settings.formatted(
                      "\"Secret\":\"new-secret\",", "false", "[\"InvoiceCreated\"]")));
      assertThat(changed.path("authorizedEvents").path("everything").booleanValue()).isFalse();
      assertThat(ids(dotnet(node.admin, "stores/" + store + "/webhooks")))
          .containsExactly(text(made, "id"));
      String invoice = text(dotnetInvoice(node.admin, store, "\"4\"", "net-4"), "id");
      receiver.next().assertSignedWith("new-secret");
      NodeProcess.until(
          "the delivery is listed", 20, () -> !dotnet(node.admin, path + "/deliveries").isEmpty());
      JsonNode delivery = readsAll(DELIVERY, dotnet(node.admin, path + "/deliveries")).get(0);
      String one = path + "/deliveries/" + text(delivery, "id");
      reads(DELIVERY, dotnet(node.admin, one));
      JsonNode event =
          reads(
              "deliveryId:text webhookId:text originalDeliveryId:text isRedelivery:bool type:text"
                  + " timestamp:time storeId:text invoiceId:text metadata:object",
              dotnet(node.admin, one + "/request"));
      assertThat(text(event, "invoiceId")).isEqualTo(invoice);
      assertThat(dotnet(node.admin, "POST", one + "/redeliver", "").isTextual()).isTrue();
      assertThat(receiver.next().json().path("isRedelivery").booleanValue()).isTrue();
      dotnetDoes(node.admin, "DELETE", path, "");
      // The client reads 404 as none and deletes nothing again; other refusals it throws.
      assertThat(dotnet(node.admin, "stores/" + store + "/webhooks")).isEmpty();
    }
  }

  @Test
  void dotnetHandlesPointsOfSale() {
    String store = dotnetPayableStore(node.admin);
    String shape =
        "id:text appType:text appName:text storeId:text archived:bool created:time title:text"
            + " defaultView:text showItems:bool showCustomAmount:bool showDiscount:bool"
            + " showSearch:bool showCategories:bool enableTips:bool currency:text"
            + " customTipPercentages:list redirectAutomatically:bool? items:list";
    String body =
        """
        {"Template":"[{\\"id\\":\\"tea\\",\\"title\\":\\"Tea\\",\\"price\\":\\"1.5\\",\\"priceType\\":\\"Fixed\\"}]",
         "Title":"Till","DefaultView":"%s","ShowItems":true,"ShowCustomAmount":true,
         "ShowDiscount":null,"ShowSearch":null,"ShowCategories":null,"EnableTips":true,
         "Currency":"USD","FixedAmountPayButtonText":null,"CustomAmountPayButtonText":null,
         "TipText":null,"NotificationUrl":null,"RedirectUrl":null,"Description":null,
         "RedirectAutomatically":null,"CustomTipPercentages":[5,10],"HtmlLang":null,
         "HtmlMetaTags":null,"FormId":null,"Id":null,"AppType":null,"AppName":"Till",
         "StoreId":null,"Created":0}
        """;
    JsonNode made =
        reads(
            shape,
            dotnet(node.admin, "POST", "stores/" + store + "/apps/pos", body.formatted("Static")));
    readsAll("id:text title:text disabled:bool priceType:text price:decimal?", made.path("items"));
    String id = text(made, "id");
    JsonNode changed =
        reads(shape, dotnet(node.admin, "PUT", "apps/pos/" + id, body.formatted("Light")));
    assertThat(text(changed, "defaultView")).isEqualTo("Light");
    assertThat(dotnet(node.admin, "apps/pos/" + id)).isEqualTo(changed);
    String base = "id:text appType:text appName:text storeId:text created:time";
    reads(base, dotnet(node.admin, "apps/" + id));
    assertThat(readsAll(base, dotnet(node.admin, "stores/" + store + "/apps"))).hasSize(1);
    assertThat(ids(dotnet(node.admin, "apps"))).contains(id);
    JsonNode sales =
        reads(
            "salesCount:int series:list",
            dotnet(node.admin, "apps/" + id + "/sales?numberOfDays=7"));
    readsAll("date:time label:text salesCount:int", sales.path("series"));
    readsAll(
        "itemCode:text title:text salesCount:int total:decimal totalFormatted:text",
        dotnet(node.admin, "apps/" + id + "/top-items?offset=0&count=10"));
    dotnetDoes(node.admin, "DELETE", "apps/" + id, "");
  }

  // ---- btcpay-greenfield-node-client.

  private JsonNode npm(String key, String verb, String path, String body) {
    HttpRequest.Builder request =
        request(key, verb, "/api/v1" + path, body).header("Accept", "application/json");
    if (!body.isEmpty()) {
      request.header("Content-Type", "application/json");
    }
    HttpResponse<String> response = node.send(request);
    if (response.body().isEmpty()) {
      // Or it would take nothing for JSON and print an error.
      assertThat(response.headers().firstValue("Content-Type").orElse(""))
          .doesNotStartWith("application/json");
    }
    return read(response);
  }

  @Test
  void nodeSellsByThePathsBelowTheStore() {
    reads("synchronized:bool", npm(node.admin, "GET", "/health", ""));
    reads("version:text fullySynched:bool", npm(node.admin, "GET", "/server/info", ""));
    reads("id:text email:text", npm(node.admin, "GET", "/users/me", ""));
    JsonNode store =
        reads(
            STORE,
            npm(
                node.admin,
                "POST",
                "/stores",
                """
                {"name":"Node shop","website":"https://node.example","invoiceExpiration":1200,
                 "monitoringExpiration":3600,"speedPolicy":"MediumSpeed","paymentTolerance":0,
                 "lightningDescriptionTemplate":null,"requiresRefundEmail":false,
                 "customLogo":null,"customCSS":null,"networkFeeMode":"Never"}
                """));
    String shop = "/stores/" + text(store, "id");
    assertThat(ids(npm(node.admin, "GET", "/stores", ""))).contains(text(store, "id"));
    assertThat(npm(node.admin, "GET", shop, "")).isEqualTo(store);
    ObjectNode whole = store.deepCopy();
    whole.put("name", "Node market");
    assertThat(npm(node.admin, "PUT", shop, ExactJson.write(whole))).isEqualTo(whole);

    String wallet = shop + "/payment-methods/OnChain/" + node.coin;
    String account =
        "{\"enabled\":true,\"cryptoCode\":\"%s\",\"derivationScheme\":\"%s\",\"label\":\"desk\"}"
            .formatted(node.coin, node.freshKey());
    JsonNode proposed = npm(node.admin, "POST", wallet + "/preview?offset=0&amount=2", account);
    assertThat(readsAll("keyPath:text address:text", proposed.path("addresses"))).hasSize(2);
    assertThat(npm(node.admin, "PUT", wallet, account).path("enabled").booleanValue()).isTrue();
    assertThat(npm(node.admin, "GET", wallet, "").path("enabled").booleanValue()).isTrue();
    assertThat(npm(node.admin, "GET", wallet + "/preview?offset=0&amount=2", ""))
        .isEqualTo(proposed);

    String key =
        text(
            reads(
                "apiKey:text label:text permissions:list",
                npm(
                    node.admin,
                    "POST",
                    "/api-keys",
                    "{\"label\":\"node\",\"permissions\":[\"btcpay.store.canmodifyinvoices\"]}")),
            "apiKey");
    JsonNode invoice =
        reads(
            INVOICE,
            npm(
                key,
                "POST",
                shop + "/invoices",
                """
                {"amount":"20.00","currency":"USD","metadata":{"orderId":"node-1"},
                 "checkout":{"speedPolicy":"MediumSpeed","paymentMethods":["%s"],
                  "expirationMinutes":90,"monitoringMinutes":90,"paymentTolerance":0,
                  "redirectURL":"https://node.example/done","redirectAutomatically":true,
                  "defaultLanguage":"en"}}
                """
                    .formatted(node.coin)));
    String path = shop + "/invoices/" + text(invoice, "id");
    assertThat(npm(key, "GET", path, "")).isEqualTo(invoice);
    assertThat(
            text(
                npm(key, "PUT", path, "{\"metadata\":{\"orderId\":\"node-2\"}}").path("metadata"),
                "orderId"))
        .isEqualTo("node-2");
    node.pay(text(invoice, "id"), 40_000);
    JsonNode method =
        readsAll(PAYMENT_METHOD, npm(key, "GET", path + "/payment-methods", "")).get(0);
    readsAll(PAYMENT, method.path("payments"));
    assertThat(text(npm(key, "GET", path, ""), "status")).isEqualTo("Settled");
    JsonNode open = npm(key, "POST", shop + "/invoices", "{\"amount\":\"1\",\"currency\":null}");
    String other = shop + "/invoices/" + text(open, "id");
    assertThat(text(npm(key, "POST", other + "/status", "{\"status\":\"Invalid\"}"), "status"))
        .isEqualTo("Invalid");
    assertThat(npm(key, "DELETE", other, "").isMissingNode()).isTrue();
    assertThat(readsAll(INVOICE, npm(key, "GET", shop + "/invoices", ""))).hasSize(1);
    assertThat(npm(key, "POST", other + "/unarchive", "").path("archived").booleanValue())
        .isFalse();
    assertThat(npm(key, "DELETE", "/api-keys/current", "").isMissingNode()).isTrue();
    assertThat(npm(node.admin, "DELETE", wallet, "").isMissingNode()).isTrue();
    assertThat(npm(node.admin, "DELETE", shop, "").isMissingNode()).isTrue();
  }

  @Test
  void nodeDeletesWebhooksWithABody() {
    String store = dotnetPayableStore(node.admin);
    String hooks = "/stores/" + store + "/webhooks";
    try (Receiver receiver = new Receiver(node.vertx)) {
      String body =
          """
          {"enabled":true,"automaticRedelivery":true,"url":"%s",
           "authorizedEvents":{"everything":true},"secret":"node-secret"}
          """
              .formatted(receiver.url("/node"));
      JsonNode made = reads(WEBHOOK + " secret:text", npm(node.admin, "POST", hooks, body));
      String path = hooks + "/" + text(made, "id");
      reads(WEBHOOK, npm(node.admin, "GET", path, ""));
      reads(WEBHOOK, npm(node.admin, "PUT", path, body));
      assertThat(readsAll(WEBHOOK, npm(node.admin, "GET", hooks, ""))).hasSize(1);
      npm(node.admin, "POST", "/stores/" + store + "/invoices", "{\"amount\":\"1\"}");
      receiver.next().assertSignedWith("node-secret");
      String deliveries = path + "/deliveries?count=5";
      NodeProcess.until(
          "the delivery is listed", 20, () -> !npm(node.admin, "GET", deliveries, "").isEmpty());
      String one =
          path
              + "/deliveries/"
              + text(readsAll(DELIVERY, npm(node.admin, "GET", deliveries, "")).get(0), "id");
      reads(DELIVERY, npm(node.admin, "GET", one, ""));
      reads("type:text", npm(node.admin, "GET", one + "/request", ""));
      assertThat(npm(node.admin, "POST", one + "/redeliver", "").isTextual()).isTrue();
      assertThat(npm(node.admin, "DELETE", path, body).isMissingNode()).isTrue();
      assertThat(npm(node.admin, "GET", hooks, "")).isEmpty();
    }
  }

  // ---- btcpayserver-greenfield-php, what no plugin's flow has.

  private HttpResponse<String> sendPhp(String key, String verb, String path, String body) {
    return node.send(
        request(key, verb, "/api/v1/" + path, body)
            .header("Accept", "application/json")
            .header("Content-Type", "application/json"));
  }

  private JsonNode php(String key, String verb, String path, String body) {
    return read(sendPhp(key, verb, path, body));
  }

  @Test
  void phpListsInvoicesHandlesWebhooksAndPeople() {
    String store = dotnetPayableStore(node.admin);
    String shop = "stores/" + store;
    assertThat(php(node.admin, "GET", "health", "").isObject()).isTrue();
    String bare =
        text(
            reads(
                INVOICE,
                php(
                    node.admin,
                    "POST",
                    shop + "/invoices",
                    "{\"amount\":null,\"currency\":\"USD\",\"metadata\":null,\"checkout\":null}")),
            "id");
    // The newest comes first; of one millisecond, either may.
    FlowNode.awaitNextMillisecond();
    String id =
        text(
            php(
                node.admin,
                "POST",
                shop + "/invoices",
                """
                {"amount":"9.99","currency":"USD",
                 "metadata":{"orderId":"php 1&2","buyerEmail":"buyer@shop.example"},
                 "checkout":null}
                """),
            "id");
    String invoices = shop + "/invoices";
    assertThat(ids(php(node.admin, "GET", invoices, ""))).containsExactly(id, bare);
    assertThat(ids(php(node.admin, "GET", invoices + "?take=1&skip=1", ""))).containsExactly(bare);
    assertThat(ids(php(node.admin, "GET", invoices + "?orderId=php+1%262", "")))
        .containsExactly(id);
    assertThat(ids(php(node.admin, "GET", invoices + "?textSearch=php+1%262", "")))
        .containsExactly(id);
    assertThat(php(node.admin, "GET", invoices + "?status=Settled&status=Expired", "")).isEmpty();
    assertThat(php(node.admin, "PUT", invoices + "/" + id, "{\"metadata\":null}").isObject())
        .isTrue();
    // By strict types: bool, string, array of strings.
    reads(
        "id:text amount:decimal currency:text type:text checkoutLink:text createdTime:int"
            + " expirationTime:int archived:bool status:text additionalStatus:text"
            + " availableStatusesForManualMarking:list",
        php(node.admin, "POST", invoices + "/" + id + "/status", "{\"status\":\"Invalid\"}"));

    String hook =
        text(
            reads(
                WEBHOOK + " secret:text",
                php(
                    node.admin,
                    "POST",
                    shop + "/webhooks",
                    """
                    {"enabled":true,"automaticRedelivery":true,"url":"http://127.0.0.1:9/hook",
                     "authorizedEvents":{"everything":false,
                      "specificEvents":["InvoiceSettled","InvoiceExpired"]}}
                    """)),
            "id");
    JsonNode changed =
        reads(
            WEBHOOK,
            php(
                node.admin,
                "PUT",
                shop + "/webhooks/" + hook,
                """
                {"enabled":true,"automaticRedelivery":true,"url":"http://127.0.0.1:9/hook2",
                 "secret":null,"authorizedEvents":{"everything":true}}
                """));
    assertThat(text(changed, "url")).isEqualTo("http://127.0.0.1:9/hook2");
    assertThat(changed.path("authorizedEvents").path("specificEvents").isArray()).isTrue();
    assertThat(php(node.admin, "GET", shop + "/webhooks/" + hook + "/deliveries?count=3", ""))
        .isEmpty();
    assertThat(php(node.admin, "DELETE", shop + "/webhooks/" + hook, "").isMissingNode()).isTrue();

    HttpResponse<String> user =
        sendPhp(
            node.admin,
            "POST",
            "users",
            "{\"email\":\"php@shop.example\",\"password\":\"Kitten0@long\",\"isAdministrator\":false}");
    assertThat(user.statusCode()).as(user.body()).isEqualTo(201);
    String userId = text(FlowNode.json(user), "id");
    php(
        node.admin,
        "POST",
        shop + "/users",
        "{\"userId\":\"%s\",\"role\":\"Guest\"}".formatted(userId));
    assertThat(readsAll("userId:text role:text", php(node.admin, "GET", shop + "/users", "")))
        .anyMatch(member -> text(member, "userId").equals(userId));
    assertThat(php(node.admin, "DELETE", shop + "/users/php%40shop.example", "").isMissingNode())
        .isTrue();
    String key =
        text(
            php(
                node.admin,
                "POST",
                "users/php%40shop.example/api-keys",
                "{\"label\":\"php\",\"permissions\":[\"unrestricted\"]}"),
            "apiKey");
    assertThat(
            php(node.admin, "DELETE", "users/php%40shop.example/api-keys/" + key, "")
                .isMissingNode())
        .isTrue();
    assertThat(php(node.admin, "DELETE", "users/php%40shop.example", "").isMissingNode()).isTrue();
  }

  @Test
  void phpSetsRatesAndWallets() {
    String shop = "stores/" + dotnetPayableStore(node.admin);
    String coin = node.coin;
    String rules =
        """
        {"spread":"1.5","isCustomScript":false,"preferredSource":"operator","effectiveScript":null}
        """;
    JsonNode settings =
        reads(
            "spread:number isCustomScript:bool",
            php(node.admin, "PUT", shop + "/rates/configuration", rules));
    assertThat(php(node.admin, "GET", shop + "/rates/configuration", "")).isEqualTo(settings);
    String rate = "currencyPair:text rate:decimal errors:list";
    readsAll(rate, php(node.admin, "GET", shop + "/rates?currencyPair=" + coin + "_USD", ""));
    readsAll(
        rate,
        php(
            node.admin,
            "POST",
            shop + "/rates/configuration/preview?currencyPair=" + coin + "_USD",
            rules));
    readsAll(
        "paymentMethodId:text enabled:bool config:object",
        php(node.admin, "GET", shop + "/payment-methods?includeConfig=true", ""));
    String old = shop + "/payment-methods/OnChain/" + coin;
    String proposal =
        "{\"derivationScheme\":\"%s\",\"accountKeyPath\":null}".formatted(node.freshKey());
    assertThat(
            readsAll(
                "keyPath:text address:text",
                php(node.admin, "POST", old + "/preview", proposal).path("addresses")))
        .hasSize(10);
    assertThat(php(node.admin, "DELETE", old, "").isMissingNode()).isTrue();
  }
}
