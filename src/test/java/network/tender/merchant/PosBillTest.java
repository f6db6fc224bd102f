package network.tender.merchant;

import static org.assertj.core.api.Assertions.assertThat;

import com.fasterxml.jackson.databind.JsonNode;
import java.math.BigDecimal;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import network.tender.chain.Network;
import network.tender.merchant.PosBill.Reckoned;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

/** What an order costs is reckoned from the point of sale's own prices. */
class PosBillTest {
  private static final Rates RATES = new Rates(Network.regtest(), Map.of());
  private static final String ITEMS =
      "[{'id':'tea','title':'Tea','price':'1.50'},"
          + "{'id':'soup','title':'Soup','price':'4','priceType':'Minimum'},"
          + "{'id':'gift','title':'Gift','priceType':'Topup'},"
          + "{'id':'last','title':'Cake','price':'3','inventory':2},"
          + "{'id':'gone','title':'Pie','price':'3','inventory':0},"
          + "{'id':'off','title':'Rum','price':'3','disabled':true}]";

  private static JsonNode json(String text) {
    return ExactJson.parse(text.replace('\'', '"').getBytes(StandardCharsets.UTF_8)).orElseThrow();
  }

  private static PosApp app(String settings) {
    return app(settings, "USD", ITEMS);
  }

  private static PosApp app(String settings, String currency, String items) {
    List<FieldError> errors = new ArrayList<>();
    PosSettings merged = PosSettings.defaults(currency).merge(json(settings), RATES, errors);
    List<PosItem> read = PosTemplate.read(json(items), RATES.digits(currency), errors);
    assertThat(errors).isEmpty();
    return new PosApp("app", "store", "Counter", merged, read, 0, 0);
  }

  private static PosOrder order(String discount, PosOrder.Tip tip, PosOrder.Entry... entries) {
    return new PosOrder(List.of(entries), new BigDecimal(discount), tip, Optional.empty());
  }

  private static PosOrder order(PosOrder.Entry... entries) {
    return order("0", PosOrder.Tip.NONE, entries);
  }

  private static PosOrder.Entry of(String item, int count) {
    return new PosOrder.Entry(Optional.of(item), count, Optional.empty());
  }

  private static PosOrder.Entry of(String item, int count, String price) {
    return new PosOrder.Entry(Optional.of(item), count, Optional.of(new BigDecimal(price)));
  }

  private static PosOrder.Entry amount(String price) {
    return new PosOrder.Entry(Optional.empty(), 1, Optional.of(new BigDecimal(price)));
  }

  private static PosOrder.Tip tipPercent(String percent) {
    return new PosOrder.Tip(Optional.of(new BigDecimal(percent)), BigDecimal.ZERO);
  }

  private static PosBill bill(PosApp app, PosOrder order, boolean byCashier) {
    Reckoned reckoned = PosBill.of(app, order, RATES.digits(app.settings().currency()), byCashier);
    assertThat(reckoned).isInstanceOf(Reckoned.Priced.class);
    return ((Reckoned.Priced) reckoned).bill();
  }

  private static String refusal(PosApp app, PosOrder order, boolean byCashier) {
    Reckoned reckoned = PosBill.of(app, order, RATES.digits(app.settings().currency()), byCashier);
    assertThat(reckoned).isInstanceOf(Reckoned.Refused.class);
    return ((Reckoned.Refused) reckoned).code();
  }

  @ParameterizedTest
  @CsvSource({
    "tea, 0.01, price-changed",
    "tea, 1.51, price-changed",
    "tea, 0, price-changed",
    "soup, 3.99, price-too-low",
    "soup, 4.005, invalid-amount",
    "gift, 0, invalid-amount",
    "gone, 3, sold-out",
    "off, 3, item-not-found",
    "nosuch, 3, item-not-found"
  })
  void nobodySetsThePriceOfWhatHasOne(String item, String price, String code) {
    for (boolean byCashier : new boolean[] {false, true}) {
      assertThat(refusal(app("{}"), order(of(item, 1, price)), byCashier)).isEqualTo(code);
    }
  }

