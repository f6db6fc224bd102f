package network.tender.script;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import fr.acinq.bitcoin.Base58Check;
import fr.acinq.bitcoin.Descriptor;
import fr.acinq.bitcoin.DeterministicWallet;
import java.util.List;
import network.tender.chain.MalformedException;
import network.tender.chain.Script;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

class OutputDescriptorTest {
  private static final Curve CURVE = Curve.load(Curve.Provider.AUTO);
  private static final WalletAccount ACCOUNT = account();
  private static final String TPUB = ACCOUNT.xpub();

  private static WalletAccount account() {
    try {
      byte[] seed = Mnemonic.parse(RegtestKeys.DEMO_MNEMONIC).seed("");
      return WalletAccount.of(seed, WalletAccount.Purpose.NATIVE_SEGWIT, 0, CURVE);
    } catch (MalformedException e) {
      throw new AssertionError(e);
    }
  }

  private static OutputDescriptor parse(String text) throws MalformedException {
    return OutputDescriptor.parse(text, CURVE);
  }

  /** The account's key under another prefix. */
  private static String withPrefix(int version) {
    return Base58Check.encode(version, Base58Check.decodeWithIntPrefix(TPUB).getSecond());
  }

  private static String withChecksum(String body) {
    return body + "#" + Descriptor.checksum(body);
  }

  private static Script script(KeyScript kind, int index) {
    return kind.of(CURVE, ACCOUNT.publicKey().child(0).child(index).publicKey());
  }

  @Test
  void aPlainKeyMeansNativeSegwitWhateverNetworkItsPrefixNames() throws Exception {
    for (int version : new int[] {DeterministicWallet.tpub, DeterministicWallet.xpub}) {
      OutputDescriptor descriptor = parse("  " + withPrefix(version) + "\n");
      assertThat(descriptor.kind()).isEqualTo(KeyScript.P2WPKH);
      assertThat(descriptor.scriptAt(7)).isEqualTo(script(KeyScript.P2WPKH, 7));
      assertThat(descriptor.derivationScheme()).isEqualTo(TPUB);
      assertThat(descriptor.canonical()).isEqualTo(withChecksum("wpkh(" + TPUB + "/0/*)"));
    }
  }

  @Test
  void slip132PrefixesSayTheKindOfAddress() throws Exception {
    for (int version : new int[] {DeterministicWallet.zpub, DeterministicWallet.vpub}) {
      assertThat(parse(withPrefix(version)).scriptAt(3)).isEqualTo(script(KeyScript.P2WPKH, 3));
    }
    for (int version : new int[] {DeterministicWallet.ypub, DeterministicWallet.upub}) {
      OutputDescriptor descriptor = parse(withPrefix(version));
      assertThat(descriptor.scriptAt(3)).isEqualTo(script(KeyScript.P2SH_P2WPKH, 3));
      assertThat(descriptor.derivationScheme()).isEqualTo(TPUB + "-[p2sh]");
    }
  }

  @Test
  void btcPaySuffixesSayTheKindOfAddress() throws Exception {
    assertThat(parse(TPUB + "-[taproot]").scriptAt(0)).isEqualTo(script(KeyScript.P2TR, 0));
    assertThat(parse(TPUB + "-[p2sh]").scriptAt(0)).isEqualTo(script(KeyScript.P2SH_P2WPKH, 0));
    assertThat(parse(TPUB + "-[legacy]").scriptAt(0)).isEqualTo(script(KeyScript.P2PKH, 0));
    for (KeyScript kind : KeyScript.values()) {
      String scheme =
          OutputDescriptor.of(CURVE, kind, "73c5da0a/84'/1'/0'", ACCOUNT.publicKey())
              .derivationScheme();
      assertThat(parse(scheme).kind()).isEqualTo(kind);
    }
  }

  @Test
  void descriptorsOfOneKeyAreRead() throws Exception {
    String key = "[73C5DA0A/84h/1'/0H]" + TPUB;
    for (String path : List.of("/0/*", "/<0;1>/*")) {
      OutputDescriptor wpkh = parse(withChecksum("wpkh(" + key + path + ")"));
      assertThat(wpkh.scriptAt(5)).isEqualTo(ACCOUNT.script(0, 5));
      assertThat(wpkh.accountKeyPath()).contains("73c5da0a/84'/1'/0'");
      assertThat(wpkh.canonical()).isEqualTo(ACCOUNT.descriptor().canonical());
      assertThat(parse("tr(" + key + path + ")").scriptAt(5)).isEqualTo(script(KeyScript.P2TR, 5));
      assertThat(parse("pkh(" + key + path + ")").scriptAt(5))
          .isEqualTo(script(KeyScript.P2PKH, 5));
      assertThat(parse("sh(wpkh(" + key + path + "))").scriptAt(5))
          .isEqualTo(script(KeyScript.P2SH_P2WPKH, 5));
    }
    OutputDescriptor flat = parse("wpkh(" + ACCOUNT.publicKey().child(0) + "/*)");
    assertThat(flat.scriptAt(5)).isEqualTo(ACCOUNT.script(0, 5));
    assertThat(flat.derivationScheme()).isEqualTo(flat.canonical());
    assertThat(parse("wpkh(" + TPUB + "/1/*)").scriptAt(5)).isEqualTo(ACCOUNT.script(1, 5));
  }

