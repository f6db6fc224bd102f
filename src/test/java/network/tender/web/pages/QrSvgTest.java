package network.tender.web.pages;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import com.google.zxing.qrcode.decoder.Decoder;
import io.nayuki.qrcodegen.DataTooLongException;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

class QrSvgTest {
  private static final Pattern SIDE = Pattern.compile("viewBox=\"0 0 ([0-9]+) ([0-9]+)\"");
  private static final Pattern SIZE =
      Pattern.compile("viewBox=\"0 0 ([0-9]+) [0-9]+\" width=\"([0-9]+)\" height=\"([0-9]+)\"");
  private static final Pattern RUN = Pattern.compile("M([0-9]+) ([0-9]+)h([0-9]+)v1h-([0-9]+)z");

  @ParameterizedTest
  @ValueSource(
      strings = {
        "bitcoin:BCRT1QW508D6QEJXTDG4Y5R3ZARVARY0C5XW7KYGT080?amount=0.0025&label=Corner%20Coffee",
        "http://127.0.0.1:8080/i/abc/receipt",
        "x",
        "Grüße, 世界"
      })
  void whatIsDrawnReadsAsWhatWasGiven(String text) throws Exception {
    assertThat(read(QrSvg.of(text, 294))).isEqualTo(text);
  }

  @ParameterizedTest
  @ValueSource(ints = {1, 150, 294, 1_000})
  void allModulesAreEquallyWide(int maxPixels) {
    for (int length = 1; length < 300; length += 20) {
      String svg = QrSvg.of("x".repeat(length), maxPixels);
      Matcher size = SIZE.matcher(svg);
      assertThat(size.find()).as(svg.substring(0, 120)).isTrue();
      int side = Integer.parseInt(size.group(1));
      int pixels = Integer.parseInt(size.group(2));
      assertThat(pixels % side).isZero();
      assertThat(pixels)
          .isGreaterThanOrEqualTo(side)
          .isLessThanOrEqualTo(Math.max(side, maxPixels));
      assertThat(size.group(3)).isEqualTo(size.group(2));
    }
  }

  @Test
  void upperCaseAddressesMakeASmallerCode() {
    String address = "bcrt1p" + "q".repeat(58);
    assertThat(QrSvg.encode("bitcoin:" + address.toUpperCase(java.util.Locale.ROOT)).size)
        .isLessThan(QrSvg.encode("bitcoin:" + address).size);
  }

  @Test
  void aTextThatFitsNoCodeIsRefused() {
    assertThatThrownBy(() -> QrSvg.of("x".repeat(3_000), 294))
        .isInstanceOf(DataTooLongException.class);
  }

  /** Reads a drawing as a scanner would: module by module, then by another library. */
  static String read(String svg) throws Exception {
    Matcher side = SIDE.matcher(svg);
    assertThat(side.find()).isTrue();
    int modules = Integer.parseInt(side.group(1)) - 2 * QrSvg.QUIET_MODULES;
    boolean[][] dark = new boolean[modules][modules];
    Matcher run = RUN.matcher(svg);
    while (run.find()) {
      int x = Integer.parseInt(run.group(1)) - QrSvg.QUIET_MODULES;
      int y = Integer.parseInt(run.group(2)) - QrSvg.QUIET_MODULES;
      int length = Integer.parseInt(run.group(3));
      assertThat(run.group(4)).isEqualTo(run.group(3));
      java.util.Arrays.fill(dark[y], x, x + length, true);
    }
    return new Decoder().decode(dark).getText();
  }
}