  @Test
  void discountAndTipAreReckonedOneAfterTheOther() {
    PosApp app = app("{'showDiscount':true,'enableTips':true,'showCustomAmount':true}");
    PosBill bill =
        bill(
            app,
            order("10", tipPercent("15"), of("tea", 3), of("soup", 1, "5.25"), amount("0.33")),
            true);
    assertThat(bill.subtotal()).isEqualByComparingTo("10.08");
    assertThat(bill.discount()).isEqualByComparingTo("1.01");
    assertThat(bill.tip()).isEqualByComparingTo("1.36");
    assertThat(bill.total()).hasValueSatisfying(sum -> assertThat(sum).isEqualTo("10.43"));
    assertThat(bill.description()).isEqualTo("3 × Tea, Soup");
    assertThat(bill.toJson().path("cart").path(0).path("count").intValue()).isEqualTo(3);
  }

  @ParameterizedTest
  @CsvSource({
    "JPY, 333, 10, 33, 300",
    "JPY, 335, 10, 34, 301",
    "BHD, 1.005, 10, 0.101, 0.904",
    "USD, 0.05, 50, 0.03, 0.02"
  })
  void sumsHaveTheDigitsOfTheirCurrency(
      String currency, String price, String percent, String discount, String total) {
    PosApp app =
        app("{'showDiscount':true}", currency, "[{'id':'a','title':'A','price':'" + price + "'}]");
    PosBill bill = bill(app, order(percent, PosOrder.Tip.NONE, of("a", 1)), true);
    assertThat(bill.discount()).isEqualTo(discount);
    assertThat(bill.total()).hasValue(new BigDecimal(total));
  }

  @Test
  void onlyCashiersGiveDiscountsAndOnlyWhereThereAreAny() {
    PosOrder order = order("10", PosOrder.Tip.NONE, of("tea", 1));
    assertThat(refusal(app("{'showDiscount':true}"), order, false)).isEqualTo("no-discount");
    assertThat(refusal(app("{}"), order, true)).isEqualTo("no-discount");
    for (String percent : List.of("-1", "100.01", "10.001")) {
      assertThat(
              refusal(
                  app("{'showDiscount':true}"),
                  order(percent, PosOrder.Tip.NONE, of("tea", 1)),
                  true))
          .isEqualTo("invalid-percentage");
    }
    assertThat(
            refusal(
                app("{'showDiscount':true}"), order("100", PosOrder.Tip.NONE, of("tea", 1)), true))
        .isEqualTo("invalid-amount");
  }

  @Test
  void amountsAndTipsAreTakenOnlyWhereTheyAreSwitchedOn() {
    assertThat(refusal(app("{}"), order(amount("5")), true)).isEqualTo("no-custom-amount");
    assertThat(bill(app("{'defaultView':'Light'}"), order(amount("5")), false).total())
        .hasValue(new BigDecimal("5.00"));
    assertThat(refusal(app("{'defaultView':'Light'}"), order(of("tea", 1)), false))
        .isEqualTo("item-not-found");
    assertThat(refusal(app("{}"), order("0", tipPercent("10"), of("tea", 1)), true))
        .isEqualTo("no-tips");
    assertThat(
            refusal(
                app("{'enableTips':true}"),
                order("0", new PosOrder.Tip(Optional.empty(), new BigDecimal("-1")), of("tea", 1)),
                true))
        .isEqualTo("invalid-amount");
  }

  @Test
  void thereIsNoMoreThanTheInventory() {
    PosApp app = app("{}");
    assertThat(bill(app, order(of("last", 2)), false).total()).hasValue(new BigDecimal("6.00"));
    assertThat(refusal(app, order(of("last", 1), of("last", 2)), false)).isEqualTo("sold-out");
    assertThat(refusal(app, order(of("tea", 0)), false)).isEqualTo("invalid-order");
    assertThat(refusal(app, order(of("tea", 10_000)), false)).isEqualTo("invalid-order");
    assertThat(refusal(app, order(), false)).isEqualTo("invalid-order");
  }

  @Test
  void whatHasNoPriceIsLeftToThePayer() {
    assertThat(bill(app("{}"), order(of("gift", 1)), false).total()).isEmpty();
    assertThat(bill(app("{}"), order(of("gift", 1, "7")), false).total())
        .hasValue(new BigDecimal("7.00"));
  }
}
