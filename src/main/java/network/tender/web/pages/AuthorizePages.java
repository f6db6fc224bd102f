package network.tender.web.pages;

import io.vertx.core.Future;
import io.vertx.ext.web.Router;
import io.vertx.ext.web.RoutingContext;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.function.Function;
import java.util.function.Predicate;
import java.util.function.Supplier;
import network.tender.merchant.ApiKey;
import network.tender.merchant.ExactJson;
import network.tender.merchant.FieldError;
import network.tender.merchant.ListPart;
import network.tender.merchant.Merchant;
import network.tender.merchant.Permission;
import network.tender.merchant.Sessions;
import network.tender.merchant.Store;
import network.tender.merchant.StoreLimitException;
import network.tender.merchant.StoreSettings;

/**
 * Where a shop's plugin leads its owner to get an API key: the owner logs in, picks a store, says
 * yes, and the browser posts the key to the shop. Works without scripts.
 */
final class AuthorizePages {
  private static final String PATH = "/api-keys/authorize";
  private static final String NEW_STORE = "new";
  private static final int HINT_CHARS = 8;

  /** More than these nobody looks through. */
  private static final int MAX_STORES = 1_000;

  private static final int UNPROCESSABLE = 422;

  private final Pages pages;
  private final Merchant merchant;
  private final Visits visits;
  private final GrantOnce once;

  AuthorizePages(Pages pages, Merchant merchant, Visits visits) {
    this.pages = pages;
    this.merchant = merchant;
    this.visits = visits;
    this.once = new GrantOnce(merchant);
  }

  void mount(Router router) {
    router.get(PATH).handler(ctx -> show(ctx).onFailure(ctx::fail));
    router.post(PATH).handler(ctx -> answer(ctx).onFailure(ctx::fail));
  }

  private Future<Void> show(RoutingContext ctx) {
    if (!visits.isPrivate(ctx.request())) {
      throw PageCode.NOT_ENCRYPTED.toException();
    }
    KeyRequest request = KeyRequest.of(ctx.queryParams());
    return visits
        .visitor(ctx)
        .compose(
            visitor -> {
              if (visitor.isEmpty()) {
                LoginPages.demand(ctx);
                return Future.succeededFuture();
              }
              return page(ctx, request, visitor.get(), "");
            });
  }

  // ---- The question.

  private Future<Void> page(
      RoutingContext ctx, KeyRequest request, Sessions.Visitor visitor, String complaint) {
    return stores(request, visitor.caller())
        .map(
            stores -> {
              Map<String, Object> variables = variables(ctx, request, visitor, stores, complaint);
              variables.put("form", merchant.sessions().newFormId());
              pages.answer(ctx, "authorize", variables);
              return null;
            });
  }

  /** The stores that the key can be for. */
  private Future<List<Store>> stores(KeyRequest request, ApiKey caller) {
    if (!request.picksStore()) {
      return Future.succeededFuture(List.of());
    }
    Set<String> own = caller.roles().keySet();
    return stores(
        new ArrayList<>(),
        ListPart.Place.START,
        after ->
            caller.administrator()
                ? merchant.stores().list(after)
                : merchant.stores().list(own, after),
        store -> !store.settings().archived() && suits(request, caller, store.id()));
  }

  private static Future<List<Store>> stores(
      List<Store> found,
      ListPart.Place after,
      Function<ListPart.Place, Future<ListPart<Store>>> reading,
      Predicate<Store> wanted) {
    return reading
        .apply(after)
        .compose(
            part -> {
              part.items().stream().filter(wanted).forEach(found::add);
              return part.next().isEmpty() || found.size() >= MAX_STORES
                  ? Future.succeededFuture(found)
                  : stores(found, part.next().get(), reading, wanted);
            });
  }

  /** True if the person may grant what is asked for a store; some of it, if that is enough. */
  private static boolean suits(KeyRequest request, ApiKey caller, String storeId) {
    return request.strict()
        ? request.permissions().stream()
            .filter(KeyRequest::isOpen)
            .allMatch(permission -> caller.allows(permission.policy(), storeId))
        : request.permissions().stream()
            .filter(KeyRequest::isOpen)
            .anyMatch(permission -> caller.allows(permission.policy(), storeId));
  }

