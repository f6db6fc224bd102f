package network.tender.web.esplora;

import io.vertx.core.Future;
import io.vertx.ext.web.Router;
import io.vertx.ext.web.RoutingContext;
import java.util.function.Function;
import network.tender.web.AnswerRoom;
import network.tender.web.Replies;

/** Puts questions with one kind of answer on a router, under one base path. */
record Routes(Router router, String base, AnswerRoom room) {
  /** A path that answers with what a question brings; a refusal is thrown by it or fails it. */
  void get(String path, Function<RoutingContext, Future<Answer>> question) {
    router
        .get(base + path)
        .handler(
            ctx ->
                Replies.read(
                    ctx,
                    question.apply(ctx),
                    answer -> {
                      head(ctx, answer);
                      room.send(ctx, answer.body());
                    }));
  }

  /** The same for a question that reads whole blocks. */
  void inTurn(String path, Function<RoutingContext, Future<Answer>> question) {
    get(path, ctx -> room.inTurn(() -> question.apply(ctx)));
  }

  /** Sends a short answer. */
  static void send(RoutingContext ctx, Answer answer) {
    head(ctx, answer);
    ctx.response().end(answer.body());
  }

  private static void head(RoutingContext ctx, Answer answer) {
    ctx.response()
        .putHeader("Content-Type", answer.type())
        .putHeader("Cache-Control", answer.caching());
  }
}
