package network.tender.chain;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import com.fasterxml.jackson.databind.JsonNode;
import java.util.HexFormat;
import java.util.List;
import network.tender.Vectors;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

class TransactionTest {
  private static final String PREVOUT = "11".repeat(32) + "02000000";
  private static final String OUTPUT = "e803000000000000" + "00";

  /** The example that every broken form below is a change of. */
  private static final String LEGACY =
      "02000000" + "01" + PREVOUT + "0151" + "fdffffff" + "01" + OUTPUT + "07000000";

  private static final String SEGWIT =
      "02000000"
          + "0001"
          + "01"
          + PREVOUT
          + "00"
          + "fdffffff"
          + "01"
          + OUTPUT
          + "02"
          + "00"
          + "02aabb"
          + "07000000";

  @Test
  void thePartsOfATransactionAreWhereTheFormatPutsThem() throws Exception {
    Transaction legacy = Transaction.parseHex(LEGACY);
    assertThat(legacy.version()).isEqualTo(2);
    assertThat(legacy.lockTime()).isEqualTo(7);
    assertThat(legacy.prevout(0).index()).isEqualTo(2);
    assertThat(legacy.scriptSig(0).toHex()).isEqualTo("51");
    assertThat(legacy.sequence(0)).isEqualTo(0xfffffffd);
    assertThat(legacy.amount(0)).isEqualTo(Amount.ofSat(1000));
    assertThat(legacy.script(0).isEmpty()).isTrue();
    assertThat(legacy.hasWitness()).isFalse();
    assertThat(legacy.witness(0)).isEmpty();
    assertThat(legacy.witnessCount(0)).isZero();
    assertThat(legacy.wtxid()).isEqualTo(legacy.txid());
    assertThat(legacy.weight()).isEqualTo(4 * legacy.size());

    Transaction segwit = Transaction.parseHex(SEGWIT);
    assertThat(segwit.witnessCount(0)).isEqualTo(2);
    assertThat(segwit.witness(0))
        .containsExactly(new byte[0], new byte[] {(byte) 0xaa, (byte) 0xbb});
    assertThat(segwit.wtxid()).isNotEqualTo(segwit.txid());
    assertThat(segwit.weight()).isEqualTo(3 * segwit.strippedSize() + segwit.size());
    assertThat(segwit.size()).isEqualTo(segwit.strippedSize() + 2 + 5);
  }

  @ParameterizedTest
  @CsvSource({
    "input count in three bytes, 0200000001, 02000000fd0100",
    "input count in five bytes, 0200000001, 02000000fe01000000",
    "input count in nine bytes, 0200000001, 02000000ff0100000000000000",
    "script length in three bytes, 0151fdffffff, fd010051fdffffff",
    "script length in five bytes, 0151fdffffff, fe0100000051fdffffff",
    "script length above 32 MiB, 0151fdffffff, fe0100000251fdffffff",
    "script longer than what follows, 0151fdffffff, fc51fdffffff",
    "output count in three bytes, 01e803, fd0100e803",
    "output script length in three bytes, e80300000000000000, e803000000000000fd0000",
    "more inputs than can follow, 0200000001, 02000000fdfd00",
    "billions of inputs, 0200000001, 02000000feffffffff",
    "33 million inputs, 0200000001, 02000000fe00000002",
    "more outputs than can follow, 01e803, fde803e803",
    "a second output count, 01e803, 02e803"
  })
  void formsThatAreNotTheShortestOrCanNotFollowAreRefused(String what, String from, String to) {
    String changed = LEGACY.replaceFirst(from, to);
    assertThat(changed).isNotEqualTo(LEGACY);
    assertThatThrownBy(() -> Transaction.parseHex(changed))
        .as(what)
        .isInstanceOf(MalformedException.class);
  }

  @ParameterizedTest
  @CsvSource({
    "an unknown flag, 020000000001, 020000000002",
    "flags of two kinds, 020000000001, 020000000003",
    "no flag, 020000000001, 020000000000",
    "a witness record of empty stacks only, 020002aabb, 00",
    "no witness record at all, 020002aabb, ''",
    "item count in three bytes, 020002aabb, fd02000002aabb",
    "item length in three bytes, 020002aabb, 0200fd0200aabb",
    "more items than can follow, 020002aabb, fc0002aabb",
    "an item longer than what follows, 020002aabb, 0200fcaabb",
    "a third item missing, 020002aabb, 030002aabb"
  })
  void malformedWitnessesAreRefused(String what, String from, String to) {
    String changed = SEGWIT.replaceFirst(from, to);
    assertThat(changed).isNotEqualTo(SEGWIT);
    assertThatThrownBy(() -> Transaction.parseHex(changed))
        .as(what)
        .isInstanceOf(MalformedException.class);
  }

