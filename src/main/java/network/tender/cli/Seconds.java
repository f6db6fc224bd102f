package network.tender.cli;

import picocli.CommandLine.ITypeConverter;
import picocli.CommandLine.TypeConversionException;

/** Reads a time in whole seconds: none and less than none are wrong usage. */
final class Seconds implements ITypeConverter<Integer> {
  private static final int MAX = 86_400;

  @Override
  public Integer convert(String text) {
    if (text.matches("[0-9]{1,5}")) {
      int seconds = Integer.parseInt(text);
      if (seconds >= 1 && seconds <= MAX) {
        return seconds;
      }
    }
    throw new TypeConversionException("'" + text + "' is no number of seconds from 1 to " + MAX);
  }
}
