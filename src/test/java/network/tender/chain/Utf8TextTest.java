package network.tender.chain;

import static org.assertj.core.api.Assertions.assertThat;

import java.nio.charset.StandardCharsets;
import org.junit.jupiter.api.Test;

class Utf8TextTest {
  private static final Hash HASH = Hashing.sha256d(new byte[] {1});

  @Test
  void textIsWrittenAsAStringBuilderWouldWhateverRoomItHasToBeginWith() {
    StringBuilder expected = new StringBuilder();
    expected.append("{\"a\":").append(Long.MIN_VALUE).append(",\"h\":\"").append(HASH);
    expected.append("\",\"é\":\"€𝄞\",\"b\":").append(0L).append("xyz}");
    for (int capacity = 0; capacity < 200; capacity++) {
      Utf8Text text = new Utf8Text(capacity);
      text.append("{\"a\":").append(Long.MIN_VALUE).append(",\"h\":\"").append(HASH);
      text.append("\",\"é\":\"€𝄞\",\"b\":").append(0L).append(new byte[] {'x', 'y', 'z'});
      text.append("").append("}");
      byte[] bytes = expected.toString().getBytes(StandardCharsets.UTF_8);
      assertThat(text.toString()).isEqualTo(expected.toString());
      assertThat(text.toBytes()).isEqualTo(bytes);
      assertThat(text.length()).isEqualTo(bytes.length);
      assertThat(text.array()).startsWith(bytes);
    }
  }
}
