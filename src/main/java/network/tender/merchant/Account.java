package network.tender.merchant;

import java.util.Optional;

/**
 * A user of the merchant API. Passwords are not in it.
 *
 * @param id opaque
 * @param email the address it is known by
 * @param name what it is called
 * @param imageUrl its picture
 * @param administrator true if it may manage users and reaches all stores
 * @param disabled true if it is locked out
 * @param createdMillis when it was made, Unix milliseconds
 */
public record Account(
    String id,
    String email,
    Optional<String> name,
    Optional<String> imageUrl,
    boolean administrator,
    boolean disabled,
    long createdMillis) {}
