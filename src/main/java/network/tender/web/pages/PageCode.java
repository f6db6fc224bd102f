package network.tender.web.pages;

import java.util.Map;
import network.tender.web.Problem;
import network.tender.web.ProblemException;
import network.tender.web.RepeatableRequest;

/** What can go wrong on a page, in words that the page shows as they are. */
enum PageCode {
  /** No such path. */
  NOT_FOUND(404, "not-found", "There is nothing here. Check the address of the page."),
  /** Neither a height nor a hash, and so on: no page of the explorer. */
  NO_SUCH_THING(
      404,
      "nothing-of-this-name",
      "Nothing on a chain has such a name. Go to the explorer and search for a height, a hash or an"
          + " address."),
  /** No such store. */
  STORE_NOT_FOUND(
      404,
      "store-not-found",
      "There is no open till here. Check the address; the store must exist and let anyone create"
          + " invoices (anyoneCanCreateInvoice)."),
  /** No such point of sale. */
  APP_NOT_FOUND(
      404, "app-not-found", "There is no open point of sale here. Check the address of the page."),
  /** The key may not make and see the store's invoices. */
  NO_CASHIER(
      403,
      "no-cashier",
      "That is no key of a cashier here. Ask the owner of the shop for one that may create and view"
          + " invoices."),
  /** The account may not make and see the store's invoices. */
  NO_ROLE(
      403,
      "no-cashier",
      "This account has no role in the shop that takes money. Ask its owner for one."),
  /** No such account, or another password. */
  WRONG_LOGIN(401, "wrong-login", "The email address or the password is wrong."),
  /** Somebody guesses passwords. */
  TOO_MANY_LOGINS(
      429, "too-many-logins", "Too many wrong passwords. Wait a minute, then try again."),
  /** No such invoice. */
  INVOICE_NOT_FOUND(
      404, "invoice-not-found", "There is no invoice with this id. Ask the shop for a new code."),
  /** The merchant has switched receipts off. */
  NO_RECEIPT(404, "no-receipt", "The shop gives no receipt for this here. Ask the shop for one."),
  /** The request did not come from one of our pages. */
  CROSS_SITE(403, "cross-site-request", "This can only be asked for from this node's own pages."),
  /** Not a JSON object of the expected form. */
  MALFORMED_JSON(400, "malformed-json", "The page sent something unreadable. Load it again."),
  /** Not an amount of the store's currency above zero. */
  INVALID_AMOUNT(422, "invalid-amount", "Key in an amount above zero."),
  /** More digits than a till keys in. */
  AMOUNT_TOO_LARGE(
      422, "invalid-amount", "That is more than a till can charge. Key in a smaller amount."),
  /** Nothing says which sale it is, so that a second try would be a second sale. */
  INVALID_SALE_KEY(
      400,
      "invalid-sale-key",
      "The sale's key (Idempotency-Key) must be 32 hex digits, new for each sale."),
  /** The key was sent with another sale. */
  SALE_KEY_REUSED(
      422,
      RepeatableRequest.REUSED,
      "This was sent before with other contents (Idempotency-Key). Charge again."),
  /** The description is too long. */
  DESCRIPTION_TOO_LONG(422, "description-too-long", "Say in fewer words what it is for."),
  /** Passwords and keys would travel in the open. */
  NOT_ENCRYPTED(
      403,
      "not-encrypted",
      "This page takes passwords and gives out keys. Open it by https, or on the node's own"
          + " machine."),
  /** A form of a page that is not valid any more, or not of this node. */
  FORM_EXPIRED(403, "form-expired", "This page is too old. Go back, load it again and try again."),
  /** Not a link that a key can be sent to. */
  INVALID_REDIRECT(
      400,
      "invalid-redirect",
      "The shop wants the key sent to something that is no web address (redirect). Ask whoever"
          + " made its plugin."),
  /** Nothing that could be granted. */
  INVALID_PERMISSIONS(
      400,
      "invalid-permissions",
      "The shop asks for no permission that there is, or for too many. Ask whoever made its"
          + " plugin."),
  /** The account has as many keys as it may. */
  TOO_MANY_KEYS(409, "too-many-apikeys", "You have too many API keys. Revoke some first."),
  /** More than a page ever sends. */
  BODY_TOO_LARGE(413, "body-too-large", "The page sent too much. Load it again."),
  /** Neither JSON nor anything else we read. */
  UNSUPPORTED_MEDIA_TYPE(415, "unsupported-media-type", "Send JSON."),
  /** The store's till page makes invoices too fast. */
  TOO_MANY_INVOICES(
      429, "too-many-invoices", "Too many invoices in a short time. Wait a few seconds."),
  /** Too many pages wait for news. */
  TOO_MANY_SOCKETS(
      503, "too-many-sockets", "Too many pages wait for news. Ask for the status instead."),
  /** The invoice is settled, expired or cancelled. */
  NOT_PAYABLE(409, "invoice-not-payable", "This invoice can't be paid any more. Charge again."),
  /** The payer chooses the amount, so the demo wallet would not know how much. */
  NO_AMOUNT(409, "invoice-without-amount", "The demo wallet needs an invoice with an amount."),
  /** The demo wallet is already paying it. */
  PAYING_ALREADY(409, "payment-under-way", "The demo wallet is already paying. Wait a moment."),
  /** Too many demo payments at a time. */
  DEMO_BUSY(503, "demo-wallet-busy", "The demo wallet is busy. Try again in a few seconds.");

  private static final int RETRY_AFTER_SECONDS = 3;
  private static final int LOGIN_PAUSE_SECONDS = 60;

  private final int status;
  private final String code;
  private final String sentence;

  PageCode(int status, String code, String sentence) {
    this.status = status;
    this.code = code;
    this.sentence = sentence;
  }

  String code() {
    return code;
  }

  Problem problem() {
    Map<String, Object> extra =
        status == 429 || status == 503
            ? Map.of(
                Problem.RETRY_AFTER_SECONDS,
                this == TOO_MANY_LOGINS ? LOGIN_PAUSE_SECONDS : RETRY_AFTER_SECONDS)
            : Map.of();
    return new Problem(status, code, sentence, sentence, extra);
  }

  <T> Shop.Answer<T> refused() {
    return new Shop.Answer.Refused<>(status, code, sentence);
  }

  ProblemException toException() {
    return problem().toException();
  }
}
