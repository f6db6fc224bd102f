package network.tender.merchant;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.node.ArrayNode;
import com.fasterxml.jackson.databind.node.ObjectNode;
import java.math.BigDecimal;
import java.math.RoundingMode;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;

/**
 * What an order costs. Prices are those of the point of sale, whatever the page says: who sends the
 * order may be anybody.
 *
 * @param lines what is sold
 * @param subtotal sum of the lines
 * @param discountPercent 0 to 100
 * @param discount what is taken off
 * @param tipPercent what the tip was reckoned by; empty if it was given as an amount
 * @param tip what comes on top
 * @param total what is to pay; empty if the payer chooses
 */
public record PosBill(
    List<Line> lines,
    BigDecimal subtotal,
    BigDecimal discountPercent,
    BigDecimal discount,
    Optional<BigDecimal> tipPercent,
    BigDecimal tip,
    Optional<BigDecimal> total) {
  private static final BigDecimal HUNDRED = BigDecimal.valueOf(100);
  private static final BigDecimal MAX_AMOUNT = new BigDecimal("999999999999");
  private static final int MAX_PERCENT_DIGITS = 2;
  private static final int MAX_DESCRIPTION_ITEMS = 5;

  /**
   * One thing sold.
   *
   * @param itemId the item; empty for an amount that was keyed in
   * @param title what it is called
   * @param count how many
   * @param price of one
   */
  public record Line(Optional<String> itemId, String title, int count, BigDecimal price) {}

  /** What became of an order. */
  public sealed interface Reckoned {
    /**
     * It can be sold.
     *
     * @param bill for so much
     */
    record Priced(PosBill bill) implements Reckoned {}

    /**
     * It can't be sold so.
     *
     * @param code stable, lower case with hyphens
     * @param sentence what is wrong and what to do
     */
    record Refused(String code, String sentence) implements Reckoned {}
  }

  /** Makes the list unmodifiable. */
  public PosBill {
    lines = List.copyOf(lines);
  }

  private static final class RefusedException extends Exception {
    private static final long serialVersionUID = 1L;
    private final String code;
    private final String sentence;

    RefusedException(String code, String sentence) {
      super(sentence, null, false, false);
      this.code = code;
      this.sentence = sentence;
    }
  }

  /**
   * Reckons an order.
   *
   * @param digits digits after the point in the currency
   * @param byCashier true if a cashier sends it, who may give discounts
   */
  public static Reckoned of(PosApp app, PosOrder order, int digits, boolean byCashier) {
    try {
      return new Reckoned.Priced(reckon(app, order, digits, byCashier));
    } catch (RefusedException e) {
      return new Reckoned.Refused(e.code, e.sentence);
    }
  }

  private static PosBill reckon(PosApp app, PosOrder order, int digits, boolean byCashier)
      throws RefusedException {
    if (order.entries().isEmpty() || order.entries().size() > PosOrder.MAX_ENTRIES) {
      throw new RefusedException(
          "invalid-order",
          "Choose something, and at most %d different things.".formatted(PosOrder.MAX_ENTRIES));
    }
    demandStock(app, order);
    PosOrder.Entry first = order.entries().get(0);
    Optional<PosItem> only =
        order.entries().size() == 1 ? first.itemId().flatMap(app::item) : Optional.empty();
    if (only.filter(item -> item.priceType() == PosItem.PriceType.TOPUP).isPresent()
        && first.price().isEmpty()) {
      // The payer chooses at the checkout.
      Line line = new Line(first.itemId(), only.get().title(), 1, BigDecimal.ZERO);
      return new PosBill(
          List.of(line),
          BigDecimal.ZERO,
          BigDecimal.ZERO,
          BigDecimal.ZERO,
          Optional.empty(),
          BigDecimal.ZERO,
          Optional.empty());
    }
    List<Line> lines = new ArrayList<>();
    BigDecimal subtotal = BigDecimal.ZERO.setScale(digits);
    for (PosOrder.Entry entry : order.entries()) {
      Line line = line(app, entry, digits);
      lines.add(line);
      subtotal = subtotal.add(line.price().multiply(BigDecimal.valueOf(line.count())));
    }
    BigDecimal percent = order.discountPercent();
    if (percent.signum() != 0 && !(app.settings().givesDiscounts() && byCashier)) {
      throw new RefusedException(
          "no-discount",
          app.settings().givesDiscounts()
              ? "Only a cashier who has signed in can give a discount."
              : "This point of sale gives no discounts; its owner can switch them on.");
    }
    demandPercent(percent, "The discount");
    BigDecimal discount = part(subtotal, percent, digits);
    BigDecimal rest = subtotal.subtract(discount);
    BigDecimal tip = tip(app, order.tip(), rest, digits);
    BigDecimal total = rest.add(tip);
    if (total.signum() <= 0) {
      throw new RefusedException("invalid-amount", "Nothing is left to pay. Charge something.");
    }
    if (total.compareTo(MAX_AMOUNT) > 0) {
      throw new RefusedException(
          "invalid-amount", "That is more than a till can charge. Charge less.");
    }
    return new PosBill(
        lines, subtotal, percent, discount, order.tip().percent(), tip, Optional.of(total));
  }

  private static void demandStock(PosApp app, PosOrder order) throws RefusedException {
    Map<String, Long> counts = new LinkedHashMap<>();
    for (PosOrder.Entry entry : order.entries()) {
      if (entry.count() < 1 || entry.count() > PosOrder.MAX_COUNT) {
        throw new RefusedException(
            "invalid-order", "Take from 1 to %d of a thing.".formatted(PosOrder.MAX_COUNT));
      }
      entry.itemId().ifPresent(id -> counts.merge(id, (long) entry.count(), Long::sum));
    }
    for (Map.Entry<String, Long> wanted : counts.entrySet()) {
      Optional<PosItem> item = app.item(wanted.getKey());
      if (item.isEmpty() || item.get().disabled() || !app.settings().showsItems()) {
        throw new RefusedException(
            "item-not-found", "One of these is not sold any more. Load the page again.");
      }
      long left = item.get().inventory().map(Integer::longValue).orElse(Long.MAX_VALUE);
      if (wanted.getValue() > left) {
        throw new RefusedException(
            "sold-out",
            left <= 0
                ? item.get().title() + " is sold out."
                : "There are only %d of %s left.".formatted(left, item.get().title()));
      }
    }
  }

  private static Line line(PosApp app, PosOrder.Entry entry, int digits) throws RefusedException {
    if (entry.itemId().isEmpty()) {
      if (!app.settings().takesAmounts()) {
        throw new RefusedException(
            "no-custom-amount", "Amounts can't be keyed in here. Choose from the list.");
      }
      BigDecimal amount =
          entry
              .price()
              .filter(price -> isAmount(price, digits) && price.signum() > 0)
              .orElseThrow(
                  () -> new RefusedException("invalid-amount", "Key in an amount above zero."));
      return new Line(Optional.empty(), "Keyed in", entry.count(), amount.setScale(digits));
    }
    PosItem item = app.item(entry.itemId().get()).orElseThrow();
    BigDecimal least = item.price().orElse(BigDecimal.ZERO);
    BigDecimal price = entry.price().orElse(least);
    if (!isAmount(price, digits)) {
      throw new RefusedException(
          "invalid-amount", "That is no price for %s.".formatted(item.title()));
    }
    boolean fits =
        switch (item.priceType()) {
          case FIXED -> price.compareTo(least) == 0;
          case MINIMUM -> price.compareTo(least) >= 0;
          case TOPUP -> price.signum() > 0;
        };
    if (!fits) {
      throw switch (item.priceType()) {
        case FIXED ->
            new RefusedException(
                "price-changed",
                "%s costs %s now. Load the page again."
                    .formatted(item.title(), least.setScale(digits).toPlainString()));
        case MINIMUM ->
            new RefusedException(
                "price-too-low",
                "%s costs at least %s."
                    .formatted(item.title(), least.setScale(digits).toPlainString()));
        case TOPUP ->
            new RefusedException("invalid-amount", "Say how much for %s.".formatted(item.title()));
      };
    }
    return new Line(entry.itemId(), item.title(), entry.count(), price.setScale(digits));
  }

  private static BigDecimal tip(PosApp app, PosOrder.Tip tip, BigDecimal rest, int digits)
      throws RefusedException {
    BigDecimal percent = tip.percent().orElse(BigDecimal.ZERO);
    if (percent.signum() == 0 && tip.amount().signum() == 0) {
      return BigDecimal.ZERO.setScale(digits);
    }
    if (!app.settings().takesTips()) {
      throw new RefusedException("no-tips", "This point of sale takes no tips.");
    }
    if (tip.percent().isPresent()) {
      demandPercent(percent, "The tip");
      return part(rest, percent, digits);
    }
    if (!isAmount(tip.amount(), digits)) {
      throw new RefusedException("invalid-amount", "The tip is no amount of this currency.");
    }
    return tip.amount().setScale(digits);
  }

  private static void demandPercent(BigDecimal percent, String what) throws RefusedException {
    if (percent.signum() < 0
        || percent.compareTo(HUNDRED) > 0
        || percent.stripTrailingZeros().scale() > MAX_PERCENT_DIGITS) {
      throw new RefusedException(
          "invalid-percentage",
          what + " must be from 0 to 100 percent, with at most two decimals.");
    }
  }

  private static boolean isAmount(BigDecimal amount, int digits) {
    return amount.signum() >= 0
        && amount.compareTo(MAX_AMOUNT) <= 0
        && amount.stripTrailingZeros().scale() <= digits;
  }

  /** Rounded as people do: half a unit is a whole one. */
  private static BigDecimal part(BigDecimal of, BigDecimal percent, int digits) {
    return of.multiply(percent).divide(HUNDRED, digits, RoundingMode.HALF_UP);
  }

  /** The sale as the API's clients know it from an invoice's metadata ({@code posData}). */
  ObjectNode toJson() {
    ObjectNode json = ExactJson.object();
    ArrayNode cart = json.putArray("cart");
    for (Line line : lines) {
      ObjectNode item = cart.addObject();
      line.itemId().ifPresent(id -> item.put("id", id));
      item.put("title", line.title());
      item.put("count", line.count());
      item.put("price", line.price());
    }
    json.put("subTotal", subtotal);
    json.put("discountPercentage", discountPercent);
    json.put("discountAmount", discount);
    tipPercent.ifPresent(percent -> json.put("tipPercentage", percent));
    json.put("tip", tip);
    total.ifPresent(sum -> json.put("total", sum));
    return json;
  }

  /**
   * True if another bill's JSON is of the same things. A merchant may have written something else
   * there, which says nothing: then it is true too.
   */
  boolean hasCartOf(JsonNode posData) {
    JsonNode cart = posData.path("cart");
    if (!cart.isArray()) {
      return true;
    }
    if (cart.size() != lines.size()) {
      return false;
    }
    for (int i = 0; i < lines.size(); i++) {
      Line line = lines.get(i);
      JsonNode other = cart.path(i);
      if (!line.itemId().orElse("").equals(other.path("id").asText(""))
          || line.count() != other.path("count").asInt()
          || line.price().compareTo(other.path("price").decimalValue()) != 0) {
        return false;
      }
    }
    return true;
  }

  /** What is sold, in few words. */
  String description() {
    List<String> words = new ArrayList<>();
    for (Line line : lines) {
      if (line.itemId().isPresent()) {
        words.add(line.count() == 1 ? line.title() : line.count() + " × " + line.title());
      }
    }
    int more = words.size() - MAX_DESCRIPTION_ITEMS;
    return more > 0
        ? String.join(", ", words.subList(0, MAX_DESCRIPTION_ITEMS))
            + " and %d more".formatted(more)
        : String.join(", ", words);
  }

  /** The only item sold, if it is only one. */
  Optional<String> itemId() {
    return lines.size() == 1 ? lines.get(0).itemId() : Optional.empty();
  }
}
