package network.tender.cli;

import java.util.List;
import java.util.Optional;
import java.util.stream.IntStream;
import network.tender.ledger.BlockValidator;
import network.tender.ledger.Rejection;
import network.tender.script.TransferVerifier;

/** Checks a block's signatures on all processors. */
final class ParallelSignatureCheck implements BlockValidator.SignatureCheck {
  private final TransferVerifier verifier;

  ParallelSignatureCheck(TransferVerifier verifier) {
    this.verifier = verifier;
  }

  @Override
  public Optional<Rejection> firstFailure(List<BlockValidator.Spend> spends) {
    return IntStream.range(0, spends.size())
        .parallel()
        .mapToObj(i -> BlockValidator.SignatureCheck.check(verifier, spends.get(i)))
        .filter(Optional::isPresent)
        .findFirst()
        .flatMap(failure -> failure);
  }
}
