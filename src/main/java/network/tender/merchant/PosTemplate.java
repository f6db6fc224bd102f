package network.tender.merchant;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.node.ObjectNode;
import java.math.BigDecimal;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.HashSet;
import java.util.List;
import java.util.Locale;
import java.util.Optional;
import java.util.Set;
import java.util.regex.Pattern;

/**
 * Reads what a point of sale sells, as the API's clients write it: a list of items in JSON, most
 * often as a text within the request.
 */
final class PosTemplate {
  private static final int MAX_CHARS = 500_000;
  private static final int MAX_ITEMS = 1_000;
  private static final int MAX_TITLE_CHARS = 200;
  private static final int MAX_ID_CHARS = 100;
  private static final int MAX_TEXT_CHARS = 2_000;
  private static final int MAX_CATEGORIES = 20;
  private static final BigDecimal MAX_PRICE = new BigDecimal("999999999999");
  private static final Pattern PICTURE =
      Pattern.compile("(https?:/)?/[^\\s\"'<>]+", Pattern.CASE_INSENSITIVE);
  private static final Pattern NOT_OF_AN_ID = Pattern.compile("[^a-z0-9]+");

  /** Keys that have a meaning here; all others of an item are kept as they are. */
  private static final Set<String> KNOWN =
      Set.of(
          "id",
          "title",
          "description",
          "image",
          "pricetype",
          "price",
          "custom",
          "categories",
          "inventory",
          "disabled");

  private PosTemplate() {}

  /**
   * The items of a template.
   *
   * @param digits most digits after the point of a price
   * @param errors gets a sentence if it is none
   */
  static List<PosItem> read(JsonNode template, int digits, List<FieldError> errors) {
    JsonNode list = template;
    if (template.isTextual()) {
      String text = template.textValue();
      if (text.isBlank()) {
        return List.of();
      }
      Optional<JsonNode> parsed =
          text.length() > MAX_CHARS
              ? Optional.empty()
              : ExactJson.parse(text.getBytes(StandardCharsets.UTF_8));
      if (parsed.isEmpty()) {
        errors.add(
            new FieldError(
                "Template",
                "Must be a JSON list of items, such as"
                    + " [{\"id\":\"tea\",\"title\":\"Tea\",\"price\":\"1.50\"}], of at most %d characters."
                        .formatted(MAX_CHARS)));
        return List.of();
      }
      list = parsed.get();
    }
    if (!list.isArray() || list.size() > MAX_ITEMS || !ExactJson.isStorable(list, MAX_CHARS)) {
      errors.add(
          new FieldError(
              "Template",
              "Must be a JSON list of at most %d items and %d characters, its numbers of at most 100 digits."
                  .formatted(MAX_ITEMS, MAX_CHARS)));
      return List.of();
    }
    List<PosItem> items = new ArrayList<>(list.size());
    Set<String> ids = new HashSet<>();
    for (int i = 0; i < list.size(); i++) {
      Optional<PosItem> item = item(list.get(i), digits);
      if (item.isEmpty()) {
        errors.add(
            new FieldError(
                "Template",
                ("Item %d must have a title and a price of 0 or more with at most %d decimals; its"
                        + " priceType must be Fixed, Minimum or Topup, its image a link.")
                    .formatted(i, digits)));
      } else if (!ids.add(item.get().id())) {
        errors.add(
            new FieldError(
                "Template", "Item %d has the id of another one; give it its own.".formatted(i)));
      } else {
        items.add(item.get());
      }
    }
    return items;
  }

