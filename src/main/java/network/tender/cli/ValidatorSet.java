package network.tender.cli;

import com.fasterxml.jackson.core.JsonProcessingException;
import com.fasterxml.jackson.databind.JsonNode;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.NoSuchFileException;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.HashSet;
import java.util.List;
import java.util.Optional;
import network.tender.chain.MalformedException;
import network.tender.chain.Network;
import network.tender.chain.XOnlyKey;

/**
 * Who may certify blocks, and how many of them must.
 *
 * @param keys their public keys
 * @param quorum how many signatures a block needs
 */
record ValidatorSet(List<XOnlyKey> keys, int quorum) {
  private static final long MAX_FILE_BYTES = 100_000;

  /** Makes the list unmodifiable. */
  ValidatorSet {
    keys = List.copyOf(keys);
  }

  /** All validators of a network must sign its blocks. */
  static ValidatorSet of(Network network) {
    return new ValidatorSet(network.validators(), network.validators().size());
  }

  /** The validators that everybody knows: the development network's only. */
  static Optional<ValidatorSet> known(String networkName) {
    return networkName.equals(Network.REGTEST_NAME)
        ? Optional.of(of(Network.regtest()))
        : Optional.empty();
  }

  /**
   * Reads keys, one of 64 hex digits on a line with {@code #} before comments; or a JSON object
   * with {@code validators} and {@code quorum}, as a node's {@code /v1/validators} answers.
   *
   * @throws CommandFailure if the file holds no valid keys
   */
  static ValidatorSet read(Path path) {
    try {
      if (Files.size(path) > MAX_FILE_BYTES) {
        throw malformed(path, "it is too large");
      }
      String text = Files.readString(path, StandardCharsets.UTF_8);
      boolean isJson = text.stripLeading().startsWith("{");
      JsonNode json = isJson ? Json.parse(text) : Json.object();
      List<XOnlyKey> keys = new ArrayList<>();
      for (String key : isJson ? fromJson(json) : fromLines(text)) {
        keys.add(XOnlyKey.parse(key));
      }
      if (keys.isEmpty() || new HashSet<>(keys).size() < keys.size()) {
        throw malformed(path, keys.isEmpty() ? "it names nobody" : "it names one key twice");
      }
      int quorum = json.path("quorum").asInt(keys.size());
      if (quorum < 1 || quorum > keys.size()) {
        throw malformed(path, "its quorum is not between 1 and the number of keys");
      }
      return new ValidatorSet(keys, quorum);
    } catch (JsonProcessingException e) {
      throw malformed(path, "it is neither lines of keys nor JSON");
    } catch (MalformedException e) {
      throw malformed(path, String.valueOf(e.getMessage()));
    } catch (NoSuchFileException e) {
      throw InputFiles.missing(path, e);
    } catch (IOException e) {
      throw new CommandFailure("file-not-readable", path + " can't be read: " + e, e);
    }
  }

  private static List<String> fromJson(JsonNode json) {
    List<String> keys = new ArrayList<>();
    json.path("validators").forEach(key -> keys.add(key.asText()));
    return keys;
  }

  private static List<String> fromLines(String text) {
    return text.lines()
        .map(line -> line.contains("#") ? line.substring(0, line.indexOf('#')) : line)
        .map(String::strip)
        .filter(line -> !line.isEmpty())
        .toList();
  }

  private static CommandFailure malformed(Path path, String why) {
    return new CommandFailure(
        "validators-malformed", path + " is no list of validators' public keys: " + why + ".");
  }
}
