package network.tender.chain;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.math.BigDecimal;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

class AmountTest {
  @ParameterizedTest
  @ValueSource(longs = {-1, Amount.MAX_SAT + 1, Long.MIN_VALUE, Long.MAX_VALUE})
  void nothingOutsideTheMoneyRangeIsAnAmount(long sat) {
    assertThat(Amount.inRange(sat)).isFalse();
    assertThatThrownBy(() -> Amount.ofSat(sat)).isInstanceOf(ArithmeticException.class);
  }

  @Test
  void sumsAndDifferencesNeverLeaveTheMoneyRange() {
    Amount one = Amount.ofSat(1);
    assertThat(Amount.MAX.minus(one).plus(one)).isEqualTo(Amount.MAX);
    assertThat(one.minus(one)).isEqualTo(Amount.ZERO).isSameAs(Amount.ZERO);
    assertThatThrownBy(() -> Amount.MAX.plus(one)).isInstanceOf(ArithmeticException.class);
    assertThatThrownBy(() -> Amount.MAX.plus(Amount.MAX)).isInstanceOf(ArithmeticException.class);
    assertThatThrownBy(() -> Amount.ZERO.minus(one)).isInstanceOf(ArithmeticException.class);
    assertThat(Amount.ZERO).isLessThan(one);
    assertThat(Amount.ZERO.isZero()).isTrue();
  }

  @ParameterizedTest
  @CsvSource({
    "0, 0, 0",
    "1, 100000000, 1",
    "0.00000001, 1, 0.00000001",
    ".5, 50000000, 0.5",
    "12., 1200000000, 12",
    "0.50000000, 50000000, 0.5",
    "100, 10000000000, 100",
    "21000000, 2100000000000000, 21000000",
    "20999999.99999999, 2099999999999999, 20999999.99999999"
  })
  void coinsAreReadAndWrittenExactly(String text, long sat, String plain) {
    Amount amount = Amount.parseCoins(text);
    assertThat(amount).isEqualTo(Amount.ofSat(sat));
    assertThat(amount.toCoinText()).isEqualTo(plain);
    assertThat(amount.toCoins()).isEqualByComparingTo(new BigDecimal(plain));
    assertThat(amount.toCoins().scale()).isEqualTo(8);
  }

  @ParameterizedTest
  @ValueSource(
      strings = {
        "",
        ".",
        " 1",
        "1 ",
        "+1",
        "-0",
        "-1",
        "1e3",
        "1E3",
        "1e999999999",
        "0x1",
        "1,5",
        "1.2.3",
        "NaN",
        "١",
        "１",
        "0000000000000000000000000000001"
      })
  void textThatIsNoPlainNumberIsNoAmount(String text) {
    assertThatThrownBy(() -> Amount.parseCoins(text)).isInstanceOf(NumberFormatException.class);
  }

  @ParameterizedTest
  @ValueSource(
      strings = {"0.000000001", "1.123456789", "21000000.00000001", "99999999999999999999"})
  void numbersThatAreTooFineOrTooLargeAreRefused(String text) {
    assertThatThrownBy(() -> Amount.parseCoins(text)).isInstanceOf(ArithmeticException.class);
    assertThatThrownBy(() -> Amount.ofCoins(new BigDecimal(text)))
        .isInstanceOf(ArithmeticException.class);
  }
}
