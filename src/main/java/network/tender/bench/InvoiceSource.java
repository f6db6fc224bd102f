package network.tender.bench;

import com.fasterxml.jackson.databind.node.ObjectNode;
import java.nio.charset.StandardCharsets;
import java.util.ArrayDeque;
import java.util.Deque;
import java.util.concurrent.atomic.AtomicLong;
import network.tender.chain.Address;
import network.tender.chain.MalformedException;
import network.tender.chain.Network;
import network.tender.chain.Transaction;
import org.jspecify.annotations.Nullable;

/**
 * The life of invoices, each step a request of its own: made, asked for its address, paid, and
 * looked at, for after the payment's receipt it must be settled. Or only the first step.
 */
final class InvoiceSource implements Source {
  /** What a customer pays with. */
  interface Purse {
    /** Pays an amount to an address; null if there are no coins left. */
    @Nullable Transaction pay(network.tender.chain.Script to);
  }

  private static final byte[] NOTHING = {};
  private static final byte[] SETTLED =
      "\"status\":\"Settled\"".getBytes(StandardCharsets.US_ASCII);
  private static final byte[] PAY = Load.postHead("/v1/transfers", "application/octet-stream");

  private enum Step {
    MAKE,
    ASK,
    PAY,
    LOOK
  }

  /** A step of one invoice. */
  private static final class Errand extends Request {
    final Step step;
    final String invoice;
    final byte[] txid;
    final long madeDueNanos;

    Errand(
        Source source,
        Step step,
        byte[] head,
        byte[] body,
        long dueNanos,
        String invoice,
        byte[] txid,
        long madeDueNanos) {
      super(source, head, body, 0, dueNanos);
      this.step = step;
      this.invoice = invoice;
      this.txid = txid;
      this.madeDueNanos = madeDueNanos;
    }
  }

  private final Shop shop;
  private final Purse purse;
  private final boolean makeOnly;
  private final Pace pace;
  private final byte[] makeHead;
  private final byte[] makeBody;
  private final Network network = Network.regtest();
  private final int atOnce;
  private final Deque<Errand> payments = new ArrayDeque<>();
  private final Deque<Errand> questions = new ArrayDeque<>();
  private int asking;
  private final Latencies makeLatencies = new Latencies();
  private final Latencies payLatencies = new Latencies();
  private final Latencies lifeLatencies = new Latencies();
  private final Counts counts = new Counts();
  private final AtomicLong finished = new AtomicLong();
  private long begun;
  private long made;
  private long madeInTime;
  private long settled;
  private long settledInTime;
  private long unsettled;
  private int inFlight;
  private boolean ranOut;
  private long lastAnswerNanos;

  private InvoiceSource(Shop shop, Purse purse, boolean makeOnly, Pace pace, int atOnce) {
    this.shop = shop;
    this.purse = purse;
    this.makeOnly = makeOnly;
    this.pace = pace;
    this.atOnce = atOnce;
    this.makeHead = Load.postHead(shop.invoicesPath(), "application/json", shop.authorization());
    this.makeBody = shop.invoice().toString().getBytes(StandardCharsets.UTF_8);
  }

  /** Invoices that nobody pays. */
  static InvoiceSource makeOnly(Shop shop, Pace pace) {
    return new InvoiceSource(shop, to -> null, true, pace, Integer.MAX_VALUE);
  }

  /**
   * Invoices from their making until they are settled.
   *
   * @param atOnce how many requests other than payments may be under way: payments wait for their
   *     blocks, and the connections that they need would be too many for the shop's own questions
   */
  static InvoiceSource wholeLife(Shop shop, Purse purse, Pace pace, int atOnce) {
    return new InvoiceSource(shop, purse, false, pace, atOnce);
  }

  @Override
  public @Nullable Request next(long nowNanos) {
    if (!pace.hasBegun()) {
      pace.begin(nowNanos);
      lastAnswerNanos = nowNanos;
    }
    Errand errand = payments.poll();
    if (errand == null && asking < atOnce) {
      errand = (Errand) counts.again(nowNanos);
      if (errand == null) {
        errand = questions.poll();
      }
      if (errand == null) {
        errand = newInvoice(nowNanos);
      }
    }
    if (errand != null) {
      inFlight++;
      asking += errand.step == Step.PAY ? 0 : 1;
    }
    return errand;
  }

  private void returned(Errand errand) {
    inFlight--;
    asking -= errand.step == Step.PAY ? 0 : 1;
  }

  private @Nullable Errand newInvoice(long nowNanos) {
    long due = pace.dueNanos(nowNanos, begun);
    if (pace.isOver(nowNanos) || ranOut || due - nowNanos > 0) {
      return null;
    }
    begun++;
    return new Errand(this, Step.MAKE, makeHead, makeBody, due, "", NOTHING, due);
  }

