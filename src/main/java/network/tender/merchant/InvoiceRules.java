package network.tender.merchant;

import static network.tender.merchant.InvoiceRules.Told.CREATED;
import static network.tender.merchant.InvoiceRules.Told.EXPIRED_PAID_PARTIAL;
import static network.tender.merchant.InvoiceRules.Told.PAID_AFTER_EXPIRATION;
import static network.tender.merchant.InvoiceRules.Told.PAYMENT_SETTLED;
import static network.tender.merchant.InvoiceRules.Told.PROCESSING;
import static network.tender.merchant.InvoiceRules.Told.RECEIVED_PAYMENT;
import static network.tender.merchant.InvoiceStanding.EXPIRED;
import static network.tender.merchant.InvoiceStanding.EXPIRED_LATE;
import static network.tender.merchant.InvoiceStanding.EXPIRED_PARTIAL;
import static network.tender.merchant.InvoiceStanding.INVALID_BY_HAND;
import static network.tender.merchant.InvoiceStanding.NEW;
import static network.tender.merchant.InvoiceStanding.NEW_PARTIAL;
import static network.tender.merchant.InvoiceStanding.SETTLED;
import static network.tender.merchant.InvoiceStanding.SETTLED_BY_HAND;
import static network.tender.merchant.InvoiceStanding.SETTLED_OVER;

import java.util.ArrayList;
import java.util.EnumMap;
import java.util.EnumSet;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import network.tender.chain.Amount;

/**
 * The life of an invoice as a table: where it stands and what happens give where it stands then and
 * what is told, in order. Nothing here reads a clock: times come with what happens. What is not in
 * the table can't be done: there is no other way from one standing to another.
 *
 * <p>One block is final, so the first block that completes an invoice settles it under every speed
 * policy: Processing is told and passed through in the same step. The lines "Expired, paid in time"
 * exist because a block is sealed a moment before it is durable: when the clock runs out in
 * between, the block's own time decides, and the customer who paid in time has paid in time.
 *
 * <p>What is marked by hand stays as it is whatever is paid; the payments are told. A late payment
 * to an invoice that is still open first runs its time out.
 */
public final class InvoiceRules {
  /** What can happen to an invoice. */
  enum Cause {
    /** Money came, and all that came is too little. */
    PART_PAID,
    /** What came in time completes it, and is not more than was due. */
    PAID,
    /** What came in time completes it, and all that came is more than was due. */
    OVERPAID,
    /** All that came completes it, but not what came in time. */
    PAID_LATE,
    /** Its time runs out. */
    TIME_OVER,
    /** The merchant says that it is paid. */
    MARKED_SETTLED,
    /** The merchant gives it up. */
    MARKED_INVALID
  }

  /** What is told of it; what else an event says follows from where the invoice stands then. */
  enum Told {
    CREATED,
    RECEIVED_PAYMENT,
    PROCESSING,
    PAYMENT_SETTLED,
    SETTLED,
    EXPIRED,
    EXPIRED_PAID_PARTIAL,
    PAID_AFTER_EXPIRATION,
    INVALID
  }

  /** One line of the table: where it leads and what is told. */
  record Move(InvoiceStanding to, List<Told> told) {}

  private static final Set<Cause> PAYMENTS =
      EnumSet.of(Cause.PART_PAID, Cause.PAID, Cause.OVERPAID, Cause.PAID_LATE);

  private static final Map<InvoiceStanding, Map<Cause, Move>> TABLE = table();

  private InvoiceRules() {}

