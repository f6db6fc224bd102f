package network.tender.bench;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

class ShapeTest {
  @Test
  void isReadAsItIsWritten() {
    assertThat(Shape.parse("1x2")).isEqualTo(Shape.DEFAULT);
    assertThat(Shape.parse("100x3").toString()).isEqualTo("100x3");
  }

  @ParameterizedTest
  @ValueSource(strings = {"", "1", "x", "0x1", "1x0", "101x1", "1x101", "1x2x3", "-1x2", "1 x 2"})
  void anythingElseIsRefused(String text) {
    assertThatThrownBy(() -> Shape.parse(text)).isInstanceOf(IllegalArgumentException.class);
  }
}
