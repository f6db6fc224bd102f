package network.tender.chain;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatExceptionOfType;

import java.util.HexFormat;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

class AddressTest {
  private static Network network(String hrp) {
    return new Network(
        "x", hrp, 0x6f, 0xc4, "X", "x", Script.EMPTY, List.of(), 0, 4_000_000, 80_000);
  }

  @ParameterizedTest
  @ValueSource(strings = {"bcrt", "tb", "rvr", "a"})
  void everyNetworkReadsItsOwnSegwitAddresses(String hrp) throws MalformedException {
    Network network = network(hrp);
    for (Script script :
        List.of(
            Script.p2wpkh(new byte[20]), Script.p2wsh(new byte[32]), Script.p2tr(new byte[32]))) {
      String address = Address.format(script, network).orElseThrow();
      assertThat(address).startsWith(hrp + "1");
      assertThat(Address.parse(address, network)).isEqualTo(script);
      assertThatExceptionOfType(MalformedException.class)
          .isThrownBy(() -> Address.parse(address, network(hrp + "z")));
    }
  }

  /** From BIP350. */
  @Test
  void taprootAddressesAreBech32m() throws MalformedException {
    assertThat(
            Address.parse(
                "bc1p0xlxvlhemja6c4dqv22uapctqupfhlxm9h8z3k2e72q4k9hcz7vqzk5jj0", network("bc")))
        .isEqualTo(
            Script.of(
                HexFormat.of()
                    .parseHex(
                        "512079be667ef9dcbbac55a06295ce870b07029bfcdb2dce28d959f2815b16f81798")));
  }

  @Test
  void capitalsAreTheSameAddress() throws MalformedException {
    assertThat(Address.parse("BC1QW508D6QEJXTDG4Y5R3ZARVARY0C5XW7KV8F3T4", network("bc")).toHex())
        .isEqualTo("0014751e76e8199196d454941c45d1b3a323f1433bd6");
  }

  @Test
  void whiteSpaceRoundAnAddressIsNoPartOfIt() {
    for (Script script : List.of(Script.p2pkh(new byte[20]), Script.p2wpkh(new byte[20]))) {
      String address = Address.format(script, Network.regtest()).orElseThrow();
      for (String text : List.of(" " + address, address + "\t", address + "\n\n")) {
        assertThatExceptionOfType(MalformedException.class)
            .isThrownBy(() -> Address.parse(text, Network.regtest()));
      }
    }
  }

  @Test
  void theWrongEncodingIsRefused() {
    // Version 1 in bech32 instead of bech32m; version 0 in bech32m; too long; bad padding (BIP350).
    for (String address :
        List.of(
            "bc1p0xlxvlhemja6c4dqv22uapctqupfhlxm9h8z3k2e72q4k9hcz7vqh2y7hd",
            "BC1S0XLXVLHEMJA6C4DQV22UAPCTQUPFHLXM9H8Z3K2E72Q4K9HCZ7VQ54WELL",
            "bc1q0xlxvlhemja6c4dqv22uapctqupfhlxm9h8z3k2e72q4k9hcz7vqvc5ftd"
                .replace("vc5ftd", "vc5fte"),
            "bc1gmk9yu",
            "bc1zw508d6qejxtdg4y5r3zarvaryvqyzf3du")) {
      assertThatExceptionOfType(MalformedException.class)
          .as(address)
          .isThrownBy(() -> Address.parse(address, network("bc")));
    }
  }
}
