package network.tender.merchant;

import java.util.HashSet;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Optional;
import java.util.Set;

/**
 * One permission of an API key: a policy of the Greenfield API, for all stores or for one.
 *
 * @param policy the policy, such as {@code btcpay.store.canviewinvoices}
 * @param storeId the only store it is for; empty for all
 */
public record Permission(String policy, Optional<String> storeId) {
  /** All that its user may do; implies every other policy. */
  public static final String UNRESTRICTED = "unrestricted";

  /** Change a store; implies every other store policy. */
  public static final String MODIFY_STORE = "btcpay.store.canmodifystoresettings";

  /** Read a store, its invoices, requests and reports. */
  public static final String VIEW_STORE = "btcpay.store.canviewstoresettings";

  /** Read invoices. */
  public static final String VIEW_INVOICES = "btcpay.store.canviewinvoices";

  /** Read those invoices that one has made oneself; ours, for cashiers. */
  public static final String VIEW_OWN_SALES = "btcpay.store.canviewownsales";

  /** Make invoices. */
  public static final String CREATE_INVOICE = "btcpay.store.cancreateinvoice";

  /** Mark, edit and archive invoices. */
  public static final String MODIFY_INVOICES = "btcpay.store.canmodifyinvoices";

  /** Offer money back that somebody else has to approve. */
  public static final String CREATE_UNAPPROVED_PULL_PAYMENTS =
      "btcpay.store.cancreatenonapprovedpullpayments";

  /** Read the wallet of a store. */
  public static final String VIEW_WALLET = "btcpay.store.canviewwallet";

  /** Make, change and remove webhooks, and see what was sent to them. */
  public static final String MODIFY_WEBHOOKS = "btcpay.store.webhooks.canmodifywebhooks";

  /** Read one's own profile. */
  public static final String VIEW_PROFILE = "btcpay.user.canviewprofile";

  /** Change one's own profile and password. */
  public static final String MODIFY_PROFILE = "btcpay.user.canmodifyprofile";

  /** Delete one's own account. */
  public static final String DELETE_USER = "btcpay.user.candeleteuser";

  /** Read everybody's profile. */
  public static final String VIEW_USERS = "btcpay.server.canviewusers";

  /** Make accounts. */
  public static final String CREATE_USER = "btcpay.server.cancreateuser";

  /** Delete accounts and make keys for them. */
  public static final String MANAGE_USERS = "btcpay.server.canmanageusers";

  /** Change the server; holds the other server policies. */
  public static final String MODIFY_SERVER = "btcpay.server.canmodifyserversettings";

  private static final String STORE_PREFIX = "btcpay.store.";
  private static final String STORE_ROOT = MODIFY_STORE;

