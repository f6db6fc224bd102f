package network.tender.merchant;

/**
 * One thing to correct in a request.
 *
 * @param path the field, by .NET's name as the Greenfield API has it: {@code Checkout.SpeedPolicy}
 * @param message what is wrong and what would be right
 */
public record FieldError(String path, String message) {}
