package network.tender.web.pages;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.node.ObjectNode;
import io.vertx.core.Future;
import io.vertx.core.buffer.Buffer;
import io.vertx.ext.web.RoutingContext;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.List;
import java.util.function.Supplier;
import java.util.regex.Pattern;
import network.tender.chain.Hash;
import network.tender.chain.Hashing;
import network.tender.merchant.ExactJson;
import network.tender.merchant.IdempotentAnswers;
import network.tender.merchant.Merchant;
import network.tender.merchant.Sessions;
import network.tender.settlement.BusyException;
import network.tender.web.AnswerSeal;
import network.tender.web.Problems;

/**
 * Gives the answer to a form once, however often the button is pressed: the browser shows the
 * answer to the last request, so that one must lead to the same place with the same key. The key is
 * kept for that sealed with the secrets of the browser's session and of the form.
 */
final class GrantOnce {
  /** The hidden field that tells one opened page from another. */
  static final String FIELD = "form";

  private static final Pattern FORM_ID = Pattern.compile("[A-Za-z0-9]{10,40}");
  private static final int DONE = 200;

  /**
   * A new key.
   *
   * @param key itself
   * @param permissions what it holds, in the order asked
   */
  record Grant(String key, List<String> permissions) {
    Grant {
      permissions = List.copyOf(permissions);
    }

    private byte[] bytes() {
      ObjectNode json = ExactJson.object().put("key", key);
      permissions.forEach(json.putArray("permissions")::add);
      return ExactJson.writeBytes(json);
    }

    private static Grant of(byte[] bytes) {
      JsonNode json = ExactJson.parse(bytes).orElseThrow();
      List<String> permissions = new ArrayList<>();
      json.path("permissions").forEach(one -> permissions.add(one.asText()));
      return new Grant(json.path("key").asText(), permissions);
    }
  }

  private final Merchant merchant;

  GrantOnce(Merchant merchant) {
    this.merchant = merchant;
  }

  /**
   * The key that a form gets: a new one, or the one that the very same form has got already.
   *
   * @param make makes it; all that it writes is one transaction
   * @return fails with the page's sentence if that key was revoked since
   */
  Future<Grant> grant(RoutingContext ctx, Sessions.Visitor visitor, Supplier<Future<Grant>> make) {
    String form = ctx.request().getFormAttribute(FIELD);
    if (form == null || !FORM_ID.matcher(form).matches()) {
      // Not of a page of ours; then there is nothing to tell two of them apart by.
      return make.get();
    }
    String sent = visitor.secret() + '\n' + content(ctx);
    Hash request = hash("request", sent);
    AnswerSeal seal = new AnswerSeal(hash("seal", sent), request);
    IdempotentAnswers.Claim claim = new IdempotentAnswers.Claim(hash("key", sent), request);
    IdempotentAnswers answers = merchant.idempotentAnswers();
    Future<Future<Grant>> found =
        answers.once(
            claim,
            () ->
                answers
                    .together(
                        claim,
                        make,
                        made ->
                            new IdempotentAnswers.Answer(
                                request, DONE, Buffer.buffer(seal.close(made.bytes()))))
                    .map(Future::succeededFuture),
            answer -> again(Grant.of(seal.open(answer.body().getBytes()))));
    return found
        .compose(grant -> grant)
        .recover(
            error ->
                Future.failedFuture(
                    Problems.unavailable(
                        error instanceof IdempotentAnswers.TooManyWaitingException
                            ? new BusyException()
                            : error)));
  }

  private Future<Grant> again(Grant grant) {
    return merchant
        .apiKeys()
        .find(grant.key())
        .map(
            known -> {
              if (known.isEmpty()) {
                throw PageCode.FORM_EXPIRED.toException();
              }
              return grant;
            });
  }

  /** All that was filled in, in one order: another choice on the same page is another answer. */
  private static String content(RoutingContext ctx) {
    return String.join(
        "\n",
        ctx.request().formAttributes().entries().stream()
            .map(field -> quoted(field.getKey()) + "=" + quoted(field.getValue()))
            .sorted()
            .toList());
  }

  private static String quoted(String text) {
    return text.length() + ":" + text;
  }

  private static Hash hash(String what, String text) {
    return Hash.of(
        Hashing.tagged("tender/authorize/" + what, text.getBytes(StandardCharsets.UTF_8)));
  }
}
