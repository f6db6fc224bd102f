package network.tender.chain;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import com.fasterxml.jackson.databind.JsonNode;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import network.tender.Vectors;
import org.junit.jupiter.api.Test;

class AddressVectorsTest {
  private static final Network REGTEST = Network.regtest();
  private static final Map<String, Network> NETWORKS =
      Map.of(
          "main", network("bc", 0, 5),
          "testnet4", network("tb", 0x6f, 0xc4),
          "signet", network("tb", 0x6f, 0xc4),
          "regtest", REGTEST);

  private static Network network(String hrp, int pubKeyHashPrefix, int scriptHashPrefix) {
    return new Network(
        "x",
        hrp,
        pubKeyHashPrefix,
        scriptHashPrefix,
        "X",
        "x",
        Script.EMPTY,
        List.of(),
        0,
        4_000_000,
        80_000);
  }

  private static void assertRefused(String text, Network network) {
    assertThatThrownBy(() -> Address.parse(text, network))
        .as("'%s'", text)
        .isInstanceOf(MalformedException.class);
  }

  @Test
  void coresValidAddressesReadAndWriteAsPublished() throws Exception {
    int used = 0;
    int keys = 0;
    for (JsonNode vector : Vectors.json("key_io_valid.json")) {
      String text = vector.get(0).asText();
      Network network = NETWORKS.get(vector.at("/2/chain").asText());
      if (vector.at("/2/isPrivkey").asBoolean()) {
        // A private key is no address of any network, and nothing here reads one.
        NETWORKS.values().forEach(any -> assertRefused(text, any));
        keys++;
        continue;
      }
      Script script = Address.parse(text, network);
      assertThat(script.toHex()).isEqualTo(vector.get(1).asText());
      assertThat(Address.format(script, network)).contains(text);
      if (vector.at("/2/tryCaseFlip").asBoolean()) {
        String capitals = text.toUpperCase(Locale.ROOT);
        assertThat(Address.parse(capitals, network)).isEqualTo(script);
        assertRefused(capitals.substring(0, 6) + text.substring(6), network);
      }
      for (Network other : NETWORKS.values()) {
        boolean sharesForm = other.pubKeyHashPrefix() == network.pubKeyHashPrefix();
        if (!other.hrp().equals(network.hrp())
            && !(sharesForm && !text.toLowerCase(Locale.ROOT).startsWith(network.hrp() + "1"))) {
          assertRefused(text, other);
        }
      }
      used++;
    }
    assertThat(used).isEqualTo(54);
    assertThat(keys).isEqualTo(16);
    Vectors.report(
        "key_io_valid.json",
        used + keys,
        "of which "
            + used
            + " addresses read and written, "
            + keys
            + " private keys refused as addresses");
  }

  @Test
  void coresInvalidAddressesAreRefusedOnEveryNetwork() {
    int used = 0;
    for (JsonNode vector : Vectors.json("key_io_invalid.json")) {
      NETWORKS.values().forEach(network -> assertRefused(vector.get(0).asText(), network));
      used++;
    }
    assertThat(used).isEqualTo(70);
    Vectors.report("key_io_invalid.json", used, "refused");
  }

  @Test
  void everySingleMistypedCharacterIsNoticed() {
    String address = Address.format(REGTEST.treasury(), REGTEST).orElseThrow();
    for (int i = 0; i < address.length(); i++) {
      for (char other : "qpzry9x8gf2tvdw0s3jn54khce6mua7l1bioQ \u212a\u0130\u00e9".toCharArray()) {
        if (other != address.charAt(i)) {
          assertRefused(address.substring(0, i) + other + address.substring(i + 1), REGTEST);
        }
      }
      assertRefused(address.substring(0, i), REGTEST);
    }
    assertRefused(address + "q", REGTEST);
    assertRefused(" " + address, REGTEST);
    assertRefused(address + "\n", REGTEST);
    assertRefused("bitcoin:" + address, REGTEST);
    assertRefused("q".repeat(1_000_000), REGTEST);
  }

  @Test
  void scriptsWithoutAnAddressHaveNone() {
    for (String hex :
        List.of(
            "",
            "6a",
            "21" + "02".repeat(33) + "ac",
            "51",
            "5101ff",
            "5129" + "00".repeat(41),
            "0014" + "00".repeat(19),
            "0010" + "00".repeat(16))) {
      Script script = Script.of(java.util.HexFormat.of().parseHex(hex));
      assertThat(Address.format(script, REGTEST)).as(hex).isEmpty();
    }
  }
}
