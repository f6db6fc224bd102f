package network.tender.web.pages;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.node.NullNode;
import io.vertx.core.MultiMap;
import java.math.BigDecimal;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import network.tender.merchant.ExactJson;
import network.tender.merchant.LenientJson;
import network.tender.merchant.PosApp;
import network.tender.merchant.PosItem;
import network.tender.merchant.PosOrder;

/** Reads orders, as our own page sends them and as forms for BTCPay's points of sale do. */
final class OrderReader {
  private static final int MAX_DESCRIPTION_CHARACTERS = 80;

  private OrderReader() {}

  /**
   * Our own page's order.
   *
   * @throws network.tender.web.ProblemException if it is none
   */
  static PosOrder ofPage(byte[] body) {
    JsonNode json = ExactJson.parse(body).orElseThrow(PageCode.MALFORMED_JSON::toException);
    List<PosOrder.Entry> entries = new ArrayList<>();
    JsonNode list = json.path("entries");
    if (!list.isArray() || list.size() > PosOrder.MAX_ENTRIES) {
      throw PageCode.MALFORMED_JSON.toException();
    }
    for (JsonNode entry : list) {
      entries.add(
          new PosOrder.Entry(
              text(entry, "item"), count(entry.path("count")), decimal(entry.path("price"))));
    }
    JsonNode tip = json.path("tip");
    return new PosOrder(
        entries,
        decimal(json.path("discount")).orElse(BigDecimal.ZERO),
        new PosOrder.Tip(
            decimal(tip.path("percent")), decimal(tip.path("amount")).orElse(BigDecimal.ZERO)),
        description(json));
  }

  private static Optional<String> description(JsonNode json) {
    Optional<String> description =
        text(json, "description").map(String::strip).filter(text -> !text.isEmpty());
    if (description.filter(text -> text.length() > MAX_DESCRIPTION_CHARACTERS).isPresent()) {
      throw PageCode.DESCRIPTION_TOO_LONG.toException();
    }
    return description;
  }

  private static Optional<String> text(JsonNode json, String key) {
    Optional<String> text = LenientJson.text(LenientJson.get(json, key));
    if (text.filter(value -> !ExactJson.isStorable(value)).isPresent()) {
      throw PageCode.MALFORMED_JSON.toException();
    }
    return text;
  }

  private static int count(JsonNode node) {
    return LenientJson.decimal(node)
        .filter(number -> number.stripTrailingZeros().scale() <= 0)
        .filter(number -> number.abs().compareTo(BigDecimal.valueOf(PosOrder.MAX_COUNT)) <= 0)
        .map(BigDecimal::intValue)
        .orElse(node.isMissingNode() || node.isNull() ? 1 : 0);
  }

  private static Optional<BigDecimal> decimal(JsonNode node) {
    if (node.isMissingNode() || node.isNull() || node.asText().isEmpty()) {
      return Optional.empty();
    }
    return Optional.of(LenientJson.decimal(node).orElseThrow(PageCode.INVALID_AMOUNT::toException));
  }

  /**
   * An order in the words of BTCPay's forms: {@code choiceKey} for one item, {@code posData} with a
   * cart, or an {@code amount}, of which {@code tip} is a part.
   *
   * @throws network.tender.web.ProblemException if it is none
   */
  static PosOrder ofForm(PosApp app, MultiMap form) {
    Optional<BigDecimal> amount = decimal(form, "amount");
    Optional<String> choice = Optional.ofNullable(form.get("choiceKey")).filter(t -> !t.isEmpty());
    if (choice.isPresent()) {
      // Whatever a form says, a fixed price is what the item's owner says.
      boolean isFixed =
          app.item(choice.get())
              .filter(item -> item.priceType() == PosItem.PriceType.FIXED)
              .isPresent();
      return new PosOrder(
          List.of(
              new PosOrder.Entry(
                  choice, 1, isFixed ? Optional.empty() : amount.filter(a -> a.signum() > 0))),
          BigDecimal.ZERO,
          PosOrder.Tip.NONE,
          Optional.empty());
    }
    JsonNode data =
        Optional.ofNullable(form.get("posData"))
            .flatMap(text -> ExactJson.parse(text.getBytes(StandardCharsets.UTF_8)))
            .orElse(NullNode.instance);
    List<PosOrder.Entry> entries = entries(app, data);
    if (!entries.isEmpty()) {
      Optional<BigDecimal> percent =
          decimal(LenientJson.get(data, "tipPercentage")).filter(p -> p.signum() > 0);
      return new PosOrder(
          entries,
          decimal(LenientJson.get(data, "discountPercentage")).orElse(BigDecimal.ZERO),
          new PosOrder.Tip(percent, decimal(LenientJson.get(data, "tip")).orElse(BigDecimal.ZERO)),
          Optional.empty());
    }
    BigDecimal tip = decimal(form, "tip").orElse(BigDecimal.ZERO);
    BigDecimal sum = amount.orElseThrow(PageCode.INVALID_AMOUNT::toException).subtract(tip);
    return new PosOrder(
        List.of(new PosOrder.Entry(Optional.empty(), 1, Optional.of(sum))),
        BigDecimal.ZERO,
        new PosOrder.Tip(Optional.empty(), tip),
        Optional.empty());
  }

  private static List<PosOrder.Entry> entries(PosApp app, JsonNode data) {
    List<PosOrder.Entry> entries = new ArrayList<>();
    for (JsonNode line : LenientJson.get(data, "cart")) {
      Optional<String> id = text(line, "id");
      boolean isFixed =
          id.flatMap(app::item)
              .filter(item -> item.priceType() == PosItem.PriceType.FIXED)
              .isPresent();
      JsonNode price = LenientJson.get(line, "price");
      JsonNode value = price.isObject() ? LenientJson.get(price, "value") : price;
      entries.add(
          new PosOrder.Entry(
              id,
              count(LenientJson.get(line, "count")),
              isFixed ? Optional.empty() : decimal(value)));
    }
    for (JsonNode keyed : LenientJson.get(data, "amounts")) {
      entries.add(new PosOrder.Entry(Optional.empty(), 1, decimal(keyed)));
    }
    return entries;
  }

  private static Optional<BigDecimal> decimal(MultiMap form, String key) {
    return decimal(
        com.fasterxml.jackson.databind.node.TextNode.valueOf(
            Optional.ofNullable(form.get(key)).orElse("")));
  }
}
