package network.tender.web.greenfield;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.node.ArrayNode;
import com.fasterxml.jackson.databind.node.ObjectNode;
import io.vertx.core.Future;
import java.util.Locale;
import java.util.Optional;
import network.tender.merchant.Account;
import network.tender.merchant.Accounts;
import network.tender.merchant.ExactJson;
import network.tender.merchant.LenientJson;
import network.tender.merchant.Merchant;
import network.tender.merchant.Permission;

/** Users: oneself and, for administrators, everybody. */
final class UserOperations {
  private static final int MAX_NAME_CHARS = 200;
  private static final int MAX_LINK_CHARS = 2_000;
  private static final int CREATED = 201;

  private final Merchant merchant;

  UserOperations(Merchant merchant) {
    this.merchant = merchant;
  }

  void bind(GreenfieldSurface.Binder binder) {
    binder
        .bind("getCurrentUser", this::current)
        .bind("updateCurrentUser", this::updateCurrent)
        .bind("deleteCurrentUser", this::deleteCurrent)
        .bindList("getUsers", this::list)
        .bind("createUser", this::create)
        .bind("getUser", this::get)
        .bind("updateUser", this::update)
        .bind("deleteUser", this::delete)
        .bind("lockUser", this::lock);
  }

  /** The account that the path names by its id or address. */
  static Future<Account> account(Merchant merchant, Call call) {
    return account(merchant, call.path("idOrEmail"));
  }

  /**
   * The account that the path names, for a caller who is about to change it: an administrator's is
   * changed by those only who may do everything, as it would else be a way to become one.
   */
  static Future<Account> accountToManage(Merchant merchant, Call call) {
    call.require(Permission.MANAGE_USERS);
    return account(merchant, call)
        .map(
            account -> {
              if (account.administrator()) {
                call.require(Permission.UNRESTRICTED);
              }
              return account;
            });
  }

  /** The account of an id or address. */
  static Future<Account> account(Merchant merchant, String idOrEmail) {
    return merchant
        .accounts()
        .findByIdOrEmail(idOrEmail)
        .map(found -> found.orElseThrow(UserOperations::notFound));
  }

  private static RefusalException notFound() {
    return RefusalException.notFound("user-not-found", "The user was not found.");
  }

  /** An account as the API shows it. */
  static ObjectNode json(Account account) {
    ObjectNode json = ExactJson.object();
    json.put("id", account.id());
    json.put("email", account.email());
    json.put("name", account.name().orElse(null));
    json.put("imageUrl", account.imageUrl().orElse(null));
    json.putNull("invitationUrl");
    json.put("emailConfirmed", true);
    json.put("requiresEmailConfirmation", false);
    json.put("approved", true);
    json.put("requiresApproval", false);
    json.put("created", InvoiceJson.seconds(account.createdMillis()));
    json.put("disabled", account.disabled());
    json.putNull("storeQuota");
    ArrayNode roles = json.putArray("roles");
    if (account.administrator()) {
      roles.add("ServerAdmin");
    }
    return json;
  }

  private Future<Account> self(Call call) {
    return merchant
        .accounts()
        .find(call.key().userId())
        .map(found -> found.orElseThrow(UserOperations::notFound));
  }

  private Future<Optional<JsonNode>> current(Call call) {
    call.require(Permission.VIEW_PROFILE);
    return self(call).map(account -> Optional.of(json(account)));
  }

  private Future<Optional<JsonNode>> updateCurrent(Call call) {
    call.require(Permission.MODIFY_PROFILE);
    JsonNode body = call.body();
    Accounts.Details details = details(Fields.of(body), "newPassword");
    Future<Account> self = self(call);
    return self.compose(
            account ->
                isTakeOver(call, account, details)
                    ? requirePassword(call, account, body).map(account)
                    : Future.succeededFuture(account))
        .compose(account -> merchant.accounts().update(account.id(), details))
        .map(UserOperations::done);
  }

  /**
   * True for a new password, and for a new name to log in with by a key that is for the profile
   * only. Clients that send back the address that they have read change nothing.
   */
  private static boolean isTakeOver(Call call, Account account, Accounts.Details details) {
    return details.password().isPresent()
        || (!call.key().allows(Permission.UNRESTRICTED)
            && details
                .email()
                .filter(email -> !email.equalsIgnoreCase(account.email()))
                .isPresent());
  }

  /**
   * A key alone must not be enough to take an account over; only where there is no password yet,
   * one that may do everything anyway is.
   */
  private Future<Void> requirePassword(Call call, Account account, JsonNode body) {
    return merchant
        .accounts()
        .hasPassword(account.id())
        .compose(
            has -> {
              if (has) {
                return checkPassword(call, account, body);
              }
              call.require(Permission.UNRESTRICTED);
              return Future.succeededFuture();
            });
  }

