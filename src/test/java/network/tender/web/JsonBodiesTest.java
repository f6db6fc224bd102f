package network.tender.web;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatExceptionOfType;

import io.vertx.core.buffer.Buffer;
import org.junit.jupiter.api.Test;

class JsonBodiesTest {
  @Test
  void aNumberBeyondAllExponentsIsMalformed() {
    Buffer body = Buffer.buffer("{\"amount\":1e99999999999}");
    assertThatExceptionOfType(ProblemException.class)
        .isThrownBy(() -> JsonBodies.object(body))
        .satisfies(e -> assertThat(e.problem().code()).isEqualTo("malformed-json"));
  }

  @Test
  void aLargeExponentIsOneOfTheFieldsAffair() {
    Buffer body = Buffer.buffer("{\"amount\":1e999999999}");
    assertThat(JsonBodies.object(body).path("amount").isNumber()).isTrue();
  }
}
