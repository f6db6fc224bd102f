package network.tender.endtoend;

import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.util.ArrayList;
import java.util.HexFormat;
import java.util.List;
import network.tender.chain.Block;
import network.tender.chain.BlockHeader;
import network.tender.chain.Network;
import network.tender.ledger.BlockSigner;
import network.tender.ledger.Bootstrap;
import network.tender.script.Curve;
import network.tender.script.RegtestKeys;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;

/** The first blocks of every development chain, and proof that the judges can say no. */
class ExportedChainTest {
  private static List<Block> blocks = List.of();

  @BeforeAll
  static void makeChain() {
    BlockSigner signer =
        BlockSigner.single(Curve.load(Curve.Provider.AUTO), RegtestKeys.validatorSecret());
    List<Block> chain = new ArrayList<>();
    chain.add(Network.genesis());
    Bootstrap.blocks(Network.regtest(), signer).forEach(block -> chain.add(block.block()));
    blocks = List.copyOf(chain);
  }

  private static List<String> hex(List<Block> chain) {
    return chain.stream().map(block -> HexFormat.of().formatHex(block.toBytes())).toList();
  }

  @Test
  void theBootstrapIsAValidBitcoinChain() throws Exception {
    ExportedChain.verifyWithBitcoinj(hex(blocks));
    ExportedChain.verifyWithBitcoinKmp(hex(blocks));
  }

  @Test
  void aBlockFromThePastIsNoticedByBoth() {
    BlockHeader header = blocks.get(20).header();
    BlockHeader old =
        new BlockHeader(
            header.version(),
            header.previous(),
            header.merkleRoot(),
            blocks.get(10).header().timeSeconds(),
            header.bits(),
            0);
    while (!old.meetsTarget()) {
      old = old.withNonce(old.nonce() + 1);
    }
    List<Block> chain = new ArrayList<>(blocks.subList(0, 20));
    chain.add(new Block(old, blocks.get(20).transactions()));
    expectRefusal(chain);
  }

  @Test
  void anotherCoinbaseIsNoticedByBoth() {
    List<Block> chain = new ArrayList<>(blocks.subList(0, 20));
    chain.add(new Block(blocks.get(20).header(), blocks.get(21).transactions()));
    expectRefusal(chain);
  }

  private static void expectRefusal(List<Block> chain) {
    assertThatThrownBy(() -> ExportedChain.verifyWithBitcoinj(hex(chain)))
        .isInstanceOfAny(Exception.class, AssertionError.class);
    assertThatThrownBy(() -> ExportedChain.verifyWithBitcoinKmp(hex(chain)))
        .isInstanceOfAny(Exception.class, AssertionError.class);
  }
}
