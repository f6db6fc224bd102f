package network.tender.merchant;

import static org.assertj.core.api.Assertions.assertThat;

import java.nio.charset.StandardCharsets;
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
}