  @Test
  void canonicalTextReadsBackAsTheSame() throws Exception {
    for (KeyScript kind : KeyScript.values()) {
      OutputDescriptor descriptor =
          OutputDescriptor.of(CURVE, kind, "73c5da0a/84'/1'/0'", ACCOUNT.publicKey());
      assertThat(parse(descriptor.canonical()).canonical()).isEqualTo(descriptor.canonical());
    }
    assertThat(parse(TPUB).withAccountKeyPath("73c5da0a/84'/1'/0'").canonical())
        .isEqualTo(ACCOUNT.descriptor().canonical());
  }

  @Test
  void theChangeIsWhereThePathSaysItIs() throws Exception {
    String origin = "[73c5da0a/84'/1'/0']";
    for (String text :
        List.of(
            TPUB,
            origin + TPUB + "/0/*",
            "wpkh(" + origin + TPUB + "/0/*)",
            "wpkh(" + TPUB + "/<0;1>/*)")) {
      OutputDescriptor change = parse(text).change().orElseThrow();
      assertThat(change.scriptAt(5)).isEqualTo(ACCOUNT.script(WalletAccount.CHANGE, 5));
      assertThat(change.change()).isEmpty();
    }
    OutputDescriptor odd = parse("wpkh(" + origin + TPUB + "/<4;9>/2/*)");
    assertThat(odd.steps()).containsExactly(4, 2);
    assertThat(odd.change().orElseThrow().steps()).containsExactly(9, 2);
    assertThat(odd.canonicalPair())
        .isEqualTo(withChecksum("wpkh(" + origin + TPUB + "/<4;9>/2/*)"));
    assertThat(parse(odd.canonicalPair()).change().orElseThrow().scriptAt(3))
        .isEqualTo(odd.change().orElseThrow().scriptAt(3));
    for (String unknown : List.of("/*", "/5/*", "/0/1/*")) {
      OutputDescriptor receiveOnly = parse("wpkh(" + TPUB + unknown + ")");
      assertThat(receiveOnly.change()).isEmpty();
      assertThat(receiveOnly.canonicalPair()).isEqualTo(receiveOnly.canonical());
    }
    assertThat(ACCOUNT.descriptor().canonicalPair()).contains("/<0;1>/*");
  }

  @Test
  void keysSayWhereTheyComeFrom() throws Exception {
    OutputDescriptor known = parse("wpkh([73C5DA0A/84h/1'/0H]" + TPUB + "/0/*)");
    assertThat(known.originAt(7)).hasToString("73c5da0a/84'/1'/0'/0/7");
    assertThat(known.originAt(7).isBelow(known.accountOrigin())).isTrue();
    assertThat(known.accountOrigin().isBelow(known.originAt(7))).isFalse();
    assertThat(known.keyAt(7)).hasSize(33);
    assertThat(KeyScript.P2WPKH.of(CURVE, known.keyAt(7))).isEqualTo(known.scriptAt(7));
    // Without an origin the account key itself is the beginning.
    OutputDescriptor unknown = parse(TPUB);
    assertThat(unknown.originAt(7).steps()).containsExactly(0, 7);
    assertThat(unknown.originAt(7).fingerprint()).isNotEqualTo(known.originAt(7).fingerprint());
    assertThat(known.originAt(7).isBelow(unknown.accountOrigin())).isFalse();
  }

  @Test
  void theChecksumIsThatOfBip380() throws Exception {
    assertThat(Descriptor.checksum("raw(deadbeef)")).isEqualTo("89f8spxm");
    String body = "wpkh(" + TPUB + "/0/*)";
    String checksum = Descriptor.checksum(body);
    for (String wrong :
        List.of(
            "",
            checksum.substring(1),
            checksum + "q",
            checksum.substring(1) + checksum.charAt(0),
            checksum.toUpperCase(java.util.Locale.ROOT),
            checksum + "#" + checksum)) {
      assertThatThrownBy(() -> parse(body + "#" + wrong))
          .as(wrong)
          .isInstanceOf(MalformedException.class)
          .hasMessageContaining("checksum");
    }
  }

