package network.tender.merchant;

import java.util.List;
import java.util.Set;

/**
 * What a caller who showed an API key may do. The key itself is not in it.
 *
 * @param userId whose key it is
 * @param label what its owner calls it; may be empty
 * @param permissions exactly the texts it was made with, in their order
 */
public record ApiKey(String userId, String label, List<String> permissions) {
  /** Makes the list unmodifiable. */
  public ApiKey {
    permissions = List.copyOf(permissions);
  }

  /** True if it holds a policy that is not about one store. */
  public boolean allows(String policy) {
    return permissions.stream()
        .flatMap(text -> Permission.parse(text).stream())
        .anyMatch(permission -> permission.allows(policy));
  }

  /** True if it holds a policy on a store. */
  public boolean allows(String policy, String storeId) {
    return permissions.stream()
        .flatMap(text -> Permission.parse(text).stream())
        .anyMatch(permission -> permission.allows(policy, storeId));
  }

  /** The stores that it holds a policy on by name; a key for all stores names none. */
  public Set<String> storesAllowing(String policy) {
    return permissions.stream()
        .flatMap(text -> Permission.parse(text).stream())
        .filter(permission -> Permission.implies(permission.policy(), policy))
        .flatMap(permission -> permission.storeId().stream())
        .collect(java.util.stream.Collectors.toUnmodifiableSet());
  }
}
