package network.tender.bench;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.netty.buffer.ByteBuf;
import io.netty.buffer.Unpooled;
import java.nio.charset.StandardCharsets;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

class ResponseReaderTest {
  private static final String SETTLED =
      "HTTP/1.1 200 OK\r\nContent-Type: application/json\r\ncontent-length: 21\r\n\r\n"
          + "{\"txid\":\"ab\",\"n\":\"x\"}";

  private final ResponseReader reader = new ResponseReader();

  private static ByteBuf bytes(String text) {
    return Unpooled.wrappedBuffer(text.getBytes(StandardCharsets.UTF_8));
  }

  @Test
  void readsAnAnswerInOnePiece() throws Exception {
    assertThat(reader.take(bytes(SETTLED))).isTrue();
    assertThat(reader.status()).isEqualTo(200);
    assertThat(reader.bodyLength()).isEqualTo(21);
    assertThat(reader.body()).isEqualTo("{\"txid\":\"ab\",\"n\":\"x\"}");
    assertThat(reader.bodyHas(9, "ab".getBytes(StandardCharsets.US_ASCII))).isTrue();
    assertThat(reader.bodyHas(20, "}}".getBytes(StandardCharsets.US_ASCII))).isFalse();
    assertThat(reader.textMember("n")).isEqualTo("x");
    assertThat(reader.textMember("code")).isEmpty();
    assertThat(reader.retryAfterSeconds()).isZero();
  }

  @Test
  void readsAnAnswerCutAnywhere() throws Exception {
    for (int cut = 1; cut < SETTLED.length(); cut++) {
      reader.reset();
      assertThat(reader.take(bytes(SETTLED.substring(0, cut)))).describedAs("%d", cut).isFalse();
      assertThat(reader.take(bytes(SETTLED.substring(cut)))).describedAs("%d", cut).isTrue();
      assertThat(reader.body()).endsWith("\"x\"}");
    }
  }

  @Test
  void readsAnAnswerByteByByteAndTheNextOne() throws Exception {
    for (String answer :
        new String[] {
          SETTLED,
          "HTTP/1.1 503 Service Unavailable\r\nRetry-After: 2\r\nContent-Length: 15\r\n\r\n"
              + "{\"code\":\"busy\"}",
          "HTTP/1.1 204 No Content\r\n\r\n"
        }) {
      reader.reset();
      for (int i = 0; i < answer.length() - 1; i++) {
        assertThat(reader.take(bytes(answer.substring(i, i + 1)))).isFalse();
      }
      assertThat(reader.take(bytes(answer.substring(answer.length() - 1)))).isTrue();
      if (reader.status() == 503) {
        assertThat(reader.retryAfterSeconds()).isEqualTo(2);
        assertThat(reader.textMember("code")).isEqualTo("busy");
      }
    }
    assertThat(reader.status()).isEqualTo(204);
    assertThat(reader.bodyLength()).isZero();
  }

  @Test
  void growsWithALargeBody() throws Exception {
    String body = "0123456789".repeat(20_000);
    reader.take(bytes("HTTP/1.1 200 OK\r\nContent-Length: " + body.length() + "\r\n\r\n"));
    assertThat(reader.take(bytes(body))).isTrue();
    assertThat(reader.body()).isEqualTo(body);
  }

  @ParameterizedTest
  @ValueSource(
      strings = {
        "HTTP/1.1 200 OK\r\n\r\n",
        "HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n",
        "HTTP/1.1 200 OK\r\nContent-Length: x\r\n\r\n",
        "HTTP/1.1 200 OK\r\nContent-Length: -1\r\n\r\n",
        "HTTP/1.1 200 OK\r\nContent-Length:\r\n\r\n",
        "HTTP/1.1 200 OK\r\nContent-Length: 99999999999\r\n\r\n",
        "HTTP/1.1 200 OK\r\nContent-Length: 1\r\n\r\nab",
        "nonsense that is long enough\r\n\r\n",
        "\r\n\r\n"
      })
  void refusesWhatItDoesNotUnderstand(String answer) {
    assertThatThrownBy(() -> reader.take(bytes(answer)))
        .isInstanceOf(ResponseReader.ProtocolException.class);
  }

  @Test
  void refusesAHeadWithoutAnEnd() {
    assertThatThrownBy(() -> reader.take(bytes("HTTP/1.1 200 OK\r\n" + "X: y\r\n".repeat(4_000))))
        .isInstanceOf(ResponseReader.ProtocolException.class);
  }
}
