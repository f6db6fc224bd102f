package network.tender.cli;

import com.fasterxml.jackson.databind.node.ObjectNode;

/**
 * What a command found out.
 *
 * @param json for programs: the only thing on standard output with {@code --json}
 * @param text for people: standard output otherwise
 * @param exitCode 0, or 1 when the answer is a refusal
 */
record Answer(ObjectNode json, String text, int exitCode) {
  /** A good answer. */
  static Answer of(ObjectNode json, String text) {
    return new Answer(json, text, 0);
  }
}
