package network.tender.ledger;

import static network.tender.ledger.Chains.ALICE;
import static network.tender.ledger.Chains.NOW;
import static network.tender.ledger.Chains.admit;
import static network.tender.ledger.Chains.settle;
import static network.tender.ledger.Chains.spend;
import static network.tender.ledger.Chains.subsidy;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.List;
import network.tender.chain.BlockHeader;
import network.tender.chain.Hash;
import network.tender.chain.Hashing;
import network.tender.chain.MalformedException;
import network.tender.chain.Network;
import network.tender.chain.XOnlyKey;
import network.tender.script.Curve;
import network.tender.script.RegtestKeys;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

class ReceiptTest {
  private static final List<XOnlyKey> VALIDATORS = Network.regtest().validators();
  private static final ReceiptVerifier VERIFIER = new ReceiptVerifier(Chains.CURVE);
  private static final SealedBlock BLOCK = block(6);

  private static SealedBlock block(int transfers) {
    Ledger ledger = Chains.ledger(Policy.DEFAULT);
    for (int i = 1; i <= transfers; i++) {
      admit(ledger, spend(subsidy(i)).pay(1_000_000, ALICE).build());
    }
    return settle(ledger, NOW);
  }

  private static Receipt receipt(int position) {
    return Receipts.of("regtest", BLOCK).receipt(position);
  }

  private static ReceiptVerifier.Verdict verify(Receipt receipt) {
    return VERIFIER.verify(receipt, VALIDATORS, 1);
  }

  private static ReceiptVerifier.Flaw flaw(Receipt receipt) {
    return flaw(verify(receipt));
  }

  private static ReceiptVerifier.Flaw flaw(ReceiptVerifier.Verdict verdict) {
    if (verdict instanceof ReceiptVerifier.Verdict.Refused refused) {
      return refused.flaw();
    }
    throw new AssertionError("accepted");
  }

  @ParameterizedTest
  @ValueSource(ints = {1, 2, 3, 4, 5, 6, 7, 8, 9, 33})
  void everyTransferOfABlockHasAReceiptThatProvesIt(int transfers) throws MalformedException {
    SealedBlock block = block(transfers);
    Receipts receipts = Receipts.of("regtest", block);
    for (int position = 1; position <= transfers; position++) {
      Receipt receipt = receipts.receipt(position);
      assertThat(receipt.txid()).isEqualTo(block.block().txids().get(position));
      assertThat(verify(receipt).isProved()).isTrue();
      Receipt read = ReceiptJson.parse(ReceiptJson.write(receipt));
      assertThat(ReceiptJson.write(read)).isEqualTo(ReceiptJson.write(receipt));
      assertThat(verify(read).isProved()).isTrue();
      assertThat(verify(ReceiptJson.parse(ReceiptJson.writePretty(receipt))).isProved()).isTrue();
    }
  }

  @Test
  void bothCurvesGiveTheSameVerdict() {
    ReceiptVerifier other = new ReceiptVerifier(Curve.load(Curve.Provider.BOUNCYCASTLE));
    assertThat(other.verify(receipt(3), VALIDATORS, 1).isProved()).isTrue();
    assertThat(other.verify(withHeight(receipt(3), 252), VALIDATORS, 1).isProved()).isFalse();
  }

  /** Every bit of every file that holds a receipt is turned over once. */
  @Test
  void aFileWithOneChangedByteIsRefused() {
    // Position 6 of 7 is the last leaf, which its level doubles.
    for (int position : new int[] {1, 6}) {
      for (String form : forms(receipt(position))) {
        byte[] file = form.getBytes(StandardCharsets.UTF_8);
        assertThat(proves(file)).isTrue();
        for (int i = 0; i < file.length; i++) {
          for (int bit = 0; bit < 8; bit++) {
            file[i] ^= (byte) (1 << bit);
            assertThat(proves(file)).as("bit %s of byte %s of %s", bit, i, form).isFalse();
            file[i] ^= (byte) (1 << bit);
          }
        }
      }
    }
  }

  private static List<String> forms(Receipt receipt) {
    return List.of(ReceiptJson.write(receipt), ReceiptJson.writePretty(receipt) + "\n");
  }

