package network.tender.chain;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.util.HexFormat;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

class ScriptTest {
  private static final String H20 = "ab".repeat(20);
  private static final String H32 = "cd".repeat(32);

  private static Script script(String hex) {
    return Script.of(HexFormat.of().parseHex(hex));
  }

  @ParameterizedTest
  @CsvSource({
    "P2WPKH, 0014@20",
    "P2WSH, 0020@32",
    "P2TR, 5120@32",
    "P2PKH, 76a914@2088ac",
    "P2SH, a914@2087",
    "P2PK, 2102@32ac",
    "P2PK, 2103@32ac",
    "P2PK, 4104@32@32ac",
    "OP_RETURN, 6a",
    "OP_RETURN, 6a14@20",
    "UNKNOWN, 5114@20",
    "UNKNOWN, 0014@20ff",
    "UNKNOWN, 4c14@20",
    "UNKNOWN, 5220@32",
    "UNKNOWN, 76a914@2088ad",
    "UNKNOWN, a914@2088",
    "UNKNOWN, 2104@32ac",
    "UNKNOWN, 4106@32@32ac",
    "UNKNOWN, 51"
  })
  void templatesAreRecognisedByEveryFixedByte(Script.Type type, String pattern) {
    String hex = pattern.replace("@20", H20).replace("@32", H32);
    assertThat(script(hex).type()).isEqualTo(type);
    byte[] padded = HexFormat.of().parseHex("ff" + hex + "ff");
    Script view = Script.view(padded, 1, padded.length - 2);
    assertThat(view.type()).isEqualTo(type);
    assertThat(view).isEqualTo(script(hex)).hasSameHashCodeAs(script(hex));
    assertThat(view.detached()).isEqualTo(view);
    assertThat(view.hash()).isEqualTo(script(hex).hash());
    assertThat(view.toHex()).isEqualTo(hex);
  }

  @Test
  void scriptsAreUnspendableAfterReturnOrAbove10000Bytes() {
    assertThat(Script.EMPTY.type()).isEqualTo(Script.Type.EMPTY);
    assertThat(Script.EMPTY.isUnspendable()).isFalse();
    assertThat(script("6a").isUnspendable()).isTrue();
    assertThat(Script.of(new byte[10_000]).isUnspendable()).isFalse();
    assertThat(Script.of(new byte[10_001]).isUnspendable()).isTrue();
  }

  @Test
  void programsOfAWrongLengthCanNotBeBuilt() {
    assertThatThrownBy(() -> Script.p2wpkh(new byte[32]))
        .isInstanceOf(IllegalArgumentException.class);
    assertThatThrownBy(() -> Script.p2tr(new byte[33]))
        .isInstanceOf(IllegalArgumentException.class);
    assertThatThrownBy(() -> Script.view(new byte[4], 2, 3))
        .isInstanceOf(IndexOutOfBoundsException.class);
  }

  @Test
  void hashesTurnRoundForDisplayAndBack() throws Exception {
    String hex = "00112233445566778899aabbccddeeff0123456789abcdef0fedcba987654321";
    Hash hash = Hash.fromDisplayHex(hex);
    assertThat(hash.toString()).isEqualTo(hex);
    assertThat(HexFormat.of().formatHex(hash.toBytes()))
        .startsWith("2143658")
        .endsWith("2211" + "00");
    assertThat(Hash.of(hash.toBytes())).isEqualTo(hash);
    assertThat(XOnlyKey.parse(hash.toNaturalHex()).bytes()).isEqualTo(hash);
    assertThatThrownBy(() -> Hash.fromDisplayHex(hex + "00"))
        .isInstanceOf(IllegalArgumentException.class);
    assertThatThrownBy(() -> XOnlyKey.parse("00")).isInstanceOf(MalformedException.class);
    assertThatThrownBy(() -> XOnlyKey.parse("zz".repeat(32)))
        .isInstanceOf(MalformedException.class);
  }
}