  private static Map<String, Object> variables(
      RoutingContext ctx,
      KeyRequest request,
      Sessions.Visitor visitor,
      List<Store> stores,
      String complaint) {
    String chosen = form(ctx, "store");
    Map<String, Object> variables = new HashMap<>();
    variables.put(
        "application", request.application().isEmpty() ? "an application" : request.application());
    variables.put("host", request.redirect().map(KeyRequest.Target::host).orElse(""));
    variables.put("plain", request.redirect().filter(to -> !to.encrypted()).isPresent());
    variables.put("complaint", complaint);
    variables.put("hidden", hidden(request, visitor));
    variables.put("picksStore", request.picksStore());
    variables.put("aboutStores", request.isAboutStores());
    variables.put(
        "stores",
        stores.stream()
            .map(
                store ->
                    Map.of(
                        "id",
                        store.id(),
                        "name",
                        store.settings().name(),
                        "hint",
                        hint(stores, store),
                        "chosen",
                        store.id().equals(chosen) || (chosen.isEmpty() && stores.size() == 1)))
            .toList());
    variables.put("newChosen", chosen.equals(NEW_STORE) || stores.isEmpty());
    variables.put("newStore", form(ctx, "newStore"));
    variables.put("strict", request.strict());
    variables.put(
        "permissions",
        request.permissions().stream()
            .map(
                permission ->
                    Map.of(
                        "text",
                        permission.text(),
                        "policy",
                        permission.policy(),
                        "words",
                        PermissionWords.of(permission)))
            .toList());
    variables.put("token", visitor.formToken());
    variables.put("email", visitor.account().email());
    return variables;
  }

  /** What tells a store from another of the same name; empty if there is none. */
  private static String hint(List<Store> stores, Store store) {
    String name = store.settings().name();
    long same = stores.stream().filter(one -> one.settings().name().equals(name)).count();
    return same > 1 ? store.id().substring(0, Math.min(HINT_CHARS, store.id().length())) : "";
  }

  /** The request itself, for the answer to be about the same. */
  private static List<Map<String, Object>> hidden(KeyRequest request, Sessions.Visitor visitor) {
    List<Map<String, Object>> fields = new ArrayList<>();
    fields.add(field("token", visitor.formToken()));
    request.permissions().forEach(one -> fields.add(field("permissions", one.text())));
    fields.add(field("applicationName", request.application()));
    fields.add(field("applicationIdentifier", request.identifier()));
    fields.add(field("strict", String.valueOf(request.strict())));
    fields.add(field("selectiveStores", String.valueOf(request.selectiveStores())));
    request.redirect().ifPresent(target -> fields.add(field("redirect", target.url())));
    return fields;
  }

  private static Map<String, Object> field(String name, String value) {
    return Map.of("name", name, "value", value);
  }

  private static String form(RoutingContext ctx, String name) {
    String value = ctx.request().getFormAttribute(name);
    return value == null ? "" : value.strip();
  }

  // ---- The answer.

  private Future<Void> answer(RoutingContext ctx) {
    if (!visits.isPrivate(ctx.request())) {
      throw PageCode.NOT_ENCRYPTED.toException();
    }
    return visits
        .visitor(ctx)
        .compose(
            visitor -> {
              if (visitor.isEmpty() || !Visits.isOwnForm(ctx, visitor.get())) {
                throw PageCode.FORM_EXPIRED.toException();
              }
              return grant(ctx, KeyRequest.of(ctx.request().formAttributes()), visitor.get());
            });
  }

