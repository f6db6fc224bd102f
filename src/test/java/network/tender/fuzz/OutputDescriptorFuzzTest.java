package network.tender.fuzz;

import static network.tender.fuzz.FuzzRig.require;

import com.code_intelligence.jazzer.junit.FuzzTest;
import fr.acinq.bitcoin.Base58Check;
import fr.acinq.bitcoin.Descriptor;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Optional;
import network.tender.chain.MalformedException;
import network.tender.script.Curve;
import network.tender.script.OutputDescriptor;
import network.tender.script.WalletAccount;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.provider.MethodSource;

/**
 * Any text is refused in words or is a descriptor whose canonical form means the same.
 *
 * <p>In an input, {@code @} stands for an extended public key and {@code !} at its end for the
 * right checksum, because no search would guess one. If the first byte is odd, the 78 bytes behind
 * it are the key's content.
 */
class OutputDescriptorFuzzTest {
  private static final Curve CURVE = Curve.load(Curve.Provider.AUTO);
  private static final int KEY_BYTES = 78;
  private static final int MAX_TEXT = 400;
  private static final String KEY =
      WalletAccount.of(new byte[64], WalletAccount.Purpose.NATIVE_SEGWIT, 0, CURVE).xpub();
  private static final byte[] KEY_CONTENT = Base58Check.decodeWithIntPrefix(KEY).getSecond();

  /** In the first byte of an input: the content of a key is given. */
  private static final int KEY_GIVEN = 1;

  /** In the first byte of an input: the real curve, which is slower, is asked. */
  private static final int REAL_CURVE = 0x80;

  private interface Parser {
    OutputDescriptor parse(String text, Curve curve) throws MalformedException;
  }

  private static final Parser REAL = OutputDescriptor::parse;

  /** Reads no checksum. */
  private static final Parser PLANTED =
      (text, curve) -> {
        int hash = text.indexOf('#');
        return OutputDescriptor.parse(hash < 0 ? text : text.substring(0, hash), curve);
      };

  static List<byte[]> seeds() {
    List<byte[]> seeds = new ArrayList<>();
    for (String text :
        List.of(
            "@",
            "@-[taproot]",
            "@-[p2sh]",
            "@-[legacy]",
            "wpkh(@/0/*)#!",
            "wpkh([73c5da0a/84'/1h/0H]@/<0;1>/*)",
            "sh(wpkh(@/2147483647/*))#!",
            "tr([73c5da0a]@/*)#!",
            "pkh(@/0/1/2/3/4/5/6/*)")) {
      seeds.add(input(0, text.getBytes(StandardCharsets.UTF_8)));
    }
    byte[] key = new byte[KEY_BYTES];
    key[0] = 0x04;
    key[1] = 0x5f;
    key[2] = 0x1c;
    key[3] = (byte) 0xf6;
    System.arraycopy(KEY_CONTENT, 0, key, 4, KEY_CONTENT.length);
    seeds.add(input(REAL_CURVE, "@-[taproot]".getBytes(StandardCharsets.UTF_8)));
    seeds.add(input(KEY_GIVEN, Arrays.copyOf(key, KEY_BYTES)));
    byte[] described = Arrays.copyOf(key, KEY_BYTES + 9);
    System.arraycopy("tr(@/0/*)".getBytes(StandardCharsets.UTF_8), 0, described, KEY_BYTES, 9);
    seeds.add(input(KEY_GIVEN | REAL_CURVE, described));
    return seeds;
  }

  private static byte[] input(int kind, byte[] rest) {
    byte[] input = new byte[rest.length + 1];
    input[0] = (byte) kind;
    System.arraycopy(rest, 0, input, 1, rest.length);
    return input;
  }

  @MethodSource("seeds")
  @FuzzTest
  void outputDescriptor(byte[] input) {
    check(FuzzRig.PLANTED ? PLANTED : REAL, input);
  }

  @Test
  void rigFindsAPlantedBug() {
    FuzzRig.assertFindsPlantedBug(
        seeds(), input -> check(REAL, input), input -> check(PLANTED, input));
  }

  private static void check(Parser parser, byte[] bytes) {
    InputBytes input = new InputBytes(bytes);
    int kind = input.next();
    String key = KEY;
    if ((kind & KEY_GIVEN) != 0) {
      byte[] content = input.next(KEY_BYTES);
      if (content.length < 4) {
        return;
      }
      int prefix =
          (content[0] & 0xff) << 24
              | (content[1] & 0xff) << 16
              | (content[2] & 0xff) << 8
              | (content[3] & 0xff);
      key = Base58Check.encode(prefix, Arrays.copyOfRange(content, 4, content.length));
    }
    String text = new String(input.next(MAX_TEXT), StandardCharsets.UTF_8);
    text = (text.isEmpty() ? "@" : text).replace("@", key);
    if (text.endsWith("#!")) {
      text = withChecksum(text.substring(0, text.length() - 2));
    }
    checkText(parser, text, (kind & REAL_CURVE) == 0 ? new CountingCurve() : CURVE);
  }

  private static String withChecksum(String body) {
    try {
      return body + "#" + Descriptor.checksum(body);
    } catch (RuntimeException e) {
      return body; // of characters that no checksum is made of
    }
  }

  private static void checkText(Parser parser, String text, Curve curve) {
    Optional<OutputDescriptor> parsed = parse(parser, text, curve);
    if (parsed.isEmpty()) {
      return;
    }
    OutputDescriptor descriptor = parsed.get();
    String canonical = descriptor.canonical();
    String entered = text.strip();
    int hash = entered.indexOf('#');
    require(
        hash < 0 || entered.equals(withChecksum(entered.substring(0, hash))),
        "a wrong checksum was accepted");
    OutputDescriptor again =
        parse(parser, canonical, curve)
            .orElseThrow(() -> new AssertionError("its canonical form is refused"));
    require(again.canonical().equals(canonical), "another canonical form");
    require(again.kind() == descriptor.kind(), "another kind of address");
    require(again.accountKeyPath().equals(descriptor.accountKeyPath()), "another origin");
    require(again.scriptAt(1).equals(descriptor.scriptAt(1)), "another address");
    OutputDescriptor scheme =
        parse(parser, descriptor.derivationScheme(), curve)
            .orElseThrow(() -> new AssertionError("its derivation scheme is refused"));
    require(scheme.scriptAt(1).equals(descriptor.scriptAt(1)), "another address by the scheme");
  }

  private static Optional<OutputDescriptor> parse(Parser parser, String text, Curve curve) {
    try {
      return Optional.of(parser.parse(text, curve));
    } catch (MalformedException e) {
      require(e.getMessage() != null && e.getMessage().length() > 15, "refused without a sentence");
      return Optional.empty();
    }
  }
}
