package network.tender.fuzz;

import static org.assertj.core.api.Assertions.fail;

import java.util.Arrays;
import java.util.List;
import java.util.Random;
import java.util.function.Supplier;

/**
 * What the fuzz tests have in common: how a property fails, and how a rig proves that it can.
 *
 * <p>Each rig has a decoder with a planted bug. In every build a plain search over changed seeds
 * must find it, and must find nothing in the real decoder. With {@code -Dfuzz.planted=true} the
 * fuzz test itself is run on the planted bug, so that one can see the fuzzer find it.
 */
final class FuzzRig {
  /** True if the fuzz tests are to be run on the decoders with planted bugs. */
  static final boolean PLANTED = Boolean.getBoolean("fuzz.planted");

  /** Far more than any rig needs to find its planted bug. */
  private static final int MAX_EXECUTIONS = 20_000;

  /** What must hold of every input; it throws if it does not. */
  interface Property {
    void check(byte[] input);
  }

  private FuzzRig() {}

  /**
   * Fails the property unless the condition holds. Plain, because it is asked millions of times.
   */
  static void require(boolean condition, String otherwise) {
    if (!condition) {
      throw new AssertionError(otherwise);
    }
  }

  /** The same with a sentence that is only made when it is needed. */
  static void require(boolean condition, Supplier<String> otherwise) {
    if (!condition) {
      throw new AssertionError(otherwise.get());
    }
  }

  /**
   * Proves a rig: the property fails on the planted bug for some input near the seeds, and holds of
   * the real thing for the same inputs.
   */
  static void assertFindsPlantedBug(List<byte[]> seeds, Property real, Property planted) {
    Random random = new Random(1);
    for (int i = 0; i < MAX_EXECUTIONS; i++) {
      byte[] input = i < seeds.size() ? seeds.get(i) : changed(seeds, random);
      real.check(input);
      try {
        planted.check(input);
      } catch (AssertionError found) {
        return;
      }
    }
    fail("the planted bug was not found in %d executions", MAX_EXECUTIONS);
  }

  /** A seed with a few changes such as a fuzzer makes. */
  private static byte[] changed(List<byte[]> seeds, Random random) {
    byte[] input = seeds.get(random.nextInt(seeds.size())).clone();
    for (int i = 1 + random.nextInt(3); i > 0; i--) {
      input = changed(input, random);
    }
    return input;
  }

  private static byte[] changed(byte[] input, Random random) {
    int at = random.nextInt(input.length + 1);
    switch (random.nextInt(5)) {
      case 0 -> {
        return Arrays.copyOf(input, at);
      }
      case 1 -> {
        byte[] longer = new byte[input.length + 1];
        System.arraycopy(input, 0, longer, 0, at);
        longer[at] = (byte) random.nextInt(256);
        System.arraycopy(input, at, longer, at + 1, input.length - at);
        return longer;
      }
      case 2 -> {
        byte[] longer = Arrays.copyOf(input, input.length + 1);
        longer[input.length] = (byte) random.nextInt(256);
        return longer;
      }
      default -> {
        if (at < input.length) {
          input[at] =
              (byte)
                  (random.nextBoolean()
                      ? random.nextInt(256)
                      : input[at] ^ (1 << random.nextInt(8)));
        }
        return input;
      }
    }
  }
}
