package network.tender.chain;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.ByteArrayOutputStream;
import java.nio.ByteBuffer;
import java.util.Arrays;
import java.util.HexFormat;
import java.util.Optional;
import java.util.Random;
import java.util.stream.IntStream;
import java.util.stream.Stream;
import net.jqwik.api.Example;
import net.jqwik.api.ForAll;
import net.jqwik.api.Property;
import net.jqwik.api.statistics.Statistics;

/**
 * Whatever we read as a transaction, bitcoinj and bitcoin-kmp read as the same one. What we refuse
 * and they take is none in its only form: they would write other bytes than they have read.
 */
class ParserAgreementProperties {
  /** More inputs than are ever needed until a parser that is wrong is found out. */
  private static final int ENOUGH = 20_000;

  /** Reads exactly one transaction. */
  @FunctionalInterface
  private interface Parser {
    Names parse(byte[] raw) throws Exception;
  }

  /**
   * What a parser makes of bytes.
   *
   * @param written the bytes it would write
   */
  private record Names(String txid, String wtxid, String written) {}

  private static Names ours(byte[] raw) throws MalformedException {
    Transaction transaction = Transaction.parse(raw);
    return new Names(
        transaction.txid().toString(), transaction.wtxid().toString(), transaction.toHex());
  }

  private static Names bitcoinj(byte[] raw) {
    var transaction = org.bitcoinj.core.Transaction.read(ByteBuffer.wrap(raw));
    return new Names(
        transaction.getTxId().toString(),
        transaction.getWTxId().toString(),
        HexFormat.of().formatHex(transaction.serialize()));
  }

  private static Names bitcoinKmp(byte[] raw) {
    var transaction = fr.acinq.bitcoin.Transaction.read(raw);
    byte[] written = fr.acinq.bitcoin.Transaction.write(transaction);
    return new Names(
        transaction.txid.toString(),
        Hash.of(Hashing.sha256(Hashing.sha256(written))).toString(),
        HexFormat.of().formatHex(written));
  }

  private static Optional<Names> result(Parser parser, byte[] raw) {
    try {
      return Optional.of(parser.parse(raw));
    } catch (Exception | OutOfMemoryError e) {
      // Both refuse by exceptions of every kind, and one allocates before it has read.
      return Optional.empty();
    }
  }

  /** Bytes that are a transaction, or nearly one. */
  private static byte[] nearTransaction(Random random) {
    byte[] raw = RandomTransaction.of(random).toBytes();
    if (raw.length > 5_000) {
      return raw;
    }
    int at = random.nextBoolean() ? random.nextInt(raw.length) : random.nextInt(50);
    return switch (random.nextInt(8)) {
      case 0 -> raw;
      case 1 -> with(raw, at, raw[at] ^ (1 << random.nextInt(8)));
      case 2 -> with(raw, at, 0xfc + random.nextInt(4));
      case 3 -> Arrays.copyOf(raw, random.nextInt(raw.length));
      case 4 -> Arrays.copyOf(raw, raw.length + 1 + random.nextInt(3));
      case 5 -> spliced(raw, at, 1, new byte[0]);
      case 6 -> longerLength(raw, random.nextBoolean() ? at : 4 + 2 * random.nextInt(2), random);
      default -> spliced(raw, 4, 0, new byte[] {0, (byte) random.nextInt(3)});
    };
  }

  private static byte[] with(byte[] raw, int at, int value) {
    byte[] changed = raw.clone();
    changed[at] = (byte) value;
    return changed;
  }

  private static byte[] spliced(byte[] raw, int at, int removed, byte[] added) {
    ByteArrayOutputStream out = new ByteArrayOutputStream();
    out.write(raw, 0, at);
    out.writeBytes(added);
    out.write(raw, at + removed, raw.length - at - removed);
    return out.toByteArray();
  }

  /** What may be a length of one byte, in a longer form. */
  private static byte[] longerLength(byte[] raw, int at, Random random) {
    byte value = raw[at];
    return spliced(
        raw,
        at,
        1,
        switch (random.nextInt(3)) {
          case 0 -> new byte[] {(byte) 0xfd, value, 0};
          case 1 -> new byte[] {(byte) 0xfe, value, 0, 0, 0};
          default -> new byte[] {(byte) 0xff, value, 0, 0, 0, 0, 0, 0, 0};
        });
  }

  /** Why we refuse what the others take. */
  private enum OnlyTheyRead {
    TRAILING_BYTES("bytes too many"),
    LONGER_LENGTH("a length is not in its shortest form"),
    NINE_BYTE_LENGTH("a length is too large");

    private final String words;

    OnlyTheyRead(String words) {
      this.words = words;
    }

    static Optional<OnlyTheyRead> of(byte[] raw, Parser parser) {
      try {
        parser.parse(raw);
        return Optional.empty();
      } catch (Exception e) {
        return Stream.of(values())
            .filter(reason -> String.valueOf(e.getMessage()).contains(reason.words))
            .findFirst();
      }
    }
  }

