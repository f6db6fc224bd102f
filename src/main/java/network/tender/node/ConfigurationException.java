package network.tender.node;

import java.util.List;

/** The configuration can't be used; the message has one sentence for each thing to correct. */
public final class ConfigurationException extends Exception {
  private final List<String> problems;

  /** A configuration with these problems, at least one. */
  public ConfigurationException(List<String> problems) {
    super(String.join("\n", problems));
    this.problems = List.copyOf(problems);
  }

  /** A configuration with one problem. */
  public ConfigurationException(String problem) {
    this(List.of(problem));
  }

  /** One sentence for each thing to correct. */
  public List<String> problems() {
    return problems;
  }
}
