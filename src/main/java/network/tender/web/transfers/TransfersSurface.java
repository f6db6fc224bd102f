package network.tender.web.transfers;

import io.vertx.core.Future;
import io.vertx.core.buffer.Buffer;
import io.vertx.core.http.HttpHeaders;
import io.vertx.core.http.HttpServerRequest;
import io.vertx.ext.web.RoutingContext;
import io.vertx.ext.web.openapi.router.RouterBuilder;
import java.util.List;
import java.util.Optional;
import java.util.Set;
import java.util.function.Function;
import network.tender.chain.Hash;
import network.tender.ledger.Receipt;
import network.tender.ledger.ReceiptJson;
import network.tender.settlement.Outcome;
import network.tender.settlement.Settlement;
import network.tender.web.Bodies;
import network.tender.web.HttpSettings;
import network.tender.web.Problem;
import network.tender.web.ProblemCode;
import network.tender.web.ProblemException;
import network.tender.web.Problems;
import network.tender.web.Replies;
import network.tender.web.Surface;

/** {@code /v1/transfers} and {@code /v1/receipts}: settlement in one call. */
public final class TransfersSurface implements Surface {
  /** The path of the hot route. */
  private static final String TRANSFERS = "/v1/transfers";

  private static final CharSequence JSON = HttpHeaders.createOptimized("application/json");
  private static final CharSequence PROBLEM_JSON =
      HttpHeaders.createOptimized("application/problem+json");

  /** What a flood is answered with: written once, for it must cost less than a settlement. */
  private static final Outcome.Unavailable BUSY = new Outcome.Unavailable(Outcome.Cause.BUSY, 1);

  private static final Future<Outcome> TURNED_AWAY = Future.succeededFuture(BUSY);
  private static final Buffer BUSY_BODY = Problems.of(BUSY).toJson().toBuffer();
  private static final CharSequence BUSY_RETRY_AFTER =
      HttpHeaders.createOptimized(Integer.toString(BUSY.retryAfterSeconds()));

  private static final CharSequence PREFER = HttpHeaders.createOptimized("prefer");
  private static final String RESPOND_ASYNC = "respond-async";

  /** A batch above this is read on a worker thread. */
  private static final int LARGE_BATCH_BYTES = 20_000;

  /** A receipt never changes. */
  static final String IMMUTABLE = "public, max-age=31536000, immutable";

  private final TransferIntake intake;
  private final Settlement settlement;
  private final RefusalPace pace;

  /** The surface over a settlement pipeline. */
  public TransfersSurface(TransferIntake intake, Settlement settlement, RefusalPace pace) {
    this.intake = intake;
    this.settlement = settlement;
    this.pace = pace;
  }

  @Override
  public void bind(RouterBuilder builder) {
    // The hot route: the body is no JSON in most cases, and its decoder is stricter than a schema.
    builder.getRoute("postTransfer").setDoValidation(false).addHandler(this::postTransfer);
    builder.getRoute("getReceipt").setDoValidation(false).addHandler(this::getReceipt);
  }

  @Override
  public Set<String> rawBodyPaths() {
    return Set.of(TRANSFERS);
  }

  @Override
  public Set<String> crossOriginPrefixes() {
    return Set.of("/v1");
  }

  private void postTransfer(RoutingContext ctx) {
    HttpServerRequest request = ctx.request();
    String contentType = request.getHeader(HttpHeaders.CONTENT_TYPE);
    Future<Buffer> body = Bodies.read(request, HttpSettings.DEFAULT_MAX_BODY_BYTES);
    if (TransferBatch.isRaw(contentType)) {
      postBatch(ctx, body, raw -> Optional.of(TransferBatch.fromRaw(raw)));
    } else if (contentType != null && TransferBody.is(contentType, "application/json")) {
      postBatch(ctx, body, TransferBatch::fromJson);
    } else {
      postSingle(ctx, body);
    }
  }

  private void postSingle(RoutingContext ctx, Future<Buffer> body) {
    String contentType = ctx.request().getHeader(HttpHeaders.CONTENT_TYPE);
    Replies.write(
        ctx,
        body.compose(
            bytes ->
                settlement.turnsAway()
                    ? TURNED_AWAY
                    : intake.submit(contentType, bytes, wait(ctx))),
        outcome -> answer(ctx, outcome));
  }

  /** The same answer as to any other {@link Outcome.Unavailable}, without the way there. */
  private void turnAway(RoutingContext ctx) {
    long millis = pace.enter();
    if (millis == 0) {
      sayBusy(ctx);
      return;
    }
    ctx.vertx()
        .setTimer(
            millis,
            id -> {
              pace.leave();
              if (!ctx.response().closed()) {
                sayBusy(ctx);
              }
            });
  }

