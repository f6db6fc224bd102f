package network.tender.merchant;

import java.util.Arrays;
import java.util.List;
import java.util.Optional;

/**
 * What a person is in a store. Somebody's keys never open more there than the role does. The first
 * four are BTCPay Server's.
 */
public enum StoreRole {
  /** May do everything with the store. */
  OWNER("Owner", Permission.MODIFY_STORE),
  /** Runs the business, but can't change where the money goes. */
  MANAGER(
      "Manager",
      Permission.VIEW_STORE,
      Permission.MODIFY_INVOICES,
      "btcpay.store.webhooks.canmodifywebhooks",
      "btcpay.store.canmodifypaymentrequests",
      "btcpay.store.canmanagepullpayments",
      "btcpay.store.canmanagepayouts"),
  /** Serves customers and sees all of the store's sales. */
  EMPLOYEE(
      "Employee",
      Permission.MODIFY_INVOICES,
      "btcpay.store.canmodifypaymentrequests",
      Permission.CREATE_UNAPPROVED_PULL_PAYMENTS,
      "btcpay.store.canviewpayouts",
      "btcpay.store.canviewpullpayments"),
  /** Serves customers: what an invoice has become, only payments decide. */
  GUEST(
      "Guest",
      Permission.VIEW_INVOICES,
      Permission.CREATE_INVOICE,
      "btcpay.store.canviewpaymentrequests",
      "btcpay.store.canviewpullpayments",
      "btcpay.store.canviewpayouts"),
  /** Takes money at a till and sees the sales made there by the same person. */
  CASHIER("Cashier", Permission.CREATE_INVOICE, Permission.VIEW_OWN_SALES);

  private final String text;

  @SuppressWarnings("ImmutableEnumChecker") // List.of makes one that nobody changes.
  private final List<String> policies;

  StoreRole(String text, String... policies) {
    this.text = text;
    this.policies = List.of(policies);
  }

  /** As the API spells it. */
  public String text() {
    return text;
  }

  /** The policies that the role holds, others implied by them. */
  public List<String> policies() {
    return policies;
  }

  /** Reads a role in any case. */
  public static Optional<StoreRole> parse(String given) {
    return Arrays.stream(values())
        .filter(role -> role.text.equalsIgnoreCase(given.strip()))
        .findFirst();
  }

  /** True if the role may do what a policy guards. */
  public boolean allows(String policy) {
    return policies.stream().anyMatch(held -> Permission.implies(held, policy));
  }
}
