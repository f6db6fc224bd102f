package network.tender.script;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import org.bitcoinj.script.ScriptOpCodes;
import org.junit.jupiter.api.Test;

class CoreScriptTest {
  @Test
  void wordsStandForTheBytesThatCoreMakesOfThem() {
    assertThat(CoreScript.parse("").isEmpty()).isTrue();
    assertThat(CoreScript.parse("0 -1 1 16").toHex()).isEqualTo("004f5160");
    assertThat(CoreScript.parse("17 -2 127 128 -255 2147483647").toHex())
        .isEqualTo("0111" + "0182" + "017f" + "028000" + "02ff80" + "04ffffff7f");
    assertThat(CoreScript.parse("0x4c 0x01 0x07ff").toHex()).isEqualTo("4c0107ff");
    assertThat(CoreScript.parse("'' 'Az'").toHex()).isEqualTo("00" + "02417a");
    assertThat(CoreScript.parse("'" + "a".repeat(75) + "'").toHex()).startsWith("4b61");
    assertThat(CoreScript.parse("'" + "a".repeat(76) + "'").toHex()).startsWith("4c4c61");
    assertThat(CoreScript.parse("'" + "a".repeat(256) + "'").toHex()).startsWith("4d000161");
    assertThat(CoreScript.parse("  DUP\tOP_HASH160 ").toHex()).isEqualTo("76a9");
    assertThatThrownBy(() -> CoreScript.parse("OP_NOSUCH"))
        .isInstanceOf(IllegalArgumentException.class);
    assertThatThrownBy(() -> CoreScript.parse("'open"))
        .isInstanceOf(IllegalArgumentException.class);
  }

  @Test
  void namesStandForTheNumbersThatBitcoinjGivesThem() {
    int same = 0;
    for (int opcode = 0x61; opcode <= 0xb9; opcode++) {
      String name = ScriptOpCodes.getOpCodeName(opcode);
      if (!name.startsWith("NON_OP")) {
        assertThat(CoreScript.parse(name).toHex())
            .as(name)
            .isEqualTo(java.util.HexFormat.of().toHexDigits((byte) opcode));
        same++;
      }
    }
    assertThat(same).isEqualTo(0xb9 - 0x61 + 1);
    assertThat(CoreScript.parse("CHECKSIGADD").toHex()).isEqualTo("ba");
  }
}
