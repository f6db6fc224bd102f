package network.tender.cli;

import com.fasterxml.jackson.core.JsonProcessingException;
import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.node.ObjectNode;
import java.io.BufferedReader;
import java.io.IOException;
import java.io.InputStreamReader;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.HexFormat;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.concurrent.Callable;
import network.tender.chain.Amount;
import network.tender.chain.Hash;
import network.tender.chain.MalformedException;
import network.tender.chain.Outpoint;
import network.tender.chain.Script;
import network.tender.chain.Transaction;
import network.tender.chain.TransferOutput;
import network.tender.ledger.Policy;
import network.tender.ledger.Reason;
import network.tender.ledger.Rejection;
import network.tender.ledger.Rules;
import network.tender.ledger.TransferJudge;
import network.tender.script.Curve;
import network.tender.script.ScriptFlag;
import network.tender.script.ScriptFlags;
import network.tender.script.TransferVerifier;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;

/** Explains transfers one by one, without a chain. */
@Command(
    name = "check",
    mixinStandardHelpOptions = true,
    description = {
      "Check transfers by themselves: JSON lines on standard input, one JSON line out for each.",
      "",
      "In:  {\"tx\": hex, \"prevouts\": [{\"txid\", \"vout\", \"amount\", \"script\"}], \"flags\":"
          + " [names]}",
      "Out: {\"valid\": true or false, \"reason\": text}",
      "",
      "Amounts are in sat. Without flags every rule of the ledger is applied that needs no chain:"
          + " not locks, maturity, fee floor and double spends. With flags, which have Bitcoin Core's"
          + " names, only the transaction's structure and its scripts by just these rules.",
      "",
      "Exit code 0 if every line could be judged, whatever the verdicts; 1 if a line is not of this"
          + " form."
    })
final class ChainCheckCommand implements Callable<Integer> {
  private static final String NO_FLAGS = "NONE";

  private final Terminal terminal;

  @Mixin private NetworkChoice networkChoice = new NetworkChoice();

  ChainCheckCommand(Terminal terminal) {
    this.terminal = terminal;
  }

  /** A line that is not of the form the command takes. */
  private static final class BadLineException extends Exception {
    private static final long serialVersionUID = 1;

    BadLineException(String message) {
      super(message);
    }
  }

  @Override
  public Integer call() throws IOException {
    TransferJudge judge =
        new TransferJudge(
            new Rules(networkChoice.network(), Policy.DEFAULT),
            new TransferVerifier(Curve.load(Curve.Provider.AUTO)));
    boolean wellFormed = true;
    BufferedReader lines =
        new BufferedReader(new InputStreamReader(terminal.in(), StandardCharsets.UTF_8));
    for (String line = lines.readLine(); line != null; line = lines.readLine()) {
      if (line.isBlank()) {
        continue;
      }
      try {
        print(judge(judge, line));
      } catch (BadLineException e) {
        wellFormed = false;
        print(answer(false, "malformed input: " + e.getMessage()));
      }
    }
    return wellFormed ? CommandTree.SUCCESS : CommandTree.FAILURE;
  }

  private void print(ObjectNode answer) {
    terminal.out().println(answer);
    terminal.out().flush();
  }

  private static ObjectNode answer(boolean valid, String reason) {
    return Json.object().put("valid", valid).put("reason", reason);
  }

  private static ObjectNode judge(TransferJudge judge, String line) throws BadLineException {
    JsonNode json;
    try {
      json = Json.parse(line);
    } catch (JsonProcessingException e) {
      throw new BadLineException("not one JSON value");
    }
    Transaction transaction;
    try {
      transaction = Transaction.parseHex(text(json, "tx"));
    } catch (MalformedException e) {
      return refusal(
          Rejection.of(Reason.DECODE_FAILED, "The transaction does not decode: " + e.getMessage()));
    }
    Map<Outpoint, TransferOutput> spent = new HashMap<>();
    for (JsonNode prevout : array(json, "prevouts")) {
      spent.put(outpoint(prevout), output(prevout));
    }
    JsonNode flags = json.path("flags");
    Optional<Rejection> rejection =
        flags.isMissingNode() || flags.isNull()
            ? judge.judge(transaction, spent)
            : judge.judge(transaction, spent, flags(array(json, "flags")));
    return rejection.map(ChainCheckCommand::refusal).orElseGet(() -> answer(true, ""));
  }

  private static ObjectNode refusal(Rejection rejection) {
    return answer(false, rejection.wireText())
        .put("code", rejection.reason().code())
        .put("detail", rejection.detail());
  }

  private static Outpoint outpoint(JsonNode prevout) throws BadLineException {
    long index = integer(prevout, "vout");
    if (index < -1 || index > 0xffff_ffffL) {
      throw new BadLineException("\"vout\" is a number of 32 bits");
    }
    try {
      return new Outpoint(Hash.fromDisplayHex(text(prevout, "txid")), (int) index);
    } catch (IllegalArgumentException e) {
      throw new BadLineException("\"txid\" is not 64 hex digits");
    }
  }

  private static TransferOutput output(JsonNode prevout) throws BadLineException {
    long sat = prevout.path("amount").isMissingNode() ? 0 : integer(prevout, "amount");
    if (sat < 0 || sat > Amount.MAX_SAT) {
      throw new BadLineException("\"amount\" is a number of sat from 0 to " + Amount.MAX_SAT);
    }
    try {
      return new TransferOutput(
          Amount.ofSat(sat), Script.of(HexFormat.of().parseHex(text(prevout, "script"))));
    } catch (IllegalArgumentException e) {
      throw new BadLineException("\"script\" is not hex digits");
    }
  }

  private static ScriptFlags flags(JsonNode names) throws BadLineException {
    List<ScriptFlag> flags = new ArrayList<>();
    for (JsonNode name : names) {
      String text = name.asText();
      if (text.isEmpty() || text.equals(NO_FLAGS)) {
        continue;
      }
      try {
        flags.add(ScriptFlag.valueOf(text));
      } catch (IllegalArgumentException e) {
        throw new BadLineException("there is no flag " + name);
      }
    }
    return ScriptFlags.of(flags);
  }

  private static String text(JsonNode json, String member) throws BadLineException {
    JsonNode value = json.path(member);
    if (!value.isTextual()) {
      throw new BadLineException("\"" + member + "\" is missing or no text");
    }
    return value.textValue();
  }

  private static long integer(JsonNode json, String member) throws BadLineException {
    JsonNode value = json.path(member);
    if (!value.isIntegralNumber() || !value.canConvertToLong()) {
      throw new BadLineException("\"" + member + "\" is missing or no whole number");
    }
    return value.longValue();
  }

  private static JsonNode array(JsonNode json, String member) throws BadLineException {
    JsonNode value = json.path(member);
    if (!value.isArray()) {
      throw new BadLineException("\"" + member + "\" is missing or no array");
    }
    return value;
  }
}
