package network.tender.merchant;

import static org.assertj.core.api.Assertions.assertThat;

import java.math.BigDecimal;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import net.jqwik.api.Arbitraries;
import net.jqwik.api.Arbitrary;
import net.jqwik.api.Combinators;
import net.jqwik.api.ForAll;
import net.jqwik.api.Property;
import net.jqwik.api.Provide;
import network.tender.chain.Amount;
import network.tender.chain.Hash;
import network.tender.chain.Outpoint;
import org.junit.jupiter.api.Test;

class InvoiceRulesTest {
  private static final long EXPIRATION = 1_000;
  private static final InvoiceTerms HUNDRED = terms(Optional.of(100L), "0");

  private static InvoiceTerms terms(Optional<Long> due, String tolerance) {
    return new InvoiceTerms(due.map(Amount::ofSat), new BigDecimal(tolerance), EXPIRATION);
  }

  private static InvoiceState pay(InvoiceTerms terms, InvoiceState state, long at, long sat) {
    return InvoiceRules.paid(terms, state, payment(at, sat)).state();
  }

  private static Payment payment(long at, long sat) {
    return new Payment(
        new Outpoint(new Hash(at, sat, 0, 0), 0), Amount.ofSat(sat), 1, new Hash(1, 1, 1, 1), at);
  }

  private static InvoiceState open(InvoiceTerms terms) {
    return InvoiceRules.opened(terms).state();
  }

  private static InvoiceState clock(InvoiceTerms terms, InvoiceState state, long now) {
    return InvoiceRules.clock(terms, state, now).state();
  }

  private static Optional<InvoiceState> mark(InvoiceState state, InvoiceStatus status) {
    return InvoiceRules.marked(HUNDRED, state, status, 1).map(InvoiceStep::state);
  }

  private static void assertState(
      InvoiceState state, InvoiceStatus status, AdditionalStatus additional, long paid) {
    assertThat(state.status()).isEqualTo(status);
    assertThat(state.additional()).isEqualTo(additional);
    assertThat(state.paid()).isEqualTo(Amount.ofSat(paid));
  }

  @Test
  void exactPaymentInTimeSettles() {
    InvoiceState state = pay(HUNDRED, open(HUNDRED), 999, 100);
    assertState(state, InvoiceStatus.SETTLED, AdditionalStatus.NONE, 100);
  }

  @Test
  void twoPartsSettleAndTheFirstIsPartial() {
    InvoiceState first = pay(HUNDRED, open(HUNDRED), 1, 99);
    assertState(first, InvoiceStatus.NEW, AdditionalStatus.PAID_PARTIAL, 99);
    InvoiceState second = pay(HUNDRED, first, 2, 1);
    assertState(second, InvoiceStatus.SETTLED, AdditionalStatus.NONE, 100);
  }

  @Test
  void moreThanDueIsPaidOverAlsoAfterwards() {
    InvoiceState over = pay(HUNDRED, open(HUNDRED), 1, 101);
    assertState(over, InvoiceStatus.SETTLED, AdditionalStatus.PAID_OVER, 101);
    InvoiceState exact = pay(HUNDRED, open(HUNDRED), 1, 100);
    assertState(
        pay(HUNDRED, exact, 5_000, 7), InvoiceStatus.SETTLED, AdditionalStatus.PAID_OVER, 107);
  }

  @Test
  void toleranceLowersTheMinimumRoundedUp() {
    InvoiceTerms terms = terms(Optional.of(101L), "5");
    assertThat(terms.minimumDue()).isEqualTo(Amount.ofSat(96));
    assertState(
        pay(terms, open(terms), 1, 95), InvoiceStatus.NEW, AdditionalStatus.PAID_PARTIAL, 95);
    assertState(pay(terms, open(terms), 1, 96), InvoiceStatus.SETTLED, AdditionalStatus.NONE, 96);
    assertThat(terms(Optional.of(100L), "100").minimumDue()).isEqualTo(Amount.ofSat(1));
  }

  @Test
  void expiresOnTheMillisecondAndKeepsWhatWasPaid() {
    InvoiceState open = open(HUNDRED);
    assertThat(clock(HUNDRED, open, 999)).isEqualTo(open);
    assertState(clock(HUNDRED, open, 1_000), InvoiceStatus.EXPIRED, AdditionalStatus.NONE, 0);
    assertState(
        clock(HUNDRED, pay(HUNDRED, open, 1, 5), 1_000),
        InvoiceStatus.EXPIRED,
        AdditionalStatus.PAID_PARTIAL,
        5);
  }

