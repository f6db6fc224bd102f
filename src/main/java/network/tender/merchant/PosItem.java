package network.tender.merchant;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.node.ObjectNode;
import java.math.BigDecimal;
import java.util.List;
import java.util.Locale;
import java.util.Optional;

/**
 * Something that a point of sale sells.
 *
 * @param id unique among the items of its point of sale
 * @param title what it is called
 * @param description more about it
 * @param image a link to a picture
 * @param priceType what the price means
 * @param price in the currency of its point of sale; empty if the payer chooses it
 * @param categories what it is found by
 * @param inventory how many there are; empty if nobody counts
 * @param disabled true if it is not offered
 * @param rest keys of the API's object that mean nothing here but are kept
 */
public record PosItem(
    String id,
    String title,
    Optional<String> description,
    Optional<String> image,
    PriceType priceType,
    Optional<BigDecimal> price,
    List<String> categories,
    Optional<Integer> inventory,
    boolean disabled,
    ObjectNode rest) {
  /** What an item's price means. */
  public enum PriceType {
    /** That is the price. */
    FIXED("Fixed"),
    /** The payer may give more. */
    MINIMUM("Minimum"),
    /** The payer chooses. */
    TOPUP("Topup");

    private final String text;

    PriceType(String text) {
      this.text = text;
    }

    /** The API's word for it. */
    public String text() {
      return text;
    }

    static Optional<PriceType> parse(String text) {
      return switch (text.strip().toLowerCase(Locale.ROOT)) {
        case "fixed", "false" -> Optional.of(FIXED);
        case "minimum", "true" -> Optional.of(MINIMUM);
        case "topup", "custom" -> Optional.of(TOPUP);
        default -> Optional.empty();
      };
    }
  }

  /** Makes the list unmodifiable. */
  public PosItem {
    categories = List.copyOf(categories);
  }

  /** True if one can be sold now. */
  public boolean isOffered() {
    return !disabled && inventory.filter(count -> count <= 0).isEmpty();
  }

  /** The same with some of them sold. */
  PosItem without(long sold) {
    return new PosItem(
        id,
        title,
        description,
        image,
        priceType,
        price,
        categories,
        inventory.map(count -> (int) Math.max(Math.min(count, 0), count - sold)),
        disabled,
        rest);
  }

  /** The API's object. */
  public ObjectNode toJson() {
    ObjectNode json = ExactJson.object();
    json.put("id", id);
    json.put("title", title);
    json.put("disabled", disabled);
    description.ifPresent(text -> json.put("description", text));
    if (!categories.isEmpty()) {
      categories.forEach(json.putArray("categories")::add);
    }
    image.ifPresent(link -> json.put("image", link));
    json.put("priceType", priceType.text());
    price.ifPresent(amount -> json.put("price", amount.toPlainString()));
    inventory.ifPresent(count -> json.put("inventory", count));
    rest.properties()
        .forEach(
            property -> {
              if (!json.has(property.getKey())) {
                json.set(property.getKey(), property.getValue());
              }
            });
    return json;
  }

  /** Reads an item that was stored. */
  static PosItem ofStored(JsonNode json) {
    return PosTemplate.item(json, Integer.MAX_VALUE)
        .orElseThrow(() -> new IllegalStateException("a stored item does not parse"));
  }
}
