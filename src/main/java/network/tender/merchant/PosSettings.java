package network.tender.merchant;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.node.ObjectNode;
import java.math.BigDecimal;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.regex.Pattern;

/**
 * Everything that can be set for a point of sale but its name and items: all keys of the Greenfield
 * API's object with its defaults. Keys that mean nothing here are kept and echoed too.
 */
public final class PosSettings {
  private static final int MAX_TEXT_CHARS = 2_000;
  private static final int MAX_TITLE_CHARS = 200;
  private static final int MAX_TIPS = 10;
  private static final BigDecimal MAX_TIP_PERCENT = BigDecimal.valueOf(100);
  private static final Pattern LINK = Pattern.compile("https?://.+", Pattern.CASE_INSENSITIVE);
  private static final List<String> VIEWS = List.of("Static", "Cart", "Light", "Print");
  private static final List<String> FLAGS =
      List.of(
          "showItems",
          "showCustomAmount",
          "showDiscount",
          "showSearch",
          "showCategories",
          "enableTips",
          "redirectAutomatically",
          "archived");
  private static final List<String> TEXTS =
      List.of(
          "title",
          "description",
          "fixedAmountPayButtonText",
          "customAmountPayButtonText",
          "tipText",
          "formId",
          "htmlLang",
          "htmlMetaTags");
  private static final List<String> LINKS = List.of("notificationUrl", "redirectUrl");

  private final ObjectNode values;

  private PosSettings(ObjectNode values) {
    this.values = values;
  }

  /** Settings that nobody has changed; the currency is still the store's to say. */
  static PosSettings defaults(String currency) {
    ObjectNode values = ExactJson.object();
    values.put("title", "");
    values.putNull("description");
    values.put("defaultView", "Static");
    values.put("showItems", false);
    values.put("showCustomAmount", false);
    values.put("showDiscount", false);
    values.put("showSearch", true);
    values.put("showCategories", true);
    values.put("enableTips", false);
    values.put("currency", currency);
    values.put("fixedAmountPayButtonText", "Buy for {0}");
    values.put("customAmountPayButtonText", "Pay");
    values.put("tipText", "Do you want to leave a tip?");
    values.putArray("customTipPercentages").add(15).add(18).add(20);
    values.putNull("notificationUrl");
    values.putNull("redirectUrl");
    values.put("redirectAutomatically", false);
    values.putNull("formId");
    values.putNull("htmlLang");
    values.putNull("htmlMetaTags");
    values.put("archived", false);
    return new PosSettings(values);
  }

  /** Settings as they were stored; keys added since then have their defaults. */
  static PosSettings ofStored(String json, String currency) {
    PosSettings settings = defaults(currency);
    for (Map.Entry<String, JsonNode> property : ExactJson.read(json).properties()) {
      if (settings.values.has(property.getKey())) {
        settings.values.set(property.getKey(), property.getValue());
      }
    }
    return settings;
  }

  /**
   * These settings with the changes of a request; missing, null and unknown keys change nothing.
   *
   * @param errors gets what is wrong; if there is anything, the result is of no use
   */
  PosSettings merge(JsonNode request, Rates rates, List<FieldError> errors) {
    PosSettings merged = new PosSettings(values.deepCopy());
    for (String key : FLAGS) {
      given(request, key)
          .ifPresent(
              node ->
                  LenientJson.flag(node)
                      .ifPresentOrElse(
                          flag -> merged.values.put(key, flag),
                          () -> errors.add(error(key, "Must be true or false."))));
    }
    for (String key : TEXTS) {
      int most = key.equals("title") ? MAX_TITLE_CHARS : MAX_TEXT_CHARS;
      given(request, key)
          .ifPresent(
              node ->
                  LenientJson.text(node)
                      .filter(text -> text.length() <= most)
                      .ifPresentOrElse(
                          text -> merged.values.put(key, text),
                          () ->
                              errors.add(
                                  error(
                                      key,
                                      "Must be a text of at most %d characters."
                                          .formatted(most)))));
    }
    for (String key : LINKS) {
      given(request, key)
          .ifPresent(
              node ->
                  LenientJson.text(node)
                      .filter(text -> text.isEmpty() || isLink(text))
                      .ifPresentOrElse(
                          text -> merged.values.put(key, text),
                          () ->
                              errors.add(
                                  error(key, "Must be a link, such as https://shop.example."))));
    }
    given(request, "defaultView")
        .ifPresent(
            node ->
                view(node)
                    .ifPresentOrElse(
                        view -> merged.values.put("defaultView", view),
                        () ->
                            errors.add(
                                error(
                                    "defaultView",
                                    "Must be one of " + String.join(", ", VIEWS) + "."))));
    given(request, "currency")
        .ifPresent(
            node ->
                LenientJson.text(node)
                    .flatMap(rates::currency)
                    .ifPresentOrElse(
                        currency -> merged.values.put("currency", currency),
                        () ->
                            errors.add(
                                error(
                                    "currency",
                                    "Must be a currency of ISO 4217 or the coin's code."))));
    given(request, "customTipPercentages").ifPresent(node -> merged.mergeTips(node, errors));
    return merged;
  }