  private static boolean proves(byte[] file) {
    try {
      return verify(ReceiptJson.parseFile(file)).isProved();
    } catch (MalformedException e) {
      return false;
    }
  }

  @Test
  void aFileWithMoreOrLessInItIsRefused() {
    Receipt receipt = receipt(2);
    for (String form : forms(receipt)) {
      for (String changed :
          List.of(
              form + " ",
              form.stripTrailing() + "\n\n",
              form.stripTrailing() + "\r\n",
              " " + form,
              "\ufeff" + form,
              form.replace(":", ": "),
              form.substring(0, form.length() - 2))) {
        assertThat(proves(changed.getBytes(StandardCharsets.UTF_8))).as(changed).isFalse();
      }
      assertThat(proves((form.stripTrailing() + "\n").getBytes(StandardCharsets.UTF_8))).isTrue();
    }
  }

  @ParameterizedTest
  @ValueSource(
      strings = {
        "",
        "null",
        "[]",
        "{}",
        "{\"network\":\"regtest\"}",
        "not json",
      })
  void whatIsNoReceiptIsRefused(String text) {
    assertThatThrownBy(() -> ReceiptJson.parse(text)).isInstanceOf(MalformedException.class);
  }

  @Test
  void unknownMissingDoubledAndMalformedFieldsAreRefused() throws MalformedException {
    String good = ReceiptJson.write(receipt(2));
    ReceiptJson.parse(good);
    List<String> bad = new ArrayList<>();
    bad.add(good.replace("{\"network\"", "{\"more\":1,\"network\""));
    bad.add(good.replace("{\"network\"", "{\"height\":251,\"network\""));
    bad.add(good.replace("\"height\":251,", ""));
    bad.add(good.replace("\"height\":251", "\"height\":\"251\""));
    bad.add(good.replace("\"height\":251", "\"height\":251.0"));
    bad.add(good.replace("\"height\":251", "\"height\":2.51e2"));
    bad.add(good.replace("\"height\":251", "\"height\":-251"));
    bad.add(good.replace("\"height\":251", "\"height\":4294967547"));
    bad.add(good.replace("\"height\":251", "\"height\":99999999999999999999"));
    bad.add(good.replace("\"height\":251", "\"height\":null"));
    bad.add(good.replace("\"position\":2", "\"position\":true"));
    bad.add(good.replace("\"branch\":[", "\"branch\":[1,"));
    bad.add(good.replace("\"branch\":[", "\"branch\":[[],"));
    bad.add(good.replace("\"certificate\":[", "\"certificate\":[{},"));
    bad.add(good.replace("\"certificate\":[", "\"certificate\":[7,"));
    bad.add(good.replaceAll("\"branch\":\\[[^]]*]", "\"branch\":{}"));
    bad.add(good.replace("regtest", "Regtest"));
    bad.add(good.replace("\"regtest\"", "7"));
    bad.add(good + good);
    bad.add(good + " x");
    bad.add(good + " ".repeat(100_000));
    for (String text : bad) {
      assertThat(text).isNotEqualTo(good);
      assertThatThrownBy(() -> ReceiptJson.parse(text))
          .as(text)
          .isInstanceOf(MalformedException.class);
    }
  }

  @Test
  void aBranchMustLeadToTheRoot() {
    Receipt good = receipt(2);
    assertThat(flaw(with(good, good.position(), good.branch().subList(1, 3))))
        .isEqualTo(ReceiptVerifier.Flaw.BRANCH);
    assertThat(flaw(with(good, 3, good.branch()))).isEqualTo(ReceiptVerifier.Flaw.BRANCH);
  }

  @ParameterizedTest
  @ValueSource(ints = {0, -1, 7, 8, 14, 1 << 30})
  void aPositionOutsideTheBlockIsRefused(int position) {
    // Seven transactions: position 7 is the copy of the last one.
    Receipt last = receipt(6);
    assertThat(flaw(with(last, position, last.branch()))).isEqualTo(ReceiptVerifier.Flaw.POSITION);
  }

