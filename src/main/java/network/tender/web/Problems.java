package network.tender.web;

import io.vertx.core.VertxException;
import io.vertx.core.json.DecodeException;
import io.vertx.ext.web.handler.HttpException;
import io.vertx.openapi.validation.ValidatorErrorType;
import io.vertx.openapi.validation.ValidatorException;
import io.vertx.pgclient.PgException;
import java.util.Map;
import java.util.Optional;
import java.util.regex.Pattern;
import network.tender.journal.IndexBehindException;
import network.tender.journal.IndexOffException;
import network.tender.journal.LeaseLostException;
import network.tender.ledger.Reason;
import network.tender.ledger.Rejection;
import network.tender.settlement.BusyException;
import network.tender.settlement.Outcome;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/** The one place that says which HTTP status a refusal or failure has. */
public final class Problems {
  private static final Logger LOG = LoggerFactory.getLogger(Problems.class);
  private static final int RETRY_AFTER_SECONDS = 2;

  /** SQLSTATE classes: connection, read-only, rollback, resources, operator, system. */
  private static final Pattern OUTAGES = Pattern.compile("(08|25|40|53|57|58).{3}");

  private Problems() {}

  /** The problem that a refused transfer's sender is told of. */
  public static Problem of(Rejection rejection) {
    Reason reason = rejection.reason();
    Problem problem =
        new Problem(
            status(reason),
            reason.code(),
            reason.wire(),
            rejection.detail(),
            Map.of("reason", reason.wire()));
    return rejection
        .conflict()
        .map(winner -> problem.with("conflictsWith", winner.toString()))
        .orElse(problem);
  }

  /** The problem of a node that can't take a transfer now. */
  public static Problem of(Outcome.Unavailable unavailable) {
    Outcome.Cause cause = unavailable.cause();
    return new Problem(
        503,
        cause.code(),
        "The node can't take the transfer now.",
        cause.sentence(),
        Map.of(Problem.RETRY_AFTER_SECONDS, unavailable.retryAfterSeconds()));
  }

  /**
   * The HTTP status of a refusal: 400 for what can't be read, 413 for what is too large, 409 for
   * what lost to another transfer or is there in another form, 422 for what is understood and
   * against a rule.
   */
  public static int status(Reason reason) {
    return switch (reason) {
      case DECODE_FAILED, BLOCK_DECODE_FAILED -> 400;
      case OVERSIZE, TOO_HEAVY, TOO_COSTLY -> 413;
      case CONFLICT, DOUBLE_SPEND, OTHER_WITNESS -> 409;
      case NO_INPUTS,
          NO_OUTPUTS,
          OUTPUT_NEGATIVE,
          OUTPUT_TOO_LARGE,
          OUTPUT_SUM_TOO_LARGE,
          DUPLICATE_INPUT,
          COINBASE_SCRIPT_LENGTH,
          NULL_PREVOUT,
          LOOSE_COINBASE,
          VERSION,
          SIGNATURE_SCRIPT_SIZE,
          SIGNATURE_SCRIPT_NOT_PUSH,
          OUTPUT_SCRIPT,
          BARE_MULTISIG,
          DATA_TOO_LARGE,
          DUST,
          TOO_SMALL,
          NOT_FINAL,
          UNKNOWN_COIN,
          RELATIVE_LOCK,
          IMMATURE,
          INPUTS_TOO_LARGE,
          OVERSPEND,
          INPUT_SCRIPT,
          WITNESS_NOT_STANDARD,
          TOO_MANY_SIGOPS,
          FEE_TOO_LOW,
          TRUC,
          CHAIN_TOO_LONG,
          SCRIPT_FAILED,
          HIGH_HASH,
          BAD_BITS,
          BAD_PREVIOUS,
          TIME_TOO_OLD,
          TIME_TOO_NEW,
          BLOCK_VERSION,
          MERKLE_ROOT,
          MERKLE_DUPLICATE,
          BLOCK_LENGTH,
          COINBASE_MISSING,
          COINBASE_MULTIPLE,
          COINBASE_HEIGHT,
          COINBASE_LOCK,
          WITNESS_NONCE,
          WITNESS_COMMITMENT,
          UNEXPECTED_WITNESS,
          BLOCK_WEIGHT,
          DUPLICATE_TXID,
          BLOCK_NOT_FINAL,
          BLOCK_SCRIPT_FAILED,
          BLOCK_SIGOPS,
          COINBASE_AMOUNT,
          COINBASE_PAYEE,
          CERTIFICATE ->
          422;
    };
  }