  @Test
  void latePaymentStaysExpired() {
    InvoiceState open = open(HUNDRED);
    assertState(
        pay(HUNDRED, open, 1_000, 100), InvoiceStatus.EXPIRED, AdditionalStatus.PAID_LATE, 100);
    InvoiceState expired = clock(HUNDRED, open, 1_000);
    InvoiceState partial = pay(HUNDRED, expired, 2_000, 60);
    assertState(partial, InvoiceStatus.EXPIRED, AdditionalStatus.PAID_PARTIAL, 60);
    InvoiceState late = pay(HUNDRED, partial, 3_000, 60);
    assertState(late, InvoiceStatus.EXPIRED, AdditionalStatus.PAID_LATE, 120);
    assertThat(late.isComplete()).isTrue();
  }

  @Test
  void blockSealedInTimeSettlesEvenIfTheClockWasFasterThanItsCommit() {
    InvoiceState expired = clock(HUNDRED, open(HUNDRED), 1_000);
    assertState(pay(HUNDRED, expired, 999, 100), InvoiceStatus.SETTLED, AdditionalStatus.NONE, 100);
  }

  @Test
  void topUpIsCompletedByAnythingAndNeverOverpaid() {
    InvoiceTerms topUp = terms(Optional.empty(), "0");
    InvoiceState open = open(topUp);
    assertThat(open.status()).isEqualTo(InvoiceStatus.NEW);
    assertState(pay(topUp, open, 1, 1), InvoiceStatus.SETTLED, AdditionalStatus.NONE, 1);
  }

  @Test
  void nothingDueIsSettledAtOnce() {
    InvoiceTerms free = terms(Optional.of(0L), "0");
    assertState(open(free), InvoiceStatus.SETTLED, AdditionalStatus.NONE, 0);
    assertState(clock(free, open(free), 9_999), InvoiceStatus.SETTLED, AdditionalStatus.NONE, 0);
  }

  @Test
  void markingFollowsTheTable() {
    InvoiceState open = open(HUNDRED);
    InvoiceState settledByHand = mark(open, InvoiceStatus.SETTLED).orElseThrow();
    assertState(settledByHand, InvoiceStatus.SETTLED, AdditionalStatus.MARKED, 0);
    InvoiceState invalid = mark(settledByHand, InvoiceStatus.INVALID).orElseThrow();
    assertState(invalid, InvoiceStatus.INVALID, AdditionalStatus.MARKED, 0);
    assertThat(mark(invalid, InvoiceStatus.INVALID)).isEmpty();
    assertThat(mark(invalid, InvoiceStatus.SETTLED)).isPresent();
    InvoiceState paid = pay(HUNDRED, open, 1, 100);
    assertThat(InvoiceRules.markable(paid)).isEmpty();
    assertThat(mark(open, InvoiceStatus.EXPIRED)).isEmpty();
    assertState(pay(HUNDRED, invalid, 1, 100), InvoiceStatus.INVALID, AdditionalStatus.MARKED, 100);
  }

  @Test
  void sumsStopAtTheLargestAmountInsteadOfFailingTheBlock() {
    InvoiceState state = pay(HUNDRED, open(HUNDRED), 1, Amount.MAX_SAT);
    assertThat(pay(HUNDRED, state, 2, Amount.MAX_SAT).paid()).isEqualTo(Amount.MAX);
  }

  /** A payment, a look at the clock (sat 0) or a mark; {@code at} only grows. */
  private record Event(long at, long sat, Optional<InvoiceStatus> mark) {}

  @Provide
  Arbitrary<List<Event>> histories() {
    Arbitrary<Event> events =
        Combinators.combine(
                Arbitraries.longs().between(0, 400),
                Arbitraries.longs().between(0, 120),
                Arbitraries.of(InvoiceStatus.SETTLED, InvoiceStatus.INVALID).injectNull(0.9))
            .as((wait, sat, mark) -> new Event(wait, sat, Optional.ofNullable(mark)));
    return events.list().ofMaxSize(12).map(InvoiceRulesTest::accumulate);
  }