  private static Map<InvoiceStanding, Map<Cause, Move>> table() {
    Map<InvoiceStanding, Map<Cause, Move>> table = new EnumMap<>(InvoiceStanding.class);
    for (InvoiceStanding open : List.of(NEW, NEW_PARTIAL)) {
      line(table, open, Cause.PART_PAID, NEW_PARTIAL, RECEIVED_PAYMENT, PAYMENT_SETTLED);
      settles(table, open);
    }
    line(table, NEW, Cause.TIME_OVER, EXPIRED, Told.EXPIRED);
    line(table, NEW_PARTIAL, Cause.TIME_OVER, EXPIRED_PARTIAL, Told.EXPIRED, EXPIRED_PAID_PARTIAL);

    for (InvoiceStanding paid : List.of(SETTLED, SETTLED_OVER)) {
      line(table, paid, Cause.PAID, paid, RECEIVED_PAYMENT, PAYMENT_SETTLED);
      line(table, paid, Cause.OVERPAID, SETTLED_OVER, RECEIVED_PAYMENT, PAYMENT_SETTLED);
    }

    for (InvoiceStanding late : List.of(EXPIRED, EXPIRED_PARTIAL)) {
      line(table, late, Cause.PART_PAID, EXPIRED_PARTIAL, RECEIVED_PAYMENT, PAYMENT_SETTLED);
      line(
          table,
          late,
          Cause.PAID_LATE,
          EXPIRED_LATE,
          RECEIVED_PAYMENT,
          PAID_AFTER_EXPIRATION,
          PAYMENT_SETTLED);
      settles(table, late);
    }
    line(table, EXPIRED_LATE, Cause.PAID_LATE, EXPIRED_LATE, RECEIVED_PAYMENT, PAYMENT_SETTLED);
    settles(table, EXPIRED_LATE);

    for (InvoiceStanding byHand : List.of(SETTLED_BY_HAND, INVALID_BY_HAND)) {
      for (Cause cause : PAYMENTS) {
        line(table, byHand, cause, byHand, RECEIVED_PAYMENT, PAYMENT_SETTLED);
      }
    }

    for (InvoiceStanding undecided :
        List.of(NEW, NEW_PARTIAL, EXPIRED, EXPIRED_PARTIAL, EXPIRED_LATE, INVALID_BY_HAND)) {
      line(table, undecided, Cause.MARKED_SETTLED, SETTLED_BY_HAND, Told.SETTLED);
    }
    for (InvoiceStanding undecided :
        List.of(NEW, NEW_PARTIAL, EXPIRED, EXPIRED_PARTIAL, EXPIRED_LATE, SETTLED_BY_HAND)) {
      line(table, undecided, Cause.MARKED_INVALID, INVALID_BY_HAND, Told.INVALID);
    }
    return table;
  }

  private static void settles(Map<InvoiceStanding, Map<Cause, Move>> table, InvoiceStanding from) {
    line(
        table,
        from,
        Cause.PAID,
        SETTLED,
        RECEIVED_PAYMENT,
        PROCESSING,
        PAYMENT_SETTLED,
        Told.SETTLED);
    line(
        table,
        from,
        Cause.OVERPAID,
        SETTLED_OVER,
        RECEIVED_PAYMENT,
        PROCESSING,
        PAYMENT_SETTLED,
        Told.SETTLED);
  }

  private static void line(
      Map<InvoiceStanding, Map<Cause, Move>> table,
      InvoiceStanding from,
      Cause cause,
      InvoiceStanding to,
      Told... told) {
    table
        .computeIfAbsent(from, standing -> new EnumMap<>(Cause.class))
        .put(cause, new Move(to, List.of(told)));
  }

  /** The table's line; empty if there is none, because that can't happen. */
  static Optional<Move> move(InvoiceStanding from, Cause cause) {
    return Optional.ofNullable(TABLE.getOrDefault(from, Map.of()).get(cause));
  }

  /** A new invoice; settled at once if nothing is due. */
  public static InvoiceStep opened(InvoiceTerms terms) {
    boolean nothingDue = terms.due().isPresent() && terms.due().get().isZero();
    InvoiceState state = new InvoiceState(nothingDue ? SETTLED : NEW, Amount.ZERO, Amount.ZERO);
    List<Told> told = nothingDue ? List.of(CREATED, PROCESSING, Told.SETTLED) : List.of(CREATED);
    return new InvoiceStep(
        state, told.stream().map(each -> event(each, state.standing())).toList());
  }

  /**
   * Takes in a payment. The order of payments does not matter for where the invoice stands in the
   * end, and one of a sum is the same as two of its parts.
   */
  public static InvoiceStep paid(InvoiceTerms terms, InvoiceState state, Payment payment) {
    boolean late = payment.sealedMillis() >= terms.expirationMillis();
    // A late payment finds the time over, whether or not the sweep has been there.
    InvoiceStep before =
        late ? clock(terms, state, payment.sealedMillis()) : InvoiceStep.none(state);
    InvoiceState sums = before.state();
    sums =
        new InvoiceState(
            sums.standing(),
            late ? sums.paidInTime() : sum(sums.paidInTime(), payment.amount()),
            sum(sums.paid(), payment.amount()));
    if (sums.paid().isZero()) {
      return before.then(InvoiceStep.none(sums));
    }
    Cause cause = cause(terms, sums);
    InvoiceStanding from = sums.standing();
    Move move =
        move(from, cause)
            .orElseThrow(() -> new IllegalStateException(cause + " can't happen to " + from));
    List<InvoiceEvent> events = new ArrayList<>();
    for (Told told : move.told()) {
      events.add(
          switch (told) {
            case RECEIVED_PAYMENT -> new InvoiceEvent.ReceivedPayment(payment, late);
            case PAYMENT_SETTLED -> new InvoiceEvent.PaymentSettled(payment, late);
            default -> event(told, move.to());
          });
    }
    return before.then(new InvoiceStep(sums.with(move.to()), events));
  }

