package network.tender.merchant;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.node.BooleanNode;
import com.fasterxml.jackson.databind.node.DecimalNode;
import com.fasterxml.jackson.databind.node.IntNode;
import com.fasterxml.jackson.databind.node.NullNode;
import com.fasterxml.jackson.databind.node.ObjectNode;
import com.fasterxml.jackson.databind.node.TextNode;
import java.math.BigDecimal;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Optional;

/**
 * Everything a merchant can set for a store: all keys of the Greenfield API's store object with its
 * defaults. Keys that mean nothing here are kept and echoed too, because clients read the object,
 * change one key and send all of it back.
 */
public final class StoreSettings {
  private static final int MAX_NAME_CHARS = 50;
  private static final int MAX_TEXT_CHARS = 2_000;
  private static final long MAX_SPAN_SECONDS = 34_560L * 60;

  private enum Kind {
    TEXT,
    FLAG,
    WHOLE,
    PERCENT,
    RECEIPT,
    CURRENCIES,
    CRITERIA,
    CHOICE
  }

  private record Key(Kind kind, JsonNode fallback, long least, long most, List<String> choices) {}

  private static final Map<String, Key> KEYS = keys();

  private final ObjectNode values;

  private StoreSettings(ObjectNode values) {
    this.values = values;
  }

  private static Map<String, Key> keys() {
    Map<String, Key> keys = new LinkedHashMap<>();
    text(keys, "name", null);
    text(keys, "website", null);
    text(keys, "supportUrl", null);
    text(keys, "logoUrl", null);
    text(keys, "cssUrl", null);
    text(keys, "paymentSoundUrl", null);
    text(keys, "brandColor", null);
    flag(keys, "applyBrandColorToBackend", false);
    text(keys, "defaultCurrency", "USD");
    keys.put("additionalTrackedRates", tree(Kind.CURRENCIES, "[]"));
    whole(keys, "invoiceExpiration", 900, 60, MAX_SPAN_SECONDS);
    whole(keys, "refundBOLT11Expiration", 30, 0, 3_650);
    whole(keys, "displayExpirationTimer", 300, 60, MAX_SPAN_SECONDS);
    whole(keys, "monitoringExpiration", 86_400, 600, MAX_SPAN_SECONDS);
    choice(keys, "speedPolicy", "MediumSpeed", "HighSpeed", "LowMediumSpeed", "LowSpeed");
    text(keys, "lightningDescriptionTemplate", null);
    keys.put(
        "paymentTolerance",
        new Key(Kind.PERCENT, DecimalNode.valueOf(BigDecimal.ZERO), 0, 100, List.of()));
    flag(keys, "archived", false);
    flag(keys, "anyoneCanCreateInvoice", false);
    keys.put(
        "receipt", tree(Kind.RECEIPT, "{\"enabled\":true,\"showQR\":null,\"showPayments\":null}"));
    flag(keys, "lightningAmountInSatoshi", false);
    flag(keys, "lightningPrivateRouteHints", false);
    flag(keys, "onChainWithLnInvoiceFallback", false);
    flag(keys, "redirectAutomatically", false);
    flag(keys, "showRecommendedFee", true);
    whole(keys, "recommendedFeeBlockTarget", 1, 1, 1_008);
    text(keys, "defaultLang", "en");
    text(keys, "htmlTitle", null);
    choice(keys, "networkFeeMode", "Never", "MultiplePaymentsOnly", "Always");
    flag(keys, "payJoinEnabled", false);
    flag(keys, "autoDetectLanguage", false);
    flag(keys, "showPayInWalletButton", true);
    flag(keys, "showStoreHeader", true);
    flag(keys, "celebratePayment", true);
    flag(keys, "playSoundOnPayment", false);
    flag(keys, "lazyPaymentMethods", false);
    text(keys, "defaultPaymentMethod", null);
    keys.put("paymentMethodCriteria", tree(Kind.CRITERIA, "[]"));
    return keys;
  }

  private static void text(
      Map<String, Key> keys, String name, @org.jspecify.annotations.Nullable String fallback) {
    JsonNode node = fallback == null ? NullNode.instance : TextNode.valueOf(fallback);
    keys.put(name, new Key(Kind.TEXT, node, 0, MAX_TEXT_CHARS, List.of()));
  }

