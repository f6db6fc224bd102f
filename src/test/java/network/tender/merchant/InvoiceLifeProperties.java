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

/**
 * Random lives of an invoice against a model that keeps nothing but sums and flags and knows no
 * table: payments, the clock, marks and restarts in any order. jqwik prints the seed of each run.
 */
class InvoiceLifeProperties {
  private static final long EXPIRATION = 1_000;

  private enum Kind {
    PAY,
    SWEEP,
    SETTLE_BY_HAND,
    GIVE_UP,
    RESTART
  }

  /** One thing that happens, so much later than the one before. */
  private record Happening(Kind kind, long waitMillis, long sat, boolean sealedBeforeTheWait) {}

  /** The whole life so far, in the plainest terms. */
  private static final class Model {
    final InvoiceTerms terms;
    final List<String> told = new ArrayList<>();
    long now;
    long inTime;
    long all;
    boolean open;
    boolean settledByMoney;
    boolean paidLate;
    Optional<InvoiceStatus> mark = Optional.empty();

    Model(InvoiceTerms terms) {
      this.terms = terms;
      told.add("InvoiceCreated");
      open = terms.minimumDue().sat() > 0;
      if (!open) {
        settledByMoney = true;
        told.add("InvoiceProcessing false");
        told.add("InvoiceSettled false false");
      }
    }

    boolean over() {
      return terms.due().isPresent() && all > terms.due().get().sat();
    }

    void clock(long at) {
      if (open && at >= EXPIRATION) {
        open = false;
        told.add("InvoiceExpired " + (all > 0));
        if (all > 0) {
          told.add("InvoiceExpiredPaidPartial");
        }
      }
    }

    void pay(long sealed, long sat) {
      boolean late = sealed >= EXPIRATION;
      if (late) {
        clock(sealed);
      }
      all += sat;
      inTime += late ? 0 : sat;
      if (all == 0) {
        return;
      }
      told.add("InvoiceReceivedPayment " + late + " " + sat);
      long minimum = terms.minimumDue().sat();
      boolean completes = mark.isEmpty() && !settledByMoney && inTime >= minimum;
      if (completes) {
        told.add("InvoiceProcessing " + over());
      } else if (mark.isEmpty() && !settledByMoney && !paidLate && all >= minimum) {
        paidLate = true;
        told.add("InvoicePaidAfterExpiration");
      }
      told.add("InvoicePaymentSettled " + late + " " + sat);
      if (completes) {
        settledByMoney = true;
        open = false;
        told.add("InvoiceSettled false " + over());
      }
    }

    boolean mark(long at, InvoiceStatus status) {
      if (settledByMoney || mark.filter(status::equals).isPresent()) {
        return false;
      }
      clock(at);
      open = false;
      mark = Optional.of(status);
      told.add(
          status == InvoiceStatus.SETTLED ? "InvoiceSettled true false" : "InvoiceInvalid true");
      return true;
    }

    InvoiceState state() {
      InvoiceStatus status =
          mark.orElse(
              settledByMoney
                  ? InvoiceStatus.SETTLED
                  : open ? InvoiceStatus.NEW : InvoiceStatus.EXPIRED);
      AdditionalStatus additional;
      if (mark.isPresent()) {
        additional = AdditionalStatus.MARKED;
      } else if (settledByMoney) {
        additional = over() ? AdditionalStatus.PAID_OVER : AdditionalStatus.NONE;
      } else if (paidLate) {
        additional = AdditionalStatus.PAID_LATE;
      } else {
        additional = all > 0 ? AdditionalStatus.PAID_PARTIAL : AdditionalStatus.NONE;
      }
      return new InvoiceState(status, additional, Amount.ofSat(inTime), Amount.ofSat(all));
    }
  }

  private static String text(InvoiceEvent event) {
    String flags = "";
    if (event instanceof InvoiceEvent.ReceivedPayment it) {
      flags = " " + it.afterExpiration() + " " + it.payment().amount().sat();
    } else if (event instanceof InvoiceEvent.PaymentSettled it) {
      flags = " " + it.afterExpiration() + " " + it.payment().amount().sat();
    } else if (event instanceof InvoiceEvent.Processing it) {
      flags = " " + it.overPaid();
    } else if (event instanceof InvoiceEvent.Settled it) {
      flags = " " + it.manuallyMarked() + " " + it.overPaid();
    } else if (event instanceof InvoiceEvent.Expired it) {
      flags = " " + it.partiallyPaid();
    } else if (event instanceof InvoiceEvent.Invalid it) {
      flags = " " + it.manuallyMarked();
    }
    return event.type() + flags;
  }

  /** All that a restart keeps: what the database holds. */
  private static InvoiceState restarted(InvoiceState state) {
    return new InvoiceState(
        InvoiceStatus.parse(state.status().text()).orElseThrow(),
        AdditionalStatus.ofText(state.additional().text()),
        Amount.ofSat(state.paidInTime().sat()),
        Amount.ofSat(state.paid().sat()));
  }

