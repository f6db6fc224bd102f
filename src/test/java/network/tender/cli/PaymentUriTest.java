package network.tender.cli;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import network.tender.chain.Amount;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

class PaymentUriTest {
  private static final String ADDRESS = "bcrt1qw508d6qejxtdg4y5r3zarvary0c5xw7kygt080";

  @Test
  void addressAmountAndLabelAreRead() {
    PaymentUri uri =
        PaymentUri.parse(
            "bitcoin:" + ADDRESS + "?amount=0.25&label=Caf%C3%A9%20%26%20Bar&message=x", "bitcoin");
    assertThat(uri.address()).isEqualTo(ADDRESS);
    assertThat(uri.amount()).contains(Amount.ofSat(25_000_000));
    assertThat(uri.label()).contains("Café & Bar");
  }

  @Test
  void anAddressAloneIsEnough() {
    PaymentUri uri = PaymentUri.parse("bitcoin:" + ADDRESS, "bitcoin");
    assertThat(uri.amount()).isEmpty();
    assertThat(uri.label()).isEmpty();
  }

  @Test
  void capitalLettersAsInDenseQrCodesAreUnderstood() {
    PaymentUri uri = PaymentUri.parse("BITCOIN:" + ADDRESS + "?AMOUNT=1", "bitcoin");
    assertThat(uri.amount()).contains(Amount.ofSat(Amount.SAT_PER_COIN));
  }

  @Test
  void otherNetworksHaveOtherSchemes() {
    assertThat(PaymentUri.parse("tender:" + ADDRESS, "tender").address()).isEqualTo(ADDRESS);
    assertThatThrownBy(() -> PaymentUri.parse("bitcoin:" + ADDRESS, "tender"))
        .isInstanceOf(CommandFailure.class)
        .hasMessageContaining("tender:");
  }

  @ParameterizedTest
  @ValueSource(
      strings = {
        "bitcoin:",
        "bitcoin:?amount=1",
        "litecoin:X?amount=1",
        "bitcoin:X?req-somethingnew=1",
        "bitcoin:X?REQ-somethingnew=1",
        "bitcoin:X?req%2Dhidden=1",
        "bitcoin:X?amount=1&amount=2",
        "bitcoin:X?label=a&label=b",
        "bitcoin:X?label=%zz",
        "bitcoin:X?label=%4",
        "bitcoin:X?label=%ff",
        "bitcoin:X?label=a b",
        "bitcoin:X?label=é",
        "bitcoin:X#fragment"
      })
  void whatIsNotUnderstoodIsNotPaid(String text) {
    assertThatThrownBy(() -> PaymentUri.parse(text, "bitcoin"))
        .isInstanceOf(CommandFailure.class)
        .extracting(e -> ((CommandFailure) e).code())
        .isEqualTo("bad-payment-uri");
  }

  @ParameterizedTest
  @ValueSource(
      strings = {
        "",
        "0",
        "0.0",
        "-1",
        "+1",
        "1e2",
        "1,5",
        ".5",
        "1.",
        "0.000000001",
        "21000001",
        " 1",
        "１",
        "99999999999",
        "NaN"
      })
  void amountsAreDigitsAndOnePoint(String text) {
    assertThatThrownBy(() -> PaymentUri.parseAmount(text))
        .isInstanceOf(CommandFailure.class)
        .extracting(e -> ((CommandFailure) e).code())
        .isEqualTo("bad-amount");
  }

  @Test
  void amountsAreExact() {
    assertThat(PaymentUri.parseAmount("0.00000001")).isEqualTo(Amount.ofSat(1));
    assertThat(PaymentUri.parseAmount("20999999.99999999"))
        .isEqualTo(Amount.ofSat(2_099_999_999_999_999L));
    assertThat(PaymentUri.parseAmount("21000000")).isEqualTo(Amount.MAX);
  }
}