  @Test
  void aHeaderOfAnotherTargetIsRefused() {
    Receipt good = receipt(1);
    var header = good.header();
    var easy =
        new BlockHeader(
            header.version(),
            header.previous(),
            header.merkleRoot(),
            header.timeSeconds(),
            0x2100ffff,
            0);
    Receipt bad =
        new Receipt(
            good.network(),
            good.txid(),
            good.height(),
            easy,
            good.position(),
            good.branch(),
            good.coinbase(),
            good.coinbaseBranch(),
            good.timeMillis(),
            Chains.SIGNER.sign(easy.hash(), good.height()));
    assertThat(flaw(bad)).isEqualTo(ReceiptVerifier.Flaw.HEADER);
  }

  @Test
  void certificatesNeedTheValidatorsTheQuorumAndGoodSignatures() {
    Receipt good = receipt(1);
    BlockSigner stranger = BlockSigner.single(Chains.CURVE, RegtestKeys.treasurySecret());
    Certificate own = good.certificate();
    Certificate foreign = stranger.sign(good.blockHash(), good.height());
    List<XOnlyKey> two = List.of(VALIDATORS.get(0), foreign.signatures().get(0).validator());
    Certificate both =
        new Certificate(List.of(own.signatures().get(0), foreign.signatures().get(0)));

    assertThat(flaw(with(good, foreign))).isEqualTo(ReceiptVerifier.Flaw.VALIDATOR);
    assertThat(flaw(with(good, both))).isEqualTo(ReceiptVerifier.Flaw.VALIDATOR);
    assertThat(flaw(with(good, new Certificate(List.of())))).isEqualTo(ReceiptVerifier.Flaw.QUORUM);
    Certificate doubled =
        new Certificate(List.of(own.signatures().get(0), own.signatures().get(0)));
    assertThat(flaw(VERIFIER.verify(with(good, doubled), two, 2)))
        .isEqualTo(ReceiptVerifier.Flaw.VALIDATOR);
    assertThat(flaw(VERIFIER.verify(good, two, 2))).isEqualTo(ReceiptVerifier.Flaw.QUORUM);
    assertThat(VERIFIER.verify(with(good, both), two, 2).isProved()).isTrue();
    assertThat(VERIFIER.verify(good, two, 1).isProved()).isTrue();
    assertThat(flaw(withHeight(good, 250))).isEqualTo(ReceiptVerifier.Flaw.COINBASE);
    Certificate ofAnother = Chains.SIGNER.sign(good.blockHash(), 250);
    assertThat(flaw(with(good, ofAnother))).isEqualTo(ReceiptVerifier.Flaw.SIGNATURE);
    assertThatThrownBy(() -> VERIFIER.verify(good, two, 0))
        .isInstanceOf(IllegalArgumentException.class);
  }

  @Test
  void whatValidatorsSignIsTheTaggedHashOfHashAndHeight() {
    byte[] data = new byte[36];
    Hash hash = new Hash(1, 2, 3, 4);
    hash.writeTo(data, 0);
    data[32] = 0x04;
    data[33] = 0x03;
    data[34] = 0x02;
    data[35] = 0x01;
    assertThat(BlockSigner.message(hash, 0x01020304))
        .isEqualTo(Hashing.tagged("tender/block", data));
  }

  private static Receipt with(Receipt r, int position, List<Hash> branch) {
    return new Receipt(
        r.network(),
        r.txid(),
        r.height(),
        r.header(),
        position,
        branch,
        r.coinbase(),
        r.coinbaseBranch(),
        r.timeMillis(),
        r.certificate());
  }

  private static Receipt with(Receipt r, Certificate certificate) {
    return new Receipt(
        r.network(),
        r.txid(),
        r.height(),
        r.header(),
        r.position(),
        r.branch(),
        r.coinbase(),
        r.coinbaseBranch(),
        r.timeMillis(),
        certificate);
  }

  private static Receipt withHeight(Receipt r, int height) {
    return new Receipt(
        r.network(),
        r.txid(),
        height,
        r.header(),
        r.position(),
        r.branch(),
        r.coinbase(),
        r.coinbaseBranch(),
        r.timeMillis(),
        r.certificate());
  }
}
