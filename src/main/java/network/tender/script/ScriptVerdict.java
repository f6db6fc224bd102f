package network.tender.script;

/** Whether the inputs of a transaction may spend their coins. */
public sealed interface ScriptVerdict {
  /** Every input may. */
  record Valid() implements ScriptVerdict {}

  /**
   * One may not.
   *
   * @param input number of the first input that failed
   * @param error why
   */
  record Invalid(int input, ScriptError error) implements ScriptVerdict {}

  /** True if every input may. */
  default boolean isValid() {
    return this instanceof Valid;
  }
}
