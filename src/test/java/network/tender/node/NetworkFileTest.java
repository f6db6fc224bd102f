package network.tender.node;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatExceptionOfType;

import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.PosixFilePermissions;
import java.security.SecureRandom;
import java.util.Arrays;
import java.util.HexFormat;
import java.util.List;
import java.util.stream.Stream;
import network.tender.chain.Address;
import network.tender.chain.Block;
import network.tender.chain.Network;
import network.tender.chain.Script;
import network.tender.script.Curve;
import network.tender.script.KeyScript;
import network.tender.script.Mnemonic;
import network.tender.script.RegtestKeys;
import network.tender.script.WalletAccount;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.MethodSource;

class NetworkFileTest {
  private static final Path EXAMPLE = Path.of("conf/network-example.yaml");
  private static final String EXAMPLE_VALIDATOR =
      "f9308a019258c31049344f85f89d5229b531c845836f99b08601f113bce036f9";

  private static final Curve CURVE = Curve.load(Curve.Provider.AUTO);

  @TempDir Path folder;

  private Network load(String text) throws Exception {
    return NetworkFile.load(Files.writeString(folder.resolve("network.yaml"), text));
  }

  @Test
  void theExampleLoads() throws Exception {
    Network network = NetworkFile.load(EXAMPLE);
    assertThat(network.name()).isEqualTo("riverside");
    assertThat(network.isRegtest()).isFalse();
    assertThat(network.paymentMethodId()).isEqualTo("RVR-CHAIN");
    assertThat(network.uriScheme()).isEqualTo("bitcoin");
    assertThat(network.maxBlockWeight()).isEqualTo(Block.MAX_WEIGHT);
    assertThat(network.validators()).hasSize(1);
    assertThat(Address.format(network.treasury(), network)).get().asString().startsWith("rvr1q");
  }

  @Test
  void theTreasuryMayBeAnAddress() throws Exception {
    Network example = NetworkFile.load(EXAMPLE);
    String address = Address.format(example.treasury(), example).orElseThrow();
    String text =
        Files.readString(EXAMPLE)
            .replace("script: 0014000102030405060708090a0b0c0d0e0f10111213", "address: " + address);
    assertThat(load(text)).isEqualTo(example);
  }

  @ParameterizedTest
  @CsvSource(
      delimiter = '|',
      value = {
        "name: riverside | name: regtest | the development network's",
        "name: riverside | name: River_side | must have 1 to 32",
        "name: riverside | nam: x | Unknown key nam",
        "hrp: rvr | hrp: bcrt | Bitcoin's own",
        "hrp: rvr | hrp: R1 | lower-case letters",
        "coinCode: RVR | coinCode: rvr | capital letters",
        "validators: | validator: | at least one public key",
        "'  - f9308a' | '  - 00f9308a' | 64 hex digits",
        "script: 0014 | script: xx | is not hex",
        "script: 0014 | script: 6a14 | could not be spent",
        "script: 0014 | address: bc1 | treasury.address",
        "#feeFloorSatPerKvb: 0 | feeFloorSatPerKvb: -1 | feeFloorSatPerKvb",
      })
  void refusesWithASentence(String from, String to, String expected) throws Exception {
    String text = Files.readString(EXAMPLE);
    String changed = text.replaceFirst("(?m)" + java.util.regex.Pattern.quote(from), to);
    assertThat(changed).isNotEqualTo(text);
    assertThatExceptionOfType(ConfigurationException.class)
        .isThrownBy(() -> load(changed))
        .withMessageContaining(expected);
  }

  @Test
  void wellKnownKeysAreRefused() throws Exception {
    String validator = Network.regtest().validators().get(0).toString();
    String treasury = Network.regtest().treasury().toHex();
    String text = Files.readString(EXAMPLE);
    assertThatExceptionOfType(ConfigurationException.class)
        .isThrownBy(() -> load(text.replace(EXAMPLE_VALIDATOR, validator)))
        .withMessageContaining("everybody knows its secret");
    assertThatExceptionOfType(ConfigurationException.class)
        .isThrownBy(
            () -> load(text.replace("0014000102030405060708090a0b0c0d0e0f10111213", treasury)))
        .withMessageContaining("everybody knows its key");
  }

