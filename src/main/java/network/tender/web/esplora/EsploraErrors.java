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
  private static final int RPC_DESERIALIZATION = -22;
  private static final int RPC_VERIFY = -25;
  private static final int RPC_VERIFY_REJECTED = -26;

  private EsploraErrors() {}

  static Problem blockNotFound() {
    return Problem.of(ProblemCode.BLOCK_NOT_FOUND, "Block not found");
  }

  static Problem transactionNotFound() {
    return Problem.of(ProblemCode.RECEIPT_NOT_FOUND, "Transaction not found");
  }

  static Problem badInput(String text) {
    return Problem.of(ProblemCode.INVALID_REQUEST, text);
  }

  /** Writes the text; a path that does not exist is named. */
  static void write(RoutingContext ctx, Problem problem) {
    if (problem.code().equals(ProblemCode.NOT_FOUND.code())) {
      ErrorShape.PLAIN_TEXT.write(
          ctx,
          Problem.of(
              ProblemCode.NOT_FOUND, "endpoint does not exist \"" + ctx.request().path() + "\""));
    } else {
      ErrorShape.PLAIN_TEXT.write(ctx, problem);
    }
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
    String message = rejection.wireText();
    String escaped = message.replace("\\", "\\\\").replace("\"", "\\\"");
    return badInput(
        "sendrawtransaction RPC error: {\"code\":" + code + ",\"message\":\"" + escaped + "\"}");
  }
}
