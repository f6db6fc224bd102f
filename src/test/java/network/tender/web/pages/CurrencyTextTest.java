package network.tender.web.pages;

import static org.assertj.core.api.Assertions.assertThat;

import java.math.BigDecimal;
import network.tender.chain.Amount;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

class CurrencyTextTest {
  private static final char NO_BREAK = '\u00a0';
  private final CurrencyText texts = new CurrencyText("TNDR");

  @ParameterizedTest
  @CsvSource(
      delimiter = '|',
      value = {
        "USD  | 2 | 1234.5      | $1,234.50",
        "EUR  | 2 | 0.05        | €0.05",
        "JPY  | 0 | 1500        | ¥1,500",
        "BHD  | 3 | 12.345      | BHD~12.345",
        "TNDR | 8 | 0.00250000  | 0.0025~TNDR",
        "TNDR | 8 | 12          | 12~TNDR",
        "SATS | 0 | 2500        | 2,500~SATS",
        "USD  | 2 | -0.82       | −$0.82",
        "XAU  | 2 | 1.5         | XAU~1.50",
        "ZZZ  | 2 | 1.5         | 1.50~ZZZ"
      })
  void amountsAreWrittenWithTheirCurrencysDigits(
      String code, int digits, BigDecimal amount, String text) {
    assertThat(texts.digits(code)).isEqualTo(digits);
    assertThat(texts.of(amount, code)).isEqualTo(text.replace('~', NO_BREAK));
  }

  @Test
  void whatIsFinerThanTheCurrencyIsNotRoundedAway() {
    assertThat(texts.of(new BigDecimal("0.0001"), "USD")).isEqualTo("$0.0001");
  }

  @Test
  void theLargestAmountOfCoinsIsExact() {
    assertThat(texts.of(Amount.ofSat(Amount.MAX_SAT - 1)))
        .isEqualTo("20,999,999.99999999" + NO_BREAK + "TNDR");
  }
}
