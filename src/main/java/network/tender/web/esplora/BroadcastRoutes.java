package network.tender.web.esplora;

import io.vertx.core.Future;
import io.vertx.core.buffer.Buffer;
import io.vertx.core.json.JsonArray;
import io.vertx.ext.web.Router;
import io.vertx.ext.web.RoutingContext;
import java.math.BigDecimal;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.TimeoutException;
import network.tender.chain.MalformedException;
import network.tender.chain.Transaction;
import network.tender.settlement.Outcome;
import network.tender.settlement.Settlement;
import network.tender.web.Bodies;
import network.tender.web.HttpSettings;
import network.tender.web.Problem;
import network.tender.web.ProblemCode;
import network.tender.web.Problems;
import network.tender.web.Replies;
import network.tender.web.transfers.TransferBody;
import network.tender.web.transfers.TransferIntake;

/** Takes transfers in, single ones and packages. */
final class BroadcastRoutes {
  private static final int MAX_PACKAGE = 25;

  /** Shorter than any transaction, in hex digits. */
  private static final int MIN_HEX = 120;

  /** Longer than any transfer may be, in hex digits. */
  private static final int MAX_HEX = 800_000;

  /** How long a body may take; a wallet sends one in a single packet. */
  private static final int BODY_SECONDS = 20;

  private final TransferIntake intake;
  private final PackageSubmission packages;

  BroadcastRoutes(TransferIntake intake, PackageSubmission packages) {
    this.intake = intake;
    this.packages = packages;
  }

  void mount(Router router, String base) {
    router.post(base + "/tx").handler(this::broadcast);
    router.post(base + "/txs/package").handler(this::broadcastPackage);
  }

  private static Future<Buffer> body(RoutingContext ctx) {
    return Bodies.read(ctx.request(), HttpSettings.DEFAULT_MAX_BODY_BYTES)
        .timeout(BODY_SECONDS, TimeUnit.SECONDS)
        .recover(
            failure ->
                Future.failedFuture(
                    failure instanceof TimeoutException
                        ? Problem.of(ProblemCode.REQUEST_TIMEOUT).toException()
                        : failure));
  }

  private void broadcast(RoutingContext ctx) {
    Replies.write(
        ctx,
        // Clients send the digits as a form, with any type or with none.
        body(ctx).compose(body -> intake.submit(null, body, Settlement.Wait.SETTLED)),
        outcome -> answer(ctx, outcome));
  }

  private static void answer(RoutingContext ctx, Outcome outcome) {
    if (outcome instanceof Outcome.Settled settled) {
      Routes.send(ctx, Answer.changing(settled.receipt().txid().toString()));
    } else if (outcome instanceof Outcome.Accepted accepted) {
      Routes.send(ctx, Answer.changing(accepted.txid().toString()));
    } else if (outcome instanceof Outcome.Refused refused) {
      ctx.fail(EsploraErrors.refused(refused.rejection()).toException());
    } else if (outcome instanceof Outcome.Unavailable unavailable) {
      ctx.fail(Problems.of(unavailable).toException());
    }
  }

  private void broadcastPackage(RoutingContext ctx) {
    Optional<BigDecimal> maxFeeRate = amount(ctx, "maxfeerate");
    BigDecimal maxBurn = amount(ctx, "maxburnamount").orElse(BigDecimal.ZERO);
    Replies.write(
        ctx,
        body(ctx)
            .map(BroadcastRoutes::transfers)
            .compose(transfers -> packages.submit(transfers, maxFeeRate, maxBurn)),
        result -> Routes.send(ctx, Answer.changing(result)));
  }

  private static Optional<BigDecimal> amount(RoutingContext ctx, String name) {
    return PathValues.query(ctx, name)
        .map(
            text -> {
              try {
                if (text.length() > 20) {
                  throw new NumberFormatException("too long");
                }
                return new BigDecimal(text);
              } catch (NumberFormatException e) {
                throw EsploraErrors.badInput("Invalid " + name).toException();
              }
            });
  }

  private static List<Transaction> transfers(Buffer body) {
    JsonArray items;
    try {
      items = new JsonArray(body);
    } catch (RuntimeException e) {
      throw EsploraErrors.badInput("The body is not a JSON array of hex strings").toException();
    }
    if (items.size() > MAX_PACKAGE) {
      throw EsploraErrors.badInput("Exceeded maximum of " + MAX_PACKAGE + " transactions")
          .toException();
    }
    if (items.isEmpty()) {
      throw EsploraErrors.badInput(
              EsploraErrors.rpc(
                  "submitpackage",
                  EsploraErrors.RPC_INVALID_PARAMETER,
                  "Array must contain between 1 and " + MAX_PACKAGE + " transactions."))
          .toException();
    }
    List<Transaction> transfers = new ArrayList<>();
    for (int i = 0; i < items.size(); i++) {
      transfers.add(transfer(items.getValue(i), i));
    }
    return transfers;
  }

  private static Transaction transfer(Object item, int number) {
    if (!(item instanceof String hex)) {
      throw EsploraErrors.badInput("Invalid transaction hex for item " + number).toException();
    }
    if (hex.length() < MIN_HEX || hex.length() >= MAX_HEX) {
      throw EsploraErrors.badInput("Invalid transaction size for item " + number).toException();
    }
    if (!hex.chars().allMatch(c -> Character.digit(c, 16) >= 0 && c < 128)
        || hex.length() % 2 != 0) {
      throw EsploraErrors.badInput("Invalid transaction hex for item " + number).toException();
    }
    try {
      return TransferBody.fromHex(hex.getBytes(java.nio.charset.StandardCharsets.ISO_8859_1));
    } catch (MalformedException e) {
      throw EsploraErrors.badInput(
              EsploraErrors.rpc(
                  "submitpackage", EsploraErrors.RPC_DESERIALIZATION, "TX decode failed"))
          .toException();
    }
  }
}
