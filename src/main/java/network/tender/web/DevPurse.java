package network.tender.web;

import io.vertx.core.Future;
import network.tender.chain.Amount;
import network.tender.chain.Script;
import network.tender.settlement.Outcome;

/** Pays out of keys that everybody knows; exists on regtest only. */
@FunctionalInterface
public interface DevPurse {
  /**
   * Pays and waits until that is settled.
   *
   * @param to who is paid
   * @param amount how much, without the fee
   */
  Future<Outcome> pay(Script to, Amount amount);
}
