package network.tender.fuzz;

import static network.tender.fuzz.FuzzRig.require;

import com.code_intelligence.jazzer.junit.FuzzTest;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import java.util.Optional;
import network.tender.chain.Address;
import network.tender.chain.Amount;
import network.tender.chain.Network;
import network.tender.chain.Script;
import network.tender.cli.PaymentUriReading;
import network.tender.web.pages.PaymentUriWriting;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.provider.MethodSource;

/**
 * Any text is refused or is a payment request (BIP21) that can be written and read again, and what
 * the pages write for any label and amount is what the wallet reads.
 *
 * <p>The first byte of an input says whether the rest is a URI or a label behind an amount.
 */
class PaymentUriFuzzTest {
  private static final int URI = 0;
  private static final int LABEL = 1;
  private static final int MAX_LABEL_CHARACTERS = 40;
  private static final Network NETWORK = Network.regtest();
  private static final String SCHEME = NETWORK.uriScheme();
  private static final String ADDRESS =
      Address.format(Script.p2wpkh(new byte[20]), NETWORK).orElseThrow();

  private interface Reader {
    Optional<PaymentUriReading> read(String text);
  }

  private static final Reader REAL = text -> PaymentUriReading.of(text, SCHEME);

  /** Takes a plus for a space, as in forms of web pages. */
  private static final Reader PLANTED =
      text -> PaymentUriReading.of(text.replace("+", "%20"), SCHEME);

  static List<byte[]> seeds() {
    List<byte[]> seeds = new ArrayList<>();
    for (String uri :
        List.of(
            SCHEME + ":" + ADDRESS,
            SCHEME + ":" + ADDRESS + "?amount=0.5&label=Corner%20shop",
            SCHEME.toUpperCase(Locale.ROOT) + ":" + ADDRESS + "?AMOUNT=20999999.99999999",
            SCHEME + ":" + ADDRESS + "?label=Caf%C3%A9&message=2%2B2&other=x",
            SCHEME + ":" + ADDRESS + "?req-something=1",
            SCHEME + ":" + ADDRESS + "?label=&&amount=1")) {
      seeds.add(input(URI, uri));
    }
    for (String label : List.of("", "Corner shop", "a+b&c=d#e?f%g", "Caf\u00e9 \ud83c\udf75")) {
      seeds.add(input(LABEL, "\u0001\u0002\u0003\u0004\u0005\u0006\u0007\u0000" + label));
    }
    return seeds;
  }

  private static byte[] input(int kind, String rest) {
    return ((char) kind + rest).getBytes(StandardCharsets.UTF_8);
  }

  @MethodSource("seeds")
  @FuzzTest
  void paymentUri(byte[] input) {
    check(FuzzRig.PLANTED ? PLANTED : REAL, input);
  }

  @Test
  void rigFindsAPlantedBug() {
    FuzzRig.assertFindsPlantedBug(
        seeds(), input -> check(REAL, input), input -> check(PLANTED, input));
  }

  private static void check(Reader reader, byte[] input) {
    if (input.length == 0) {
      return;
    }
    if ((input[0] & 1) == URI) {
      checkUri(reader, new String(input, 1, input.length - 1, StandardCharsets.UTF_8));
    } else if (input.length > 8) {
      long sat = 0;
      for (int i = 1; i <= 8; i++) {
        sat = sat << 8 | (input[i] & 0xff);
      }
      Amount amount = Amount.ofSat((sat >>> 1) % (Amount.MAX_SAT + 1));
      checkLabel(reader, amount, new String(input, 9, input.length - 9, StandardCharsets.UTF_8));
    }
  }

  private static void checkUri(Reader reader, String text) {
    Optional<PaymentUriReading> read = reader.read(text);
    require(read.equals(reader.read(text)), "read in two ways");
    if (read.isEmpty()) {
      return;
    }
    PaymentUriReading uri = read.get();
    require(!uri.address().isEmpty(), "no address");
    require(uri.address().indexOf('?') < 0, "an address with parameters");
    require(text.contains(uri.address()), "an address that is not in the text");
    uri.amount().ifPresent(amount -> require(!amount.isZero(), "an amount of nothing"));
    plainLabel(text)
        .ifPresent(label -> require(uri.label().equals(Optional.of(label)), "another label"));
    checkWritten(reader, uri.address(), uri.amount().orElse(Amount.ZERO), uri.label().orElse(""));
  }

  /** The label as it stands in a URI that writes it without escapes and capitals. */
  private static Optional<String> plainLabel(String text) {
    int question = text.indexOf('?');
    if (question < 0) {
      return Optional.empty();
    }
    for (String parameter : text.substring(question + 1).split("&", -1)) {
      if (parameter.startsWith("label=") && parameter.indexOf('%') < 0) {
        return Optional.of(parameter.substring("label=".length()));
      }
    }
    return Optional.empty();
  }

  private static void checkLabel(Reader reader, Amount amount, String label) {
    checkWritten(reader, ADDRESS, amount, label);
    String code = PaymentUriWriting.forCode(NETWORK, ADDRESS, amount, label);
    PaymentUriReading read = reader.read(code).orElseThrow();
    require(read.address().equals(ADDRESS.toUpperCase(Locale.ROOT)), "another address in the code");
    require(
        reader
            .read(code.replace(read.address(), ADDRESS))
            .equals(reader.read(PaymentUriWriting.forLink(NETWORK, ADDRESS, amount, label))),
        "the code asks for something else than the link");
  }

  private static void checkWritten(Reader reader, String address, Amount amount, String label) {
    String written = PaymentUriWriting.forLink(NETWORK, address, amount, label);
    PaymentUriReading read =
        reader.read(written).orElseThrow(() -> new AssertionError("written, but not readable"));
    require(read.address().equals(address), "another address than was written");
    require(read.amount().orElse(Amount.ZERO).equals(amount), "another amount than was written");
    require(read.label().orElse("").equals(shown(label)), "another label than was written");
    String shown = shown(label);
    String again = PaymentUriWriting.forLink(NETWORK, read.address(), amount, shown);
    // Cut off behind a word, a label ends with the white space that a shorter one has not.
    require(!shown.equals(shown.strip()) || again.equals(written), "written again, another text");
  }

  /** As much of a label as fits a code. */
  private static String shown(String label) {
    int[] characters = label.strip().codePoints().limit(MAX_LABEL_CHARACTERS).toArray();
    return new String(characters, 0, characters.length);
  }
}
