package network.tender.web.greenfield;

import com.fasterxml.jackson.databind.JsonNode;
import io.vertx.core.Future;
import io.vertx.core.buffer.Buffer;
import io.vertx.core.http.HttpHeaders;
import io.vertx.core.http.HttpMethod;
import io.vertx.ext.web.Router;
import io.vertx.ext.web.RoutingContext;
import io.vertx.ext.web.openapi.router.RouterBuilder;
import java.net.URI;
import java.util.Locale;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.function.BiConsumer;
import java.util.function.Function;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import network.tender.merchant.Accounts;
import network.tender.merchant.ApiKey;
import network.tender.merchant.ExactJson;
import network.tender.merchant.Merchant;
import network.tender.web.AnswerRoom;
import network.tender.web.ErrorShape;
import network.tender.web.PrivateTransport;
import network.tender.web.Problems;
import network.tender.web.Replies;
import network.tender.web.Surface;

/**
 * {@code /api/v1}: the merchant API. Requests are not checked against the contract but read by
 * hand, because clients in the field write keys in any case, numbers as texts and nulls for what
 * they don't set.
 */
public final class GreenfieldSurface implements Surface {
  private static final String PREFIX = "/api/v1";

  /** How answers are typed. */
  static final String JSON = "application/json; charset=utf-8";

  /** Whose answer it is: accounts have shares of the room for those that are large. */
  private static final String OWNER = GreenfieldSurface.class.getName() + ".owner";

  private static final Pattern AUTHORITY = Pattern.compile("[A-Za-z0-9.:\\[\\]_-]{1,255}");

  /** After this a caller is told to try again. */
  private static final int ANSWER_LIMIT_MILLIS = 15_000;

  private static final Pattern CREDENTIALS = Pattern.compile("\\s*(\\S+)\\s+(\\S+)\\s*");

  /** Paths of older versions: {@code payment-methods/OnChain/BTC/…}. */
  private static final Pattern LEGACY_METHOD =
      Pattern.compile(
          "(/api/v1/stores/[^/]+/payment-methods)/OnChain/([^/]+)(/.*)?", Pattern.CASE_INSENSITIVE);

  private static final String BITPAY = "/(tokens|invoices)(/.*)?";

  private static final Pattern LEGACY_LIGHTNING =
      Pattern.compile(
          "/api/v1/stores/[^/]+/payment-methods/(LightningNetwork|LNURLPay)/.*",
          Pattern.CASE_INSENSITIVE);

  private static final ErrorShape SHAPE =
      (ctx, problem) ->
          ctx.response()
              .putHeader(HttpHeaders.CONTENT_TYPE, "application/json")
              .end(
                  ExactJson.write(
                      ExactJson.object()
                          .put("code", problem.code())
                          .put("message", problem.detail())));

  /** What an operation answers, or a {@link RefusalException}. */
  @FunctionalInterface
  interface Operation {
    /** The body of the answer, which is always 200; empty for an empty body. */
    Future<Optional<JsonNode>> answer(Call call);
  }

  /** An operation that writes its answer together with what it makes, if it is asked to. */
  @FunctionalInterface
  interface OnceOperation {
    /**
     * As {@link Operation#answer}.
     *
     * @param once the request, if it is to be carried out once
     */
    Future<Optional<JsonNode>> answer(Call call, Optional<Idempotency.Once> once);
  }

  /** An operation that answers with a list of any length. */
  @FunctionalInterface
  interface ListOperation {
    /** What is answered, or a {@link RefusalException}. */
    Future<Listed> answer(Call call);
  }

  /** A list that is known or begins to be. */
  @FunctionalInterface
  interface Listed {
    /** Answers with it; throws a {@link RefusalException} before anything is sent. */
    void send(RoutingContext ctx);

    /** One that is known as a whole. */
    static Listed whole(JsonNode list) {
      return ctx -> end(ctx, Optional.of(list));
    }
  }

  private final Merchant merchant;
  private final Idempotency idempotency;
  private final NodeStatus node;
  private final Optional<URI> publicUrl;
  private final PrivateTransport transport;

  /**
   * The surface of a merchant.
   *
   * @param publicUrl how the world reaches this node, for links; without it, links repeat the host
   *     that the request was sent to
   */
  public GreenfieldSurface(Merchant merchant, NodeStatus node, Optional<URI> publicUrl) {
    this.merchant = merchant;
    this.idempotency = new Idempotency(merchant.idempotentAnswers());
    this.node = node;
    this.publicUrl = publicUrl;
    this.transport = new PrivateTransport(publicUrl, merchant.network().isRegtest());
  }

