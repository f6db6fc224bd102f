package network.tender.web.esplora;

import io.vertx.ext.web.RoutingContext;
import network.tender.ledger.Reason;
import network.tender.ledger.Rejection;
import network.tender.web.ErrorShape;
import network.tender.web.Problem;
import network.tender.web.ProblemCode;

/**
 * Errors as wallets know them from electrs: the text alone. The texts are those of electrs, because
 * some clients compare them.
 */
final class EsploraErrors {
  static final int RPC_INVALID_PARAMETER = -8;
  static final int RPC_DESERIALIZATION = -22;
  static final int RPC_VERIFY = -25;
  private static final int RPC_VERIFY_REJECTED = -26;

  private EsploraErrors() {}

  static Problem blockNotFound() {
    return Problem.of(ProblemCode.BLOCK_NOT_FOUND, "Block not found");
  }

  static Problem transactionNotFound() {
    return Problem.of(ProblemCode.RECEIPT_NOT_FOUND, "Transaction not found");
  }

  static Problem notConfirmed() {
    return Problem.of(ProblemCode.RECEIPT_NOT_FOUND, "Transaction not found or is unconfirmed");
  }

  static Problem outOfRange() {
    return Problem.of(ProblemCode.RECEIPT_NOT_FOUND, "tx index out of range");
  }

  static Problem badInput(String text) {
    return Problem.of(ProblemCode.INVALID_REQUEST, text);
  }

  /** Writes the text; a path that does not exist is named. */
  static void write(RoutingContext ctx, Problem problem) {
    ErrorShape.PLAIN_TEXT.write(ctx, worded(ctx, problem));
  }

  private static Problem worded(RoutingContext ctx, Problem problem) {
    if (problem.code().equals(ProblemCode.NOT_FOUND.code())) {
      return Problem.of(
          ProblemCode.NOT_FOUND, "endpoint does not exist \"" + ctx.request().path() + "\"");
    }
    if (problem.code().equals(ProblemCode.BODY_TOO_LARGE.code())) {
      return Problem.of(ProblemCode.BODY_TOO_LARGE, "Request body too large");
    }
    if (problem.code().equals(ProblemCode.REQUEST_TIMEOUT.code())) {
      return Problem.of(ProblemCode.REQUEST_TIMEOUT, "Request timeout");
    }
    return problem;
  }

  /**
   * What electrs passes on of Core's refusal. Wallets show the text, and some look for the {@code
   * message} in it.
   */
  static Problem refused(Rejection rejection) {
    Reason reason = rejection.reason();
    int code =
        switch (reason) {
          case DECODE_FAILED -> RPC_DESERIALIZATION;
          case UNKNOWN_COIN, DOUBLE_SPEND -> RPC_VERIFY;
          default -> RPC_VERIFY_REJECTED;
        };
    return badInput(rpc("sendrawtransaction", code, rejection.wireText()));
  }

  /** An error of Core's as electrs words it. */
  static String rpc(String method, int code, String message) {
    String escaped = message.replace("\\", "\\\\").replace("\"", "\\\"");
    return method + " RPC error: {\"code\":" + code + ",\"message\":\"" + escaped + "\"}";
  }
}