  private static void sayBusy(RoutingContext ctx) {
    ctx.response()
        .setStatusCode(503)
        .putHeader(HttpHeaders.CONTENT_TYPE, PROBLEM_JSON)
        .putHeader(HttpHeaders.CACHE_CONTROL, "no-store")
        .putHeader(HttpHeaders.RETRY_AFTER, BUSY_RETRY_AFTER)
        .end(BUSY_BODY.copy());
  }

  /** A body that may hold many transfers; reading so many takes too long for an event loop. */
  private void postBatch(
      RoutingContext ctx, Future<Buffer> body, Function<Buffer, Optional<TransferBatch>> read) {
    Replies.write(
        ctx,
        body.compose(
            bytes ->
                bytes.length() > LARGE_BATCH_BYTES
                    ? ctx.vertx().executeBlocking(() -> read.apply(bytes), false)
                    : Future.succeededFuture(read.apply(bytes))),
        batch -> {
          if (batch.isEmpty()) {
            postSingle(ctx, body);
            return;
          }
          Replies.write(
              ctx, intake.submit(batch.get(), wait(ctx)), outcomes -> answer(ctx, outcomes));
        });
  }

  private static Settlement.Wait wait(RoutingContext ctx) {
    return prefersAsync(ctx.request()) ? Settlement.Wait.ACCEPTED : Settlement.Wait.SETTLED;
  }

  private static void answer(RoutingContext ctx, List<Outcome> outcomes) {
    ctx.response().putHeader(HttpHeaders.CONTENT_TYPE, JSON).end(BatchAnswer.of(outcomes));
  }

  /** RFC 7240: preferences are separated by commas, each may have parameters. */
  private static boolean prefersAsync(HttpServerRequest request) {
    String prefer = request.getHeader(PREFER);
    if (prefer == null) {
      return false;
    }
    for (String header : request.headers().getAll(PREFER)) {
      for (String preference : header.split(",", -1)) {
        int parameters = preference.indexOf(';');
        String name = parameters < 0 ? preference : preference.substring(0, parameters);
        if (name.strip().equalsIgnoreCase(RESPOND_ASYNC)) {
          return true;
        }
      }
    }
    return false;
  }

  @SuppressWarnings("ReferenceEquality") // this very one, whose answer is ready
  private void answer(RoutingContext ctx, Outcome outcome) {
    if (outcome instanceof Outcome.Settled settled) {
      ctx.response()
          .putHeader(HttpHeaders.CONTENT_TYPE, JSON)
          .end(SettledAnswer.of(settled.receipt()));
    } else if (outcome instanceof Outcome.Accepted accepted) {
      Hash txid = accepted.txid();
      ctx.response()
          .setStatusCode(202)
          .putHeader(HttpHeaders.CONTENT_TYPE, JSON)
          .putHeader(HttpHeaders.LOCATION, SettledAnswer.receiptPath(txid))
          .putHeader("Preference-Applied", RESPOND_ASYNC)
          .end(SettledAnswer.pending(txid));
    } else if (outcome == BUSY) {
      turnAway(ctx);
    } else if (outcome instanceof Outcome.Refused refused) {
      ctx.fail(Problems.of(refused.rejection()).toException());
    } else if (outcome instanceof Outcome.Unavailable unavailable) {
      ctx.fail(Problems.of(unavailable).toException());
    }
  }

  private void getReceipt(RoutingContext ctx) {
    Hash txid = Hashes.parse(ctx.pathParam("txid"));
    Replies.read(
        ctx,
        proofOf(txid),
        receipt ->
            ctx.response()
                .putHeader(HttpHeaders.CONTENT_TYPE, JSON)
                .putHeader(HttpHeaders.CACHE_CONTROL, IMMUTABLE)
                .end(ReceiptJson.write(receipt)));
  }

  /** Fails with the problem that tells a pending transfer from an unknown one. */
  private Future<Receipt> proofOf(Hash txid) {
    return settlement
        .receipt(txid)
        .compose(
            receipt ->
                receipt.isPresent()
                    ? Future.succeededFuture(receipt)
                    // Neither here nor pending may also mean: settled between the two questions.
                    : settlement
                        .isPending(txid)
                        .compose(
                            pending ->
                                pending
                                    ? Future.failedFuture(stillPending())
                                    : settlement.receipt(txid)))
        .map(
            receipt ->
                receipt.orElseThrow(
                    () ->
                        Problem.of(
                                ProblemCode.RECEIPT_NOT_FOUND,
                                "No settled transfer has this txid; send it, or check the txid.")
                            .toException()));
  }

  private static ProblemException stillPending() {
    return Problem.of(ProblemCode.RECEIPT_PENDING)
        .with(Problem.RETRY_AFTER_SECONDS, 1)
        .toException();
  }
}
