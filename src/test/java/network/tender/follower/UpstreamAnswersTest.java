package network.tender.follower;

import static org.assertj.core.api.Assertions.assertThat;

import io.vertx.core.buffer.Buffer;
import io.vertx.core.json.JsonObject;
import network.tender.chain.Hash;
import network.tender.chain.Network;
import network.tender.ledger.Reason;
import network.tender.script.Curve;
import network.tender.settlement.Outcome;
import org.junit.jupiter.api.Test;

/** What a followed node says of a transfer. */
class UpstreamAnswersTest {
  private final UpstreamAnswers answers =
      new UpstreamAnswers(Network.regtest(), Curve.load(Curve.Provider.AUTO));

  private Outcome read(int status, JsonObject json) {
    return answers.read(Hash.ZERO, new UpstreamNode.Answer(status, json.toBuffer()));
  }

  @Test
  void aRefusalKeepsItsReasonAndIsNoLongerThanALine() {
    String forged = "so\r\n2026-01-01 ERROR a line of its own\u001b[2J " + "x".repeat(1_000_000);
    Outcome outcome = read(422, new JsonObject().put("code", "unknown-coin").put("detail", forged));
    Outcome.Refused refused = (Outcome.Refused) outcome;
    assertThat(refused.rejection().reason()).isEqualTo(Reason.UNKNOWN_COIN);
    assertThat(refused.rejection().detail()).hasSizeLessThan(250).startsWith("so??2026");
    assertThat(refused.rejection().detail().chars()).noneMatch(Character::isISOControl);
  }

  @Test
  void whatNobodyUnderstandsSettlesNothing() {
    assertThat(read(200, new JsonObject())).isInstanceOf(Outcome.Unavailable.class);
    assertThat(read(418, new JsonObject().put("code", "y\n".repeat(1_000))))
        .isInstanceOf(Outcome.Unavailable.class);
    assertThat(answers.read(Hash.ZERO, new UpstreamNode.Answer(200, Buffer.buffer("<html>"))))
        .isInstanceOf(Outcome.Unavailable.class);
  }
}