  private Future<Void> grant(RoutingContext ctx, KeyRequest request, Sessions.Visitor visitor) {
    List<Permission> granted = granted(ctx, request);
    if (granted.isEmpty() && !request.permissions().isEmpty()) {
      return again(ctx, request, visitor, "Choose what it may do, or cancel.");
    }
    if (!request.picksStore()) {
      List<String> texts = granted.stream().map(Permission::text).toList();
      return give(ctx, request, visitor, () -> Future.succeededFuture(texts));
    }
    String chosen = form(ctx, "store");
    if (chosen.equals(NEW_STORE)) {
      List<FieldError> errors = new ArrayList<>();
      StoreSettings settings =
          StoreSettings.defaults()
              .merge(
                  ExactJson.object().put("name", form(ctx, "newStore")), merchant.rates(), errors);
      if (!errors.isEmpty() || !ExactJson.isStorable(settings.name())) {
        return again(ctx, request, visitor, "Give the new store a name of 1 to 50 characters.");
      }
      return give(
              ctx,
              request,
              visitor,
              () ->
                  merchant
                      .stores()
                      .create(settings, visitor.account().id(), visitor.account().administrator())
                      .map(store -> scoped(granted, store.id())))
          .recover(
              error ->
                  error instanceof StoreLimitException limit
                      ? again(ctx, request, visitor, limit.sentence() + " Choose one of yours.")
                      : Future.failedFuture(error));
    }
    return stores(request, visitor.caller())
        .compose(
            stores ->
                stores.stream().noneMatch(store -> store.id().equals(chosen))
                    ? again(ctx, request, visitor, "Choose a store.")
                    : give(
                        ctx,
                        request,
                        visitor,
                        () -> Future.succeededFuture(scoped(granted, chosen))));
  }

  private Future<Void> again(
      RoutingContext ctx, KeyRequest request, Sessions.Visitor visitor, String complaint) {
    ctx.response().setStatusCode(UNPROCESSABLE);
    return page(ctx, request, visitor, complaint);
  }

  /** What the person has said yes to, in the order asked. */
  private static List<Permission> granted(RoutingContext ctx, KeyRequest request) {
    if (request.strict()) {
      return request.permissions();
    }
    List<String> ticked = ctx.request().formAttributes().getAll("granted");
    return request.permissions().stream().filter(one -> ticked.contains(one.text())).toList();
  }

  /** Each that is about stores for this one store: shops read the store's id off the first. */
  private static List<String> scoped(List<Permission> granted, String storeId) {
    return granted.stream()
        .map(one -> KeyRequest.isOpen(one) ? one.policy() + ":" + storeId : one.text())
        .distinct()
        .toList();
  }

  /**
   * Makes the key and leads the browser to where it goes.
   *
   * @param permissions what it holds, once the store is there that it is for
   */
  private Future<Void> give(
      RoutingContext ctx,
      KeyRequest request,
      Sessions.Visitor visitor,
      Supplier<Future<List<String>>> permissions) {
    return once.grant(ctx, visitor, () -> make(request, visitor, permissions))
        .map(
            grant -> {
              Optional<KeyRequest.Target> target = request.redirect();
              Map<String, Object> variables = new HashMap<>();
              variables.put("host", target.map(KeyRequest.Target::host).orElse(""));
              variables.put("redirect", target.map(KeyRequest.Target::url).orElse(""));
              variables.put("key", grant.key());
              variables.put("userId", visitor.account().id());
              variables.put("permissions", grant.permissions());
              if (target.isPresent()) {
                pages.answerPosting(ctx, "grant", variables, target.get().origin());
              } else {
                pages.answer(ctx, "grant", variables);
              }
              return null;
            });
  }

  private Future<GrantOnce.Grant> make(
      KeyRequest request, Sessions.Visitor visitor, Supplier<Future<List<String>>> permissions) {
    String label =
        request.application().isEmpty()
            ? request.redirect().map(KeyRequest.Target::host).orElse("")
            : request.application();
    return permissions
        .get()
        .compose(
            texts ->
                merchant
                    .apiKeys()
                    .create(visitor.account().id(), label, texts)
                    .map(
                        made ->
                            new GrantOnce.Grant(
                                made.orElseThrow(PageCode.TOO_MANY_KEYS::toException), texts)));
  }
}
