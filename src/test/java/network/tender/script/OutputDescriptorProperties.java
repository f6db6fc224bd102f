package network.tender.script;

import static org.assertj.core.api.Assertions.assertThat;

import java.util.List;
import java.util.Random;
import net.jqwik.api.ForAll;
import net.jqwik.api.Property;
import net.jqwik.api.statistics.Statistics;
import network.tender.chain.MalformedException;

/** Whatever merchants type is either understood or refused with a sentence. */
class OutputDescriptorProperties {
  private static final Curve CURVE = Curve.load(Curve.Provider.AUTO);
  private static final String PIECES = "[]()<>/*'h#;,-_0123456789 xtuvyz\u00e9\u212a";
  private static final String KEY =
      WalletAccount.of(new byte[64], WalletAccount.Purpose.NATIVE_SEGWIT, 0, CURVE).xpub();
  private static final List<String> FORMS =
      List.of(
          KEY,
          KEY + "-[taproot]",
          "[73c5da0a/84'/1'/0']" + KEY + "/0/*",
          "wpkh([73c5da0a/84'/1'/0']" + KEY + "/<0;1>/*)",
          "sh(wpkh(" + KEY + "/0/*))",
          "tr(" + KEY + "/*)");

  @Property(tries = 1000)
  void anyTextIsReadOrRefused(@ForAll String text) {
    check(text);
  }

  @Property(tries = 1000)
  void anyChangeOfADescriptorIsReadOrRefused(@ForAll long seed) {
    Random random = new Random(seed);
    StringBuilder text = new StringBuilder(FORMS.get(random.nextInt(FORMS.size())));
    for (int i = random.nextInt(3); i > 0 && text.length() > 0; i--) {
      int keyAt = text.indexOf("tpub");
      // The key itself has a checksum, so changes are tried around it mostly.
      int at = random.nextInt(text.length());
      if (keyAt >= 0 && at > keyAt && at < keyAt + KEY.length() && random.nextInt(20) > 0) {
        at = random.nextInt(keyAt + 1);
      }
      char piece = PIECES.charAt(random.nextInt(PIECES.length()));
      switch (random.nextInt(4)) {
        case 0 -> text.deleteCharAt(at);
        case 1 -> text.insert(at, piece);
        case 2 -> text.setCharAt(at, piece);
        default -> text.setLength(at);
      }
    }
    boolean read = check(text.toString());
    Statistics.label("descriptors")
        .collect(read ? "read" : "refused")
        .coverage(
            coverage -> {
              coverage.check("read").count(count -> count > 100);
              coverage.check("refused").count(count -> count > 100);
            });
  }

  /** A text that is understood has a canonical form that means the same. */
  private static boolean check(String text) {
    try {
      OutputDescriptor read = OutputDescriptor.parse(text, CURVE);
      OutputDescriptor again = OutputDescriptor.parse(read.canonical(), CURVE);
      assertThat(again.canonical()).isEqualTo(read.canonical());
      assertThat(again.scriptAt(1)).isEqualTo(read.scriptAt(1));
      assertThat(OutputDescriptor.parse(read.derivationScheme(), CURVE).scriptAt(1))
          .isEqualTo(read.scriptAt(1));
      return true;
    } catch (MalformedException e) {
      assertThat(e.getMessage()).hasSizeGreaterThan(15);
      return false;
    }
  }
}