  @Test
  void everySingleMistypedCharacterIsNoticed() {
    String good = withChecksum("wpkh(" + TPUB + "/0/*)");
    for (int i = 0; i < good.length(); i++) {
      char other = good.charAt(i) == 'q' ? 'p' : 'q';
      String bad = good.substring(0, i) + other + good.substring(i + 1);
      assertThatThrownBy(() -> parse(bad)).as(bad).isInstanceOf(MalformedException.class);
    }
  }

  @Test
  void privateKeysAreRefusedWithAWarning() {
    String tprv = DeterministicWallet.generate(new byte[32]).encode(DeterministicWallet.tprv);
    for (String text : List.of(tprv, "wpkh(" + tprv + "/0/*)", "[73c5da0a]" + tprv)) {
      assertThatThrownBy(() -> parse(text))
          .isInstanceOf(MalformedException.class)
          .hasMessageContaining("private key")
          .hasMessageContaining("Don't hand it over");
    }
    assertThatThrownBy(() -> parse(RegtestKeys.DEMO_MNEMONIC))
        .isInstanceOf(MalformedException.class)
        .hasMessageContaining("secret words");
  }

  @Test
  void keysWithoutAPointOnTheCurveOrWithWrongHeadersAreRefused() {
    byte[] good = Base58Check.decodeWithIntPrefix(TPUB).getSecond();
    byte[] offCurve = good.clone();
    java.util.Arrays.fill(offCurve, 42, 74, (byte) 0xff);
    byte[] hybrid = good.clone();
    hybrid[41] = 6;
    byte[] orphan = good.clone();
    orphan[0] = 0;
    byte[] deep = good.clone();
    deep[0] = (byte) 254;
    for (byte[] payload : List.of(offCurve, hybrid, orphan, deep)) {
      String text = Base58Check.encode(DeterministicWallet.tpub, payload);
      assertThatThrownBy(() -> parse(text)).isInstanceOf(MalformedException.class);
    }
    assertThatThrownBy(() -> parse(Base58Check.encode(0x02aa7ed3, good)))
        .isInstanceOf(MalformedException.class)
        .hasMessageContaining("one signer");
  }

  @ParameterizedTest
  @ValueSource(
      strings = {
        "",
        "   ",
        "hello",
        "KEY-[p2wsh]",
        "KEY-",
        "2-of-KEY-KEY",
        "VPUB-[taproot]",
        "wpkh(KEY)",
        "wpkh(KEY/0)",
        "wpkh(KEY/0/1)",
        "wpkh(KEY/0/*')",
        "wpkh(KEY/0/*h)",
        "wpkh(KEY/0'/*)",
        "wpkh(KEY/2147483648/*)",
        "wpkh(KEY/99999999999/*)",
        "wpkh(KEY/-1/*)",
        "wpkh(KEY//*)",
        "wpkh(KEY/<0;1>/<2;3>/*)",
        "wpkh(KEY/<0;0>/*)",
        "wpkh(KEY/<0;1;2>/*)",
        "wpkh(KEY/0/1/2/3/4/5/6/7/8/*)",
        "wpkh(KEY/0/*",
        "wpkh(KEY/0/*))",
        "wpkh([73c5da0]KEY/0/*)",
        "wpkh([73c5da0a/x]KEY/0/*)",
        "wpkh([73c5da0aKEY/0/*)",
        "tr(KEY/0/*,pk(KEY/0/*))",
        "sh(KEY/0/*)",
        "wsh(pk(KEY/0/*))",
        "sh(wpkh(KEY/0/*)",
        "multi(1,KEY/0/*)",
        "wpkh(02c6047f9441ed7d6d3045406e95c07cd85c778e4b8cef3ca7abac09b95c709ee5)",
        "addr(bcrt1q6rz28mcfaxtmd6v789l9rrlrusdprr9pz3cppk)",
        "wpkh(KEYé/0/*)#abcdefgh",
        "()"
      })
  void otherFormsAreRefusedWithASentence(String form) {
    String text = form.replace("VPUB", withPrefix(DeterministicWallet.vpub)).replace("KEY", TPUB);
    assertThatThrownBy(() -> parse(text))
        .isInstanceOf(MalformedException.class)
        .message()
        .hasSizeGreaterThan(15);
  }
}
