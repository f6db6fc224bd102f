package network.tender.web;

import java.lang.reflect.InvocationTargetException;
import java.lang.reflect.Proxy;
import network.tender.settlement.Settlement;

/** A chain that tells of another height than its journal and its coins are at. */
public final class ShiftedStatus {
  private ShiftedStatus() {}

  /**
   * The same chain with a status so many blocks higher.
   *
   * @param blocks below zero for one that tells of its newest blocks later
   */
  public static Settlement of(Settlement chain, int blocks) {
    return (Settlement)
        Proxy.newProxyInstance(
            ShiftedStatus.class.getClassLoader(),
            new Class<?>[] {Settlement.class},
            (proxy, method, arguments) -> {
              try {
                Object answer = method.invoke(chain, arguments);
                return answer instanceof Settlement.Status status
                    ? new Settlement.Status(
                        status.height() + blocks,
                        status.hash(),
                        status.timeMillis(),
                        status.totals(),
                        status.pendingTransfers())
                    : answer;
              } catch (InvocationTargetException e) {
                throw e.getCause();
              }
            });
  }
}