  @Property(tries = 20_000)
  void everyLifeIsWhatTheModelSaysAndTellsEachThingOnceInOrder(
      @ForAll("lives") List<Happening> life,
      @ForAll("dues") Optional<Long> due,
      @ForAll("tolerances") String tolerance) {
    InvoiceTerms terms =
        new InvoiceTerms(due.map(Amount::ofSat), new BigDecimal(tolerance), EXPIRATION);
    Model model = new Model(terms);
    InvoiceStep opened = InvoiceRules.opened(terms);
    InvoiceState state = opened.state();
    List<String> told = new ArrayList<>(opened.events().stream().map(e -> text(e)).toList());
    int payments = 0;
    for (Happening happening : life) {
      long before = model.now;
      model.now += happening.waitMillis();
      InvoiceStep step = InvoiceStep.none(state);
      switch (happening.kind()) {
        case PAY -> {
          if (terms.minimumDue().sat() > 0) {
            // A block may come to be durable only after the clock has gone on.
            long sealed = happening.sealedBeforeTheWait() ? before : model.now;
            Payment payment =
                new Payment(
                    new Outpoint(new Hash(++payments, 0, 0, 0), 0),
                    Amount.ofSat(happening.sat()),
                    payments,
                    new Hash(0, 0, 0, payments),
                    sealed);
            step = InvoiceRules.paid(terms, state, payment);
            model.pay(sealed, happening.sat());
          }
        }
        case SWEEP -> {
          step = InvoiceRules.clock(terms, state, model.now);
          model.clock(model.now);
        }
        case SETTLE_BY_HAND, GIVE_UP -> {
          InvoiceStatus status =
              happening.kind() == Kind.GIVE_UP ? InvoiceStatus.INVALID : InvoiceStatus.SETTLED;
          boolean markable = InvoiceRules.markable(state).contains(status);
          Optional<InvoiceStep> marked = InvoiceRules.marked(terms, state, status, model.now);
          assertThat(marked.isPresent()).isEqualTo(markable);
          assertThat(model.mark(model.now, status)).isEqualTo(markable);
          step = marked.orElse(step);
        }
        case RESTART -> step = InvoiceStep.none(restarted(state));
      }
      state = step.state();
      step.events().forEach(event -> told.add(text(event)));
      assertThat(state).isEqualTo(model.state());
      assertThat(told).isEqualTo(model.told);
    }
    assertThat(statusThatWasTold(told)).isEqualTo(state.status());
  }

  /** Whoever hears all events knows where the invoice stands. */
  private static InvoiceStatus statusThatWasTold(List<String> told) {
    InvoiceStatus status = InvoiceStatus.NEW;
    for (String event : told) {
      status =
          switch (event.replaceFirst(" .*", "")) {
            case "InvoiceExpired" -> InvoiceStatus.EXPIRED;
            case "InvoiceSettled" -> InvoiceStatus.SETTLED;
            case "InvoiceInvalid" -> InvoiceStatus.INVALID;
            default -> status;
          };
    }
    return status;
  }

  @Property(tries = 1)
  void theTableHasNoWayOutOfWhatMoneyHasSettledAndNoneIntoTheOpen() {
    for (InvoiceStanding from : InvoiceStanding.values()) {
      for (InvoiceRules.Cause cause : InvoiceRules.Cause.values()) {
        Optional<InvoiceRules.Move> move = InvoiceRules.move(from, cause);
        if (move.isEmpty()) {
          continue;
        }
        InvoiceStanding to = move.get().to();
        assertThat(move.get().told()).as("something is told").isNotEmpty();
        if (from == InvoiceStanding.SETTLED || from == InvoiceStanding.SETTLED_OVER) {
          assertThat(to).isIn(InvoiceStanding.SETTLED, InvoiceStanding.SETTLED_OVER);
        }
        assertThat(to).as("nothing is new again").isNotEqualTo(InvoiceStanding.NEW);
        if (to == InvoiceStanding.NEW_PARTIAL) {
          assertThat(from.status()).isEqualTo(InvoiceStatus.NEW);
        }
      }
    }
  }

  @Provide
  Arbitrary<List<Happening>> lives() {
    Arbitrary<Kind> kinds =
        Arbitraries.frequency(
            net.jqwik.api.Tuple.of(6, Kind.PAY),
            net.jqwik.api.Tuple.of(3, Kind.SWEEP),
            net.jqwik.api.Tuple.of(1, Kind.SETTLE_BY_HAND),
            net.jqwik.api.Tuple.of(1, Kind.GIVE_UP),
            net.jqwik.api.Tuple.of(2, Kind.RESTART));
    return Combinators.combine(
            kinds,
            Arbitraries.longs().between(0, 400),
            Arbitraries.longs().between(0, 120),
            Arbitraries.of(false, false, true))
        .as(Happening::new)
        .list()
        .ofMaxSize(14);
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
