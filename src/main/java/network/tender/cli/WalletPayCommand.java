package network.tender.cli;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.node.ObjectNode;
import java.io.IOException;
import java.math.BigDecimal;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.Set;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.locks.LockSupport;
import network.tender.chain.Amount;
import network.tender.chain.MalformedException;
import network.tender.chain.Script;
import network.tender.chain.Transaction;
import network.tender.chain.TransferInput;
import network.tender.chain.TransferOutput;
import network.tender.ledger.Reason;
import network.tender.ledger.Receipt;
import network.tender.ledger.ReceiptJson;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Option;
import picocli.CommandLine.Parameters;

/**
 * Pays. The signed transfer is written to the wallet's file before it is sent, so that whatever
 * happens in between, paying the same again sends the same transfer and never pays twice.
 */
@Command(
    name = "pay",
    mixinStandardHelpOptions = true,
    description = {
      "Pay an address or a payment URI and wait until the payment is settled.",
      "If the outcome stays unknown, run the same command again: it sends the same transfer, so"
          + " nothing is paid twice.",
      "Exit code 0 means paid, also if the receipt could not be saved: a warning says that."
    },
    footer = {
      "",
      "Examples:",
      "  tender wallet pay --wallet w.json bcrt1q… 0.25",
      "  tender wallet pay --wallet w.json \"bitcoin:bcrt1q…?amount=0.25\""
    })
final class WalletPayCommand extends WalletOperation {
  private static final int VERSION = 2;
  private static final int MAX_ATTEMPT_SECONDS = 15;
  private static final long RETRY_NANOS = TimeUnit.MILLISECONDS.toNanos(250);
  private static final Set<String> COINS_GONE =
      Set.of(Reason.CONFLICT.code(), Reason.DOUBLE_SPEND.code());

  @Parameters(index = "0", paramLabel = "ADDRESS|URI", description = "Whom to pay.")
  private String target = "";

  @Parameters(
      index = "1",
      arity = "0..1",
      paramLabel = "AMOUNT",
      description = "How much, in coins, such as 0.25; not needed if the URI says it.")
  private Optional<String> amountText = Optional.empty();

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

  @Mixin private GapLimit gapLimit = new GapLimit();

  WalletPayCommand(Terminal terminal) {
    super(terminal);
  }

  /** Whom to pay how much. */
  private record Order(String address, Script script, Amount amount) {}

  @Override
  Answer answer() {
    Optional<Amount> named = namedAmount();
    SeedFile file = seedFile();
    file.read();
    receiptFile.ifPresent(WalletPayCommand::demandNew);
    NodeClient node = nodeClient();
    return file.locked(() -> pay(file, node, named));
  }

  private Answer pay(SeedFile file, NodeClient node, Optional<Amount> named) {
    SeedFile.Content content = file.read();
    NetworkFacts facts = networkOf(node, content);
    Order order = order(facts, named);
    Optional<Answer> earlier = finishPending(file, content, node, facts, order);
    if (earlier.isPresent()) {
      return earlier.get();
    }
    return payAnew(file, node, facts, order);
  }

  /** The amount on the command line. */
  private Optional<Amount> namedAmount() {
    if (amountText.isEmpty() && !PaymentUri.isUri(target)) {
      throw noAmount();
    }
    try {
      return amountText.map(PaymentUri::parseAmount);
    } catch (CommandFailure e) {
      throw CommandFailure.wrongUsage(e.code(), e.sentence());
    }
  }

  private static CommandFailure noAmount() {
    return CommandFailure.wrongUsage("bad-amount", "Say how much to pay, in coins, such as 0.25.");
  }

  private Order order(NetworkFacts facts, Optional<Amount> named) {
    String address = target;
    Optional<Amount> amount = named;
    if (PaymentUri.isUri(target)) {
      PaymentUri uri = PaymentUri.parse(target, facts.uriScheme());
      address = uri.address();
      if (amount.isPresent() && uri.amount().isPresent() && !amount.equals(uri.amount())) {
        throw CommandFailure.wrongUsage(
            "bad-amount",
            "The URI asks for "
                + uri.amount().get().toCoinText()
                + " but the command line says "
                + amount.get().toCoinText()
                + "; leave one of them out.");
      }
      amount = amount.or(uri::amount);
    }
    if (amount.isEmpty()) {
      throw noAmount();
    }
    return new Order(address, facts.scriptOf(address), amount.get());
  }

