package network.tender.cli;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatExceptionOfType;

import com.fasterxml.jackson.core.JsonProcessingException;
import java.nio.charset.StandardCharsets;
import org.junit.jupiter.api.Test;

class JsonTest {
  private static final String ABSURD = "{\"amount\":1e99999999999}";

  @Test
  void aNumberBeyondAllExponentsIsNoJson() {
    assertThatExceptionOfType(JsonProcessingException.class).isThrownBy(() -> Json.parse(ABSURD));
    assertThatExceptionOfType(JsonProcessingException.class)
        .isThrownBy(() -> Json.parse(ABSURD.getBytes(StandardCharsets.UTF_8)));
  }

  @Test
  void chainCheckAnswersAndGoesOn() {
    ChainCheckRun run = ChainCheckRun.of((ABSURD + "\n{}\n").getBytes(StandardCharsets.UTF_8));
    assertThat(run.exitCode()).isEqualTo(1);
    assertThat(run.answers()).hasSize(2).allMatch(line -> line.contains("malformed input"));
  }
}
