package network.tender.node;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatExceptionOfType;

import java.io.IOException;
import java.math.BigDecimal;
import java.net.URI;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Map;
import java.util.Optional;
import network.tender.script.Curve;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

class ConfigurationTest {
  @TempDir Path folder;

  private Configuration load(String yaml, Map<String, String> environment) throws Exception {
    return load(yaml, environment, Map.of());
  }

  private Configuration load(
      String yaml, Map<String, String> environment, Map<String, String> flags) throws Exception {
    return Configuration.load(Optional.of(write(yaml)), environment, flags);
  }

  private Path write(String yaml) throws IOException {
    return Files.writeString(folder.resolve("tender.yaml"), yaml);
  }

  @Test
  void defaultsListenOnThisMachineOnly() {
    Configuration configuration = Configuration.defaults();
    assertThat(configuration.http().host()).isEqualTo("127.0.0.1");
    assertThat(configuration.http().port()).isEqualTo(8080);
    assertThat(configuration.management().port()).isEqualTo(8081);
    assertThat(configuration.dataDir()).isEqualTo(Path.of("data"));
    assertThat(configuration.block()).isEqualTo(new Configuration.BlockRate(6, 6));
    assertThat(configuration.merchant().rates())
        .containsEntry("TNDR_USD", new BigDecimal("100.00"));
  }

  @Test
  void theShippedFileSaysTheDefaults() throws Exception {
    Path shipped = Path.of("conf/tender.yaml");
    assertThat(Configuration.load(Optional.of(shipped), Map.of(), Map.of()))
        .isEqualTo(Configuration.defaults());
    // Every commented key is a real one: uncommented, the file still loads and changes nothing but
    // what has no default.
    String all =
        Files.readString(shipped)
            .replaceAll("(?m)^( *)#([a-zA-Z_]+:)", "$1$2")
            .replace("  name: regtest\n", "")
            .replace("  coinCode: TNDR\n", "");
    Configuration configuration = load(all, Map.of());
    assertThat(configuration.http().port()).isEqualTo(8080);
    assertThat(configuration.settlement().maxWaitMillis())
        .isEqualTo(Configuration.defaults().settlement().maxWaitMillis());
    assertThat(configuration.network().file()).contains(Path.of("conf/network-example.yaml"));
  }

  @Test
  void flagsBeatEnvironmentBeatsFileBeatsDefaults() throws Exception {
    String yaml = "http: {port: 1001, host: 10.0.0.1}\nblock: {rate-per-second: 4}\n";
    Map<String, String> environment = Map.of("TENDER_HTTP_PORT", "1002", "PATH", "/bin");
    assertThat(load(yaml, Map.of()).http().port()).isEqualTo(1001);
    assertThat(load(yaml, environment).http().port()).isEqualTo(1002);
    Configuration all = load(yaml, environment, Map.of("http.port", "0"));
    assertThat(all.http().port()).isEqualTo(0);
    assertThat(all.http().host()).isEqualTo("10.0.0.1");
    assertThat(all.block().ratePerSecond()).isEqualTo(4);
  }

  @Test
  void theEnvironmentReachesEveryDepth() throws Exception {
    Configuration configuration =
        Configuration.load(
            Optional.empty(),
            Map.of(
                "TENDER_DATA_DIR", "/srv/tender",
                "TENDER_HTTP_TLS_CERTIFICATE", "c.pem",
                "TENDER_HTTP_TLS_KEY", "k.pem",
                "TENDER_HTTP_PUBLIC_URL", "https://pay.example/",
                "TENDER_DATABASE_URL", "postgresql://tender@db:5432/tender",
                "TENDER_CRYPTO_PROVIDER", "bouncycastle",
                "TENDER_NETWORK_COIN_CODE", "BTC",
                "TENDER_MERCHANT_RATES_BTC_USD", "64000.5"),
            Map.of());
    assertThat(configuration.dataDir()).isEqualTo(Path.of("/srv/tender"));
    assertThat(configuration.http().tls())
        .contains(new Configuration.Tls(Path.of("c.pem"), Path.of("k.pem")));
    assertThat(configuration.http().publicUrl()).contains(URI.create("https://pay.example"));
    assertThat(configuration.database().url()).contains("postgresql://tender@db:5432/tender");
    assertThat(configuration.crypto().provider()).isEqualTo(Curve.Provider.BOUNCYCASTLE);
    assertThat(configuration.network().coinCode()).contains("BTC");
    assertThat(configuration.merchant().rates())
        .isEqualTo(Map.of("BTC_USD", new BigDecimal("64000.5")));
  }

  @Test
  void variablesThatKubernetesSetsByItselfAreNoSettings() throws Exception {
    Map<String, String> links =
        Map.of("TENDER_PORT", "tcp://10.0.0.1:80", "TENDER_SERVICE_HOST", "10.0.0.1");
    assertThat(Configuration.load(Optional.empty(), links, Map.of()))
        .isEqualTo(Configuration.defaults());
  }

