package network.tender.web.pages;

import io.nayuki.qrcodegen.QrCode;
import io.nayuki.qrcodegen.QrSegmentAdvanced;

/** QR codes as SVG: dark modules on white with the quiet zone, whatever the page's colours. */
final class QrSvg {
  /** Modules left white on each side (ISO/IEC 18004). */
  static final int QUIET_MODULES = 4;

  private static final QrCode.Ecc CORRECTION = QrCode.Ecc.MEDIUM;

  private QrSvg() {}

  /**
   * Draws a text. Each module is a whole number of pixels wide, so that all are equally wide.
   *
   * @param maxPixels how wide the drawing may be; one that needs more modules is as wide as those
   * @throws io.nayuki.qrcodegen.DataTooLongException if it does not fit any code (2,331 bytes)
   */
  static String of(String text, int maxPixels) {
    return draw(encode(text), maxPixels);
  }

  static QrCode encode(String text) {
    return QrCode.encodeSegments(
        QrSegmentAdvanced.makeSegmentsOptimally(
            text, CORRECTION, QrCode.MIN_VERSION, QrCode.MAX_VERSION),
        CORRECTION);
  }

  private static String draw(QrCode code, int maxPixels) {
    int side = code.size + 2 * QUIET_MODULES;
    int pixels = side * Math.max(1, maxPixels / side);
    StringBuilder svg =
        new StringBuilder(code.size * code.size * 4)
            .append("<svg xmlns=\"http://www.w3.org/2000/svg\" viewBox=\"0 0 ")
            .append(side)
            .append(' ')
            .append(side)
            .append("\" width=\"")
            .append(pixels)
            .append("\" height=\"")
            .append(pixels)
            .append("\" shape-rendering=\"crispEdges\" role=\"img\" aria-label=\"QR code\">")
            .append("<path fill=\"#fff\" d=\"M0 0h")
            .append(side)
            .append('v')
            .append(side)
            .append("H0z\"/><path d=\"");
    for (int y = 0; y < code.size; y++) {
      drawRow(code, y, svg);
    }
    return svg.append("\"/></svg>").toString();
  }

  /** Dark modules that touch are one rectangle. */
  private static void drawRow(QrCode code, int y, StringBuilder svg) {
    int x = 0;
    while (x < code.size) {
      int start = x;
      while (x < code.size && code.getModule(x, y)) {
        x++;
      }
      if (x > start) {
        svg.append('M')
            .append(start + QUIET_MODULES)
            .append(' ')
            .append(y + QUIET_MODULES)
            .append('h')
            .append(x - start)
            .append("v1h-")
            .append(x - start)
            .append('z');
      } else {
        x++;
      }
    }
  }
}
