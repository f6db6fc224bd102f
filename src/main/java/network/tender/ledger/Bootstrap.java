package network.tender.ledger;

import java.util.ArrayList;
import java.util.List;
import network.tender.chain.Amount;
import network.tender.chain.Network;

/**
 * The deterministic first {@value network.tender.chain.Network#BOOTSTRAP_BLOCKS} blocks of a chain:
 * the same network and signer always give the same blocks.
 */
public final class Bootstrap {
  /** Header times are this far apart, from the genesis block's on. */
  private static final int BLOCK_SECONDS = 600;

  private Bootstrap() {}

  /**
   * The blocks from height 1 on: those whose subsidies pay the treasury, then those that let them
   * mature, which pay nothing.
   */
  public static List<SealedBlock> blocks(Network network, BlockSigner signer) {
    BlockAssembly assembly = new BlockAssembly(network, signer);
    ChainState tip = ChainState.genesis();
    HeaderTimes times = new HeaderTimes(0, tip.headerSeconds(), 2 * ChainState.MEDIAN_BLOCKS);
    long genesisSeconds = Network.genesis().header().unixSeconds();
    List<SealedBlock> blocks = new ArrayList<>(Network.BOOTSTRAP_BLOCKS);
    for (int height = 1; height <= Network.BOOTSTRAP_BLOCKS; height++) {
      Amount pay = height <= Network.ISSUING_BLOCKS ? Network.subsidy(height) : Amount.ZERO;
      long millis = (genesisSeconds + (long) height * BLOCK_SECONDS) * 1_000;
      SealedBlock block =
          assembly.assemble(
              tip, times.medianTimePast(), List.of(), List.of(), pay, Amount.ZERO, millis);
      blocks.add(block);
      tip = tip.plus(block, ChainState.MEDIAN_BLOCKS);
      times.add(block.block().header().unixSeconds());
    }
    return blocks;
  }
}
