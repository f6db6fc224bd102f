package network.tender.cli;

import java.util.concurrent.Callable;
import picocli.CommandLine.Option;

/** A command that ends with one answer, as text or as JSON. */
abstract class AnsweringCommand implements Callable<Integer> {
  private final Terminal terminal;

  @Option(names = "--json", description = "Print one JSON value instead of text.")
  private boolean json;

  @Option(names = "--verbose", description = "Show the stack trace of a failure.")
  private boolean verbose;

  AnsweringCommand(Terminal terminal) {
    this.terminal = terminal;
  }

  /**
   * Does the work.
   *
   * @throws CommandFailure if it can't be done
   */
  abstract Answer answer() throws Exception;

  @Override
  public final Integer call() throws Exception {
    Answer answer = answer();
    String shown = json ? Printable.json(answer.json().toString()) : Printable.lines(answer.text());
    if (!shown.isEmpty()) {
      terminal.out().println(shown);
    }
    terminal.out().flush();
    return answer.exitCode();
  }

  final Terminal terminal() {
    return terminal;
  }

  final boolean json() {
    return json;
  }

  final boolean verbose() {
    return verbose;
  }

  /** Tells people something beside the answer, on standard error. */
  final void note(String sentence) {
    terminal.err().println(Printable.lines(sentence));
    terminal.err().flush();
  }
}