  private static void flag(Map<String, Key> keys, String name, boolean fallback) {
    keys.put(name, new Key(Kind.FLAG, BooleanNode.valueOf(fallback), 0, 0, List.of()));
  }

  private static void whole(Map<String, Key> keys, String name, int fallback, long from, long to) {
    keys.put(name, new Key(Kind.WHOLE, IntNode.valueOf(fallback), from, to, List.of()));
  }

  private static void choice(Map<String, Key> keys, String name, String first, String... others) {
    List<String> all = new ArrayList<>(List.of(others));
    all.add(0, first);
    keys.put(name, new Key(Kind.CHOICE, TextNode.valueOf(first), 0, 0, List.copyOf(all)));
  }

  private static Key tree(Kind kind, String fallback) {
    return new Key(kind, ExactJson.read(fallback), 0, 0, List.of());
  }

  /** Settings of a store that nobody has changed; it has no name yet. */
  public static StoreSettings defaults() {
    ObjectNode values = ExactJson.object();
    KEYS.forEach((name, key) -> values.set(name, key.fallback().deepCopy()));
    return new StoreSettings(values);
  }

  /** Settings as they were stored; keys added since then have their defaults. */
  static StoreSettings ofStored(String json) {
    StoreSettings settings = defaults();
    ((ObjectNode) ExactJson.read(json))
        .properties()
        .forEach(
            property -> {
              Key key = KEYS.get(property.getKey());
              if (key != null) {
                JsonNode value = property.getValue();
                settings.values.set(
                    property.getKey(),
                    key.kind() == Kind.RECEIPT
                        // Of what was stored before it was checked, only flags are left.
                        ? StoreTrees.receipt(key.fallback(), value, new ArrayList<>())
                        : value);
              }
            });
    return settings;
  }

  /**
   * These settings with the changes of a request: keys in any case, numbers and flags also as
   * texts; missing, null and unknown keys change nothing.
   *
   * @param errors gets what is wrong; if there is anything, the result is of no use
   */
  public StoreSettings merge(JsonNode request, Rates rates, List<FieldError> errors) {
    StoreSettings merged = new StoreSettings(values.deepCopy());
    for (Map.Entry<String, Key> entry : KEYS.entrySet()) {
      JsonNode given = LenientJson.get(request, entry.getKey());
      if (!given.isNull()) {
        String path = LenientJson.pascalCase(entry.getKey());
        JsonNode current = values.path(entry.getKey());
        accept(given, current, entry.getValue(), path, errors)
            .ifPresent(value -> merged.values.set(entry.getKey(), value));
      }
    }
    merged.check(rates, errors);
    return merged;
  }

  private static Optional<JsonNode> accept(
      JsonNode given, JsonNode current, Key key, String path, List<FieldError> errors) {
    int errorsBefore = errors.size();
    Optional<? extends JsonNode> accepted =
        switch (key.kind()) {
          case TEXT ->
              given.isValueNode() && given.asText().length() <= key.most()
                  ? Optional.of(TextNode.valueOf(given.asText()))
                  : Optional.empty();
          case FLAG -> LenientJson.flag(given).map(BooleanNode::valueOf);
          case WHOLE ->
              LenientJson.decimal(given)
                  .filter(
                      number -> isWithin(number, key) && number.stripTrailingZeros().scale() <= 0)
                  .map(number -> IntNode.valueOf(number.intValueExact()));
          case PERCENT ->
              LenientJson.decimal(given)
                  .filter(number -> isWithin(number, key))
                  .map(DecimalNode::valueOf);
          case CHOICE ->
              key.choices().stream()
                  .filter(choice -> choice.equalsIgnoreCase(given.asText()))
                  .findFirst()
                  .map(TextNode::valueOf);
          case RECEIPT ->
              given.isObject()
                  ? Optional.of(StoreTrees.receipt(current, given, errors))
                  : Optional.empty();
          case CURRENCIES -> StoreTrees.currencies(given, path, errors);
          case CRITERIA -> StoreTrees.criteria(given, path, errors);
        };
    if (accepted.isEmpty() && errors.size() == errorsBefore) {
      errors.add(new FieldError(path, expectation(key)));
    }
    return accepted.map(node -> node);
  }

