package network.tender.cli;

import com.fasterxml.jackson.databind.node.ObjectNode;
import java.io.IOException;
import java.time.InstantSource;
import java.util.List;
import java.util.Optional;
import java.util.concurrent.TimeUnit;
import network.tender.chain.Network;
import network.tender.ledger.ChainState;
import network.tender.ledger.Rejection;
import network.tender.script.Curve;
import network.tender.script.TransferVerifier;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Option;
import picocli.CommandLine.Parameters;

/** Judges a whole chain anew, trusting nobody. */
@Command(
    name = "verify",
    mixinStandardHelpOptions = true,
    description = {
      "Check every rule in a whole chain, from its genesis block: headers, merkle trees, witness"
          + " commitments, signatures, coins, money.",
      "Reads blocks as hex, one a line from height 0, as 'chain export' writes them; or fetches them"
          + " from a node, by default the one at "
          + NodeClient.DEFAULT_URL
          + ", and then checks the validators' certificates too."
    })
final class ChainVerifyCommand extends AnsweringCommand {
  private static final long PROGRESS_NANOS = TimeUnit.SECONDS.toNanos(2);

  @Parameters(
      arity = "0..1",
      paramLabel = "FILE",
      description = "Blocks as hex lines; '-' for standard input.")
  private Optional<String> file = Optional.empty();

  @Mixin private ChainPlace place = new ChainPlace();

  @Option(
      names = "--measure",
      description =
          "Then verify signatures of this chain with the signature library alone, on all cores, for"
              + " some seconds, and report how much of that rate was reached.")
  private boolean measure;

  private long shown;

  ChainVerifyCommand(Terminal terminal) {
    super(terminal);
  }

  @Override
  Answer answer() throws IOException, InterruptedException {
    if (file.isPresent() && place.named() > 0) {
      throw CommandFailure.wrongUsage(
          "too-many-sources",
          "Name one source of blocks: a file ('-' for standard input), --node, --data-dir or"
              + " --database.");
    }
    Network network = place.network();
    try (BlockSource source = open()) {
      return verify(source, network);
    }
  }

  private BlockSource open() {
    if (file.isEmpty()) {
      return place.open(0, Optional.empty(), true);
    }
    try {
      return new HexLines(InputFiles.open(file.get(), terminal()));
    } catch (IOException e) {
      throw new CommandFailure("file-not-readable", file.get() + " can't be read: " + e, e);
    }
  }

  private Answer verify(BlockSource source, Network network)
      throws IOException, InterruptedException {
    Curve curve = Curve.load(Curve.Provider.AUTO);
    SampledCurve sampled = new SampledCurve(curve);
    int cores = Runtime.getRuntime().availableProcessors();
    ChainVerification verification =
        new ChainVerification(
            network, curve, new TransferVerifier(sampled), InstantSource.system(), cores);
    demandGenesis(source);
    long cpuBegin = VerificationRate.cpuNanosSoFar();
    long begin = System.nanoTime();
    shown = begin;
    ChainVerification.Outcome outcome = verification.run(source, state -> show(state, begin));
    VerificationRate pass =
        new VerificationRate(
            sampled.verified(),
            System.nanoTime() - begin,
            VerificationRate.cpuNanosSoFar() - cpuBegin);
    if (outcome instanceof ChainVerification.Outcome.Invalid invalid) {
      return refusal(invalid);
    }
    VerificationReport report =
        new VerificationReport(
            ((ChainVerification.Outcome.Valid) outcome).state(),
            pass,
            source.hasCertificates(),
            cores,
            curve.name(),
            measure ? rawRate(curve, sampled, cores) : Optional.empty());
    return Answer.of(report.json(), report.text());
  }

  private Optional<VerificationRate> rawRate(Curve curve, SampledCurve sampled, int cores)
      throws InterruptedException {
    List<SampledCurve.Signature> sample = sampled.sample();
    if (sample.isEmpty()) {
      note("There is no signature in this chain to measure with.");
      return Optional.empty();
    }
    note("… measuring how fast " + curve.name() + " alone is here");
    return Optional.of(VerificationRate.measure(curve, sample, cores));
  }

  private void show(ChainState state, long begin) {
    long now = System.nanoTime();
    if (now - shown > PROGRESS_NANOS) {
      shown = now;
      note("… " + VerificationReport.rates(state, now - begin));
    }
  }

  private static void demandGenesis(BlockSource source) throws IOException {
    Optional<BlockSource.SourceBlock> first = source.next();
    boolean genesis =
        first.isPresent()
            && java.util.Arrays.equals(first.get().raw(), Network.genesis().toBytes());
    if (!genesis) {
      throw new CommandFailure(
          "bad-genesis",
          first.isEmpty()
              ? "There is no block at all; the chain must begin with its genesis block."
              : "The first block is not Bitcoin regtest's genesis block, with which every chain"
                  + " here begins.");
    }
  }

  private Answer refusal(ChainVerification.Outcome.Invalid invalid) {
    Rejection rejection = invalid.rejection();
    ObjectNode json = Json.object().put("valid", false).put("height", invalid.height());
    json.put("blockHash", invalid.blockHash().toString());
    json.putObject("error")
        .put("code", rejection.reason().code())
        .put("detail", rejection.detail());
    note(
        "Block "
            + invalid.height()
            + " ("
            + invalid.blockHash()
            + ") breaks a rule: "
            + rejection.reason().code()
            + ": "
            + rejection.detail());
    String text = "Not valid from block " + invalid.height() + " on.";
    return new Answer(json, text, CommandTree.FAILURE);
  }
}