  /**
   * The exception to fail a request with whose data could not be read or written: a database that
   * is away or overloaded is a 503, so that callers try again. Everything else stays what it is,
   * and what nobody expected, such as a bug or a damaged journal, becomes a 500.
   */
  public static Throwable unavailable(Throwable failure) {
    if (failure instanceof BusyException) {
      return of(new Outcome.Unavailable(Outcome.Cause.BUSY, RETRY_AFTER_SECONDS)).toException();
    }
    if (failure instanceof IndexOffException) {
      return Problem.of(ProblemCode.INDEX_OFF).toException();
    }
    if (!isOutage(failure)) {
      return failure;
    }
    LOG.warn("The journal is out of reach: {}", failure.toString());
    return Problem.of(ProblemCode.JOURNAL_UNAVAILABLE)
        .with(Problem.RETRY_AFTER_SECONDS, RETRY_AFTER_SECONDS)
        .toException();
  }

  /** True for what is over after a while without anybody's doing. */
  private static boolean isOutage(Throwable failure) {
    if (failure instanceof PgException pg) {
      return pg.getSqlState() != null && OUTAGES.matcher(pg.getSqlState()).matches();
    }
    return failure instanceof VertxException
        || failure instanceof IndexBehindException
        || failure instanceof LeaseLostException
        // Broken connections and time limits; Errors are nobody's outage.
        || (failure instanceof Exception && !(failure instanceof RuntimeException));
  }

  /**
   * The problem behind a status that the router set and the failure it carries, if any; empty if it
   * is a failure nobody expected, which belongs into the log.
   */
  public static Optional<Problem> of(int status, Throwable failure) {
    if (failure instanceof ProblemException expected) {
      return Optional.of(expected.problem());
    }
    if (failure instanceof DecodeException) {
      return Optional.of(Problem.of(ProblemCode.MALFORMED_JSON));
    }
    if (failure instanceof HttpException http) {
      Throwable cause = http.getCause();
      if (cause instanceof ValidatorException invalid) {
        return Optional.of(of(invalid));
      }
      return Optional.of(of(http.getStatusCode()));
    }
    if (failure instanceof ValidatorException invalid) {
      return Optional.of(of(invalid));
    }
    // Whoever failed the request with such a status has judged that its caller is to blame.
    return status >= 400 && status < 500 ? Optional.of(of(status)) : Optional.empty();
  }

  /** The problem that a bare status stands for. */
  public static Problem of(int status) {
    for (ProblemCode code : ProblemCode.values()) {
      if (code.status() == status && isGeneral(code)) {
        return Problem.of(code);
      }
    }
    return status < 500
        ? new Problem(
            status,
            ProblemCode.INVALID_REQUEST.code(),
            ProblemCode.INVALID_REQUEST.title(),
            ProblemCode.INVALID_REQUEST.title(),
            Map.of())
        : Problem.of(ProblemCode.INTERNAL_ERROR);
  }

  private static boolean isGeneral(ProblemCode code) {
    return switch (code) {
      case INVALID_REQUEST,
          UNAUTHENTICATED,
          FORBIDDEN,
          NOT_FOUND,
          METHOD_NOT_ALLOWED,
          NOT_ACCEPTABLE,
          REQUEST_TIMEOUT,
          BODY_TOO_LARGE,
          URI_TOO_LONG,
          UNSUPPORTED_MEDIA_TYPE,
          HEADERS_TOO_LARGE,
          INTERNAL_ERROR ->
          true;
      default -> false;
    };
  }

  private static Problem of(ValidatorException invalid) {
    if (invalid.type() == ValidatorErrorType.UNSUPPORTED_VALUE_FORMAT) {
      return Problem.of(ProblemCode.UNSUPPORTED_MEDIA_TYPE);
    }
    if (invalid.type() == ValidatorErrorType.ILLEGAL_VALUE
        && invalid.getCause() instanceof DecodeException) {
      return Problem.of(ProblemCode.MALFORMED_JSON);
    }
    String message = invalid.getMessage();
    return Problem.of(
        ProblemCode.INVALID_REQUEST,
        message == null ? ProblemCode.INVALID_REQUEST.title() : message);
  }
}
