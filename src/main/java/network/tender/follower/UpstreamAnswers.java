package network.tender.follower;

import io.vertx.core.json.DecodeException;
import io.vertx.core.json.JsonObject;
import java.util.Arrays;
import java.util.Map;
import java.util.Optional;
import java.util.function.Function;
import java.util.stream.Collectors;
import network.tender.chain.Hash;
import network.tender.chain.MalformedException;
import network.tender.chain.Network;
import network.tender.ledger.Reason;
import network.tender.ledger.Receipt;
import network.tender.ledger.ReceiptJson;
import network.tender.ledger.ReceiptVerifier;
import network.tender.ledger.Rejection;
import network.tender.script.Curve;
import network.tender.script.ScriptError;
import network.tender.settlement.Outcome;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/** Reads what a node answers to a transfer; "settled" counts only with a receipt that proves it. */
final class UpstreamAnswers {
  private static final Logger LOG = LoggerFactory.getLogger(UpstreamAnswers.class);

  private static final int RETRY_SECONDS = 1;
  private static final int LONGEST_RETRY_SECONDS = 60;

  private static final Map<String, Reason> REASONS =
      Arrays.stream(Reason.values()).collect(Collectors.toMap(Reason::code, Function.identity()));
  private static final Map<String, ScriptError> SCRIPT_ERRORS =
      Arrays.stream(ScriptError.values())
          .collect(Collectors.toMap(ScriptError::code, Function.identity(), (a, b) -> a));

  private final Network network;
  private final ReceiptVerifier verifier;

  UpstreamAnswers(Network network, Curve curve) {
    this.network = network;
    this.verifier = new ReceiptVerifier(curve);
  }

  /** What the answer says of a transfer. */
  Outcome read(Hash txid, UpstreamNode.Answer answer) {
    JsonObject json;
    try {
      json = answer.body().toJsonObject();
    } catch (DecodeException | ClassCastException e) {
      return unknown("an answer " + answer.status() + " that is no JSON");
    }
    try {
      return switch (answer.status()) {
        case 200 -> settled(txid, json);
        case 202 -> new Outcome.Accepted(txid);
        case 503 -> unavailable(json);
        default -> refused(answer.status(), json);
      };
    } catch (ClassCastException | MalformedException | IllegalArgumentException e) {
      return unknown(
          "an answer "
              + answer.status()
              + " of another form: "
              + Said.of(String.valueOf(e.getMessage())));
    }
  }

  private Outcome settled(Hash txid, JsonObject json) throws MalformedException {
    JsonObject proof = json.getJsonObject("receipt");
    if (proof == null) {
      return unknown("'settled' without a receipt");
    }
    Receipt receipt = ReceiptJson.parse(proof.encode());
    boolean proved =
        receipt.txid().equals(txid)
            && receipt.network().equals(network.name())
            && verifier
                .verify(receipt, network.validators(), network.validators().size())
                .isProved();
    return proved ? new Outcome.Settled(receipt) : unknown("a receipt that proves nothing");
  }

  private static Outcome refused(int status, JsonObject json) {
    Reason reason = REASONS.get(json.getString("code", ""));
    if (reason == null) {
      return unknown(
          "an answer " + status + " with the code " + Said.of(json.getString("code", "")));
    }
    String detail = Said.of(json.getString("detail", reason.wire()));
    String conflict = json.getString("conflictsWith");
    int colon = detail.indexOf(':');
    return new Outcome.Refused(
        new Rejection(
            reason,
            detail,
            conflict == null ? Optional.empty() : Optional.of(Hash.fromDisplayHex(conflict)),
            reason == Reason.SCRIPT_FAILED && colon > 0
                ? Optional.ofNullable(SCRIPT_ERRORS.get(detail.substring(0, colon)))
                : Optional.empty()));
  }

  private static Outcome unavailable(JsonObject json) {
    String code = json.getString("code", "");
    Integer seconds = json.getInteger("retryAfterSeconds");
    int retry =
        seconds == null ? RETRY_SECONDS : Math.max(1, Math.min(seconds, LONGEST_RETRY_SECONDS));
    for (Outcome.Cause cause : Outcome.Cause.values()) {
      if (cause.code().equals(code)) {
        return new Outcome.Unavailable(cause, retry);
      }
    }
    return new Outcome.Unavailable(Outcome.Cause.NODE_UNREACHABLE, retry);
  }

  /** The transfer may have been taken: whoever sent it should ask again. */
  private static Outcome unknown(String what) {
    LOG.warn("The followed node has given {}", what);
    return new Outcome.Unavailable(Outcome.Cause.DELAYED, RETRY_SECONDS);
  }
}
