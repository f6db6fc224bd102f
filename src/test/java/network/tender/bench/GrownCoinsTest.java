package network.tender.bench;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import network.tender.chain.Hash;
import network.tender.chain.Outpoint;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class GrownCoinsTest {
  @TempDir private Path folder;

  @Test
  void aLaterRunFindsWhatAnEarlierOneHasMade() {
    Hash txid = new Hash(1, 2, 3, 4);
    GrownCoins grown = GrownCoins.in(folder);
    assertThat(grown.last()).isEmpty();
    grown.add(new GrownCoins.Stage(new Funding.Coins(1_000, 5_000, List.of(txid)), 1, Kind.BOTH));
    Funding.Coins more = new Funding.Coins(500, 7_000, List.of(Hash.ZERO));
    GrownCoins.Stage stage = new GrownCoins.Stage(more, 5, Kind.P2TR);
    grown.add(stage);
    grown.use(stage, 77);

    GrownCoins found = GrownCoins.in(folder);
    assertThat(found.count()).isEqualTo(1_500);
    GrownCoins.Stage last = found.last().orElseThrow();
    assertThat(last.coins().count()).isEqualTo(500);
    assertThat(last.coins().sat()).isEqualTo(7_000);
    assertThat(last.coins().outpoint(3)).isEqualTo(new Outpoint(Hash.ZERO, 3));
    assertThat(last.stride()).isEqualTo(5);
    assertThat(last.kind()).isEqualTo(Kind.P2TR);
    assertThat(last.used()).isEqualTo(77);
  }

  @Test
  void aDamagedFileIsNoReasonToSpendAnything() throws Exception {
    Files.writeString(folder.resolve("bench-coins.json"), "[{\"count\":1");
    assertThatThrownBy(() -> GrownCoins.in(folder))
        .isInstanceOf(BenchException.class)
        .hasMessageContaining("damaged");
  }
}
