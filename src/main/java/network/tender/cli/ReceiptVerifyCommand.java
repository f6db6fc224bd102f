package network.tender.cli;

import com.fasterxml.jackson.databind.node.ObjectNode;
import java.io.IOException;
import java.nio.file.Path;
import java.time.Instant;
import java.util.Optional;
import network.tender.chain.MalformedException;
import network.tender.ledger.Receipt;
import network.tender.ledger.ReceiptVerifier;
import network.tender.script.Curve;
import network.tender.web.transfers.SettledAnswer;
import picocli.CommandLine.Command;
import picocli.CommandLine.Option;
import picocli.CommandLine.Parameters;

/** Checks a receipt with nothing but the validators' public keys. */
@Command(
    name = "verify",
    mixinStandardHelpOptions = true,
    description = {
      "Check a receipt offline; exit code 0 only if it proves its transfer.",
      "FILE holds the receipt or a node's whole answer to a transfer, byte for byte: one changed"
          + " byte is refused."
    })
final class ReceiptVerifyCommand extends AnsweringCommand {
  private static final int MAX_RECEIPT_BYTES = 1_000_000;

  @Parameters(paramLabel = "FILE", description = "The receipt; '-' for standard input.")
  private String file = "";

  @Option(
      names = "--validators",
      paramLabel = "FILE",
      description =
          "Who may certify blocks: one public key of 64 hex digits on each line, or a node's"
              + " /v1/validators answer that you trust. Not needed on regtest.")
  private Optional<Path> validatorsFile = Optional.empty();

  ReceiptVerifyCommand(Terminal terminal) {
    super(terminal);
  }

  @Override
  Answer answer() {
    Receipt receipt = read();
    ValidatorSet validators = validators(receipt);
    ReceiptVerifier.Verdict verdict =
        new ReceiptVerifier(Curve.load(Curve.Provider.AUTO))
            .verify(receipt, validators.keys(), validators.quorum());
    if (verdict instanceof ReceiptVerifier.Verdict.Refused refused) {
      throw new CommandFailure(
          refused.flaw().code(), "The receipt proves nothing: " + refused.detail());
    }
    int signatures = receipt.certificate().signatures().size();
    ObjectNode json =
        Json.object()
            .put("proved", true)
            .put("txid", receipt.txid().toString())
            .put("network", receipt.network())
            .put("height", receipt.height())
            .put("blockHash", receipt.blockHash().toString())
            .put("headerTime", receipt.header().unixSeconds())
            .put("signatures", signatures)
            .put("validators", validators.keys().size());
    String text =
        "Proved: transfer "
            + receipt.txid()
            + "\nis settled in block "
            + receipt.height()
            + " of network "
            + receipt.network()
            + " ("
            + receipt.blockHash()
            + ", "
            + Instant.ofEpochSecond(receipt.header().unixSeconds())
            + "),\ncertified by "
            + signatures
            + " of "
            + validators.keys().size()
            + (validators.keys().size() == 1 ? " validator." : " validators.");
    return Answer.of(json, text);
  }

  private Receipt read() {
    byte[] bytes;
    try {
      bytes = InputFiles.readAll(file, terminal(), MAX_RECEIPT_BYTES);
    } catch (IOException e) {
      throw new CommandFailure("file-not-readable", file + " can't be read: " + e, e);
    }
    try {
      return SettledAnswer.parseFile(bytes);
    } catch (MalformedException e) {
      throw new CommandFailure(
          "receipt-malformed",
          file + " holds no receipt: " + e.getMessage() + "; take the file as it was given out.",
          e);
    }
  }

  private ValidatorSet validators(Receipt receipt) {
    if (validatorsFile.isPresent()) {
      return ValidatorSet.read(validatorsFile.get());
    }
    Optional<ValidatorSet> known = ValidatorSet.known(receipt.network());
    if (known.isEmpty()) {
      throw new CommandFailure(
          "validators-needed",
          "The receipt is of network "
              + receipt.network()
              + ", whose validators are not built in; name their public keys with --validators"
              + " FILE.");
    }
    return known.get();
  }
}
