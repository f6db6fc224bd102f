package network.tender.merchant;

import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.stream.Collectors;

/**
 * What a caller may do who showed an API key, or whose name and password were right. The key itself
 * is not in it. A caller may do what both the key and its user may.
 *
 * @param userId whose key it is
 * @param label what its owner calls it; may be empty
 * @param permissions exactly the texts it was made with, in their order
 * @param administrator true if its user may do everything on the server and in all stores
 * @param roles what its user is in which store
 */
public record ApiKey(
    String userId,
    String label,
    List<String> permissions,
    boolean administrator,
    Map<String, StoreRole> roles) {
  private static final String SERVER_PREFIX = "btcpay.server.";

  /** Makes the collections unmodifiable. */
  public ApiKey {
    permissions = List.copyOf(permissions);
    roles = Map.copyOf(roles);
  }

  /** True if it holds a policy that is not about one store. */
  public boolean allows(String policy) {
    return (administrator || !policy.startsWith(SERVER_PREFIX))
        && permissions.stream()
            .flatMap(text -> Permission.parse(text).stream())
            .anyMatch(permission -> permission.allows(policy));
  }

  /** True if it holds a policy on a store. */
  public boolean allows(String policy, String storeId) {
    return reaches(policy, storeId)
        && permissions.stream()
            .flatMap(text -> Permission.parse(text).stream())
            .anyMatch(permission -> permission.allows(policy, storeId));
  }

  /** True if it may do all that a permission opens. */
  public boolean holds(String permission) {
    return Permission.parse(permission)
        .filter(
            wanted ->
                wanted.storeId().isEmpty()
                    ? allows(wanted.policy())
                    : allows(wanted.policy(), wanted.storeId().get()))
        .isPresent();
  }

  private boolean reaches(String policy, String storeId) {
    StoreRole role = roles.get(storeId);
    return administrator || (role != null && role.allows(policy));
  }

  /**
   * True if it sees only those invoices of a store that the same user has made there: the cashier's
   * lot.
   */
  public boolean seesOwnSalesOnly(String storeId) {
    return !allows(Permission.VIEW_INVOICES, storeId) && allows(Permission.VIEW_OWN_SALES, storeId);
  }

  /** True if it holds a policy on every store that there is. */
  public boolean allowsEverywhere(String policy) {
    return administrator && allows(policy);
  }

  /** The stores that it holds a policy on, as far as the key or its user's roles name them. */
  public Set<String> storesAllowing(String policy) {
    Set<String> named =
        permissions.stream()
            .flatMap(text -> Permission.parse(text).stream())
            .flatMap(permission -> permission.storeId().stream())
            .collect(Collectors.toSet());
    named.addAll(roles.keySet());
    return named.stream()
        .filter(store -> allows(policy, store))
        .collect(Collectors.toUnmodifiableSet());
  }
}
