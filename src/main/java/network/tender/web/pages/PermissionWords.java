package network.tender.web.pages;

import java.util.Map;
import network.tender.merchant.Permission;

/** What permissions mean to the person who is asked for them. */
final class PermissionWords {
  private static final Map<String, String> WORDS =
      Map.ofEntries(
          Map.entry(Permission.UNRESTRICTED, "Do everything that you may do"),
          Map.entry(
              Permission.MODIFY_STORE,
              "Change the store, also where its money goes, and its staff"),
          Map.entry(Permission.VIEW_STORE, "See the store's settings and all of its business"),
          Map.entry(Permission.VIEW_INVOICES, "See invoices"),
          Map.entry(Permission.VIEW_OWN_SALES, "See invoices that it has made itself"),
          Map.entry(Permission.CREATE_INVOICE, "Make invoices"),
          Map.entry(Permission.MODIFY_INVOICES, "Make, edit and mark invoices"),
          Map.entry(
              "btcpay.store.webhooks.canmodifywebhooks", "Be told of payments: manage webhooks"),
          Map.entry("btcpay.store.canviewpaymentrequests", "See payment requests"),
          Map.entry("btcpay.store.canmodifypaymentrequests", "Make and change payment requests"),
          Map.entry(
              "btcpay.store.cancreatenonapprovedpullpayments",
              "Prepare refunds that somebody has to approve"),
          Map.entry(
              "btcpay.store.cancreatepullpayments", "Pay money back without anybody's approval"),
          Map.entry("btcpay.store.canmanagepullpayments", "Manage refunds"),
          Map.entry("btcpay.store.canviewpullpayments", "See refunds"),
          Map.entry("btcpay.store.canarchivepullpayments", "Put refunds away"),
          Map.entry("btcpay.store.canviewpayouts", "See payouts"),
          Map.entry("btcpay.store.canmanagepayouts", "Approve payouts"),
          Map.entry("btcpay.store.canviewreports", "See reports"),
          Map.entry(Permission.VIEW_WALLET, "See the store's wallet"),
          Map.entry(Permission.VIEW_PROFILE, "See your name and email address"),
          Map.entry(Permission.MODIFY_PROFILE, "Change your name, email address and password"),
          Map.entry(Permission.DELETE_USER, "Delete your account"),
          Map.entry(Permission.VIEW_USERS, "See all users of this server"),
          Map.entry(Permission.CREATE_USER, "Make users"),
          Map.entry(Permission.MANAGE_USERS, "Manage all users of this server"),
          Map.entry(Permission.MODIFY_SERVER, "Change this server"));

  private PermissionWords() {}

  /** A sentence's end: what the key may then do. */
  static String of(Permission permission) {
    return WORDS.getOrDefault(permission.policy(), permission.policy())
        + permission.storeId().map(store -> " (store " + store + ")").orElse("");
  }
}