  @Override
  public void answered(Request request, ResponseReader answer, long nowNanos) {
    Errand errand = (Errand) request;
    returned(errand);
    lastAnswerNanos = nowNanos;
    if (answer.status() != 200) {
      counts.refuse(answer);
      if (answer.status() == Counts.UNAVAILABLE && !pace.isOver(nowNanos)) {
        counts.tryAgain(request, answer, nowNanos);
      }
      return;
    }
    switch (errand.step) {
      case MAKE -> made(errand, answer, nowNanos);
      case ASK -> pay(errand, answer, nowNanos);
      case PAY -> paid(errand, answer, nowNanos);
      case LOOK -> looked(errand, answer, nowNanos);
    }
  }

  private void made(Errand errand, ResponseReader answer, long nowNanos) {
    makeLatencies.record(errand.dueNanos, nowNanos);
    made++;
    madeInTime += pace.isOver(nowNanos) ? 0 : 1;
    if (makeOnly) {
      finished.incrementAndGet();
      return;
    }
    String invoice = answer.textMember("id");
    byte[] head =
        Load.getHead(
            shop.invoicesPath() + "/" + invoice + "/payment-methods", shop.authorization());
    questions.add(
        new Errand(this, Step.ASK, head, NOTHING, nowNanos, invoice, NOTHING, errand.madeDueNanos));
  }

  private void pay(Errand errand, ResponseReader answer, long nowNanos) {
    Transaction payment;
    try {
      payment = purse.pay(Address.parse(answer.textMember("destination"), network));
    } catch (MalformedException e) {
      throw new BenchException("unexpected-answer", "An invoice has no address.", e);
    }
    if (payment == null) {
      ranOut = true;
      return;
    }
    byte[] txid = payment.txid().toString().getBytes(StandardCharsets.US_ASCII);
    payments.add(
        new Errand(
            this,
            Step.PAY,
            PAY,
            payment.toBytes(),
            nowNanos,
            errand.invoice,
            txid,
            errand.madeDueNanos));
  }

  private void paid(Errand errand, ResponseReader answer, long nowNanos) {
    if (!TransferSource.isReceipt(answer, errand.txid)) {
      throw new BenchException("unexpected-answer", "A payment was answered without a receipt.");
    }
    payLatencies.record(errand.dueNanos, nowNanos);
    byte[] head = Load.getHead(shop.invoicesPath() + "/" + errand.invoice, shop.authorization());
    questions.add(
        new Errand(
            this,
            Step.LOOK,
            head,
            NOTHING,
            nowNanos,
            errand.invoice,
            NOTHING,
            errand.madeDueNanos));
  }

  private void looked(Errand errand, ResponseReader answer, long nowNanos) {
    finished.incrementAndGet();
    if (answer.bodyIndexOf(SETTLED, 0) < 0) {
      unsettled++;
      return;
    }
    lifeLatencies.record(errand.madeDueNanos, nowNanos);
    settled++;
    settledInTime += pace.isOver(nowNanos) ? 0 : 1;
  }

  @Override
  public void lost(Request request, long nowNanos) {
    returned((Errand) request);
    counts.lose();
    counts.tryAgain(request, nowNanos);
  }

  @Override
  public boolean isFinished(long nowNanos) {
    return pace.hasBegun()
        && inFlight == 0
        && payments.isEmpty()
        && questions.isEmpty()
        && (pace.isOver(nowNanos) || (ranOut && !counts.isSomeDelayed()));
  }

  @Override
  public long done() {
    return finished.get();
  }

  double seconds() {
    return pace.secondsUntil(lastAnswerNanos);
  }

  long madeCount() {
    return made;
  }

  double madePerSecond() {
    return madeInTime / Math.max(1e-9, seconds());
  }

  /** Invoices that were paid and then settled. */
  long settledCount() {
    return settled;
  }

  double settledPerSecond() {
    return settledInTime / Math.max(1e-9, seconds());
  }

  /** Invoices whose payment had a receipt, and which were not settled all the same. */
  long unsettledCount() {
    return unsettled;
  }

  /** From the request for an invoice until it can be paid. */
  Latencies makeLatencies() {
    return makeLatencies;
  }

  /** From the payment until its receipt. */
  Latencies payLatencies() {
    return payLatencies;
  }

  /** From the request for an invoice until it was seen settled. */
  Latencies lifeLatencies() {
    return lifeLatencies;
  }

  Counts counts() {
    return counts;
  }

  /** The figures of a whole life. */
  ObjectNode toJson() {
    ObjectNode json = NodeApi.object();
    json.put("settled", settled);
    json.put("settledPerSecond", Usage.rounded(settledPerSecond()));
    json.set("createMillis", makeLatencies.toJson());
    json.set("payMillis", payLatencies.toJson());
    json.set("latencyMillis", lifeLatencies.toJson());
    counts.writeTo(json);
    return json;
  }
}
