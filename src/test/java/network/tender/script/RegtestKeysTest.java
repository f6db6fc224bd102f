package network.tender.script;

import static org.assertj.core.api.Assertions.assertThat;

import java.util.Arrays;
import network.tender.chain.Hashing;
import network.tender.chain.Network;
import network.tender.chain.Script;
import network.tender.chain.XOnlyKey;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;

class RegtestKeysTest {
  @ParameterizedTest
  @EnumSource(Curve.Provider.class)
  void theTreasuryOfRegtestBelongsToTheKnownSecret(Curve.Provider provider) {
    byte[] key = Curve.load(provider).publicKey(RegtestKeys.treasurySecret());

    assertThat(Network.regtest().treasury()).isEqualTo(Script.p2wpkh(Hashing.hash160(key)));
  }

  @ParameterizedTest
  @EnumSource(Curve.Provider.class)
  void theValidatorOfRegtestHasTheKnownSecret(Curve.Provider provider) {
    byte[] key = Curve.load(provider).publicKey(RegtestKeys.validatorSecret());

    assertThat(Network.regtest().validators())
        .containsExactly(XOnlyKey.of(Arrays.copyOfRange(key, 1, 33)));
  }
}
