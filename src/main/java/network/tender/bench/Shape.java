package network.tender.bench;

import java.util.regex.Matcher;
import java.util.regex.Pattern;

/**
 * How many inputs and outputs the transfers of a run have.
 *
 * @param inputs 1 to 100
 * @param outputs 1 to 100
 */
public record Shape(int inputs, int outputs) {
  /** A payment with change, as wallets make most of them. */
  public static final Shape DEFAULT = new Shape(1, 2);

  private static final int MAX = 100;
  private static final Pattern FORM = Pattern.compile("([0-9]{1,3})x([0-9]{1,3})");

  /** Refuses numbers out of range. */
  public Shape {
    if (inputs < 1 || inputs > MAX || outputs < 1 || outputs > MAX) {
      throw new IllegalArgumentException("a transfer of a run has 1 to 100 inputs and outputs");
    }
  }

  /**
   * Reads the form {@code 1x2}.
   *
   * @throws IllegalArgumentException if it is of another form or out of range
   */
  public static Shape parse(String text) {
    Matcher matcher = FORM.matcher(text);
    if (!matcher.matches()) {
      throw new IllegalArgumentException("'" + text + "' is no shape such as 1x2");
    }
    return new Shape(Integer.parseInt(matcher.group(1)), Integer.parseInt(matcher.group(2)));
  }

  /** More virtual bytes than a transfer of this shape has, with either kind of key. */
  int maxVirtualBytes() {
    return 12 + inputs * 69 + outputs * 43;
  }

  @Override
  public String toString() {
    return inputs + "x" + outputs;
  }
}