  @Override
  public void bind(RouterBuilder builder) {
    Binder binder = binder(builder);
    new ServerOperations(merchant, node).bind(binder);
    new UserOperations(merchant).bind(binder);
    new StoreOperations(merchant).bind(binder);
    new StoreUserOperations(merchant).bind(binder);
    new RateOperations(merchant).bind(binder);
    new WalletOperations(merchant).bind(binder);
    new InvoiceOperations(merchant, this::origin).bind(binder);
    new ArchiveOperations(merchant, this::origin).bind(binder);
    new RefundOperations(merchant).bind(binder);
    new AppOperations(merchant).bind(binder);
  }

  Binder binder(RouterBuilder builder) {
    return new Binder(builder);
  }

  /** Gives operations of the contract their handlers. */
  final class Binder {
    private final RouterBuilder builder;

    private Binder(RouterBuilder builder) {
      this.builder = builder;
    }

    /**
     * An operation for callers with an API key. What a POST request with an {@code Idempotency-Key}
     * writes through the merchant's pool is one transaction with its answer.
     */
    Binder bind(String operationId, Operation operation) {
      return open(
          operationId,
          ctx ->
              authenticate(ctx)
                  .compose(
                      call ->
                          ctx.request().method().equals(HttpMethod.POST)
                              ? idempotency.together(call, operation)
                              : operation.answer(call)));
    }

    /**
     * An operation for callers with an API key that writes nothing, whatever its method; carrying
     * it out again does no harm.
     */
    Binder bindQuestion(String operationId, Operation operation) {
      return open(operationId, ctx -> authenticate(ctx).compose(operation::answer));
    }

    /** An operation for callers with an API key that makes an invoice. */
    Binder bindOnce(String operationId, OnceOperation operation) {
      return open(
          operationId,
          ctx ->
              authenticate(ctx)
                  .compose(call -> idempotency.once(call, once -> operation.answer(call, once))));
    }

    /** An operation for callers with an API key that answers with a list of any length. */
    Binder bindList(String operationId, ListOperation operation) {
      return open(
          operationId,
          ctx -> authenticate(ctx).compose(operation::answer),
          (ctx, listed) -> listed.send(ctx));
    }

    /** An operation for everybody. */
    Binder open(String operationId, Function<RoutingContext, Future<Optional<JsonNode>>> answer) {
      return open(operationId, answer, GreenfieldSurface::end);
    }

    private <T> Binder open(
        String operationId,
        Function<RoutingContext, Future<T>> answer,
        BiConsumer<RoutingContext, T> end) {
      builder
          .getRoute(operationId)
          .setDoValidation(false)
          .setDoSecurity(false)
          .addHandler(ctx -> handle(ctx, answer, end));
      return this;
    }
  }

  private static <T> void handle(
      RoutingContext ctx,
      Function<RoutingContext, Future<T>> answer,
      BiConsumer<RoutingContext, T> end) {
    Future<T> answering;
    try {
      answering = answer.apply(ctx);
    } catch (RefusalException e) {
      refuse(ctx, e);
      return;
    }
    // A database that hangs answers nothing, not even that its own time limit is over.
    Replies.inTime(ctx, answering, ANSWER_LIMIT_MILLIS)
        .map(
            answered -> {
              end.accept(ctx, answered);
              return answered;
            })
        .onFailure(
            error -> {
              if (error instanceof RefusalException refusal) {
                refuse(ctx, refusal);
              } else {
                ctx.fail(Problems.unavailable(error));
              }
            });
  }

  private static void end(RoutingContext ctx, Optional<JsonNode> body) {
    if (body.isEmpty()) {
      ctx.response().end();
    } else {
      Buffer bytes = Buffer.buffer(ExactJson.writeBytes(body.get()));
      end(ctx, EntityTags.tag(ctx, bytes), bytes);
    }
  }

  /** Ends an answer 200 to a question whose tag is known. */
  static void end(RoutingContext ctx, Buffer body, String tag) {
    end(ctx, EntityTags.tag(ctx, tag), body);
  }

  private static void end(RoutingContext ctx, boolean isWanted, Buffer body) {
    if (isWanted) {
      ctx.response().putHeader(HttpHeaders.CONTENT_TYPE, JSON);
      String owner = ctx.get(OWNER);
      AnswerRoom.answer(ctx, owner == null ? "" : owner, body);
    } else {
      ctx.response().end();
    }
  }

  private static void refuse(RoutingContext ctx, RefusalException refusal) {
    ctx.response().setStatusCode(refusal.status());
    if (refusal.status() == 401) {
      ctx.response().putHeader("WWW-Authenticate", "Token, Bearer");
    }
    refusal
        .retryAfterSeconds()
        .ifPresent(seconds -> ctx.response().putHeader("Retry-After", String.valueOf(seconds)));
    end(ctx, Optional.of(refusal.body()));
  }

