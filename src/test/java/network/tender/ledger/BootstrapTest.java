package network.tender.ledger;

import static org.assertj.core.api.Assertions.assertThat;

import java.util.HashSet;
import java.util.List;
import java.util.Set;
import network.tender.chain.Hash;
import network.tender.chain.Network;
import org.junit.jupiter.api.Test;

class BootstrapTest {
  @Test
  void regtestBeginsWithTheSameBlocksForEver() {
    assertThat(Chains.BOOTSTRAP).hasSize(250);
    assertThat(Chains.BOOTSTRAP.get(249).hash().toString())
        .isEqualTo("073f25062508868507b4a5487718eb7d0f6303ff9cbc7fc44d09c47e07d90774");
    assertThat(Bootstrap.blocks(Network.regtest(), Chains.SIGNER).get(249).hash())
        .isEqualTo(Chains.BOOTSTRAP.get(249).hash());
  }

  @Test
  void allThatIsEverIssuedIsTheTreasurys() {
    ChainTotals totals = Chains.BOOTSTRAP.get(249).totals();
    assertThat(totals.issued()).isEqualTo(Network.issued());
    assertThat(totals.unspent()).isEqualTo(Network.issued());
    assertThat(totals.coins()).isEqualTo(150);
    assertThat(totals.transfers()).isZero();
    assertThat(totals.supplyDifferenceSat()).isZero();
  }

  @Test
  void noTwoNetworksShareATxid() {
    Network regtest = Network.regtest();
    Network other =
        new Network(
            "regtest2",
            regtest.hrp(),
            regtest.pubKeyHashPrefix(),
            regtest.scriptHashPrefix(),
            regtest.coinCode(),
            regtest.uriScheme(),
            regtest.treasury(),
            regtest.validators(),
            regtest.feeFloorSatPerKvb(),
            regtest.maxBlockWeight(),
            regtest.maxBlockSigopCost());
    Set<Hash> txids = new HashSet<>();
    for (List<SealedBlock> blocks :
        List.of(Chains.BOOTSTRAP, Bootstrap.blocks(other, Chains.SIGNER))) {
      for (SealedBlock block : blocks) {
        txids.addAll(block.block().txids());
      }
    }
    assertThat(txids).hasSize(500);
  }

  @Test
  void theCoinbaseCarriesHeightNetworkAndMilliseconds() {
    for (SealedBlock block : Chains.BOOTSTRAP) {
      var coinbase = block.block().transactions().get(0);
      assertThat(Coinbase.heightOf(coinbase)).hasValue(block.height());
      assertThat(Coinbase.timeMillisOf(coinbase, "regtest")).hasValue(block.timeMillis());
      assertThat(coinbase.scriptSig(0).length()).isBetween(2, 100);
    }
  }

  @Test
  void heightsArePushedInTheirShortestForm() {
    assertThat(Coinbase.heightPush(1)).containsExactly(0x51);
    assertThat(Coinbase.heightPush(16)).containsExactly(0x60);
    assertThat(Coinbase.heightPush(17)).containsExactly(1, 17);
    assertThat(Coinbase.heightPush(127)).containsExactly(1, 127);
    assertThat(Coinbase.heightPush(128)).containsExactly(2, 0x80, 0);
    assertThat(Coinbase.heightPush(255)).containsExactly(2, 0xff, 0);
    assertThat(Coinbase.heightPush(256)).containsExactly(2, 0, 1);
    assertThat(Coinbase.heightPush(32_768)).containsExactly(3, 0, 0x80, 0);
    assertThat(Coinbase.heightPush(Integer.MAX_VALUE)).containsExactly(4, 0xff, 0xff, 0xff, 0x7f);
  }
}
