package network.tender.cli;

import java.math.BigDecimal;
import java.util.List;
import java.util.Optional;
import java.util.Set;
import java.util.concurrent.locks.LockSupport;
import network.tender.chain.Amount;
import network.tender.chain.MalformedException;
import network.tender.chain.Transaction;
import network.tender.ledger.Reason;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;

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
      "  tender wallet pay --wallet w.json \"bitcoin:bcrt1q…?amount=0.25\"",
      "  tender wallet pay --wallet w.json bcrt1q… --all"
    })
final class WalletPayCommand extends WalletOperation {
  private static final Set<String> COINS_GONE =
      Set.of(Reason.CONFLICT.code(), Reason.DOUBLE_SPEND.code());

  @Mixin private PaymentTarget target = new PaymentTarget();
  @Mixin private FeeRate feeRate = new FeeRate();
  @Mixin private FeeLimit feeLimit = new FeeLimit();
  @Mixin private Sending sending = new Sending();
  @Mixin private GapLimit gapLimit = new GapLimit();

  WalletPayCommand(Terminal terminal) {
    super(terminal);
  }

  @Override
  Answer answer() {
    target.check();
    WalletFile file = walletFile();
    if (file.read().source() instanceof WalletFile.Source.Watched) {
      throw WalletKeys.watchOnly();
    }
    NodeClient node = nodeClient();
    sending.demandReceiptFile(node);
    return file.locked(() -> pay(file, node));
  }

  private Answer pay(WalletFile file, NodeClient node) {
    WalletFile.Content content = file.read();
    NetworkFacts facts = networkOf(node, content);
    PaymentOrder order = target.order(facts);
    Optional<Answer> earlier = finishPending(file, content, node, facts, order);
    if (earlier.isPresent()) {
      return earlier.get();
    }
    return payAnew(file, node, facts, order);
  }

  /**
   * Settles the question of an earlier payment whose outcome this wallet never learned.
   *
   * @return the answer, if that payment is the very one that is asked for now
   */
  private Optional<Answer> finishPending(
      WalletFile file,
      WalletFile.Content content,
      NodeClient node,
      NetworkFacts facts,
      PaymentOrder order) {
    if (content.pending().isEmpty()) {
      return Optional.empty();
    }
    WalletFile.Pending pending = content.pending().get();
    Transaction transfer = parse(pending);
    boolean sameAmount =
        order.amount().isEmpty()
            ? pending.all()
            : !pending.all() && pending.sat() == order.amount().get().sat();
    boolean same = sameAmount && facts.scriptOf(pending.address()).equals(order.script());
    note(
        "An earlier payment of "
            + Amount.ofSat(pending.sat()).toCoinText()
            + " to "
            + pending.address()
            + " has no known outcome; sending that same transfer again.");
    long begin = System.nanoTime();
    NodeClient.SendOutcome outcome = sending.send(node, transfer, Optional.of(facts.name()));
    if (outcome instanceof NodeClient.SendOutcome.Unknown unknown) {
      throw Sending.outcomeUnknown(transfer, unknown);
    }
    file.replace(content.withPending(Optional.empty(), content.nextChange()));
    if (outcome instanceof NodeClient.SendOutcome.Refused refused) {
      note("That earlier payment was refused and moved nothing: " + refused.detail());
    } else if (outcome instanceof NodeClient.SendOutcome.Settled settled) {
      if (same) {
        Answer answer = sending.settled(transfer, settled.answer(), begin, this::note);
        answer.json().put("paidSat", pending.sat());
        return Optional.of(answer);
      }
      note("That earlier payment is settled; now for this one.");
    }
    return Optional.empty();
  }

  private static Transaction parse(WalletFile.Pending pending) {
    try {
      return Transaction.parseHex(pending.rawHex());
    } catch (MalformedException e) {
      throw new CommandFailure("wallet-malformed", "The wallet's pending transfer is damaged.", e);
    }
  }

  private Answer payAnew(WalletFile file, NodeClient node, NetworkFacts facts, PaymentOrder order) {
    long deadline = sending.deadlineNanos();
    while (true) {
      WalletFile.Content content = file.read();
      WalletKeys keys = WalletKeys.of(content);
      WalletScan scan = WalletScan.run(node, keys, content, gapLimit);
      List<WalletCoin> coins = scan.coins();
      int changeIndex = Math.max(content.nextChange(), scan.nextUnused(true));
      BigDecimal satPerVbyte = feeRate.satPerVbyte(node, facts);
      PaymentPlan plan;
      try {
        plan = PaymentPlan.of(order, coins, keys, changeIndex, satPerVbyte, feeLimit);
      } catch (CommandFailure e) {
        boolean moreOnItsWay = coins.stream().anyMatch(coin -> !coin.confirmed());
        if (!moreOnItsWay
            || !e.code().equals(CoinSelection.INSUFFICIENT)
            || System.nanoTime() - deadline >= 0) {
          throw e;
        }
        LockSupport.parkNanos(Sending.RETRY_NANOS);
        continue;
      }
      if (PreviousTransactions.areNeeded(keys)) {
        PreviousTransactions.proving(node, plan);
      }
      Transaction transfer = plan.sign(keys);
      int nextChange = plan.change().isPresent() ? changeIndex + 1 : changeIndex;
      WalletFile.Content committed =
          content.withPending(
              Optional.of(
                  new WalletFile.Pending(
                      transfer.toHex(),
                      order.address(),
                      plan.paid().sat(),
                      order.amount().isEmpty())),
              nextChange);
      file.replace(committed);

      long begin = System.nanoTime();
      NodeClient.SendOutcome outcome = sending.send(node, transfer, Optional.of(facts.name()));
      if (outcome instanceof NodeClient.SendOutcome.Unknown unknown) {
        throw Sending.outcomeUnknown(transfer, unknown);
      }
      if (outcome instanceof NodeClient.SendOutcome.Settled settled) {
        file.replace(committed.withPending(Optional.empty(), nextChange));
        return settled(plan, order, transfer, settled, begin);
      }
      NodeClient.SendOutcome.Refused refused = (NodeClient.SendOutcome.Refused) outcome;
      file.replace(content);
      // Another copy of the wallet may have been faster: look at the coins again.
      if (!COINS_GONE.contains(refused.code()) || System.nanoTime() - deadline >= 0) {
        throw new CommandFailure(refused.code(), "Not paid: " + refused.detail());
      }
      LockSupport.parkNanos(Sending.RETRY_NANOS);
    }
  }

  private Answer settled(
      PaymentPlan plan,
      PaymentOrder order,
      Transaction transfer,
      NodeClient.SendOutcome.Settled settled,
      long begin) {
    Answer answer = sending.settled(transfer, settled.answer(), begin, this::note);
    answer.json().put("paidSat", plan.paid().sat()).put("feeSat", plan.fee().sat());
    if (order.amount().isEmpty() && plan.coinsLeft() > 0) {
      answer.json().put("coinsLeft", plan.coinsLeft());
      note(
          "Note: "
              + plan.coinsLeft()
              + " coins stay in the wallet: too many for one transfer, or not worth their fee.");
    }
    return answer;
  }
}
