package network.tender.cli;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.OptionalInt;
import java.util.OptionalLong;
import network.tender.bench.Bench;
import network.tender.bench.BenchException;
import network.tender.bench.BenchOptions;
import network.tender.bench.Kind;
import network.tender.bench.Progress;
import network.tender.bench.Report;
import network.tender.bench.Scenario;
import network.tender.bench.Shape;
import picocli.CommandLine.Command;
import picocli.CommandLine.ITypeConverter;
import picocli.CommandLine.Option;
import picocli.CommandLine.Parameters;
import picocli.CommandLine.TypeConversionException;

/** Measures a node against the limit of the machine. */
@Command(
    name = "bench",
    mixinStandardHelpOptions = true,
    description = {
      "Measure a node on this machine, and in the same run what the machine can do at most.",
      "Without --node it starts a node of its own, in a temporary folder, and removes it"
          + " afterwards. The figure to compare is the ratio of both rates."
    })
final class BenchCommand extends AnsweringCommand {
  /** Reads a shape such as 1x2. */
  static final class ShapeText implements ITypeConverter<Shape> {
    @Override
    public Shape convert(String text) {
      try {
        return Shape.parse(text);
      } catch (IllegalArgumentException e) {
        throw new TypeConversionException(String.valueOf(e.getMessage()));
      }
    }
  }

  /** Reads a count: none and less than none are wrong usage. */
  static final class Count implements ITypeConverter<Integer> {
    private static final int MAX = 100_000_000;

    @Override
    public Integer convert(String text) {
      if (text.matches("[0-9]{1,9}")) {
        int count = Integer.parseInt(text);
        if (count >= 1 && count <= MAX) {
          return count;
        }
      }
      throw new TypeConversionException("'" + text + "' is no number from 1 to " + MAX);
    }
  }

  /** Reads a time that may be none. */
  static final class SecondsOrNone implements ITypeConverter<Integer> {
    @Override
    public Integer convert(String text) {
      return text.equals("0") ? Integer.valueOf(0) : new Seconds().convert(text);
    }
  }

  @Parameters(
      index = "0",
      paramLabel = "SCENARIO",
      description = "What to measure: ${COMPLETION-CANDIDATES}.")
  private Scenario scenario = Scenario.TRANSFERS;

  @Option(names = "--node", paramLabel = "URL", description = "A regtest node that runs already.")
  private Optional<String> node = Optional.empty();

  @Option(
      names = "--management",
      paramLabel = "URL",
      description = "Where that node's metrics are, to see when its index has caught up.")
  private Optional<String> management = Optional.empty();

  @Option(
      names = "--node-pid",
      paramLabel = "PID",
      description = "That node's process (default: the one that listens on its port).")
  private Optional<Long> nodePid = Optional.empty();

  @Option(
      names = "--data-dir",
      paramLabel = "DIR",
      description =
          "The node's data folder. A node of the run's own gets a temporary one without it; which"
              + " kind of disk it is on decides much.")
  private Optional<Path> dataDir = Optional.empty();

  @Option(
      names = "--transfers",
      paramLabel = "N",
      converter = Count.class,
      description = "Send so many (default: what the time takes).")
  private Optional<Integer> transfers = Optional.empty();

  @Option(
      names = "--coins",
      paramLabel = "N",
      split = ",",
      converter = Count.class,
      description =
          "How many coins the chain has: one number for restart, several for grow (default there:"
              + " 10000,1000000).")
  private List<Integer> coins = new ArrayList<>();

  @Option(
      names = "--seconds",
      paramLabel = "S",
      converter = Seconds.class,
      description = "How long to measure (default: ${DEFAULT-VALUE}).")
  private int seconds = 60;

  @Option(
      names = "--rate",
      paramLabel = "R",
      description =
          "Send at this fixed rate a second, whatever the answers do (default: each connection sends"
              + " when it has its answer).")
  private double rate;