  /** Each policy with those it implies directly. */
  private static final Map<String, List<String>> IMPLIED =
      Map.ofEntries(
          Map.entry(
              VIEW_STORE,
              List.of(
                  VIEW_INVOICES,
                  "btcpay.store.canviewpaymentrequests",
                  "btcpay.store.canviewreports",
                  "btcpay.store.canviewpullpayments",
                  "btcpay.store.canviewpayouts")),
          Map.entry(VIEW_INVOICES, List.of(VIEW_OWN_SALES)),
          Map.entry(
              MODIFY_INVOICES,
              List.of(VIEW_INVOICES, CREATE_INVOICE, "btcpay.store.cancreatelightninginvoice")),
          Map.entry(
              "btcpay.store.canmodifypaymentrequests",
              List.of("btcpay.store.canviewpaymentrequests")),
          Map.entry(
              "btcpay.store.canmanagepullpayments",
              List.of("btcpay.store.cancreatepullpayments", "btcpay.store.canarchivepullpayments")),
          Map.entry("btcpay.store.cancreatepullpayments", List.of(CREATE_UNAPPROVED_PULL_PAYMENTS)),
          Map.entry(CREATE_UNAPPROVED_PULL_PAYMENTS, List.of("btcpay.store.canviewpullpayments")),
          Map.entry(
              "btcpay.store.canarchivepullpayments", List.of("btcpay.store.canviewpullpayments")),
          Map.entry("btcpay.store.canmanagepayouts", List.of("btcpay.store.canviewpayouts")),
          Map.entry(
              "btcpay.store.canmanagewalletsettings",
              List.of("btcpay.store.canmanagewallettransactions")),
          Map.entry(
              "btcpay.store.canmanagewallettransactions",
              List.of(
                  VIEW_WALLET,
                  "btcpay.store.cancreatetransactions",
                  "btcpay.store.cansigntransactions",
                  "btcpay.store.canbroadcasttransactions")),
          Map.entry(MODIFY_WEBHOOKS, List.of()),
          Map.entry("btcpay.store.cansendstoreemails", List.of()),
          // What there is nothing behind here can be granted all the same: who asks for it among
          // others is not to fail for it.
          Map.entry("btcpay.store.canmodifyofferings", List.of("btcpay.store.canviewofferings")),
          Map.entry(
              "btcpay.store.canuselightningnode",
              List.of(
                  "btcpay.store.canviewlightninginvoice",
                  "btcpay.store.cancreatelightninginvoice")),
          Map.entry(
              "btcpay.server.canuseinternallightningnode",
              List.of(
                  "btcpay.server.canviewlightninginvoiceinternalnode",
                  "btcpay.server.cancreatelightninginvoiceinternalnode")),
          Map.entry(
              "btcpay.user.canmanagenotificationsforuser",
              List.of("btcpay.user.canviewnotificationsforuser")),
          Map.entry(MODIFY_PROFILE, List.of(VIEW_PROFILE)),
          Map.entry(DELETE_USER, List.of()),
          Map.entry(MANAGE_USERS, List.of(VIEW_USERS, CREATE_USER)),
          Map.entry(CREATE_USER, List.of()),
          Map.entry(
              MODIFY_SERVER, List.of(MANAGE_USERS, "btcpay.server.canuseinternallightningnode")));

  private static final Set<String> KNOWN = known();

  private static Set<String> known() {
    Set<String> all = new HashSet<>(IMPLIED.keySet());
    IMPLIED.values().forEach(all::addAll);
    all.add(UNRESTRICTED);
    all.add(MODIFY_STORE);
    return Set.copyOf(all);
  }

  /**
   * Reads {@code policy} or {@code policy:storeId}, the policy in any case; empty if there is no
   * such policy.
   */
  public static Optional<Permission> parse(String given) {
    String text = given.strip();
    int colon = text.indexOf(':');
    String policy = (colon < 0 ? text : text.substring(0, colon)).toLowerCase(Locale.ROOT);
    String store = colon < 0 ? "" : text.substring(colon + 1);
    boolean scopeIsFine = colon < 0 || (!store.isEmpty() && policy.startsWith(STORE_PREFIX));
    return KNOWN.contains(policy) && scopeIsFine
        ? Optional.of(
            new Permission(policy, store.isEmpty() ? Optional.empty() : Optional.of(store)))
        : Optional.empty();
  }

  /** As the API spells it. */
  public String text() {
    return policy + storeId.map(store -> ":" + store).orElse("");
  }

  /** True if a policy is about a store and so may be for one store only. */
  public static boolean isAboutStores(String policy) {
    return policy.startsWith(STORE_PREFIX);
  }

  /** True if whoever has this permission may do what a policy guards, without a store. */
  public boolean allows(String wanted) {
    return storeId.isEmpty() && implies(policy, wanted);
  }

  /** True if whoever has this permission may do what a policy guards, on that store. */
  public boolean allows(String wanted, String store) {
    return (storeId.isEmpty() || storeId.get().equals(store)) && implies(policy, wanted);
  }

  /** True if one policy is the other or holds it, directly or not. */
  static boolean implies(String policy, String wanted) {
    if (policy.equals(wanted)
        || policy.equals(UNRESTRICTED)
        || (policy.equals(STORE_ROOT) && wanted.startsWith(STORE_PREFIX))) {
      return true;
    }
    return IMPLIED.getOrDefault(policy, List.of()).stream().anyMatch(next -> implies(next, wanted));
  }
}
