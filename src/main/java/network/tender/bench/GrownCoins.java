package network.tender.bench;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import com.fasterxml.jackson.databind.node.ArrayNode;
import com.fasterxml.jackson.databind.node.ObjectNode;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import network.tender.chain.Hash;

/**
 * The coins that scenario {@code grow} has made in a data folder, so that a later run goes on with
 * them: making ten million takes longer than measuring on them.
 */
final class GrownCoins {
  private static final String FILE = "bench-coins.json";
  private static final ObjectMapper MAPPER = new ObjectMapper();

  private final Path file;
  private final List<Stage> stages = new ArrayList<>();

  private GrownCoins(Path file) {
    this.file = file;
  }

  /** Coins that were made together. */
  static final class Stage {
    private final Funding.Coins coins;
    private final int stride;
    private final Kind kind;
    private int used;

    Stage(Funding.Coins coins, int stride, Kind kind) {
      this.coins = coins;
      this.stride = stride;
      this.kind = kind;
    }

    Funding.Coins coins() {
      return coins;
    }

    /** Each so many-th can be spent. */
    int stride() {
      return stride;
    }

    /** What locks them. */
    Kind kind() {
      return kind;
    }

    /** How many transfers have spent from them, each after the other in the stage's order. */
    int used() {
      return used;
    }
  }

  /** What a data folder has. */
  static GrownCoins in(Path dataDir) {
    GrownCoins grown = new GrownCoins(dataDir.resolve(FILE));
    try {
      if (Files.exists(grown.file)) {
        MAPPER
            .readTree(Files.readString(grown.file))
            .forEach(node -> grown.stages.add(stage(node)));
      }
    } catch (IOException | RuntimeException e) {
      throw new BenchException(
          "bad-coins-file", "The file " + grown.file + " is damaged; use another data folder.", e);
    }
    return grown;
  }

  private static Stage stage(JsonNode node) {
    List<Hash> txids = new ArrayList<>();
    node.path("txids").forEach(txid -> txids.add(Hash.fromDisplayHex(txid.asText())));
    Stage stage =
        new Stage(
            new Funding.Coins(node.path("count").asInt(), node.path("sat").asLong(), txids),
            node.path("stride").asInt(),
            Kind.valueOf(node.path("kind").asText()));
    stage.used = node.path("used").asInt();
    return stage;
  }

  /** How many there are. */
  int count() {
    return stages.stream().mapToInt(stage -> stage.coins.count()).sum();
  }

  /** Those that were made last. */
  Optional<Stage> last() {
    return stages.isEmpty() ? Optional.empty() : Optional.of(stages.get(stages.size() - 1));
  }

  void add(Stage stage) {
    stages.add(stage);
    write();
  }

  /** So many transfers have been sent, or may have been. */
  void use(Stage stage, int used) {
    stage.used = used;
    write();
  }

  private void write() {
    ArrayNode all = MAPPER.createArrayNode();
    for (Stage stage : stages) {
      ObjectNode node = all.addObject();
      node.put("count", stage.coins.count());
      node.put("sat", stage.coins.sat());
      node.put("stride", stage.stride);
      node.put("kind", stage.kind.name());
      node.put("used", stage.used);
      ArrayNode txids = node.putArray("txids");
      stage.coins.txids.forEach(txid -> txids.add(txid.toString()));
    }
    try {
      Files.writeString(file, all.toString());
    } catch (IOException e) {
      throw new BenchException("no-data-folder", "The file " + file + " can't be written: " + e, e);
    }
  }
}
