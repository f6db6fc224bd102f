package network.tender.script;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import fr.acinq.bitcoin.DeterministicWallet;
import fr.acinq.bitcoin.DeterministicWallet.ExtendedPrivateKey;
import fr.acinq.bitcoin.MnemonicCode;
import java.util.HexFormat;
import network.tender.chain.Address;
import network.tender.chain.Hashing;
import network.tender.chain.MalformedException;
import network.tender.chain.Network;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;
import org.junit.jupiter.params.provider.ValueSource;

class WalletAccountTest {
  private static WalletAccount demo(WalletAccount.Purpose purpose, Curve curve) throws Exception {
    byte[] seed = Mnemonic.parse(RegtestKeys.DEMO_MNEMONIC).seed("");
    return WalletAccount.of(seed, purpose, 0, curve);
  }

  @ParameterizedTest
  @EnumSource(Curve.Provider.class)
  void accountsAgreeWithBitcoinKmpAndTheirXpubsLeadToTheSameScripts(Curve.Provider provider)
      throws Exception {
    Curve curve = Curve.load(provider);
    ExtendedPrivateKey master =
        DeterministicWallet.generate(MnemonicCode.toSeed(RegtestKeys.DEMO_MNEMONIC, ""));
    for (WalletAccount.Purpose purpose : WalletAccount.Purpose.values()) {
      String path = (purpose == WalletAccount.Purpose.TAPROOT ? "86" : "84") + "'/1'/0'";
      WalletAccount account = demo(purpose, curve);
      ExtendedPrivateKey theirs = master.derivePrivateKey(path);
      assertThat(account.accountKeyPath()).isEqualTo("73c5da0a/" + path);
      assertThat(account.xpub())
          .isEqualTo(theirs.getExtendedPublicKey().encode(DeterministicWallet.tpub));
      OutputDescriptor descriptor = OutputDescriptor.parse(account.descriptor().canonical(), curve);
      for (int index : new int[] {0, 1, 19, 1_000_000, Integer.MAX_VALUE}) {
        ExtendedPrivateKey child = theirs.derivePrivateKey(0L).derivePrivateKey((long) index);
        assertThat(account.secret(WalletAccount.RECEIVE, index))
            .isEqualTo(child.secretkeybytes.toByteArray());
        assertThat(descriptor.scriptAt(index))
            .isEqualTo(account.script(WalletAccount.RECEIVE, index))
            .isNotEqualTo(account.script(WalletAccount.CHANGE, index));
      }
    }
  }

  /** The main network's examples of BIP84 and BIP86 have other account keys, so check the forms. */
  @ParameterizedTest
  @EnumSource(Curve.Provider.class)
  void theExamplesOfBip84AndBip86ComeOutAsPublished(Curve.Provider provider) throws Exception {
    Curve curve = Curve.load(provider);
    OutputDescriptor bip84 =
        OutputDescriptor.parse(
            "zpub6rFR7y4Q2AijBEqTUquhVz398htDFrtymD9xYYfG1m4wAcvPhXNfE3EfH1r1ADqtfSdVCToUG868RvUUkgDKf31mGDtKsAYz2oz2AGutZYs",
            curve);
    OutputDescriptor bip86 =
        OutputDescriptor.parse(
            "tr(xpub6BgBgsespWvERF3LHQu6CnqdvfEvtMcQjYrcRzx53QJjSxarj2afYWcLteoGVky7D3UKDP9QyrLprQ3VCECoY49yfdDEHGCtMMj92pReUsQ/0/*)",
            curve);

    assertThat(bip84.scriptAt(0).toHex()).isEqualTo("0014c0cebcd6c3d3ca8c75dc5ec62ebe55330ef910e2");
    assertThat(bip84.scriptAt(1).toHex()).isEqualTo("00149c90f934ea51fa0f6504177043e0908da6929983");
    assertThat(bip86.scriptAt(0).toHex())
        .isEqualTo("5120a60869f0dbcf1dc659c9cecbaf8050135ea9e8cdc487053f1dc6880949dc684c");
    assertThat(bip86.scriptAt(1).toHex())
        .isEqualTo("5120a82f29944d65b86ae6b5e5cc75e294ead6c59391a1edc5e016e3498c67fc7bbb");
  }

  @Test
  void theDemoWalletHasTheAddressesThatOtherWalletsShow() throws Exception {
    Curve curve = Curve.load(Curve.Provider.AUTO);
    assertThat(
            Address.format(
                demo(WalletAccount.Purpose.NATIVE_SEGWIT, curve).script(0, 0), Network.regtest()))
        .contains("bcrt1q6rz28mcfaxtmd6v789l9rrlrusdprr9pz3cppk");
    assertThat(
            Address.format(
                demo(WalletAccount.Purpose.TAPROOT, curve).script(0, 0), Network.regtest()))
        .contains("bcrt1p8wpt9v4frpf3tkn0srd97pksgsxc5hs52lafxwru9kgeephvs7rqjeprhg");
  }

  @Test
  void wordsMadeFromEntropyReadBackInAnyCaseAndSpacing() throws Exception {
    for (int size = 16; size <= 32; size += 4) {
      byte[] entropy = java.util.Arrays.copyOf(Hashing.sha256(new byte[] {(byte) size}), size);
      Mnemonic made = Mnemonic.ofEntropy(entropy);
      Mnemonic read =
          Mnemonic.parse(
              "  " + made.words().toUpperCase(java.util.Locale.ROOT).replace(" ", "\n  "));
      assertThat(read.words()).isEqualTo(made.words());
      assertThat(made.words().split(" ")).hasSize(size * 3 / 4);
    }
  }

  @Test
  void seedsAreThoseOfBip39() throws Exception {
    byte[] seed = Mnemonic.parse(RegtestKeys.DEMO_MNEMONIC).seed("TREZOR");
    assertThat(HexFormat.of().formatHex(seed))
        .isEqualTo(
            "c55257c360c07c72029aebc1b53c05ed0362ada38ead3e3e9efa3708e5349553"
                + "1f09a6987599d18264c1e1c92f2cf141630c7a3c4ab7c81b2f001698e7463b04");
  }

  @ParameterizedTest
  @ValueSource(
      strings = {
        "",
        "abandon",
        "abandon abandon abandon abandon abandon abandon abandon abandon abandon abandon abandon"
            + " abandon",
        "abandon abandon abandon abandon abandon abandon abandon abandon abandon abandon abandon"
            + " abouts",
        "abandon abandon abandon abandon abandon abandon abandon abandon abandon abandon about"
      })
  void wordsWithAMistakeAreRefused(String words) {
    assertThatThrownBy(() -> Mnemonic.parse(words)).isInstanceOf(MalformedException.class);
  }
}