  private Future<Call> authenticate(RoutingContext ctx) {
    String header = ctx.request().getHeader(HttpHeaders.AUTHORIZATION);
    Matcher matcher = CREDENTIALS.matcher(header == null ? "" : header);
    if (!matcher.matches()) {
      return Future.failedFuture(RefusalException.unauthenticated());
    }
    String scheme = matcher.group(1).toLowerCase(Locale.ROOT);
    if (scheme.equals("basic")) {
      if (!transport.isPrivate(ctx.request())) {
        return Future.failedFuture(RefusalException.notEncrypted());
      }
      return BasicLogin.of(matcher.group(2))
          .map(login -> authenticate(ctx, login))
          .orElseGet(() -> Future.failedFuture(RefusalException.unauthenticated()));
    }
    if (!scheme.equals("token") && !scheme.equals("bearer")) {
      return Future.failedFuture(RefusalException.unauthenticated());
    }
    String key = matcher.group(2);
    return merchant
        .apiKeys()
        .find(key)
        .map(
            found -> {
              return known(ctx, key, found.orElseThrow(RefusalException::unauthenticated));
            });
  }

  private static Call known(RoutingContext ctx, String keyText, ApiKey key) {
    ctx.put(OWNER, key.userId());
    return new Call(ctx, keyText, key);
  }

  private Future<Call> authenticate(RoutingContext ctx, BasicLogin login) {
    return merchant
        .accounts()
        .login(ctx.request().remoteAddress().hostAddress(), login.email(), login.password())
        .map(
            answer -> {
              if (answer instanceof Accounts.Login.Welcome welcome) {
                return known(ctx, "", welcome.caller());
              }
              throw answer instanceof Accounts.Login.TooMany
                  ? RefusalException.tooManyLogins()
                  : RefusalException.unauthenticated();
            });
  }

  /** Scheme and host for links. */
  private String origin(RoutingContext ctx) {
    if (publicUrl.isPresent()) {
      String url = publicUrl.get().toString();
      return url.endsWith("/") ? url.substring(0, url.length() - 1) : url;
    }
    String authority =
        ctx.request().authority() == null ? "" : ctx.request().authority().toString();
    return ctx.request().scheme()
        + "://"
        + (AUTHORITY.matcher(authority).matches() ? authority : "localhost");
  }

  /**
   * Paths with a slash at the end and those of older versions are tried again in the form that the
   * contract knows.
   */
  @Override
  public void mount(Router router) {
    router.routeWithRegex(PREFIX + "/.+/").handler(GreenfieldSurface::tryOtherForm);
    router
        .routeWithRegex("(?i)" + PREFIX + "/stores/[^/]+/payment-methods/[^/]+/.+")
        .handler(GreenfieldSurface::tryOtherForm);
    // Old plugins pair and sell by the protocol that BTCPay Server had before this API.
    router.routeWithRegex(BITPAY).handler(GreenfieldSurface::refuseBitPay);
  }

  private static void refuseBitPay(RoutingContext ctx) {
    refuse(
        ctx,
        RefusalException.unsupported(
            "This server does not speak BitPay's protocol. Take a version of the plugin that uses"
                + " an API key and the Greenfield API at /api/v1."));
  }

  private static void tryOtherForm(RoutingContext ctx) {
    String path = ctx.request().path();
    if (LEGACY_LIGHTNING.matcher(path).matches()) {
      refuse(
          ctx,
          RefusalException.unsupported(
              "This network has no Lightning; take payments with its coin."));
      return;
    }
    String form = path;
    while (form.endsWith("/")) {
      form = form.substring(0, form.length() - 1);
    }
    Matcher legacy = LEGACY_METHOD.matcher(form);
    if (legacy.matches()) {
      String rest = legacy.group(3) == null ? "" : legacy.group(3);
      if (rest.equalsIgnoreCase("/preview") || rest.equalsIgnoreCase("/generate")) {
        rest = "/wallet" + rest.toLowerCase(Locale.ROOT);
      }
      form = legacy.group(1) + "/" + legacy.group(2) + "-CHAIN" + rest;
    }
    if (form.equals(path)) {
      ctx.next();
    } else {
      String query = ctx.request().query();
      ctx.reroute(ctx.request().method(), query == null ? form : form + "?" + query);
    }
  }

  @Override
  public Map<String, ErrorShape> errorShapes() {
    return Map.of(PREFIX, SHAPE);
  }

  @Override
  public Set<String> crossOriginPrefixes() {
    return Set.of(PREFIX);
  }
}
