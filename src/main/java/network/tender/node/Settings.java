package network.tender.node;

import com.fasterxml.jackson.core.JsonProcessingException;
import com.fasterxml.jackson.core.StreamReadFeature;
import com.fasterxml.jackson.databind.DeserializationFeature;
import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.json.JsonMapper;
import com.fasterxml.jackson.dataformat.yaml.YAMLFactory;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.TreeMap;
import java.util.TreeSet;
import java.util.function.Function;
import java.util.regex.Pattern;
import org.jspecify.annotations.Nullable;

/**
 * The raw settings of all layers: flags over environment over file. Each key is asked for once; in
 * the end {@link #finish} refuses every setting that nobody asked for, and everything that was
 * wrong, all at once.
 */
final class Settings {
  static final String PREFIX = "TENDER_";

  /** What Kubernetes sets by itself in every container beside a service named "tender". */
  private static final Pattern SERVICE_LINK = Pattern.compile("TENDER_(SERVICE_|PORT).*");

  private static final long MAX_FILE_BYTES = 1 << 20;

  private static final JsonMapper YAML =
      JsonMapper.builder(new YAMLFactory())
          .enable(StreamReadFeature.STRICT_DUPLICATE_DETECTION)
          .enable(DeserializationFeature.USE_BIG_DECIMAL_FOR_FLOATS)
          .enable(DeserializationFeature.FAIL_ON_TRAILING_TOKENS)
          .build();

  /** One setting and where it came from, for error sentences. */
  private record Setting(String text, String origin) {}

  private final Map<String, Setting> file;
  private final Map<String, String> environment;
  private final Map<String, String> flags;
  private final Set<String> asked = new TreeSet<>();
  private final Set<String> askedEnvironment = new TreeSet<>();
  private final List<String> problems = new ArrayList<>();

  private Settings(
      Map<String, Setting> file, Map<String, String> environment, Map<String, String> flags) {
    this.file = file;
    this.environment = environment;
    this.flags = flags;
  }

  /**
   * Settings of all layers.
   *
   * @param path a YAML file, if there is one
   * @param environment environment variables; only those that start with {@code TENDER_} count
   * @param flags key path, such as {@code http.port}, to text
   */
  static Settings read(
      Optional<Path> path, Map<String, String> environment, Map<String, String> flags)
      throws ConfigurationException {
    Map<String, Setting> file = path.isPresent() ? readFile(path.get()) : Map.of();
    Map<String, String> ours = new TreeMap<>();
    environment.forEach(
        (name, value) -> {
          if (name.startsWith(PREFIX) && !SERVICE_LINK.matcher(name).matches()) {
            ours.put(name, value);
          }
        });
    return new Settings(file, ours, flags);
  }

  private static Map<String, Setting> readFile(Path path) throws ConfigurationException {
    JsonNode root;
    try {
      if (Files.size(path) > MAX_FILE_BYTES) {
        throw new ConfigurationException(path + " is larger than 1 MiB; is it the right file?");
      }
      root = YAML.readTree(Files.readString(path));
    } catch (JsonProcessingException e) {
      String where =
          e.getLocation() == null ? "" : ", line " + Math.max(1, e.getLocation().getLineNr());
      throw new ConfigurationException(
          path + where + ": not valid YAML: " + e.getOriginalMessage());
    } catch (IOException e) {
      throw new ConfigurationException("The file " + path + " can't be read: " + e);
    }
    Map<String, Setting> settings = new LinkedHashMap<>();
    if (!root.isMissingNode() && !root.isNull()) {
      if (!root.isObject()) {
        throw new ConfigurationException(path + " must hold keys with values.");
      }
      flatten(root, "", path.toString(), settings);
    }
    return settings;
  }

  private static void flatten(
      JsonNode node, String key, String origin, Map<String, Setting> settings) {
    if (node.isObject()) {
      node.properties()
          .forEach(
              property ->
                  flatten(
                      property.getValue(),
                      key.isEmpty()
                          ? camel(property.getKey())
                          : key + "." + camel(property.getKey()),
                      origin,
                      settings));
    } else if (node.isArray()) {
      for (int i = 0; i < node.size(); i++) {
        flatten(node.get(i), key + "[" + i + "]", origin, settings);
      }
    } else if (!node.isNull()) {
      settings.put(key, new Setting(node.asText(), origin));
    }
  }