  @ParameterizedTest
  @ValueSource(strings = {"", "0", "zz", "0x", "02000000", " ", "+1"})
  void textThatIsNoHexOfATransactionIsRefused(String text) {
    assertThatThrownBy(() -> Transaction.parseHex(text)).isInstanceOf(MalformedException.class);
    assertThatThrownBy(() -> Transaction.parseHex(LEGACY + text + "f"))
        .isInstanceOf(MalformedException.class);
  }

  @Test
  void hexDigitsMayBeCapitals() throws Exception {
    assertThat(Transaction.parseHex(SEGWIT.toUpperCase(java.util.Locale.ROOT)).toHex())
        .isEqualTo(SEGWIT);
  }

  /** Core decodes the first, so that a rule can refuse it by name, and none of the others. */
  @Test
  void noInputsCanOnlyBeReadTogetherWithNoOutputs() throws Exception {
    Transaction nothing = Transaction.parseHex("020000000000" + "07000000");
    assertThat(nothing.inputCount()).isZero();
    assertThat(nothing.outputCount()).isZero();
    assertThat(nothing.lockTime()).isEqualTo(7);
    assertThat(nothing.isCoinbase()).isFalse();
    assertThat(nothing.toHex()).isEqualTo("020000000000" + "07000000");
    for (String inputless :
        List.of(
            "020000000001" + OUTPUT + "07000000",
            "020000000001" + "0000" + "07000000",
            "020000000001" + "0001" + OUTPUT + "07000000",
            "020000000000" + "0000" + "07000000")) {
      assertThatThrownBy(() -> Transaction.parseHex(inputless))
          .isInstanceOf(MalformedException.class);
    }
    assertThatThrownBy(
            () ->
                Transaction.build(
                    2, List.of(), List.of(new TransferOutput(Amount.ZERO, Script.EMPTY)), 0))
        .isInstanceOf(IllegalArgumentException.class);
  }

  @Test
  void amountsOutOfRangeCanBeReadAsNumbersOnly() throws Exception {
    Transaction negative =
        Transaction.parseHex(LEGACY.replace("e803000000000000", "ffffffffffffffff"));
    assertThat(negative.outputSat(0)).isEqualTo(-1);
    assertThatThrownBy(() -> negative.amount(0)).isInstanceOf(ArithmeticException.class);
    assertThatThrownBy(() -> negative.output(0)).isInstanceOf(ArithmeticException.class);
  }

  @Test
  void oneInputOfTheNullOutpointIsACoinbase() throws Exception {
    String prevout = "00".repeat(32) + "ffffffff";
    assertThat(Transaction.parseHex(LEGACY).isCoinbase()).isFalse();
    assertThat(Transaction.parseHex(LEGACY.replace(PREVOUT, prevout)).isCoinbase()).isTrue();
    assertThat(Transaction.parseHex(LEGACY.replace(PREVOUT, "00".repeat(36))).isCoinbase())
        .isFalse();
  }

  @Test
  void aTransactionIsReadFromTheMiddleOfALargerArray() throws Exception {
    byte[] raw = HexFormat.of().parseHex("ffff" + SEGWIT + LEGACY + "ee");
    ByteReader reader = new ByteReader(raw, 2, raw.length - 2);
    Transaction first = Transaction.read(reader);
    Transaction second = Transaction.read(reader);
    assertThat(first).isEqualTo(Transaction.parseHex(SEGWIT));
    assertThat(first.txid()).isEqualTo(Transaction.parseHex(SEGWIT).txid());
    assertThat(first.wtxid()).isEqualTo(Transaction.parseHex(SEGWIT).wtxid());
    assertThat(second.toHex()).isEqualTo(LEGACY);
    assertThat(reader.remaining()).isEqualTo(1);
    assertThat(first).isNotEqualTo(second);
  }

  @ParameterizedTest
  @CsvSource({"tx_valid.json, 121", "tx_invalid.json, 93", "sighash.json, 500"})
  void coresTransactionsAreKeptByteForByte(String file, int expected) throws Exception {
    int used = 0;
    for (JsonNode vector : Vectors.json(file)) {
      if (vector.size() < 3) {
        continue;
      }
      String hex = vector.get(file.equals("sighash.json") ? 0 : 1).asText();
      byte[] raw = HexFormat.of().parseHex(hex);
      Transaction transaction = Transaction.parse(raw);
      assertThat(transaction.toHex()).isEqualTo(hex);
      if (transaction.inputCount() > 0) {
        CodecProperties.assertSameAsOthers(transaction, raw);
      }
      used++;
    }
    assertThat(used).isEqualTo(expected);
    Vectors.report(file, used, "transactions decoded and compared");
  }
}
