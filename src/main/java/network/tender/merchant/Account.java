package network.tender.merchant;

/**
 * A user of the merchant API.
 *
 * @param id opaque
 * @param email the address it is known by
 * @param administrator true for the one made at first start
 * @param createdMillis when it was made, Unix milliseconds
 */
public record Account(String id, String email, boolean administrator, long createdMillis) {}