  /** {@code rate-per-second} is the same key as {@code ratePerSecond}. */
  private static String camel(String key) {
    return Pattern.compile("-([a-z])")
        .matcher(key)
        .replaceAll(match -> match.group(1).toUpperCase(Locale.ROOT));
  }

  /** {@code http.publicUrl} becomes {@code TENDER_HTTP_PUBLIC_URL}. */
  static String environmentName(String key) {
    return PREFIX
        + key.replaceAll("([a-z0-9])([A-Z])", "$1_$2").replace('.', '_').toUpperCase(Locale.ROOT);
  }

  private @Nullable Setting find(String key) {
    asked.add(key);
    String name = environmentName(key);
    askedEnvironment.add(name);
    String flag = flags.get(key);
    if (flag != null) {
      return new Setting(flag, "command line");
    }
    String variable = environment.get(name);
    // An empty variable is how a compose file or a service unit says "not set".
    if (variable != null && !variable.isEmpty()) {
      return new Setting(variable, "environment variable " + name);
    }
    return file.get(key);
  }

  /** The text of a key. */
  Optional<String> text(String key) {
    return Optional.ofNullable(find(key)).map(Setting::text);
  }

  /**
   * A key's value in a type of its own.
   *
   * @param parser throws {@link IllegalArgumentException} with what is expected as its message
   */
  <T> Optional<T> value(String key, Function<String, T> parser) {
    Setting setting = find(key);
    if (setting == null) {
      return Optional.empty();
    }
    try {
      return Optional.of(parser.apply(setting.text()));
    } catch (IllegalArgumentException e) {
      problem(
          "%s (%s): \"%s\" %s"
              .formatted(key, setting.origin(), withoutPassword(setting.text()), e.getMessage()));
      return Optional.empty();
    }
  }

  private static String withoutPassword(String text) {
    return text.replaceAll("://([^:/@]*):[^@]*@", "://$1:***@");
  }

  /** A whole number within limits. */
  int number(String key, int fallback, int least, int most) {
    return value(
            key,
            text -> {
              try {
                int number = Integer.parseInt(text.strip());
                if (number >= least && number <= most) {
                  return number;
                }
              } catch (NumberFormatException e) {
                // The sentence below says what is expected.
              }
              throw new IllegalArgumentException(
                  "must be a whole number from " + least + " to " + most + ".");
            })
        .orElse(fallback);
  }

  /** All keys below a key, without that prefix, with their texts. */
  Map<String, String> below(String key) {
    Map<String, String> found = new TreeMap<>();
    file.forEach(
        (name, setting) -> {
          if (name.startsWith(key + ".")) {
            asked.add(name);
            found.put(name.substring(key.length() + 1), setting.text());
          }
        });
    String prefix = environmentName(key) + "_";
    environment.forEach(
        (name, value) -> {
          if (name.startsWith(prefix)) {
            askedEnvironment.add(name);
            found.put(name.substring(prefix.length()), value);
          }
        });
    return found;
  }

  /** The items of a list, from the file only. */
  List<String> list(String key) {
    List<String> items = new ArrayList<>();
    Setting item = file.get(key + "[0]");
    while (item != null) {
      asked.add(key + "[" + items.size() + "]");
      items.add(item.text());
      item = file.get(key + "[" + items.size() + "]");
    }
    return items;
  }

  /** Notes something to correct. */
  void problem(String sentence) {
    problems.add(sentence);
  }

  /** Refuses unknown settings and everything noted. */
  void finish() throws ConfigurationException {
    file.forEach(
        (key, setting) -> {
          if (!asked.contains(key)) {
            problem("Unknown key " + key + " in " + setting.origin() + ".");
          }
        });
    for (String name : environment.keySet()) {
      if (!askedEnvironment.contains(name)) {
        problem("Unknown environment variable " + name + ".");
      }
    }
    for (String key : flags.keySet()) {
      if (!asked.contains(key)) {
        problem("Unknown key " + key + " on the command line.");
      }
    }
    if (!problems.isEmpty()) {
      throw new ConfigurationException(problems);
    }
  }
}
