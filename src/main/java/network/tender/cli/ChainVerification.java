package network.tender.cli;

import java.io.IOException;
import java.time.InstantSource;
import java.util.List;
import java.util.Optional;
import java.util.function.Consumer;
import network.tender.chain.Block;
import network.tender.chain.Hash;
import network.tender.chain.Network;
import network.tender.ledger.BlockValidator;
import network.tender.ledger.BlockValidator.Spend;
import network.tender.ledger.BlockValidator.Verdict;
import network.tender.ledger.ChainState;
import network.tender.ledger.Rejection;
import network.tender.script.Curve;
import network.tender.script.TransferVerifier;
import network.tender.settlement.SignatureChecks;

/**
 * One pass over a chain: a thread reads, this one connects block after block, all processors check
 * signatures behind it. The outcome is that of judging one block after the other.
 */
final class ChainVerification {
  /** What came out. */
  sealed interface Outcome {
    /**
     * Every rule is kept.
     *
     * @param state where the chain ends
     */
    record Valid(ChainState state) implements Outcome {}

    /**
     * A block breaks a rule, and none before it does.
     *
     * @param height of the block
     * @param blockHash its hash
     * @param rejection the rule
     */
    record Invalid(int height, Hash blockHash, Rejection rejection) implements Outcome {}
  }

  private final BlockValidator validator;
  private final TransferVerifier verifier;
  private final InstantSource clock;
  private final int threadCount;

  /** What the validator has handed over of the block at hand. */
  private List<Spend> spends = List.of();

  /**
   * A pass that begins behind the genesis block.
   *
   * @param curve for certificates
   * @param verifier for what inputs spend
   * @param threadCount threads that check signatures
   */
  ChainVerification(
      Network network,
      Curve curve,
      TransferVerifier verifier,
      InstantSource clock,
      int threadCount) {
    this.validator =
        new BlockValidator(network, curve, BlockValidator.coinsInMemory(), this::takeSpends);
    this.verifier = verifier;
    this.clock = clock;
    this.threadCount = threadCount;
  }

  private Optional<Rejection> takeSpends(List<Spend> handed) {
    spends = handed;
    return Optional.empty();
  }

  /**
   * Judges all blocks of a source.
   *
   * @param source its next block is that of height 1
   * @param connected told after each block that is connected; its signatures may be unchecked yet
   * @throws IOException if the source can't be read
   * @throws CommandFailure if something in it is no block
   */
  Outcome run(BlockSource source, Consumer<ChainState> connected)
      throws IOException, InterruptedException {
    try (ReadAhead blocks = new ReadAhead(source, 1);
        SignatureChecks signatures = new SignatureChecks(verifier, threadCount)) {
      Outcome outcome;
      try {
        outcome = connect(blocks, signatures, connected);
      } catch (IOException | CommandFailure e) {
        Optional<SignatureChecks.Failure> earlier = signatures.await();
        if (earlier.isPresent()) {
          return invalid(earlier.get());
        }
        throw e;
      }
      // Signatures are handed over only where all is well up to them, so they come first.
      return signatures.await().map(ChainVerification::invalid).orElse(outcome);
    }
  }

  private static Outcome invalid(SignatureChecks.Failure failure) {
    return new Outcome.Invalid(failure.height(), failure.blockHash(), failure.rejection());
  }

  private Outcome connect(
      ReadAhead blocks, SignatureChecks signatures, Consumer<ChainState> connected)
      throws IOException, InterruptedException {
    while (!signatures.hasFailed()) {
      Optional<ReadAhead.ReadBlock> next = blocks.next();
      if (next.isEmpty()) {
        break;
      }
      Block block = next.get().block();
      int height = validator.state().height() + 1;
      spends = List.of();
      Verdict verdict =
          validator.validate(block, next.get().certificate(), clock.instant().getEpochSecond());
      signatures.add(height, block.hash(), spends);
      if (verdict instanceof Verdict.Invalid invalid) {
        return new Outcome.Invalid(height, block.hash(), invalid.rejection());
      }
      connected.accept(validator.state());
    }
    return new Outcome.Valid(validator.state());
  }
}
