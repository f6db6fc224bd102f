package network.tender.merchant;

import static org.assertj.core.api.Assertions.assertThat;

import java.math.BigDecimal;
import java.util.ArrayList;
import java.util.EnumSet;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import network.tender.chain.Amount;
import network.tender.chain.Network;
import network.tender.chain.Script;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

/** Amounts to pay back, to the last base unit. */
class RefundBasisTest {
  private static final Rates RATES = new Rates(Network.regtest(), Map.of());

  private static RefundBasis basis(
      String currency, String rate, Optional<Long> due, InvoiceStanding standing, long paid) {
    Invoice.Target target =
        new Invoice.Target(new BigDecimal(rate), Script.of(new byte[] {0x51}), 1, 0);
    return RefundBasis.of(
            new Invoice(
                "i",
                "s",
                due.map(BigDecimal::valueOf),
                currency,
                ExactJson.object(),
                new CheckoutOptions(
                    SpeedPolicy.MEDIUM,
                    List.of(),
                    Optional.empty(),
                    BigDecimal.ONE,
                    BigDecimal.ONE,
                    BigDecimal.ZERO,
                    Optional.empty(),
                    false,
                    Optional.empty(),
                    Optional.empty()),
                ExactJson.object(),
                new InvoiceTerms(due.map(Amount::ofSat), BigDecimal.ZERO, 1),
                new InvoiceState(standing, Amount.ZERO, Amount.ofSat(paid)),
                Optional.of(target),
                new ArrayList<>(),
                0,
                0,
                false),
            RATES)
        .orElseThrow();
  }

  @Test
  void onlyWhatIsThroughCanBePaidBack() {
    EnumSet<InvoiceStanding> refundable = EnumSet.noneOf(InvoiceStanding.class);
    for (InvoiceStanding standing : InvoiceStanding.values()) {
      if (RefundBasis.isRefundable(new InvoiceState(standing, Amount.ZERO, Amount.ZERO))) {
        refundable.add(standing);
      }
    }
    assertThat(refundable)
        .containsExactly(
            InvoiceStanding.SETTLED,
            InvoiceStanding.SETTLED_OVER,
            InvoiceStanding.SETTLED_BY_HAND,
            InvoiceStanding.EXPIRED_PARTIAL,
            InvoiceStanding.EXPIRED_LATE,
            InvoiceStanding.INVALID_BY_HAND);
  }

  @ParameterizedTest
  @CsvSource({
    // currency, rate then, sat paid, worth, rate now, coins now
    "USD, 50000, 10000, 5.00, 25000, 0.00020000",
    "USD, 43210.55, 11572, 5.00, 50000, 0.00010000",
    "USD, 0.0001, 2100000000000000, 2100.00, 3, 700.00000000",
    "JPY, 9999999.5, 1, 0, 9999999.5, 0.00000000",
    "JPY, 15000000, 100, 15, 7, 2.14285714",
    "BHD, 37000, 33, 0.012, 37001, 0.00000032",
    "SATS, 100000000, 77, 77, 100000000, 0.00000077",
  })
  void worthIsOfThenAndCoinsAreOfNow(
      String currency, String rate, long sat, BigDecimal worth, BigDecimal now, BigDecimal coins) {
    RefundBasis basis = basis(currency, rate, Optional.of(sat), InvoiceStanding.SETTLED, sat);
    assertThat(basis.coins()).isEqualTo(Amount.ofSat(sat));
    assertThat(basis.worth()).isEqualTo(worth);
    assertThat(basis.coinsAt(now)).isEqualTo(coins);
    assertThat(basis.overpaid()).isEmpty();
  }

  @Test
  void whatIsOverpaidIsWhatIsBeyondTheDue() {
    RefundBasis basis = basis("USD", "1", Optional.of(700L), InvoiceStanding.SETTLED_OVER, 1_001);
    assertThat(basis.overpaid()).contains(Amount.ofSat(301));
    assertThat(basis.coins()).isEqualTo(Amount.ofSat(1_001));
  }

  @Test
  void whatIsMarkedAsPaidWithoutAPaymentCountsAsPaid() {
    InvoiceStanding byHand = InvoiceStanding.SETTLED_BY_HAND;
    assertThat(basis("USD", "1", Optional.of(700L), byHand, 0).coins())
        .isEqualTo(Amount.ofSat(700));
    assertThat(basis("USD", "1", Optional.of(700L), byHand, 5).coins()).isEqualTo(Amount.ofSat(5));
    assertThat(basis("USD", "1", Optional.empty(), byHand, 0).coins()).isEqualTo(Amount.ZERO);
    assertThat(basis("USD", "1", Optional.of(700L), InvoiceStanding.INVALID_BY_HAND, 0).coins())
        .isEqualTo(Amount.ZERO);
  }

  @ParameterizedTest
  @CsvSource({
    "5.00, 0, 2, 5.00",
    "5.00, 10, 2, 4.50",
    "5.00, 100, 2, 0.00",
    "0.00000003, 50, 8, 0.00000002",
    "0.00000001, 50, 8, 0.00000000",
    "21000000, 0.00000001, 8, 20999999.99790000",
    "15, 33.3, 0, 10",
    "0.012, 12.5, 3, 0.010",
  })
  void aPercentageIsTakenOffExactly(
      BigDecimal amount, BigDecimal percent, int digits, BigDecimal rest) {
    assertThat(RefundBasis.less(amount, percent, digits)).isEqualTo(rest);
  }
}
