package network.tender.cli;

import java.io.BufferedInputStream;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.io.InputStream;
import java.util.HexFormat;
import java.util.Optional;
import network.tender.chain.Block;

/** Blocks from a file of hex digits, one block a line, as {@code chain export} writes it. */
final class HexLines implements BlockSource {
  /** A block of the largest weight has at most so many bytes, hex doubles it. */
  private static final int MAX_LINE = 2 * Block.MAX_WEIGHT;

  private final InputStream in;
  private int line;

  HexLines(InputStream in) {
    this.in = new BufferedInputStream(in, 1 << 16);
  }

  @Override
  public Optional<SourceBlock> next() throws IOException {
    while (true) {
      Optional<String> text = readLine();
      if (text.isEmpty()) {
        return Optional.empty();
      }
      line++;
      String hex = text.get().strip();
      if (!hex.isEmpty()) {
        return Optional.of(new SourceBlock(parse(hex), Optional.empty()));
      }
    }
  }

  private byte[] parse(String hex) {
    try {
      return HexFormat.of().parseHex(hex);
    } catch (IllegalArgumentException e) {
      throw new CommandFailure("block-decode-failed", "Line " + line + " is not hex digits.", e);
    }
  }

  private Optional<String> readLine() throws IOException {
    ByteArrayOutputStream text = new ByteArrayOutputStream();
    int next;
    while ((next = in.read()) >= 0) {
      if (next == '\n') {
        return Optional.of(text.toString(java.nio.charset.StandardCharsets.ISO_8859_1));
      }
      if (text.size() >= MAX_LINE) {
        throw new CommandFailure(
            "block-decode-failed", "Line " + (line + 1) + " is longer than any block.");
      }
      text.write(next);
    }
    return text.size() == 0
        ? Optional.empty()
        : Optional.of(text.toString(java.nio.charset.StandardCharsets.ISO_8859_1));
  }

  @Override
  public boolean hasCertificates() {
    return false;
  }

  @Override
  public void close() throws IOException {
    in.close();
  }
}