  private static List<Event> accumulate(List<Event> waits) {
    List<Event> history = new ArrayList<>();
    long at = 0;
    for (Event event : waits) {
      at += event.at();
      history.add(new Event(at, event.sat(), event.mark()));
    }
    return history;
  }

  /** What the table says about a whole history, without any state in between. */
  private static InvoiceState expected(InvoiceTerms terms, List<Event> payments, long now) {
    long inTime = payments.stream().filter(e -> e.at() < EXPIRATION).mapToLong(Event::sat).sum();
    long all = payments.stream().mapToLong(Event::sat).sum();
    long minimum = terms.minimumDue().sat();
    InvoiceStatus status =
        inTime >= minimum
            ? InvoiceStatus.SETTLED
            : now >= EXPIRATION ? InvoiceStatus.EXPIRED : InvoiceStatus.NEW;
    AdditionalStatus additional;
    if (status == InvoiceStatus.SETTLED) {
      boolean over = terms.due().isPresent() && all > terms.due().get().sat();
      additional = over ? AdditionalStatus.PAID_OVER : AdditionalStatus.NONE;
    } else if (all >= minimum) {
      additional = AdditionalStatus.PAID_LATE;
    } else {
      additional = all > 0 ? AdditionalStatus.PAID_PARTIAL : AdditionalStatus.NONE;
    }
    return new InvoiceState(status, additional, Amount.ofSat(inTime), Amount.ofSat(all));
  }

  @Property
  void stepByStepGivesWhatTheWholeHistorySays(
      @ForAll("histories") List<Event> history,
      @ForAll("dues") Optional<Long> due,
      @ForAll("tolerances") String tolerance,
      @ForAll boolean clockLooksBetween) {
    InvoiceTerms terms = terms(due, tolerance);
    InvoiceState state = open(terms);
    long now = 0;
    for (Event event : history) {
      now = event.at();
      if (clockLooksBetween) {
        state = clock(terms, state, now);
      }
      Amount before = state.paid();
      state = pay(terms, state, event.at(), event.sat());
      assertThat(state.paid()).isGreaterThanOrEqualTo(before);
      assertThat(state.paidInTime()).isLessThanOrEqualTo(state.paid());
    }
    assertThat(clock(terms, state, now)).isEqualTo(expected(terms, history, now));
  }

  @Property
  void noHistoryWithMarksLeadsToAnImpossibleState(
      @ForAll("histories") List<Event> history, @ForAll("dues") Optional<Long> due) {
    InvoiceTerms terms = terms(due, "0");
    InvoiceState state = open(terms);
    for (Event event : history) {
      InvoiceState before = state;
      state =
          event.mark().isPresent()
              ? InvoiceRules.marked(terms, state, event.mark().get(), event.at())
                  .map(InvoiceStep::state)
                  .orElse(state)
              : pay(terms, state, event.at(), event.sat());
      state = clock(terms, state, event.at());
      assertPossible(state);
      if (before.status() == InvoiceStatus.SETTLED
          && before.additional() != AdditionalStatus.MARKED) {
        assertThat(state.status()).as("settled by money").isEqualTo(InvoiceStatus.SETTLED);
      }
      if (before.isComplete() && event.mark().isEmpty()) {
        assertThat(state.isComplete()).as("only a mark undoes completeness").isTrue();
      }
    }
  }

  private static void assertPossible(InvoiceState state) {
    List<AdditionalStatus> possible =
        switch (state.status()) {
          case NEW -> List.of(AdditionalStatus.NONE, AdditionalStatus.PAID_PARTIAL);
          case SETTLED ->
              List.of(AdditionalStatus.NONE, AdditionalStatus.PAID_OVER, AdditionalStatus.MARKED);
          case EXPIRED ->
              List.of(
                  AdditionalStatus.NONE, AdditionalStatus.PAID_PARTIAL, AdditionalStatus.PAID_LATE);
          case INVALID -> List.of(AdditionalStatus.MARKED);
          case PROCESSING -> List.of();
        };
    assertThat(possible).contains(state.additional());
  }

  @Provide
  Arbitrary<Optional<Long>> dues() {
    return Arbitraries.longs().between(0, 300).injectNull(0.15).map(Optional::ofNullable);
  }

  @Provide
  Arbitrary<String> tolerances() {
    return Arbitraries.of("0", "0.5", "5", "33.3", "100");
  }
}
