package network.tender.cli;

import java.nio.file.Path;
import java.util.LinkedHashMap;
import java.util.Map;
import java.util.Optional;
import java.util.concurrent.Callable;
import network.tender.node.Configuration;
import network.tender.node.ConfigurationException;
import network.tender.node.StartException;
import network.tender.node.TenderNode;
import picocli.CommandLine.Command;
import picocli.CommandLine.ITypeConverter;
import picocli.CommandLine.Option;
import picocli.CommandLine.TypeConversionException;

/** Runs a node until it is told to stop. */
@Command(
    name = NodeCommand.NAME,
    mixinStandardHelpOptions = true,
    description = {
      "Run a node (the default command).",
      "Without options it is a development node: network regtest, its own PostgreSQL, files in"
          + " ./data. It prints one line 'ready http=… management=…' when it serves."
    },
    footer = {
      "",
      "Settings come from defaults, then the file, then TENDER_… environment variables, then these"
          + " options; conf/tender.yaml explains them all."
    })
final class NodeCommand implements Callable<Integer> {
  static final String NAME = "node";

  /** Reads a port, so that a wrong one is wrong usage and not a start that failed. */
  static final class Port implements ITypeConverter<Integer> {
    private static final int MAX = 65_535;

    @Override
    public Integer convert(String text) {
      if (text.matches("[0-9]{1,5}") && Integer.parseInt(text) <= MAX) {
        return Integer.valueOf(text);
      }
      throw new TypeConversionException("'" + text + "' is no port from 0 to " + MAX);
    }
  }

  private final Terminal terminal;

  @Option(names = "--config", paramLabel = "FILE", description = "Settings in YAML.")
  private Optional<Path> config = Optional.empty();

  @Option(
      names = "--data-dir",
      paramLabel = "DIR",
      description = "Where the node keeps its files (default: data).")
  private Optional<String> dataDir = Optional.empty();

  @Option(
      names = "--http-port",
      paramLabel = "N",
      converter = Port.class,
      description = "Public port, 0 for any free one (default: 8080).")
  private Optional<Integer> httpPort = Optional.empty();

  @Option(
      names = "--management-port",
      paramLabel = "N",
      converter = Port.class,
      description = "Port for metrics and health, 0 for any free one (default: 8081).")
  private Optional<Integer> managementPort = Optional.empty();

  @Option(
      names = "--database",
      paramLabel = "URL",
      description =
          "A PostgreSQL to use instead of the node's own: postgresql://user@host:port/database;"
              + " its password comes from TENDER_DATABASE_PASSWORD.")
  private Optional<String> database = Optional.empty();

  @Option(
      names = "--network",
      paramLabel = "FILE",
      description = "A custom network's file instead of network regtest.")
  private Optional<String> network = Optional.empty();

  @Option(
      names = "--follow",
      paramLabel = "URL",
      description =
          "Verify the chain of the node at URL block by block, serve it read-only, and hand"
              + " transfers on to that node.")
  private Optional<String> follow = Optional.empty();

  @Option(
      names = "--set",
      paramLabel = "KEY=VALUE",
      description = "Any other setting by its path, such as block.burst=3.")
  private Map<String, String> settings = new LinkedHashMap<>();

  NodeCommand(Terminal terminal) {
    this.terminal = terminal;
  }

  @Override
  public Integer call() throws Exception {
    Map<String, String> flags = new LinkedHashMap<>(settings);
    dataDir.ifPresent(text -> flags.put("dataDir", text));
    httpPort.ifPresent(port -> flags.put("http.port", port.toString()));
    managementPort.ifPresent(port -> flags.put("management.port", port.toString()));
    database.ifPresent(text -> flags.put("database.url", text));
    network.ifPresent(text -> flags.put("network.file", text));
    follow.ifPresent(text -> flags.put("follow.url", text));
    return run(flags);
  }

  private int run(Map<String, String> flags) throws InterruptedException {
    try {
      Configuration configuration = Configuration.load(config, System.getenv(), flags);
      return TenderNode.run(configuration, terminal.out());
    } catch (ConfigurationException e) {
      throw new CommandFailure("bad-configuration", String.valueOf(e.getMessage()), e);
    } catch (StartException e) {
      throw new CommandFailure("start-refused", String.valueOf(e.getMessage()), e);
    }
  }
}