  private Future<Void> checkPassword(Call call, Account account, JsonNode body) {
    String given = LenientJson.text(LenientJson.get(body, "currentPassword")).orElse("");
    return merchant
        .accounts()
        .isPassword(call.ctx().request().remoteAddress().hostAddress(), account, given)
        .map(
            right -> {
              if (!right.orElseThrow(RefusalException::tooManyLogins)) {
                throw RefusalException.field(
                    "CurrentPassword", "The current password is not correct.");
              }
              return null;
            });
  }

  private static Accounts.Details details(Fields fields, String passwordKey) {
    Optional<String> email =
        fields.read(
            "email",
            "Email",
            "Must be an email address.",
            value -> LenientJson.text(value).map(String::strip).filter(Accounts::isEmail));
    Optional<String> name = fields.text("name", "Name", MAX_NAME_CHARS);
    Optional<String> image =
        fields.read(
            "imageUrl",
            "ImageUrl",
            "Must be an http or https link.",
            value -> LenientJson.text(value).filter(UserOperations::isLink));
    Optional<String> password =
        fields.read(
            passwordKey,
            LenientJson.pascalCase(passwordKey),
            "Must have %d to %d characters."
                .formatted(Accounts.MIN_PASSWORD_CHARS, Accounts.MAX_PASSWORD_CHARS),
            value ->
                LenientJson.text(value)
                    .filter(text -> text.length() >= Accounts.MIN_PASSWORD_CHARS)
                    .filter(text -> text.length() <= Accounts.MAX_PASSWORD_CHARS));
    fields.finish();
    return new Accounts.Details(email, name, image, password);
  }

  private static boolean isLink(String text) {
    String lower = text.toLowerCase(Locale.ROOT);
    return text.length() <= MAX_LINK_CHARS
        && (lower.startsWith("https://") || lower.startsWith("http://"));
  }

  private static Optional<JsonNode> done(Accounts.Change change) {
    if (change instanceof Accounts.Change.Done done) {
      return Optional.of(json(done.account()));
    }
    if (change instanceof Accounts.Change.EmailTaken) {
      throw RefusalException.field("Email", "Another user has this email address.");
    }
    throw change instanceof Accounts.Change.LastAdministrator
        ? RefusalException.forbidden(
            "last-administrator", "This is the only administrator left; make another one first.")
        : notFound();
  }

  private Future<Optional<JsonNode>> deleteCurrent(Call call) {
    call.require(Permission.DELETE_USER);
    return merchant
        .accounts()
        .delete(call.key().userId())
        .map(UserOperations::done)
        .map(gone -> Optional.empty());
  }

  private Future<GreenfieldSurface.Listed> list(Call call) {
    call.require(Permission.VIEW_USERS);
    return LongList.inTurn(
        call,
        () ->
            merchant
                .accounts()
                .list()
                .compose(accounts -> LongList.whole(call, accounts, UserOperations::json)));
  }

  private Future<Optional<JsonNode>> create(Call call) {
    call.require(Permission.CREATE_USER);
    Fields fields = Fields.of(call.body());
    boolean administrator = fields.flag("isAdministrator", "IsAdministrator").orElse(false);
    for (String key : new String[] {"email", "password"}) {
      if (fields.get(key).isNull()) {
        fields.error(LenientJson.pascalCase(key), "Is missing.");
      }
    }
    Accounts.Details details = details(fields, "password");
    if (administrator) {
      call.require(Permission.UNRESTRICTED);
    }
    return merchant
        .accounts()
        .create(details, administrator)
        .map(UserOperations::done)
        .map(
            body -> {
              call.ctx().response().setStatusCode(CREATED);
              return body;
            });
  }

  private Future<Optional<JsonNode>> get(Call call) {
    call.require(Permission.VIEW_USERS);
    return account(merchant, call).map(account -> Optional.of(json(account)));
  }

  private Future<Optional<JsonNode>> update(Call call) {
    call.require(Permission.MANAGE_USERS);
    Accounts.Details details = details(Fields.of(call.body()), "newPassword");
    if (details.password().isPresent()) {
      // Who sets a password may log in with it, and do all that its user may.
      call.require(Permission.UNRESTRICTED);
    }
    return accountToManage(merchant, call)
        .compose(account -> merchant.accounts().update(account.id(), details))
        .map(UserOperations::done);
  }

  private Future<Optional<JsonNode>> delete(Call call) {
    return accountToManage(merchant, call)
        .compose(account -> merchant.accounts().delete(account.id()))
        .map(UserOperations::done)
        .map(gone -> Optional.empty());
  }

  private Future<Optional<JsonNode>> lock(Call call) {
    call.require(Permission.MANAGE_USERS);
    Fields fields = Fields.of(call.body());
    Optional<Boolean> locked = fields.flag("locked", "Locked");
    if (fields.get("locked").isNull()) {
      fields.error("Locked", "Is missing; must be true or false.");
    }
    fields.finish();
    return accountToManage(merchant, call)
        .compose(account -> merchant.accounts().lock(account.id(), locked.orElseThrow()))
        .map(UserOperations::done)
        .map(locking -> Optional.empty());
  }
}