  /** What is wrong with these results, if anything is. */
  private static Optional<String> objection(byte[] raw, Parser ours, Parser theirs) {
    Optional<Names> first = result(ours, raw);
    Optional<Names> second = result(theirs, raw);
    if (first.isPresent()) {
      boolean same = first.get().written().equals(hex(raw)) && first.equals(second);
      return same || (second.isEmpty() && hasNegativeOutput(raw))
          ? Optional.empty()
          : Optional.of("ours: " + first + ", theirs: " + second);
    }
    boolean explained =
        second.isEmpty()
            || (!second.get().written().equals(hex(raw)) && OnlyTheyRead.of(raw, ours).isPresent());
    return explained ? Optional.empty() : Optional.of("only they read " + hex(raw));
  }

  /** A value below zero is for the rules to refuse; bitcoinj has no such number. */
  private static boolean hasNegativeOutput(byte[] raw) {
    try {
      Transaction transaction = Transaction.parse(raw);
      return IntStream.range(0, transaction.outputCount())
          .anyMatch(i -> transaction.outputSat(i) < 0);
    } catch (MalformedException e) {
      return false;
    }
  }

  private static String hex(byte[] raw) {
    return HexFormat.of().formatHex(raw);
  }

  @Property(tries = 3_000)
  void whatWeReadTheyReadAsTheSameAndWhatOnlyTheyReadTheyWriteOtherwise(@ForAll long seed) {
    byte[] raw = nearTransaction(new Random(seed));
    assertThat(objection(raw, ParserAgreementProperties::ours, ParserAgreementProperties::bitcoinj))
        .isEmpty();
    assertThat(
            objection(raw, ParserAgreementProperties::ours, ParserAgreementProperties::bitcoinKmp))
        .isEmpty();
    Statistics.label("bytes")
        .collect(result(ParserAgreementProperties::ours, raw).isPresent() ? "read" : "refused")
        .coverage(
            coverage -> {
              coverage.check("read").percentage(percentage -> percentage > 20);
              coverage.check("refused").percentage(percentage -> percentage > 20);
            });
  }

  /** Each reason has its case: only we refuse it, and nobody else would write these bytes. */
  @Example
  void onlyTheOneFormOfATransactionIsRead() {
    byte[] raw = RandomTransaction.of(new Random(1)).toBytes();
    int count = raw[4] == 0 ? 6 : 4;
    byte inputs = raw[count];
    assertOnlyTheyRead(OnlyTheyRead.TRAILING_BYTES, Arrays.copyOf(raw, raw.length + 1));
    assertOnlyTheyRead(
        OnlyTheyRead.LONGER_LENGTH, spliced(raw, count, 1, new byte[] {(byte) 0xfd, inputs, 0}));
    assertOnlyTheyRead(
        OnlyTheyRead.LONGER_LENGTH,
        spliced(raw, count, 1, new byte[] {(byte) 0xfe, inputs, 0, 0, 0}));
    assertOnlyTheyRead(
        OnlyTheyRead.NINE_BYTE_LENGTH,
        spliced(raw, count, 1, new byte[] {(byte) 0xff, inputs, 0, 0, 0, 0, 0, 0, 0}));
  }

  private static void assertOnlyTheyRead(OnlyTheyRead reason, byte[] raw) {
    assertThat(OnlyTheyRead.of(raw, ParserAgreementProperties::ours)).contains(reason);
    for (Parser theirs :
        new Parser[] {ParserAgreementProperties::bitcoinj, ParserAgreementProperties::bitcoinKmp}) {
      assertThat(result(theirs, raw)).isPresent();
      assertThat(objection(raw, ParserAgreementProperties::ours, theirs)).isEmpty();
    }
  }

  @Example
  void bitcoinjAloneReadsNoValueBelowMinusOne() throws Exception {
    String input = "00".repeat(36) + "00" + "ffffffff";
    byte[] raw =
        HexFormat.of()
            .parseHex("02000000" + "01" + input + "01" + "fe" + "ff".repeat(7) + "00" + "00000000");
    assertThat(ours(raw)).isEqualTo(bitcoinKmp(raw));
    assertThat(Transaction.parse(raw).outputSat(0)).isEqualTo(-2);
    assertThat(result(ParserAgreementProperties::bitcoinj, raw)).isEmpty();
  }

  @Example
  void aParserThatIsWrongIsFoundOut() {
    Parser otherName =
        raw -> {
          Names names = ours(raw);
          return names.written().startsWith("0001", 8)
              ? new Names(names.wtxid(), names.wtxid(), names.written())
              : names;
        };
    Parser tooStrict =
        raw -> {
          if (Transaction.parse(raw).lockTime() < 0) {
            throw new MalformedException("no such lock time");
          }
          return ours(raw);
        };
    Parser tooLax =
        raw -> {
          try {
            return ours(raw);
          } catch (MalformedException e) {
            return ours(Arrays.copyOf(raw, raw.length - 1));
          }
        };
    for (Parser wrong : new Parser[] {otherName, tooStrict, tooLax}) {
      assertThat(isFoundOut(wrong, ParserAgreementProperties::bitcoinj)).isTrue();
    }
  }

  private static boolean isFoundOut(Parser wrong, Parser theirs) {
    for (int i = 0; i < ENOUGH; i++) {
      if (objection(nearTransaction(new Random(i)), wrong, theirs).isPresent()) {
        return true;
      }
    }
    return false;
  }
}