  /** Some of the secrets that everybody knows. */
  static Stream<byte[]> wellKnownSecrets() throws Exception {
    byte[] demo = Mnemonic.parse(RegtestKeys.DEMO_MNEMONIC).seed("");
    return Stream.of(
        RegtestKeys.treasurySecret(),
        RegtestKeys.validatorSecret(),
        WalletAccount.of(demo, WalletAccount.Purpose.NATIVE_SEGWIT, 0, CURVE).secret(0, 0),
        WalletAccount.of(demo, WalletAccount.Purpose.NATIVE_SEGWIT, 0, CURVE).secret(1, 3),
        WalletAccount.of(demo, WalletAccount.Purpose.TAPROOT, 0, CURVE).secret(0, 0),
        WalletAccount.of(demo, WalletAccount.Purpose.NATIVE_SEGWIT, 7, CURVE).secret(0, 19));
  }

  @ParameterizedTest
  @MethodSource("wellKnownSecrets")
  void wellKnownKeysAreRefusedInEveryForm(byte[] secret) throws Exception {
    String text = Files.readString(EXAMPLE);
    byte[] publicKey = CURVE.publicKey(secret);
    byte[] xOnly = Arrays.copyOfRange(publicKey, 1, 33);
    for (Script treasury :
        List.of(
            KeyScript.P2WPKH.of(CURVE, publicKey),
            KeyScript.P2TR.of(CURVE, publicKey),
            Script.p2tr(xOnly))) {
      assertThatExceptionOfType(ConfigurationException.class)
          .isThrownBy(
              () ->
                  load(
                      text.replace(
                          "0014000102030405060708090a0b0c0d0e0f10111213", treasury.toHex())))
          .withMessageContaining("everybody knows its key");
    }
    assertThatExceptionOfType(ConfigurationException.class)
        .isThrownBy(() -> load(text.replace(EXAMPLE_VALIDATOR, HexFormat.of().formatHex(xOnly))))
        .withMessageContaining("everybody knows its secret");
  }

  @Test
  void aNodeThatIsNoValidatorNamesTheKeyToPutIntoTheFile() throws Exception {
    Curve curve = Curve.load(Curve.Provider.AUTO);
    SecureRandom random = new SecureRandom();
    Network example = NetworkFile.load(EXAMPLE);
    Path data = folder.resolve("data");
    String key;
    try (NodeFiles files = NodeFiles.open(data, example)) {
      StartException refusal =
          org.junit.jupiter.api.Assertions.assertThrows(
              StartException.class, () -> files.validatorSecret(example, curve, random));
      key = refusal.getMessage().substring(refusal.getMessage().lastIndexOf(' ') + 1);
    }
    assertThat(
            PosixFilePermissions.toString(
                Files.getPosixFilePermissions(data.resolve("validator.key"))))
        .isEqualTo("rw-------");
    Network corrected = load(Files.readString(EXAMPLE).replace(EXAMPLE_VALIDATOR, key));
    try (NodeFiles files = NodeFiles.open(data, corrected)) {
      byte[] secret = files.validatorSecret(corrected, curve, random);
      assertThat(files.validatorSecret(corrected, curve, random)).isEqualTo(secret);
    }
  }

  @Test
  void aDataFolderBelongsToOneNetwork() throws Exception {
    Path data = folder.resolve("data");
    NodeFiles.open(data, Network.regtest()).close();
    NodeFiles.open(data, Network.regtest()).close();
    Network example = NetworkFile.load(EXAMPLE);
    assertThatExceptionOfType(StartException.class)
        .isThrownBy(() -> NodeFiles.open(data, example).close())
        .withMessageContaining("belongs to network \"regtest")
        .withMessageContaining("riverside");
  }

  @Test
  void aDataFolderServesOneNodeAtATime() throws Exception {
    Path data = folder.resolve("data");
    try (NodeFiles first = NodeFiles.open(data, Network.regtest())) {
      assertThat(first.adminKey()).isEmpty();
      assertThatExceptionOfType(StartException.class)
          .isThrownBy(() -> NodeFiles.open(data, Network.regtest()).close())
          .withMessageContaining("Another node runs");
      first.writeAdminKey("abc");
      assertThat(first.adminKey()).contains("abc");
    }
  }
}