  @Test
  void theCacheOfCoinsFitsTheHeap() throws Exception {
    for (long[] expected :
        new long[][] {
          {16_000_000, 15_384},
          {256_000_000, 246_153},
          {8_000_000, 10_000},
          {1_600_000_000, 1_000_000},
          {64_000_000_000L, 1_000_000},
        }) {
      assertThat(
              Configuration.load(Optional.empty(), Map.of(), Map.of(), expected[0])
                  .coins()
                  .cacheEntries())
          .isEqualTo((int) expected[1]);
    }
    assertThat(
            Configuration.load(
                    Optional.empty(), Map.of(), Map.of("coins.cacheEntries", "5000"), 16_000_000)
                .coins()
                .cacheEntries())
        .isEqualTo(5_000);
  }

  @Test
  void theLogLevelIsAVariableOfItsOwn() throws Exception {
    for (String level : new String[] {"DEBUG", "WARN", ""}) {
      assertThat(Configuration.load(Optional.empty(), Map.of("TENDER_LOG_LEVEL", level), Map.of()))
          .isEqualTo(Configuration.defaults());
    }
    assertThatExceptionOfType(ConfigurationException.class)
        .isThrownBy(
            () ->
                Configuration.load(Optional.empty(), Map.of("TENDER_LOG_LEVEL", "LOUD"), Map.of()))
        .withMessageContaining("TENDER_LOG_LEVEL must be one of TRACE");
  }

  @Test
  void theEnvironmentMayNameTheFile() throws Exception {
    String path = write("http: {port: 1001}").toString();
    assertThat(
            Configuration.load(Optional.empty(), Map.of("TENDER_CONFIG", path), Map.of())
                .http()
                .port())
        .isEqualTo(1001);
  }

  @Test
  void secretsAreMaskedWherePrinted() throws Exception {
    Configuration configuration =
        load(
            "database: {url: 'postgresql://tender@db/tender'}",
            Map.of("TENDER_DATABASE_PASSWORD", "hunter2"));
    assertThat(configuration.database().password()).contains(new Secret("hunter2"));
    assertThat(configuration.toString()).doesNotContain("hunter2").contains("***");
    assertThat(String.join("\n", configuration.describe())).doesNotContain("hunter2");
  }

  @Test
  void aPasswordInTheUrlIsRefusedAndNotRepeated() {
    assertThatExceptionOfType(ConfigurationException.class)
        .isThrownBy(() -> load("database: {url: 'postgresql://a:hunter2@db/tender'}", Map.of()))
        .satisfies(e -> assertThat(e.getMessage()).doesNotContain("hunter2"))
        .withMessageContaining("database.password");
  }

  @ParameterizedTest
  @CsvSource(
      delimiter = '|',
      value = {
        "http: {prot: 1}                         | Unknown key http.prot",
        "colour: red                             | Unknown key colour",
        "http: [1]                               | Unknown key http[0]",
        "http: 5                                 | Unknown key http ",
        "http: {port: 70000}                     | http.port (",
        "http: {port: eighty}                    | from 0 to 65535",
        "http: {port: 1.5}                       | from 0 to 65535",
        "http: {host: ' '}                       | http.host",
        "http: {tls: {key: k}}                   | both certificate and key",
        "http: {publicUrl: 'ftp://x'}            | http.publicUrl",
        "management: {port: -1}                  | management.port",
        "database: {url: 'mysql://a/b'}          | must look like postgresql://",
        "database: {url: 'postgresql://a'}       | must look like postgresql://",
        "database: {poolSize: 1}                 | from 2 to 64",
        "network: {name: mainnet}                | must be regtest",
        "network: {name: regtest, file: f}       | both a name and a file",
        "network: {file: f, coinCode: BTC}       | for regtest only",
        "network: {coinCode: b}                  | capital letters",
        "block: {ratePerSecond: 7}               | from 1 to 6",
        "settlement: {verifyThreads: 0}          | from 1 to 256",
        "crypto: {provider: openssl}             | auto, native or bouncycastle",
        "merchant: {rates: {TNDR_USD: -1}}       | positive decimal number",
        "merchant: {rates: {usd: 1}}             | must be a pair",
        "'http: {port: 1'                        | not valid YAML",
        "'{a: 1, a: 2}'                          | not valid YAML",
        "just words                              | must hold keys",
      })
  void refusesWithASentence(String yaml, String expected) {
    String text = yaml.startsWith("'") ? yaml.substring(1, yaml.length() - 1) : yaml;
    assertThatExceptionOfType(ConfigurationException.class)
        .isThrownBy(() -> load(text, Map.of()))
        .withMessageContaining(expected.stripTrailing());
  }

  @Test
  void tellsEverythingThatIsWrongAtOnce() {
    assertThatExceptionOfType(ConfigurationException.class)
        .isThrownBy(() -> load("http: {port: x}\nfoo: 1", Map.of("TENDER_HTPT_PORT", "1")))
        .satisfies(e -> assertThat(e.problems()).hasSize(3));
  }

  @Test
  void aMissingFileIsRefused() {
    assertThatExceptionOfType(ConfigurationException.class)
        .isThrownBy(
            () -> Configuration.load(Optional.of(folder.resolve("no.yaml")), Map.of(), Map.of()))
        .withMessageContaining("can't be read");
  }
}
