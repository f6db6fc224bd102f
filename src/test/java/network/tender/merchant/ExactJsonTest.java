package network.tender.merchant;

import static org.assertj.core.api.Assertions.assertThat;

import com.fasterxml.jackson.databind.JsonNode;
import java.math.BigDecimal;
import java.nio.charset.StandardCharsets;
import java.util.List;
import java.util.Optional;
import org.junit.jupiter.api.Test;

class ExactJsonTest {
  private static byte[] utf8(String json) {
    return json.getBytes(StandardCharsets.UTF_8);
  }

  @Test
  void aNumberBeyondAllExponentsIsNoJson() {
    assertThat(ExactJson.parse(utf8("{\"amount\":1e99999999999}"))).isEmpty();
  }

  @Test
  void numbersComeBackAsTheyWereSent() {
    String json = "{\"a\":1.50,\"b\":123456789012345678901234567890}";
    assertThat(ExactJson.parse(utf8(json)).map(ExactJson::write)).contains(json);
  }

  /** The database writes numbers out digit by digit, and clients send back what they got. */
  @Test
  void whatIsStorableIsReadAgainWhenItIsWrittenOut() {
    for (String digits : List.of("0", "1", "-1", "1.50", "123456789", "9".repeat(90), "0.00")) {
      for (int exponent = -210; exponent <= 210; exponent++) {
        String text = digits + "e" + exponent;
        Optional<JsonNode> taken = ExactJson.parse(utf8(text));
        if (taken.isEmpty()) {
          continue;
        }
        JsonNode number = taken.get();
        String plain = number.decimalValue().toPlainString();
        if (ExactJson.isStorable(number)) {
          assertThat(ExactJson.parse(utf8(plain)).map(JsonNode::decimalValue))
              .as(text)
              .hasValueSatisfying(
                  read -> assertThat(read).isEqualByComparingTo(number.decimalValue()));
        }
        assertThat(ExactJson.read(plain).decimalValue())
            .as(text)
            .isEqualByComparingTo(new BigDecimal(plain));
      }
    }
  }

  @Test
  void aHundredDigitsAreStorable() {
    for (String fine : List.of("1e99", "-1e99", "1e-99", "9".repeat(100), "1.5e-98")) {
      assertThat(ExactJson.isStorable(ExactJson.parse(utf8(fine)).orElseThrow())).as(fine).isTrue();
    }
    for (String huge : List.of("1e100", "1e-100", "1e2147483647", "1e-2147483647", "0e-101")) {
      assertThat(ExactJson.isStorable(ExactJson.parse(utf8("[[" + huge + "]]")).orElseThrow()))
          .as(huge)
          .isFalse();
    }
  }
}
