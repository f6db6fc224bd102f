package network.tender.cli;

import com.fasterxml.jackson.databind.node.ObjectNode;
import java.io.IOException;
import java.time.InstantSource;
import java.util.List;
import java.util.Locale;
import java.util.Optional;
import java.util.concurrent.TimeUnit;
import network.tender.chain.Block;
import network.tender.chain.Hash;
import network.tender.chain.MalformedException;
import network.tender.chain.Network;
import network.tender.ledger.BlockValidator;
import network.tender.ledger.ChainState;
import network.tender.ledger.ChainTotals;
import network.tender.script.Curve;
import network.tender.script.TransferVerifier;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
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

  private final InstantSource clock = InstantSource.system();

  ChainVerifyCommand(Terminal terminal) {
    super(terminal);
  }

  @Override
  Answer answer() throws IOException {
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

  private Answer verify(BlockSource source, Network network) throws IOException {
    Curve curve = Curve.load(Curve.Provider.AUTO);
    BlockValidator validator =
        new BlockValidator(
            network,
            curve,
            BlockValidator.coinsInMemory(),
            new ParallelSignatureCheck(new TransferVerifier(curve)));
    demandGenesis(source);
    long begin = System.nanoTime();
    long shown = begin;
    for (int height = 1; ; height++) {
      Optional<BlockSource.SourceBlock> next = source.next();
      if (next.isEmpty()) {
        break;
      }
      Block block = parse(next.get().raw(), height);
      BlockValidator.Verdict verdict =
          validator.validate(block, next.get().certificate(), clock.instant().getEpochSecond());
      if (verdict instanceof BlockValidator.Verdict.Invalid invalid) {
        return refusal(height, block.hash(), invalid);
      }
      if (System.nanoTime() - shown > PROGRESS_NANOS) {
        shown = System.nanoTime();
        note("… " + rates(validator.state(), shown - begin));
      }
    }
    return success(validator.state(), System.nanoTime() - begin, source.hasCertificates());
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

  private static Block parse(byte[] raw, int height) {
    try {
      return Block.parse(raw);
    } catch (MalformedException e) {
      throw new CommandFailure(
          "block-decode-failed", "Block " + height + " does not decode: " + e.getMessage(), e);
    }
  }

  private Answer refusal(int height, Hash hash, BlockValidator.Verdict.Invalid invalid) {
    ObjectNode json = Json.object().put("valid", false).put("height", height);
    json.put("blockHash", hash.toString());
    json.putObject("error")
        .put("code", invalid.rejection().reason().code())
        .put("detail", invalid.rejection().detail());
    String sentence =
        "Block "
            + height
            + " ("
            + hash
            + ") breaks a rule: "
            + invalid.rejection().reason().code()
            + ": "
            + invalid.rejection().detail();
    note(sentence);
    return new Answer(json, "Not valid from block " + height + " on.", CommandTree.FAILURE);
  }

  private static Answer success(ChainState state, long nanos, boolean certificates) {
    ChainTotals totals = state.totals();
    ObjectNode json =
        Json.object()
            .put("valid", true)
            .put("height", state.height())
            .put("blockHash", state.hash().toString())
            .put("certificatesChecked", certificates)
            .put("transfers", totals.transfers())
            .put("coins", totals.coins())
            .put("unspentSat", totals.unspent().sat())
            .put("burnedSat", totals.burned().sat())
            .put("issuedSat", totals.issued().sat())
            .put("blocksPerSecond", perSecond(state.height(), nanos))
            .put("transfersPerSecond", perSecond(totals.transfers(), nanos));
    String text =
        String.join(
            "\n",
            List.of(
                "Every rule is kept in " + rates(state, nanos) + ".",
                "newest block  " + state.height() + " " + state.hash(),
                "supply        "
                    + totals.unspent().toCoinText()
                    + " unspent + "
                    + totals.burned().toCoinText()
                    + " burned = "
                    + totals.issued().toCoinText()
                    + " issued",
                certificates
                    ? "certificates  every block is certified by the network's validators"
                    : "certificates  not checked: a file of blocks holds none"));
    return Answer.of(json, text);
  }

  private static String rates(ChainState state, long nanos) {
    return String.format(
        Locale.ROOT,
        "%d blocks with %d transfers (%d blocks/s, %d transfers/s)",
        state.height(),
        state.totals().transfers(),
        perSecond(state.height(), nanos),
        perSecond(state.totals().transfers(), nanos));
  }

  private static long perSecond(long count, long nanos) {
    return Math.round(count * 1e9 / Math.max(1, nanos));
  }
}
