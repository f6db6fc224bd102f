package network.tender.script;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.File;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.util.Arrays;
import java.util.List;
import java.util.stream.Collectors;
import network.tender.chain.Address;
import network.tender.chain.Network;
import org.junit.jupiter.api.Test;

/** What happens where libsecp256k1 does not load: tried in a Java without its jars. */
class CurveFallbackTest {
  /** Runs in the other Java and prints one line for each thing it tries. */
  static final class Probe {
    private Probe() {}

    public static void main(String[] arguments) throws Exception {
      Curve curve = Curve.load(Curve.Provider.AUTO);
      System.out.println("auto " + curve.name());
      System.out.println("again " + Curve.load(Curve.Provider.AUTO).name());
      try {
        System.out.println("native " + Curve.load(Curve.Provider.NATIVE).name());
      } catch (IllegalStateException e) {
        System.out.println("native refused");
      }
      byte[] seed = Mnemonic.parse(RegtestKeys.DEMO_MNEMONIC).seed("");
      WalletAccount account = WalletAccount.of(seed, WalletAccount.Purpose.NATIVE_SEGWIT, 0, curve);
      OutputDescriptor descriptor = OutputDescriptor.parse(account.xpub(), curve);
      System.out.println(
          "address " + Address.format(descriptor.scriptAt(0), Network.regtest()).orElseThrow());
    }
  }

  @Test
  void everythingWorksOnBouncyCastleInstead() throws Exception {
    String classPath =
        System.getProperty("surefire.test.class.path", System.getProperty("java.class.path"));
    List<String> entries = Arrays.asList(classPath.split(File.pathSeparator));
    String withoutNative =
        entries.stream()
            .filter(entry -> !Path.of(entry).getFileName().toString().contains("-jni-"))
            .collect(Collectors.joining(File.pathSeparator));
    assertThat(withoutNative).isNotEqualTo(classPath);
    Process process =
        new ProcessBuilder(
                Path.of(System.getProperty("java.home"), "bin", "java").toString(),
                "-cp",
                withoutNative,
                Probe.class.getName())
            .redirectErrorStream(true)
            .start();
    String printed = new String(process.getInputStream().readAllBytes(), StandardCharsets.UTF_8);

    assertThat(process.waitFor()).as(printed).isZero();
    assertThat(printed.lines())
        .contains(
            "auto bouncycastle",
            "again bouncycastle",
            "native refused",
            "address bcrt1q6rz28mcfaxtmd6v789l9rrlrusdprr9pz3cppk");
  }
}
