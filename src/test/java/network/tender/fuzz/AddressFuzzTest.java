package network.tender.fuzz;

import static network.tender.fuzz.FuzzRig.require;

import com.code_intelligence.jazzer.junit.FuzzTest;
import fr.acinq.bitcoin.Base58Check;
import fr.acinq.bitcoin.Bech32;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Locale;
import java.util.Optional;
import network.tender.chain.Address;
import network.tender.chain.MalformedException;
import network.tender.chain.Network;
import network.tender.chain.Script;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.provider.MethodSource;

/**
 * Any text is refused or is an address of one script, and any script's address leads back to it.
 *
 * <p>The first byte of an input says what the rest is: a text; a script; or what a checksum is to
 * be put behind, because no search would ever guess one.
 */
class AddressFuzzTest {
  private static final int TEXT = 0;
  private static final int SCRIPT = 1;
  private static final int BASE58_PAYLOAD = 2;
  private static final int BECH32_PAYLOAD = 3;
  private static final int KINDS = 4;

  private static final Network REGTEST = Network.regtest();
  private static final Network OTHER =
      new Network(
          "fuzz",
          "fz",
          0x21,
          0x80,
          "FUZZ",
          "fuzz",
          REGTEST.treasury(),
          REGTEST.validators(),
          REGTEST.feeFloorSatPerKvb(),
          REGTEST.maxBlockWeight(),
          REGTEST.maxBlockSigopCost());

  private interface Decoder {
    Script decode(String text, Network network) throws MalformedException;
  }

  /** Takes white space round an address for nothing. */
  private static final Decoder PLANTED = (text, network) -> Address.parse(text.strip(), network);

  static List<byte[]> seeds() {
    List<Script> scripts =
        List.of(
            Script.p2wpkh(new byte[20]),
            Script.p2wsh(new byte[32]),
            Script.p2tr(new byte[32]),
            Script.p2pkh(new byte[20]),
            Script.p2sh(new byte[20]),
            Script.of(new byte[] {0x51, 2, 0x4e, 0x73}),
            Script.of(new byte[] {0x60, 3, 1, 2, 3}));
    List<byte[]> seeds = new ArrayList<>();
    for (Script script : scripts) {
      seeds.add(input(SCRIPT, script.toBytes()));
      for (Network network : List.of(REGTEST, OTHER)) {
        String address = Address.format(script, network).orElseThrow();
        seeds.add(input(TEXT, address.getBytes(StandardCharsets.UTF_8)));
      }
    }
    String segwit = Address.format(scripts.get(0), REGTEST).orElseThrow();
    seeds.add(input(TEXT, segwit.toUpperCase(Locale.ROOT).getBytes(StandardCharsets.UTF_8)));
    seeds.add(input(BASE58_PAYLOAD, new byte[21]));
    seeds.add(input(BECH32_PAYLOAD, new byte[34]));
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
  void address(byte[] input) {
    check(FuzzRig.PLANTED ? PLANTED : Address::parse, input);
  }

  @Test
  void rigFindsAPlantedBug() {
    FuzzRig.assertFindsPlantedBug(
        seeds(), input -> check(Address::parse, input), input -> check(PLANTED, input));
  }

  private static void check(Decoder decoder, byte[] input) {
    if (input.length == 0) {
      return;
    }
    byte[] rest = Arrays.copyOfRange(input, 1, input.length);
    switch ((input[0] & 0xff) % KINDS) {
      case SCRIPT -> checkScript(decoder, Script.of(rest));
      case BASE58_PAYLOAD -> {
        if (rest.length > 0 && rest.length < 100) {
          byte[] payload = Arrays.copyOfRange(rest, 1, rest.length);
          checkText(decoder, Base58Check.encode(rest[0], payload));
        }
      }
      case BECH32_PAYLOAD -> {
        if (rest.length > 0 && rest.length < 90) {
          checkText(decoder, bech32(rest));
        }
      }
      default -> checkText(decoder, new String(rest, StandardCharsets.UTF_8));
    }
  }

  /** A text with the right checksum of one of two kinds, whatever stands before it. */
  private static String bech32(byte[] rest) {
    Byte[] values = new Byte[rest.length - 1];
    for (int i = 0; i < values.length; i++) {
      values[i] = (byte) (rest[i + 1] & 31);
    }
    String prefix = ((rest[0] & 2) == 0 ? REGTEST : OTHER).hrp();
    return Bech32.encode(
        prefix, values, (rest[0] & 1) == 0 ? Bech32.Encoding.Bech32 : Bech32.Encoding.Bech32m);
  }

  private static void checkText(Decoder decoder, String text) {
    for (Network network : List.of(REGTEST, OTHER)) {
      Optional<Script> decoded = decode(decoder, text, network);
      if (decoded.isEmpty()) {
        continue;
      }
      Script script = decoded.get();
      String formatted = Address.format(script, network).orElse("");
      boolean upper = text.startsWith(network.hrp().toUpperCase(Locale.ROOT) + "1");
      require(
          formatted.equals(upper ? text.toLowerCase(Locale.ROOT) : text),
          "another address than was parsed");
      require(!upper || text.equals(text.toUpperCase(Locale.ROOT)), "parsed with mixed case");
      require(decode(decoder, formatted, network).equals(decoded), "parsed again, another script");
      require(
          network.equals(OTHER) || decode(decoder, text, OTHER).isEmpty(),
          "an address of two networks");
    }
  }

  private static void checkScript(Decoder decoder, Script script) {
    for (Network network : List.of(REGTEST, OTHER)) {
      Optional<String> formatted = Address.format(script, network);
      if (formatted.isPresent()) {
        String text = formatted.get();
        require(
            decode(decoder, text, network).equals(Optional.of(script)),
            "the address does not lead back to its script");
        checkText(decoder, text);
        checkText(decoder, text.toUpperCase(Locale.ROOT));
      } else {
        require(script.witnessVersion() <= 0, "a witness program without an address");
      }
    }
  }

  private static Optional<Script> decode(Decoder decoder, String text, Network network) {
    try {
      return Optional.of(decoder.decode(text, network));
    } catch (MalformedException e) {
      return Optional.empty();
    }
  }
}