  private void mergeTips(JsonNode node, List<FieldError> errors) {
    List<Integer> tips = new ArrayList<>();
    for (JsonNode tip : node) {
      LenientJson.decimal(tip)
          .filter(number -> number.stripTrailingZeros().scale() <= 0)
          .filter(number -> number.signum() > 0 && number.compareTo(MAX_TIP_PERCENT) <= 0)
          .ifPresent(number -> tips.add(number.intValueExact()));
    }
    if (!node.isArray() || node.size() > MAX_TIPS || tips.size() != node.size()) {
      errors.add(
          error(
              "customTipPercentages",
              "Must be a list of at most %d whole numbers from 1 to 100.".formatted(MAX_TIPS)));
    } else {
      tips.forEach(values.putArray("customTipPercentages")::add);
    }
  }

  private static boolean isLink(String text) {
    return text.length() <= MAX_TEXT_CHARS && LINK.matcher(text).matches();
  }

  private static Optional<String> view(JsonNode node) {
    if (node.isInt()) {
      int number = node.intValue();
      return number >= 0 && number < VIEWS.size()
          ? Optional.of(VIEWS.get(number))
          : Optional.empty();
    }
    return VIEWS.stream().filter(view -> view.equalsIgnoreCase(node.asText())).findFirst();
  }

  private static Optional<JsonNode> given(JsonNode request, String key) {
    return Optional.of(LenientJson.get(request, key)).filter(node -> !node.isNull());
  }

  private static FieldError error(String key, String message) {
    return new FieldError(LenientJson.pascalCase(key), message);
  }

  /** What customers read at its top; may be empty. */
  public String title() {
    return values.path("title").asText("");
  }

  /** What is written below; may be empty. */
  public String description() {
    return values.path("description").asText("");
  }

  /** {@code Static}, {@code Cart}, {@code Light} (a keypad) or {@code Print}. */
  public String defaultView() {
    return values.path("defaultView").asText();
  }

  /** Code of the currency that prices are in. */
  public String currency() {
    return values.path("currency").asText();
  }

  /** True if items are shown: in all views but the keypad's, and there too if it is set so. */
  public boolean showsItems() {
    return !defaultView().equals("Light") || values.path("showItems").asBoolean();
  }

  /** True if an amount may be keyed in. */
  public boolean takesAmounts() {
    return defaultView().equals("Light") || values.path("showCustomAmount").asBoolean();
  }

  /** True if cashiers may give a discount. */
  public boolean givesDiscounts() {
    return values.path("showDiscount").asBoolean();
  }

  /** True if customers may give a tip. */
  public boolean takesTips() {
    return values.path("enableTips").asBoolean();
  }

  /** True if there is a search for items. */
  public boolean showsSearch() {
    return values.path("showSearch").asBoolean();
  }

  /** True if items can be shown by category. */
  public boolean showsCategories() {
    return values.path("showCategories").asBoolean();
  }

  /** Percentages of a tip that a button is for. */
  public List<Integer> tipPercentages() {
    List<Integer> tips = new ArrayList<>();
    values.path("customTipPercentages").forEach(tip -> tips.add(tip.asInt()));
    return tips;
  }

  /** The question about a tip. */
  public String tipText() {
    return values.path("tipText").asText("");
  }

  /** Where customers go when they have paid. */
  public Optional<String> redirectUrl() {
    return Optional.of(values.path("redirectUrl").asText("")).filter(PosSettings::isLink);
  }

  /** Go there without a click. */
  public boolean redirectAutomatically() {
    return values.path("redirectAutomatically").asBoolean();
  }

  /** True if it is put away: nothing is sold there. */
  public boolean archived() {
    return values.path("archived").asBoolean();
  }

  /** A copy of all keys with their values. */
  public ObjectNode toJson() {
    return values.deepCopy();
  }
}
