package network.tender.merchant;

import com.fasterxml.jackson.databind.JsonNode;
import java.math.BigDecimal;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Optional;

/**
 * What an invoice's receipt shows beside the payment.
 *
 * @param enabled whether there is a receipt at all
 * @param showCode whether it shows a code that leads to itself
 * @param showPayments whether it lists the payments
 * @param lines what was sold, in order; at most {@link #MAX_LINES}
 */
public record ReceiptContent(
    boolean enabled, boolean showCode, boolean showPayments, List<Line> lines) {
  /** More would be a roll of paper. */
  public static final int MAX_LINES = 200;

  private static final int MAX_TEXT_CHARS = 200;

  /**
   * One line.
   *
   * @param label what it is about
   * @param text what is said of it; may be empty
   * @param amount a sum in the invoice's currency
   */
  public record Line(String label, String text, Optional<BigDecimal> amount) {}

  /** What a receipt shows of an invoice that says nothing about it. */
  public static final ReceiptContent DEFAULT = new ReceiptContent(true, true, true, List.of());

  /** Makes the list unmodifiable. */
  public ReceiptContent {
    lines = List.copyOf(lines);
  }

  /**
   * Reads what the invoice's own options and its metadata say: the cart of a point of sale in
   * {@code posData}, else the texts in {@code receiptData}.
   */
  static ReceiptContent of(Invoice invoice) {
    JsonNode options = invoice.receipt();
    List<Line> lines = new ArrayList<>();
    JsonNode sale = tree(LenientJson.get(invoice.metadata(), "posData"));
    if (LenientJson.get(sale, "cart").isArray()) {
      addSale(lines, sale);
    } else {
      addTexts(lines, tree(LenientJson.get(invoice.metadata(), "receiptData")), true);
    }
    return new ReceiptContent(
        flag(options, "enabled"), flag(options, "showQR"), flag(options, "showPayments"), lines);
  }

  private static boolean flag(JsonNode options, String key) {
    return LenientJson.flag(LenientJson.get(options, key)).orElse(true);
  }

  /** Shops write this as an object or as its JSON text. */
  private static JsonNode tree(JsonNode node) {
    if (!node.isTextual()) {
      return node;
    }
    return ExactJson.parse(node.textValue().getBytes(java.nio.charset.StandardCharsets.UTF_8))
        .orElse(node);
  }

  private static void addSale(List<Line> lines, JsonNode sale) {
    for (JsonNode item : LenientJson.get(sale, "cart")) {
      Optional<String> title = LenientJson.text(LenientJson.get(item, "title"));
      Optional<BigDecimal> price = LenientJson.decimal(LenientJson.get(item, "price"));
      BigDecimal count = LenientJson.decimal(LenientJson.get(item, "count")).orElse(BigDecimal.ONE);
      if (title.isPresent() && price.isPresent()) {
        String times = count.compareTo(BigDecimal.ONE) == 0 ? "" : count.toPlainString() + " × ";
        add(lines, times + title.get(), "", Optional.of(price.get().multiply(count)));
      }
    }
    sum(sale, "discountAmount")
        .ifPresent(
            discount -> {
              sum(sale, "subTotal").ifPresent(sum -> add(lines, "Subtotal", "", Optional.of(sum)));
              add(
                  lines,
                  "Discount" + percent(sale, "discountPercentage"),
                  "",
                  Optional.of(discount.negate()));
            });
    sum(sale, "tip")
        .ifPresent(tip -> add(lines, "Tip" + percent(sale, "tipPercentage"), "", Optional.of(tip)));
  }

  private static Optional<BigDecimal> sum(JsonNode sale, String key) {
    return LenientJson.decimal(LenientJson.get(sale, key)).filter(sum -> sum.signum() != 0);
  }

  private static String percent(JsonNode sale, String key) {
    return sum(sale, key)
        .map(percent -> " " + percent.stripTrailingZeros().toPlainString() + " %")
        .orElse("");
  }

  private static void addTexts(List<Line> lines, JsonNode data, boolean mayNest) {
    LenientJson.text(data).ifPresent(text -> add(lines, "", text, Optional.empty()));
    for (Map.Entry<String, JsonNode> property : data.properties()) {
      JsonNode value = property.getValue();
      if (value.isObject() && mayNest) {
        add(lines, property.getKey(), "", Optional.empty());
        addTexts(lines, value, false);
      } else {
        LenientJson.text(value)
            .ifPresent(text -> add(lines, property.getKey(), text, Optional.empty()));
      }
    }
  }

  private static void add(
      List<Line> lines, String label, String text, Optional<BigDecimal> amount) {
    if (lines.size() < MAX_LINES) {
      lines.add(new Line(cut(label), cut(text), amount));
    }
  }

  private static String cut(String text) {
    return text.codePointCount(0, text.length()) <= MAX_TEXT_CHARS
        ? text
        : text.substring(0, text.offsetByCodePoints(0, MAX_TEXT_CHARS));
  }
}
