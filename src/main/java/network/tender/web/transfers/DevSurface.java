package network.tender.web.transfers;

import com.fasterxml.jackson.databind.JsonNode;
import io.vertx.core.buffer.Buffer;
import io.vertx.core.http.HttpHeaders;
import io.vertx.core.http.HttpServerRequest;
import io.vertx.ext.web.RoutingContext;
import io.vertx.ext.web.openapi.router.RouterBuilder;
import java.math.BigDecimal;
import java.util.Optional;
import network.tender.chain.Address;
import network.tender.chain.Amount;
import network.tender.chain.MalformedException;
import network.tender.chain.Network;
import network.tender.chain.Script;
import network.tender.settlement.Outcome;
import network.tender.web.BrowserOrigin;
import network.tender.web.DevPurse;
import network.tender.web.JsonBodies;
import network.tender.web.OwnHosts;
import network.tender.web.Problem;
import network.tender.web.ProblemCode;
import network.tender.web.Problems;
import network.tender.web.RepeatablePayments;
import network.tender.web.RepeatableRequest;
import network.tender.web.Surface;

/** {@code /dev}: coins for developers. On any network but regtest these paths do not exist. */
public final class DevSurface implements Surface {
  /** Who pays: from the treasury's coins, and from the demo wallet. */
  public record Purses(DevPurse faucet, DevPurse demoWallet) {}

  /** So that no single call empties the treasury that everybody tries things out with. */
  private static final Amount FAUCET_LIMIT = Amount.ofSat(100 * Amount.SAT_PER_COIN);

  private final Network network;
  private final Optional<Purses> purses;
  private final OwnHosts ownHosts;
  private final RepeatablePayments payments;

  /**
   * The surface of a network.
   *
   * @param purses who pays; empty on any network but regtest
   * @param ownHosts the names of this node; pages under any other are of other sites
   * @param payments makes sure that requests with a key are carried out once
   */
  public DevSurface(
      Network network, Optional<Purses> purses, OwnHosts ownHosts, RepeatablePayments payments) {
    if (purses.isPresent() && !network.isRegtest()) {
      throw new IllegalArgumentException("a faucet belongs on regtest only");
    }
    this.network = network;
    this.purses = purses;
    this.ownHosts = ownHosts;
    this.payments = payments;
  }

  @Override
  public void bind(RouterBuilder builder) {
    builder
        .getRoute("postFaucet")
        .setDoValidation(false)
        .addHandler(ctx -> pay(ctx, purses.map(Purses::faucet), FAUCET_LIMIT));
    builder
        .getRoute("postDevPayment")
        .setDoValidation(false)
        .addHandler(ctx -> pay(ctx, purses.map(Purses::demoWallet), Amount.MAX));
  }

  private void pay(RoutingContext ctx, Optional<DevPurse> purse, Amount limit) {
    if (purse.isEmpty()) {
      throw Problem.of(
              ProblemCode.NOT_FOUND,
              "There is no faucet and no demo wallet on network " + network.name() + ".")
          .toException();
    }
    JsonNode body = body(ctx);
    Script to = address(body.path("address"));
    Amount amount = amount(body.path("amount"));
    if (amount.compareTo(limit) > 0) {
      throw Problem.of(
              ProblemCode.FAUCET_LIMIT,
              "The faucet gives at most "
                  + limit.toCoinText()
                  + " coins at a time; ask for less, or again for more.")
          .with("limit", limit.toCoinText())
          .toException();
    }
    payments
        .pay(
            ctx.request(),
            ctx.body().buffer(),
            () -> purse.get().pay(to, amount),
            SettledAnswer::of)
        .onSuccess(paid -> answer(ctx, paid))
        .onFailure(ctx::fail);
  }

  /** The body, which no page of another site may have sent: there is no key to ask for. */
  private JsonNode body(RoutingContext ctx) {
    HttpServerRequest request = ctx.request();
    if (!BrowserOrigin.isOwn(request)
        || (BrowserOrigin.isNamed(request) && !ownHosts.isAsked(request))) {
      throw Problem.of(ProblemCode.CROSS_SITE).toException();
    }
    Buffer body = ctx.body().buffer();
    // Without a body there is nothing to have a type.
    if (body != null && body.length() > 0 && !JsonBodies.isJson(ctx.request())) {
      throw Problem.of(
              ProblemCode.UNSUPPORTED_MEDIA_TYPE,
              "Send JSON, with the header 'Content-Type: application/json'.")
          .toException();
    }
    return JsonBodies.object(body);
  }

  private Script address(JsonNode address) {
    if (!address.isTextual()) {
      throw Problem.of(
              ProblemCode.INVALID_ADDRESS, "The member 'address' is missing; name who is paid.")
          .toException();
    }
    try {
      return Address.parse(address.textValue().strip(), network);
    } catch (MalformedException e) {
      throw Addresses.problem(e, network).toException();
    }
  }

  private static Amount amount(JsonNode node) {
    try {
      Amount amount =
          node.isNumber()
              ? ofNumber(node.decimalValue())
              : Amount.parseCoins(node.isTextual() ? node.textValue().strip() : "");
      if (!amount.isZero()) {
        return amount;
      }
    } catch (NumberFormatException | ArithmeticException e) {
      // The same sentence as for nothing at all.
    }
    throw Problem.of(ProblemCode.INVALID_AMOUNT).toException();
  }

  /** Numbers with huge exponents are refused before they are written out digit by digit. */
  private static Amount ofNumber(BigDecimal number) {
    if (number.precision() > 24 || Math.abs(number.scale()) > 24) {
      throw new ArithmeticException("out of range");
    }
    return Amount.ofCoins(number);
  }

  private static void answer(RoutingContext ctx, RepeatablePayments.Paid paid) {
    if (paid instanceof RepeatablePayments.Paid.Before before) {
      ctx.response().putHeader(RepeatableRequest.REPLAYED, "true");
      answer(ctx, before.answer());
    } else {
      answer(ctx, ((RepeatablePayments.Paid.Now) paid).outcome());
    }
  }

  private static void answer(RoutingContext ctx, Buffer settled) {
    ctx.response().putHeader(HttpHeaders.CONTENT_TYPE, "application/json").end(settled);
  }

  private static void answer(RoutingContext ctx, Outcome outcome) {
    if (outcome instanceof Outcome.Settled settled) {
      answer(ctx, SettledAnswer.of(settled.receipt()));
    } else if (outcome instanceof Outcome.Refused refused) {
      ctx.fail(Problems.of(refused.rejection()).toException());
    } else if (outcome instanceof Outcome.Unavailable unavailable) {
      ctx.fail(Problems.of(unavailable).toException());
    } else {
      ctx.fail(new IllegalStateException("a purse waits until its payment is settled"));
    }
  }
}
