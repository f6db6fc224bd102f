package network.tender.ledger;

import network.tender.script.ScriptBudget;
import network.tender.script.ScriptFlags;

/** Which rules blocks are judged by. */
public enum RuleSet {
  /** Bitcoin's on regtest, and no more. */
  CONSENSUS,
  /**
   * Also those that take away what a third party could change in a transfer, or make the network
   * work for; they are rules of every ledger of this kind.
   */
  LEDGER;

  /** What these rules ask of scripts. */
  public ScriptFlags scriptFlags() {
    return this == CONSENSUS ? ScriptFlags.CONSENSUS : ScriptFlags.STANDARD;
  }

  /** How much work one transfer's scripts may cause. */
  public ScriptBudget scriptBudget() {
    return this == CONSENSUS ? ScriptBudget.unlimited() : ScriptBudget.ofTransfer();
  }
}