  @Option(
      names = "--connections",
      paramLabel = "C",
      converter = Count.class,
      description =
          "Kept connections, one request in flight on each (default: 4000 for transfers and mixed,"
              + " 8 for batches, 32 for invoices, 64 for reads).")
  private Optional<Integer> connections = Optional.empty();

  @Option(
      names = "--warmup-seconds",
      paramLabel = "S",
      converter = SecondsOrNone.class,
      description = "Load before the measurement (default: ${DEFAULT-VALUE}).")
  private int warmupSeconds = 90;

  @Option(
      names = "--ceiling-seconds",
      paramLabel = "S",
      converter = SecondsOrNone.class,
      description =
          "How long to measure the machine's limit, once before and once after; 0 for not at all"
              + " (default: ${DEFAULT-VALUE}).")
  private int ceilingSeconds = 10;

  @Option(
      names = "--batch",
      paramLabel = "N",
      description =
          "Transfers in one request of the scenario transfers, at most 1000 (default:"
              + " ${DEFAULT-VALUE}, each in a request of its own).")
  private int batch = 1;

  @Option(
      names = "--shape",
      paramLabel = "INxOUT",
      converter = ShapeText.class,
      description = "Inputs and outputs of each transfer (default: 1x2).")
  private Shape shape = Shape.DEFAULT;

  @Option(
      names = "--kind",
      paramLabel = "KIND",
      description = "What is spent: ${COMPLETION-CANDIDATES} (default: ${DEFAULT-VALUE}).")
  private Kind kind = Kind.BOTH;

  @Option(
      names = "--set",
      paramLabel = "KEY=VALUE",
      description = "A setting of the run's own node, such as index.enabled=false.")
  private Map<String, String> settings = new LinkedHashMap<>();

  @Option(
      names = "--node-java",
      paramLabel = "OPTION",
      description =
          "An option for the Java machine of the run's own node, such as -Xmx2g, beside those of"
              + " conf/java.options.")
  private List<String> nodeJavaOptions = new ArrayList<>();

  BenchCommand(Terminal terminal) {
    super(terminal);
  }

  @Override
  Answer answer() {
    if (!(rate >= 0 && rate <= 1e6)) {
      throw CommandFailure.wrongUsage("wrong-usage", "--rate is a number of requests a second.");
    }
    if (batch < 1 || batch > 1_000) {
      throw CommandFailure.wrongUsage("wrong-usage", "--batch is a number from 1 to 1000.");
    }
    if (batch > 1 && scenario != Scenario.TRANSFERS) {
      throw CommandFailure.wrongUsage(
          "wrong-usage", "--batch is for the scenario transfers; leave it out of others.");
    }
    try {
      Report report = Bench.run(scenario, options(), new Progress(terminal().err(), isTerminal()));
      return new Answer(report.json(), report.text(), report.trusted() ? 0 : 1);
    } catch (BenchException e) {
      throw new CommandFailure(e.code(), e.sentence(), e);
    }
  }

  private BenchOptions options() {
    return new BenchOptions(
        node,
        management,
        nodePid.isPresent() ? OptionalLong.of(nodePid.get()) : OptionalLong.empty(),
        dataDir,
        nodeJavaOptions,
        settings,
        Main.class.getName(),
        transfers.isPresent() ? OptionalInt.of(transfers.get()) : OptionalInt.empty(),
        coins,
        seconds,
        rate,
        connections.isPresent() ? OptionalInt.of(connections.get()) : OptionalInt.empty(),
        warmupSeconds,
        ceilingSeconds,
        batch,
        shape,
        kind);
  }

  /** Java tells of standard input and output only; a bar goes to standard error. */
  private static boolean isTerminal() {
    try {
      String target = Files.readSymbolicLink(Path.of("/proc/self/fd/2")).toString();
      return target.startsWith("/dev/pts/") || target.startsWith("/dev/tty");
    } catch (IOException | UnsupportedOperationException e) {
      // Elsewhere than on Linux: lines are right everywhere.
      return false;
    }
  }
}