  private static void demandNew(Path path) {
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
   * Settles the question of an earlier payment whose outcome this wallet never learned.
   *
   * @return the answer, if that payment is the very one that is asked for now
   */
  private Optional<Answer> finishPending(
      SeedFile file, SeedFile.Content content, NodeClient node, NetworkFacts facts, Order order) {
    if (content.pending().isEmpty()) {
      return Optional.empty();
    }
    SeedFile.Pending pending = content.pending().get();
    Transaction transfer = parse(pending);
    boolean same =
        pending.sat() == order.amount().sat()
            && facts.scriptOf(pending.address()).equals(order.script());
    note(
        "An earlier payment of "
            + Amount.ofSat(pending.sat()).toCoinText()
            + " to "
            + pending.address()
            + " has no known outcome; sending that same transfer again.");
    long begin = System.nanoTime();
    NodeClient.SendOutcome outcome = send(node, transfer);
    if (outcome instanceof NodeClient.SendOutcome.Unknown unknown) {
      throw outcomeUnknown(transfer, unknown);
    }
    file.replace(content.withPending(Optional.empty(), content.nextChange()));
    if (outcome instanceof NodeClient.SendOutcome.Refused refused) {
      note("That earlier payment was refused and moved nothing: " + refused.detail());
    } else if (outcome instanceof NodeClient.SendOutcome.Settled settled) {
      if (same) {
        return Optional.of(settledAnswer(transfer, settled.answer(), elapsedMillis(begin)));
      }
      note("That earlier payment is settled; now for this one.");
    }
    return Optional.empty();
  }

  private static Transaction parse(SeedFile.Pending pending) {
    try {
      return Transaction.parseHex(pending.rawHex());
    } catch (MalformedException e) {
      throw new CommandFailure("wallet-malformed", "The wallet's pending transfer is damaged.", e);
    }
  }

  private Answer payAnew(SeedFile file, NodeClient node, NetworkFacts facts, Order order) {
    long deadline = System.nanoTime() + TimeUnit.SECONDS.toNanos(timeoutSeconds);
    while (true) {
      SeedFile.Content content = file.read();
      WalletKeys keys = WalletKeys.of(content);
      WalletScan scan = WalletScan.run(node, keys, content, gapLimit);
      int changeIndex = Math.max(content.nextChange(), scan.nextUnused(true));
      BigDecimal feeRate = feeRate(node, facts);
      CoinSelection selection =
          CoinSelection.select(
              scan.coins(), order.amount(), order.script(), content.kind(), feeRate);
      Transaction transfer = sign(keys, selection, order, changeIndex);
      int nextChange = selection.change().isPresent() ? changeIndex + 1 : changeIndex;
      SeedFile.Content committed =
          content.withPending(
              Optional.of(
                  new SeedFile.Pending(transfer.toHex(), order.address(), order.amount().sat())),
              nextChange);
      file.replace(committed);

      long begin = System.nanoTime();
      NodeClient.SendOutcome outcome = send(node, transfer);
      if (outcome instanceof NodeClient.SendOutcome.Unknown unknown) {
        throw outcomeUnknown(transfer, unknown);
      }
      if (outcome instanceof NodeClient.SendOutcome.Settled settled) {
        file.replace(committed.withPending(Optional.empty(), nextChange));
        return settledAnswer(transfer, settled.answer(), elapsedMillis(begin));
      }
      NodeClient.SendOutcome.Refused refused = (NodeClient.SendOutcome.Refused) outcome;
      file.replace(content);
      // Another copy of the wallet may have been faster: look at the coins again.
      if (!COINS_GONE.contains(refused.code()) || System.nanoTime() - deadline >= 0) {
        throw new CommandFailure(refused.code(), "Not paid: " + refused.detail());
      }
      LockSupport.parkNanos(RETRY_NANOS);
    }
  }

  private static BigDecimal feeRate(NodeClient node, NetworkFacts facts) {
    BigDecimal floor = BigDecimal.valueOf(facts.feeFloorSatPerKvb(), 3);
    return node.feeRate().map(floor::max).orElse(floor);
  }

  private static Transaction sign(
      WalletKeys keys, CoinSelection selection, Order order, int changeIndex) {
    List<TransferInput> inputs = new ArrayList<>();
    List<TransferOutput> spent = new ArrayList<>();
    List<byte[]> secrets = new ArrayList<>();
    for (WalletCoin coin : selection.coins()) {
      inputs.add(TransferInput.unsigned(coin.outpoint()));
      spent.add(new TransferOutput(coin.amount(), keys.script(coin.key())));
      secrets.add(keys.secret(coin.key()));
    }
    List<TransferOutput> outputs = new ArrayList<>();
    outputs.add(new TransferOutput(order.amount(), order.script()));
    selection
        .change()
        .ifPresent(
            change ->
                outputs.add(
                    new TransferOutput(change, keys.script(new KeyPlace(true, changeIndex)))));
    return keys.signer().sign(Transaction.build(VERSION, inputs, outputs, 0), spent, secrets);
  }

  /** Sends until the outcome is known or the time is up; sending the same again is safe. */
  private NodeClient.SendOutcome send(NodeClient node, Transaction transfer) {
    long deadline = System.nanoTime() + TimeUnit.SECONDS.toNanos(timeoutSeconds);
    while (true) {
      long leftMillis = TimeUnit.NANOSECONDS.toMillis(deadline - System.nanoTime());
      long attemptMillis =
          Math.max(1, Math.min(leftMillis, TimeUnit.SECONDS.toMillis(MAX_ATTEMPT_SECONDS)));
      NodeClient.SendOutcome outcome = node.send(transfer, Duration.ofMillis(attemptMillis));
      boolean certain = !(outcome instanceof NodeClient.SendOutcome.Unknown);
      if (certain || System.nanoTime() + RETRY_NANOS - deadline >= 0) {
        return outcome;
      }
      LockSupport.parkNanos(RETRY_NANOS);
    }
  }

  private static CommandFailure outcomeUnknown(
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

  private static long elapsedMillis(long beginNanos) {
    return TimeUnit.NANOSECONDS.toMillis(System.nanoTime() - beginNanos);
  }

  private Answer settledAnswer(Transaction transfer, JsonNode answer, long settledMillis) {
    int height = answer.path("height").asInt();
    ObjectNode json =
        Json.object()
            .put("txid", transfer.txid().toString())
            .put("height", height)
            .put("settledMillis", settledMillis)
            .put("paidSat", transfer.outputSat(0));
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
        note(sentence);
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
