package network.tender.script;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.util.ArrayList;
import java.util.List;
import java.util.Random;
import java.util.function.BiFunction;
import net.jqwik.api.Example;
import net.jqwik.api.ForAll;
import net.jqwik.api.Property;
import network.tender.chain.Amount;
import network.tender.chain.MalformedException;
import network.tender.chain.Script;
import network.tender.chain.Transaction;
import network.tender.chain.TransferOutput;

/** Remembering what was found good changes no verdict. */
class VerifiedTransfersProperties {
  private static final TransferVerifier FORGETFUL = new TransferVerifier(RandomTransfer.CURVE);

  /** What is asked of a verifier: a transfer and what it is said to spend. */
  private record Question(Transaction transfer, List<TransferOutput> spent) {}

  /** A good transfer, then near copies of it in random order, itself among them. */
  private static List<Question> questions(Random random) {
    RandomTransfer good = RandomTransfer.signed(random);
    List<Question> questions = new ArrayList<>();
    questions.add(new Question(good.transaction(), good.spent()));
    for (int i = 0; i < 12; i++) {
      questions.add(
          random.nextInt(4) == 0
              ? new Question(good.transaction(), good.spent())
              : changed(good, random));
    }
    return questions;
  }

  private static Question changed(RandomTransfer good, Random random) {
    List<TransferOutput> spent = new ArrayList<>(good.spent());
    int i = random.nextInt(spent.size());
    TransferOutput old = spent.get(i);
    switch (random.nextInt(3)) {
      case 0 ->
          spent.set(i, new TransferOutput(Amount.ofSat(old.amount().sat() ^ 1), old.script()));
      case 1 -> {
        byte[] script = old.script().toBytes();
        script[random.nextInt(script.length)] ^= 1;
        spent.set(i, new TransferOutput(old.amount(), Script.of(script)));
      }
      default -> {
        byte[] raw = good.transaction().toBytes();
        raw[random.nextInt(raw.length)] ^= (byte) (1 << random.nextInt(8));
        try {
          Transaction parsed = Transaction.parse(raw);
          if (parsed.inputCount() == spent.size()) {
            return new Question(parsed, spent);
          }
        } catch (MalformedException e) {
          // The unchanged transfer is as good a question.
        }
      }
    }
    return new Question(good.transaction(), spent);
  }

  /** Fails if the two ever differ. */
  private static void compare(
      long seed, BiFunction<Transaction, List<TransferOutput>, ScriptVerdict> remembering) {
    for (Question question : questions(new Random(seed))) {
      assertThat(remembering.apply(question.transfer(), question.spent()))
          .as("seed " + seed)
          .isEqualTo(FORGETFUL.verify(question.transfer(), question.spent()));
    }
  }

  @Property(tries = 100)
  void noVerdictChanges(@ForAll long seed) {
    VerifiedTransfers verified = new VerifiedTransfers(5, new byte[] {1});
    TransferVerifier remembering = new TransferVerifier(RandomTransfer.CURVE, verified);
    compare(seed, remembering::verify);
    assertThat(verified.size()).isBetween(1, 5);
  }

  /** The comparison finds a memory that does not look at what is spent. */
  @Example
  void aMemoryByTxidAloneWouldBeFound() {
    List<Transaction> known = new ArrayList<>();
    assertThatThrownBy(
            () -> {
              for (long seed = 0; seed < 100; seed++) {
                compare(
                    seed,
                    (transfer, spent) -> {
                      if (known.contains(transfer)) {
                        return new ScriptVerdict.Valid();
                      }
                      ScriptVerdict verdict = FORGETFUL.verify(transfer, spent);
                      if (verdict.isValid()) {
                        known.add(transfer);
                      }
                      return verdict;
                    });
              }
            })
        .isInstanceOf(AssertionError.class);
  }

  @Example
  void whatIsSentAgainIsNotCheckedAgain() {
    VerifiedTransfers verified = new VerifiedTransfers(2, new byte[] {1});
    TransferVerifier remembering = new TransferVerifier(RandomTransfer.CURVE, verified);
    List<RandomTransfer> transfers = new ArrayList<>();
    for (int i = 0; i < 3; i++) {
      transfers.add(RandomTransfer.signed(new Random(i)));
    }
    for (RandomTransfer transfer : transfers) {
      assertThat(remembering.verify(transfer.transaction(), transfer.spent()).isValid()).isTrue();
    }
    assertThat(verified.hits()).isZero();
    remembering.verify(transfers.get(2).transaction(), transfers.get(2).spent());
    assertThat(verified.hits()).isEqualTo(1);
    remembering.verify(transfers.get(0).transaction(), transfers.get(0).spent());
    assertThat(verified.hits()).as("the oldest was forgotten").isEqualTo(1);
    assertThat(verified.size()).isEqualTo(2);
  }
}