  private static boolean isWithin(BigDecimal number, Key key) {
    return number.compareTo(BigDecimal.valueOf(key.least())) >= 0
        && number.compareTo(BigDecimal.valueOf(key.most())) <= 0;
  }

  private static String expectation(Key key) {
    return switch (key.kind()) {
      case TEXT -> "Must be a text of at most " + key.most() + " characters.";
      case FLAG -> "Must be true or false.";
      case WHOLE -> "Must be a whole number from %d to %d.".formatted(key.least(), key.most());
      case PERCENT -> "Must be a number from %d to %d.".formatted(key.least(), key.most());
      case CHOICE -> "Must be one of " + String.join(", ", key.choices()) + ".";
      case RECEIPT -> "Must be an object.";
      case CURRENCIES, CRITERIA -> "Must be a list.";
    };
  }

  private void check(Rates rates, List<FieldError> errors) {
    String name = name();
    if (name.isBlank() || name.length() > MAX_NAME_CHARS) {
      errors.add(new FieldError("Name", "Name must have 1 to 50 characters."));
    }
    Optional<String> currency = rates.currency(defaultCurrency());
    if (currency.isPresent()) {
      values.put("defaultCurrency", currency.get());
    } else {
      errors.add(
          new FieldError("DefaultCurrency", "Must be a currency of ISO 4217 or the coin's code."));
    }
    checkLinks(List.of("website", "supportUrl"), true, errors);
    checkLinks(List.of("logoUrl", "cssUrl", "paymentSoundUrl"), false, errors);
  }

  private void checkLinks(List<String> keys, boolean mayBeMail, List<FieldError> errors) {
    for (String key : keys) {
      String text = values.path(key).asText("").toLowerCase(Locale.ROOT);
      boolean isLink =
          text.isEmpty()
              || text.startsWith("https://")
              || text.startsWith("http://")
              || (mayBeMail && text.startsWith("mailto:"));
      if (!values.path(key).isNull() && !isLink) {
        errors.add(
            new FieldError(
                LenientJson.pascalCase(key), "Must be a link, such as https://shop.example."));
      }
    }
  }

  /** The store's name. */
  public String name() {
    return values.path("name").asText("");
  }

  /** The currency of amounts that name none. */
  public String defaultCurrency() {
    return values.path("defaultCurrency").asText();
  }

  /** From an invoice's creation until it expires. */
  public int invoiceExpirationSeconds() {
    return values.path("invoiceExpiration").asInt();
  }

  /** From an invoice's expiry until clients no longer watch it. */
  public int monitoringExpirationSeconds() {
    return values.path("monitoringExpiration").asInt();
  }

  /** How much less than due still completes an invoice, 0 to 100. */
  public BigDecimal tolerancePercent() {
    return values.path("paymentTolerance").decimalValue();
  }

  /** How sure the merchant wants to be. */
  public SpeedPolicy speedPolicy() {
    return SpeedPolicy.parse(values.path("speedPolicy").asText()).orElse(SpeedPolicy.MEDIUM);
  }

  /** True if invoices may be made without a key: what the store's till page needs. */
  public boolean anyoneCanCreateInvoice() {
    return values.path("anyoneCanCreateInvoice").asBoolean();
  }

  /** True if the customer returns to the shop without a click. */
  public boolean redirectAutomatically() {
    return values.path("redirectAutomatically").asBoolean();
  }

  /** True if the store is put away. */
  public boolean archived() {
    return values.path("archived").asBoolean();
  }

  /** Language of the checkout page. */
  public String defaultLanguage() {
    return values.path("defaultLang").asText("en");
  }

  /** What receipts show. */
  public ObjectNode receipt() {
    return values.path("receipt") instanceof ObjectNode receipt
        ? receipt.deepCopy()
        : ExactJson.object();
  }

  /** A copy of all keys with their values. */
  public ObjectNode toJson() {
    return values.deepCopy();
  }
}
