package network.tender.cli;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.node.ObjectNode;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import java.time.Duration;
import java.util.Optional;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.locks.LockSupport;
import java.util.function.Consumer;
import network.tender.chain.MalformedException;
import network.tender.chain.Transaction;
import network.tender.ledger.Receipt;
import network.tender.ledger.ReceiptJson;
import picocli.CommandLine.Option;

/** How a signed transfer is sent and what is said of it: options of the commands that pay. */
final class Sending {
  private static final int MAX_ATTEMPT_SECONDS = 15;

  /** Pause between two attempts. */
  static final long RETRY_NANOS = TimeUnit.MILLISECONDS.toNanos(250);

  @Option(
      names = "--save-receipt",
      paramLabel = "FILE",
      description = "Write the receipt to a new file; 'tender receipt verify' checks it.")
  private Optional<Path> receiptFile = Optional.empty();

  @Option(
      names = "--timeout",
      converter = Seconds.class,
      paramLabel = "SECONDS",
      description = "How long to go on sending (default: ${DEFAULT-VALUE}).",
      defaultValue = "30")
  private int timeoutSeconds = 30;

  /** When to give up, on the clock of {@link System#nanoTime}. */
  long deadlineNanos() {
    return System.nanoTime() + TimeUnit.SECONDS.toNanos(timeoutSeconds);
  }

  /** Fails before anything is paid if the receipt could not be saved. */
  void demandReceiptFile(NodeClient node) {
    if (receiptFile.isEmpty()) {
      return;
    }
    if (node.isPlainEsplora()) {
      throw CommandFailure.wrongUsage(
          "no-receipts", "An Esplora server gives no receipts; leave --save-receipt out.");
    }
    Path path = receiptFile.get();
    Path folder = path.toAbsolutePath().getParent();
    if (Files.exists(path) || folder == null || !Files.isWritable(folder)) {
      throw new CommandFailure(
          "receipt-not-writable",
          "The receipt can't be written to "
              + path
              + " (it exists already, or its folder is not writable); nothing was paid.");
    }
  }

  /**
   * Sends until the outcome is known or the time is up; sending the same again is safe.
   *
   * @param network of the transfer, if it is known
   */
  NodeClient.SendOutcome send(NodeClient node, Transaction transfer, Optional<String> network) {
    long deadline = deadlineNanos();
    while (true) {
      long leftMillis = TimeUnit.NANOSECONDS.toMillis(deadline - System.nanoTime());
      long attemptMillis =
          Math.max(1, Math.min(leftMillis, TimeUnit.SECONDS.toMillis(MAX_ATTEMPT_SECONDS)));
      NodeClient.SendOutcome outcome =
          node.send(transfer, network, Duration.ofMillis(attemptMillis));
      boolean certain = !(outcome instanceof NodeClient.SendOutcome.Unknown);
      if (certain || System.nanoTime() + RETRY_NANOS - deadline >= 0) {
        return outcome;
      }
      LockSupport.parkNanos(RETRY_NANOS);
    }
  }

  /** What is said when the time is up and nobody knows. */
  static CommandFailure outcomeUnknown(
      Transaction transfer, NodeClient.SendOutcome.Unknown unknown) {
    return new CommandFailure(
        "outcome-unknown",
        "It is not known whether transfer "
            + transfer.txid()
            + " is settled ("
            + unknown.code()
            + "). Run the same command again later: it sends the same transfer, so nothing is paid"
            + " twice.");
  }

  /**
   * The answer to a payment that is settled, with its receipt saved.
   *
   * @param answer the node's
   * @param beginNanos when sending began
   * @param note where warnings go
   */
  Answer settled(Transaction transfer, JsonNode answer, long beginNanos, Consumer<String> note) {
    int height = answer.path("height").asInt();
    long settledMillis = TimeUnit.NANOSECONDS.toMillis(System.nanoTime() - beginNanos);
    ObjectNode json =
        Json.object()
            .put("txid", transfer.txid().toString())
            .put("height", height)
            .put("settledMillis", settledMillis);
    StringBuilder text = new StringBuilder();
    text.append("Settled in block ").append(height);
    text.append(" after ").append(settledMillis).append(" ms.\n");
    text.append("txid ").append(transfer.txid());
    if (receiptFile.isPresent()) {
      Path path = receiptFile.get();
      try {
        save(path, transfer, answer.path("receipt"));
        json.put("receipt", path.toString());
        text.append("\nreceipt ").append(path);
      } catch (IOException | MalformedException e) {
        // No failure: whoever tries again after one would pay twice.
        String sentence =
            "The payment is settled, but its receipt can't be written to "
                + path
                + " ("
                + e
                + "); the node keeps it at /v1/receipts/"
                + transfer.txid()
                + ".";
        json.put("receiptError", sentence);
        note.accept(sentence);
      }
    }
    return Answer.of(json, text.toString());
  }

  private static void save(Path path, Transaction transfer, JsonNode json)
      throws IOException, MalformedException {
    Receipt receipt = ReceiptJson.parse(json.toString());
    if (!receipt.txid().equals(transfer.txid())) {
      throw new MalformedException("it is another transfer's");
    }
    Files.writeString(
        path,
        ReceiptJson.writePretty(receipt) + "\n",
        StandardCharsets.UTF_8,
        StandardOpenOption.CREATE_NEW);
  }
}