  private static Cause cause(InvoiceTerms terms, InvoiceState sums) {
    if (terms.isCompletedBy(sums.paidInTime())) {
      return terms.isOverpaidBy(sums.paid()) ? Cause.OVERPAID : Cause.PAID;
    }
    return terms.isCompletedBy(sums.paid()) ? Cause.PAID_LATE : Cause.PART_PAID;
  }

  /**
   * Coins may come round and pay the same address again and again, so the sum of what it ever got
   * has no bound; it stops at the largest amount, because a block must never fail to commit.
   */
  private static Amount sum(Amount before, Amount amount) {
    return Amount.ofSat(Math.min(Amount.MAX_SAT, before.sat() + amount.sat()));
  }

  /**
   * Takes in the time: what is still open expires.
   *
   * @param nowMillis the time, Unix milliseconds
   */
  public static InvoiceStep clock(InvoiceTerms terms, InvoiceState state, long nowMillis) {
    return nowMillis < terms.expirationMillis()
        ? InvoiceStep.none(state)
        : move(state.standing(), Cause.TIME_OVER)
            .map(move -> step(state, move))
            .orElseGet(() -> InvoiceStep.none(state));
  }

  /**
   * The statuses a merchant may set by hand now: Settled, Invalid, both or none. What money has
   * settled can't be unsettled.
   */
  public static Set<InvoiceStatus> markable(InvoiceState state) {
    EnumSet<InvoiceStatus> statuses = EnumSet.noneOf(InvoiceStatus.class);
    for (Cause mark : List.of(Cause.MARKED_SETTLED, Cause.MARKED_INVALID)) {
      move(state.standing(), mark).ifPresent(move -> statuses.add(move.to().status()));
    }
    return statuses;
  }

  /**
   * Sets a status by hand; empty if that is not allowed at that time.
   *
   * @param nowMillis the time, Unix milliseconds: what is still open may have expired
   */
  public static Optional<InvoiceStep> marked(
      InvoiceTerms terms, InvoiceState state, InvoiceStatus status, long nowMillis) {
    Optional<Cause> mark =
        switch (status) {
          case SETTLED -> Optional.of(Cause.MARKED_SETTLED);
          case INVALID -> Optional.of(Cause.MARKED_INVALID);
          case NEW, PROCESSING, EXPIRED -> Optional.empty();
        };
    InvoiceStep before = clock(terms, state, nowMillis);
    return mark.flatMap(cause -> move(before.state().standing(), cause))
        .map(move -> before.then(step(before.state(), move)));
  }

  private static InvoiceStep step(InvoiceState state, Move move) {
    return new InvoiceStep(
        state.with(move.to()), move.told().stream().map(told -> event(told, move.to())).toList());
  }

  private static InvoiceEvent event(Told told, InvoiceStanding to) {
    boolean byHand = to.additional() == AdditionalStatus.MARKED;
    boolean over = to == SETTLED_OVER;
    return switch (told) {
      case CREATED -> new InvoiceEvent.Created();
      case PROCESSING -> new InvoiceEvent.Processing(over);
      case SETTLED -> new InvoiceEvent.Settled(byHand, over);
      case EXPIRED -> new InvoiceEvent.Expired(to == EXPIRED_PARTIAL);
      case EXPIRED_PAID_PARTIAL -> new InvoiceEvent.ExpiredPaidPartial();
      case PAID_AFTER_EXPIRATION -> new InvoiceEvent.PaidAfterExpiration();
      case INVALID -> new InvoiceEvent.Invalid(byHand);
      case RECEIVED_PAYMENT, PAYMENT_SETTLED ->
          throw new IllegalArgumentException(told + " needs a payment");
    };
  }
}
