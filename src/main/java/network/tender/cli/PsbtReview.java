package network.tender.cli;

import com.fasterxml.jackson.databind.node.ArrayNode;
import com.fasterxml.jackson.databind.node.ObjectNode;
import fr.acinq.bitcoin.DeterministicWallet;
import java.math.BigDecimal;
import java.math.RoundingMode;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.Set;
import network.tender.chain.Outpoint;
import network.tender.chain.Script;
import network.tender.chain.Transaction;
import network.tender.chain.TransferOutput;
import network.tender.script.KeyOrigin;
import network.tender.script.SpendContext;

/**
 * What a PSBT does, as far as it can be proved, and what is wrong with it. Nothing that it says of
 * itself is believed: an output is the wallet's own only if its key, derived again, makes the very
 * script, and an amount is proved by the transaction that made the coin or by what is signed.
 *
 * @param document the PSBT
 * @param inputs what it spends
 * @param outputs whom it pays
 * @param feeSat what the block's maker gets; empty if not all inputs' amounts are there
 * @param problems why a signer refuses, the worst first
 * @param checked true if own and foreign outputs were told apart, for which a wallet is needed
 */
record PsbtReview(
    PsbtDocument document,
    List<Input> inputs,
    List<Output> outputs,
    Optional<Long> feeSat,
    List<CommandFailure> problems,
    boolean checked) {
  private static final Set<Integer> MAIN_NETWORK_KEYS =
      Set.of(DeterministicWallet.xpub, DeterministicWallet.ypub, DeterministicWallet.zpub);

  /** The second step of a key path on Bitcoin's main network (BIP44): 0'. */
  private static final int MAIN_NETWORK_COIN_TYPE = 0x8000_0000;

  /** Everything but the signature is signed. */
  private static final int ALL = 1;

  /** The same for taproot, with no type byte. */
  private static final int DEFAULT = 0;

  /**
   * A coin that is spent.
   *
   * @param outpoint its name
   * @param spent its amount and script, as the PSBT says
   * @param own the wallet's key that spends it, if it is one
   */
  record Input(Outpoint outpoint, Optional<TransferOutput> spent, Optional<KeyPlace> own) {}

  /**
   * A coin that is made.
   *
   * @param output its amount and script
   * @param own the wallet's key that it belongs to, if it is one
   * @param claimed true if the PSBT says where its key comes from
   */
  record Output(TransferOutput output, Optional<KeyPlace> own, boolean claimed) {}

  /** Makes the lists unmodifiable. */
  PsbtReview {
    inputs = List.copyOf(inputs);
    outputs = List.copyOf(outputs);
    problems = List.copyOf(problems);
  }

  /**
   * Looks at a PSBT.
   *
   * @param keys the keys of the wallet that should sign it
   * @param network the network that it should be for
   */
  static PsbtReview of(
      PsbtDocument document,
      Optional<WalletKeys> keys,
      Optional<String> network,
      FeeLimit feeLimit) {
    Transaction unsigned = document.unsigned();
    List<CommandFailure> problems = new ArrayList<>();
    checkNetwork(document, keys, network).ifPresent(problems::add);
    List<Input> inputs = new ArrayList<>();
    List<Output> outputs = new ArrayList<>();
    for (int i = 0; i < unsigned.inputCount(); i++) {
      Optional<TransferOutput> spent = document.spent(i);
      Optional<KeyPlace> own = Optional.empty();
      if (spent.isPresent() && keys.isPresent()) {
        Ownership ownership =
            Ownership.of(document.inputClaims(i), spent.get().script(), keys.get());
        own = ownership.own();
        if (ownership.falseClaim()) {
          problems.add(
              new CommandFailure(
                  "psbt-false-key",
                  "Input " + i + " claims to be this wallet's, but its key is not: don't sign."));
        }
      }
      if (keys.isEmpty() || own.isPresent()) {
        checkHashType(document, i, spent).ifPresent(problems::add);
      }
      checkAmount(document, i, spent).ifPresent(problems::add);
      inputs.add(new Input(unsigned.prevout(i), spent, own));
    }
    for (int i = 0; i < unsigned.outputCount(); i++) {
      List<KeyClaim> claims = document.outputClaims(i);
      TransferOutput output = unsigned.output(i);
      Optional<KeyPlace> own = Optional.empty();
      if (keys.isPresent()) {
        Ownership ownership = Ownership.of(claims, output.script(), keys.get());
        own = ownership.own();
        if (ownership.falseClaim()) {
          problems.add(
              new CommandFailure(
                  "psbt-false-change",
                  "Output "
                      + i
                      + " of "
                      + output.amount().toCoinText()
                      + " claims to come back to this wallet, but this wallet would never find it:"
                      + " somebody may want to steal it. Don't sign."));
        }
      }
      outputs.add(new Output(output, own, !claims.isEmpty()));
    }
    Optional<Long> fee = fee(unsigned, inputs);
    fee.flatMap(sat -> checkFee(sat, unsigned, feeLimit)).ifPresent(problems::add);
    return new PsbtReview(document, inputs, outputs, fee, problems, keys.isPresent());
  }

  /**
   * Whose a script is.
   *
   * @param own the wallet's key that makes the script
   * @param falseClaim true if it is said to be the wallet's and is not
   */
  private record Ownership(Optional<KeyPlace> own, boolean falseClaim) {
    static Ownership of(List<KeyClaim> claims, Script script, WalletKeys keys) {
      boolean falseClaim = false;
      for (KeyClaim claim : claims) {
        for (KeyPlace place : keys.placesOf(claim.origin())) {
          if (claim.isOf(keys.publicKey(place)) && keys.script(place).equals(script)) {
            return new Ownership(Optional.of(place), false);
          }
        }
        falseClaim |= claim.origin().isBelow(keys.accountOrigin());
      }
      return new Ownership(Optional.empty(), falseClaim);
    }
  }

  private static Optional<CommandFailure> checkNetwork(
      PsbtDocument document, Optional<WalletKeys> keys, Optional<String> network) {
    Optional<String> named = document.network();
    if (named.isPresent() && network.isPresent() && !named.equals(network)) {
      return Optional.of(
          wrongNetwork("it is for network " + named.get() + ", not for " + network.get()));
    }
    boolean mainNetwork =
        document.extendedKeyVersions().stream().anyMatch(MAIN_NETWORK_KEYS::contains)
            || (keys.isPresent() && namesMainNetwork(document, keys.get().accountOrigin()));
    return mainNetwork
        ? Optional.of(wrongNetwork("its keys are of Bitcoin's main network"))
        : Optional.empty();
  }

  /** True if one of our own keys is said to be for real bitcoins. */
  private static boolean namesMainNetwork(PsbtDocument document, KeyOrigin account) {
    List<KeyClaim> claims = new ArrayList<>();
    for (int i = 0; i < document.unsigned().inputCount(); i++) {
      claims.addAll(document.inputClaims(i));
    }
    for (int i = 0; i < document.unsigned().outputCount(); i++) {
      claims.addAll(document.outputClaims(i));
    }
    return claims.stream()
        .map(KeyClaim::origin)
        .anyMatch(
            origin ->
                origin.fingerprint() == account.fingerprint()
                    && !origin.isBelow(account)
                    && origin.steps().size() > 2
                    && origin.steps().get(1) == MAIN_NETWORK_COIN_TYPE);
  }

  private static CommandFailure wrongNetwork(String why) {
    return new CommandFailure("wrong-network", "Don't sign this PSBT here: " + why + ".");
  }

  private static Optional<CommandFailure> checkHashType(
      PsbtDocument document, int input, Optional<TransferOutput> spent) {
    boolean taproot = spent.isPresent() && spent.get().script().type() == Script.Type.P2TR;
    int type = document.hashType(input).orElse(taproot ? DEFAULT : ALL);
    return type == ALL || (taproot && type == DEFAULT)
        ? Optional.empty()
        : Optional.of(
            new CommandFailure(
                "psbt-sighash",
                "Input "
                    + input
                    + " asks for a signature over a part of the transfer only (type "
                    + type
                    + "), so the rest could be changed afterwards: don't sign."));
  }

  private static Optional<CommandFailure> checkAmount(
      PsbtDocument document, int input, Optional<TransferOutput> spent) {
    if (spent.isEmpty()) {
      return Optional.of(
          new CommandFailure(
              "psbt-amount-unproved",
              "The PSBT does not say what input "
                  + input
                  + " spends, so nobody knows the fee; ask for one that does."));
    }
    // A taproot signature is over all inputs' amounts; the others are over their own alone.
    boolean proved =
        document.hasPrevious(input)
            || document.isFinal(input)
            || spent.get().script().type() == Script.Type.P2TR;
    return proved
        ? Optional.empty()
        : Optional.of(
            new CommandFailure(
                "psbt-amount-unproved",
                "Nothing proves the amount of input "
                    + input
                    + ", so the fee may be a lie; ask for a PSBT with the whole transactions that"
                    + " made its coins (non_witness_utxo)."));
  }

  private static Optional<Long> fee(Transaction unsigned, List<Input> inputs) {
    long sum = 0;
    for (Input input : inputs) {
      if (input.spent().isEmpty()) {
        return Optional.empty();
      }
      sum = Math.addExact(sum, input.spent().get().amount().sat());
    }
    for (int i = 0; i < unsigned.outputCount(); i++) {
      sum = Math.subtractExact(sum, unsigned.outputSat(i));
    }
    return Optional.of(sum);
  }

  private static Optional<CommandFailure> checkFee(
      long sat, Transaction unsigned, FeeLimit feeLimit) {
    return sat < 0
        ? Optional.of(
            new CommandFailure(
                "psbt-overspends", "The outputs are worth more than the inputs: don't sign."))
        : feeLimit.refuse(sat, unsigned.virtualSize());
  }

  /**
   * Fails if anything is wrong.
   *
   * @throws CommandFailure the worst problem
   */
  void demandSound() {
    if (!problems.isEmpty()) {
      throw problems.get(0);
    }
  }

  /** How many inputs the wallet can sign. */
  int signable() {
    int count = 0;
    for (int i = 0; i < inputs.size(); i++) {
      count += isSignable(i) ? 1 : 0;
    }
    return count;
  }

  private boolean isSignable(int input) {
    return inputs.get(input).own().isPresent() && !document.isFinal(input);
  }

  /**
   * Signs every input of the wallet, if nothing is wrong.
   *
   * @param keys the keys that this review was made with
   * @throws CommandFailure the worst problem, or if there is nothing to sign
   */
  PsbtDocument sign(WalletKeys keys) {
    demandSound();
    if (signable() == 0) {
      throw new CommandFailure(
          "psbt-not-ours",
          "No input of this PSBT needs a signature of this wallet; sign it with the wallet whose"
              + " coins it spends.");
    }
    SpendContext context = new SpendContext(document.unsigned(), document.allSpent().orElseThrow());
    PsbtDocument signed = document;
    for (int i = 0; i < inputs.size(); i++) {
      if (isSignable(i)) {
        boolean explicitAll = document.hashType(i).equals(Optional.of(ALL));
        byte[] secret = keys.secret(inputs.get(i).own().orElseThrow());
        signed = signed.withSignature(i, keys.signer().signInput(context, i, secret, explicitAll));
      }
    }
    return signed;
  }

  /** What it does, for programs. */
  ObjectNode json(NetworkFacts facts, Optional<WalletKeys> keys) {
    ObjectNode json = Json.object().put("txid", document.unsigned().txid().toString());
    ArrayNode ins = json.putArray("inputs");
    for (Input input : inputs) {
      ObjectNode line =
          ins.addObject()
              .put("txid", input.outpoint().txid().toString())
              .put("vout", input.outpoint().index());
      input.spent().ifPresent(spent -> describe(line, spent, facts));
      describe(line, input.own(), keys);
    }
    ArrayNode outs = json.putArray("outputs");
    for (Output output : outputs) {
      ObjectNode line = outs.addObject();
      describe(line, output.output(), facts);
      describe(line, output.own(), keys);
      output.own().ifPresent(place -> line.put("change", place.change()));
    }
    feeSat.ifPresent(sat -> json.put("feeSat", sat).put("satPerVbyte", satPerVbyte(sat)));
    json.put("complete", document.isComplete());
    ArrayNode list = json.putArray("problems");
    for (CommandFailure problem : problems) {
      list.addObject().put("code", problem.code()).put("detail", problem.sentence());
    }
    return json;
  }

  private static void describe(ObjectNode line, TransferOutput output, NetworkFacts facts) {
    line.put("amount", output.amount().toCoinText()).put("amountSat", output.amount().sat());
    facts
        .addressOfAny(output.script())
        .ifPresentOrElse(
            address -> line.put("address", address),
            () -> line.put("script", output.script().toHex()));
  }

  private void describe(ObjectNode line, Optional<KeyPlace> own, Optional<WalletKeys> keys) {
    if (checked) {
      line.put("own", own.isPresent());
    }
    if (own.isPresent() && keys.isPresent()) {
      line.put("path", keys.get().origin(own.get()).toString());
    }
  }

  /** The fee rate by the size that is known: the signed one, else one a bit too small. */
  private BigDecimal satPerVbyte(long sat) {
    int size =
        document.isComplete() ? document.finish().virtualSize() : document.unsigned().virtualSize();
    BigDecimal rate =
        BigDecimal.valueOf(sat)
            .divide(BigDecimal.valueOf(size), 2, RoundingMode.HALF_UP)
            .stripTrailingZeros();
    return rate.scale() < 0 ? rate.setScale(0) : rate;
  }

  /** What it does, for people. */
  String text(NetworkFacts facts, Optional<WalletKeys> keys) {
    StringBuilder text = new StringBuilder();
    text.append("Transfer ").append(document.unsigned().txid());
    text.append(document.isComplete() ? ", signed:" : ", not completely signed:");
    for (Input input : inputs) {
      line(
          text,
          input.own().isPresent() || !checked ? "spends" : "spends (not yours)",
          input.spent().map(spent -> spent.amount().toCoinText()).orElse("?"),
          input.outpoint().toString(),
          input.own(),
          keys);
    }
    for (Output output : outputs) {
      line(
          text,
          kind(output, checked),
          output.output().amount().toCoinText(),
          facts
              .addressOfAny(output.output().script())
              .orElse("script " + output.output().script().toHex()),
          output.own(),
          keys);
    }
    line(
        text,
        "fee",
        feeSat.map(sat -> BigDecimal.valueOf(sat, 8).toPlainString()).orElse("unknown"),
        "",
        Optional.empty(),
        keys);
    if (!checked) {
      text.append("\nWith --wallet FILE it is checked what comes back to that wallet.");
    }
    for (CommandFailure problem : problems) {
      text.append("\nWARNING: ").append(problem.sentence());
    }
    return text.toString();
  }

  private static String kind(Output output, boolean checked) {
    if (output.own().isPresent()) {
      return output.own().get().change() ? "change" : "to yourself";
    }
    return output.claimed() && !checked ? "pays (change?)" : "pays";
  }

  private static void line(
      StringBuilder text,
      String kind,
      String amount,
      String where,
      Optional<KeyPlace> own,
      Optional<WalletKeys> keys) {
    text.append(String.format("%n  %-18s %18s  %s", kind, amount, where).stripTrailing());
    if (own.isPresent() && keys.isPresent()) {
      text.append("  (").append(keys.get().origin(own.get())).append(')');
    }
  }
}