  static Optional<PosItem> item(JsonNode json, int digits) {
    Optional<String> title = text(json, "title", MAX_TITLE_CHARS);
    String id = text(json, "id", MAX_ID_CHARS).or(() -> title.map(PosTemplate::idOf)).orElse("");
    JsonNode given = LenientJson.get(json, "price");
    // Older clients write the type within the price.
    JsonNode amount = given.isObject() ? LenientJson.get(given, "value") : given;
    JsonNode type = LenientJson.get(json, "priceType");
    if (type.isNull()) {
      type = LenientJson.get(given.isObject() ? given : json, given.isObject() ? "type" : "custom");
    }
    Optional<PosItem.PriceType> priceType = priceType(type);
    Optional<BigDecimal> price =
        amount.isNull()
            ? Optional.empty()
            : LenientJson.decimal(amount).filter(p -> isPrice(p, digits));
    Optional<String> image = text(json, "image", MAX_TEXT_CHARS);
    JsonNode inventory = LenientJson.get(json, "inventory");
    Optional<Integer> count =
        LenientJson.decimal(inventory)
            .filter(number -> number.stripTrailingZeros().scale() <= 0)
            .filter(number -> number.abs().compareTo(BigDecimal.valueOf(Integer.MAX_VALUE)) <= 0)
            .map(BigDecimal::intValueExact);
    boolean fine =
        title.isPresent()
            && !id.isEmpty()
            && priceType.isPresent()
            && (price.isPresent()
                || (amount.isNull() && priceType.get() == PosItem.PriceType.TOPUP))
            && image.filter(link -> !PICTURE.matcher(link).matches()).isEmpty()
            && (inventory.isNull() || count.isPresent());
    if (!fine) {
      return Optional.empty();
    }
    return Optional.of(
        new PosItem(
            id,
            title.get(),
            text(json, "description", MAX_TEXT_CHARS),
            image,
            priceType.get(),
            priceType.get() == PosItem.PriceType.TOPUP ? Optional.empty() : price,
            categories(LenientJson.get(json, "categories")),
            count,
            LenientJson.flag(LenientJson.get(json, "disabled")).orElse(false),
            rest(json)));
  }

  private static Optional<PosItem.PriceType> priceType(JsonNode type) {
    if (type.isNull()) {
      return Optional.of(PosItem.PriceType.FIXED);
    }
    if (type.isInt()) {
      // .NET's clients may write the number of the constant: Fixed, Topup, Minimum there.
      return switch (type.intValue()) {
        case 0 -> Optional.of(PosItem.PriceType.FIXED);
        case 1 -> Optional.of(PosItem.PriceType.TOPUP);
        case 2 -> Optional.of(PosItem.PriceType.MINIMUM);
        default -> Optional.empty();
      };
    }
    return LenientJson.text(type).flatMap(PosItem.PriceType::parse);
  }

  private static boolean isPrice(BigDecimal price, int digits) {
    return price.signum() >= 0
        && price.compareTo(MAX_PRICE) <= 0
        && Math.max(0, price.stripTrailingZeros().scale()) <= digits;
  }

  private static Optional<String> text(JsonNode json, String key, int maxChars) {
    return LenientJson.text(LenientJson.get(json, key))
        .map(String::strip)
        .filter(text -> !text.isEmpty() && text.length() <= maxChars);
  }

  private static String idOf(String title) {
    String id = NOT_OF_AN_ID.matcher(title.toLowerCase(Locale.ROOT)).replaceAll("-");
    return id.length() > MAX_ID_CHARS ? id.substring(0, MAX_ID_CHARS) : id;
  }

  private static List<String> categories(JsonNode list) {
    List<String> categories = new ArrayList<>();
    for (JsonNode category : list) {
      LenientJson.text(category)
          .map(String::strip)
          .filter(text -> !text.isEmpty() && text.length() <= MAX_TITLE_CHARS)
          .filter(text -> categories.size() < MAX_CATEGORIES && !categories.contains(text))
          .ifPresent(categories::add);
    }
    return categories;
  }

  private static ObjectNode rest(JsonNode json) {
    ObjectNode rest = ExactJson.object();
    json.properties()
        .forEach(
            property -> {
              if (!KNOWN.contains(property.getKey().toLowerCase(Locale.ROOT))) {
                rest.set(property.getKey(), property.getValue());
              }
            });
    return rest;
  }
}
