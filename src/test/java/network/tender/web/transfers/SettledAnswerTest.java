package network.tender.web.transfers;

import static org.assertj.core.api.Assertions.assertThat;

import java.nio.charset.StandardCharsets;
import java.util.List;
import network.tender.chain.MalformedException;
import network.tender.chain.Script;
import network.tender.chain.Transaction;
import network.tender.ledger.Receipt;
import network.tender.ledger.ReceiptJson;
import network.tender.ledger.ReceiptVerifier;
import network.tender.settlement.Outcome;
import network.tender.settlement.Settlement;
import network.tender.web.TestChain;
import network.tender.web.TestServer;
import org.junit.jupiter.api.Test;

class SettledAnswerTest {
  private static final TestChain CHAIN = new TestChain();
  private static final ReceiptVerifier VERIFIER = new ReceiptVerifier(CHAIN.curve);

  private static Receipt receipt() {
    Transaction transfer =
        CHAIN.payment(CHAIN.treasuryCoins().get(0), Script.p2wpkh(new byte[20]), 100_000);
    Outcome outcome = TestServer.await(CHAIN.submit(transfer, Settlement.Wait.SETTLED));
    return ((Outcome.Settled) outcome).receipt();
  }

  private static boolean proves(byte[] file) {
    try {
      return VERIFIER
          .verify(SettledAnswer.parseFile(file), CHAIN.network.validators(), 1)
          .isProved();
    } catch (MalformedException e) {
      return false;
    }
  }

  /** Every bit of a node's answer is turned over once. */
  @Test
  void anAnswerWithOneChangedByteProvesNothing() {
    byte[] answer = SettledAnswer.of(receipt()).getBytes();
    assertThat(proves(answer)).isTrue();
    for (int i = 0; i < answer.length; i++) {
      for (int bit = 0; bit < 8; bit++) {
        answer[i] ^= (byte) (1 << bit);
        assertThat(proves(answer)).as("bit %s of byte %s", bit, i).isFalse();
        answer[i] ^= (byte) (1 << bit);
      }
    }
  }

  @Test
  void whatStandsBesideTheReceiptMustSayTheSame() {
    Receipt receipt = receipt();
    String answer = SettledAnswer.of(receipt).toString();
    assertThat(proves(bytes(answer + "\n"))).isTrue();
    assertThat(proves(bytes(ReceiptJson.writePretty(receipt)))).as("a receipt alone").isTrue();
    for (String changed :
        List.of(
            answer + "\n\n",
            answer.replaceFirst("\"height\":\\d+", "\"height\":1"),
            answer.replaceFirst("\"height\"", "\"extra\":1,\"height\""),
            answer.replaceFirst("\"time\":\"2", "\"time\":\"1"),
            answer.replaceFirst("\"timeMillis\":\\d", "\"timeMillis\":9"),
            answer.replaceFirst("\"blockHash\":\"[0-9a-f]+\",", ""),
            answer.replaceFirst("\"txid\":\"[0-9a-f]{3}", "\"txid\":\"000"))) {
      assertThat(changed).isNotEqualTo(answer);
      assertThat(proves(bytes(changed))).as(changed).isFalse();
    }
  }

  private static byte[] bytes(String text) {
    return text.getBytes(StandardCharsets.UTF_8);
  }
}
