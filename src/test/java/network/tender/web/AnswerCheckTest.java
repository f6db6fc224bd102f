package network.tender.web;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatCode;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import org.junit.jupiter.api.Test;

/** Answers that are not as the contract says are found. */
class AnswerCheckTest {
  private static final String KEY =
      "{\"apiKey\":\"k\",\"label\":\"till\",\"permissions\":[\"unrestricted\"]}";

  private final AnswerCheck check = AnswerCheck.load();

  private void fine(String verb, String path, int status, String body) {
    assertThatCode(() -> check.check(verb, path, status, body)).doesNotThrowAnyException();
  }

  private void wrong(String verb, String path, int status, String body) {
    assertThatThrownBy(() -> check.check(verb, path, status, body))
        .as("%s %s %d %s", verb, path, status, body)
        .isInstanceOf(AssertionError.class);
  }

  @Test
  void keysThatAreMissingNewOrOfAnotherTypeAreFound() {
    String path = "/api/v1/api-keys/current";
    fine("GET", path, 200, KEY);
    fine("GET", path + "/", 200, KEY);
    assertThat(check.seen()).containsExactly("getCurrentApiKey");
    wrong("GET", path, 200, "{\"apiKey\":\"k\",\"permissions\":[]}");
    wrong("GET", path, 200, KEY.replace("}", ",\"more\":1}"));
    wrong("GET", path, 200, KEY.replace("\"till\"", "7"));
    wrong("GET", path, 200, KEY.replace("\"unrestricted\"", "null"));
    wrong("GET", path, 200, "[" + KEY + "]");
    wrong("GET", path, 200, "");
    wrong("GET", path, 201, KEY);
  }

  @Test
  void whatIsDeepInsideIsLookedAtToo() {
    String path = "/api/v1/stores/s/rates/configuration";
    String body =
        """
        {"spread":1.5,"preferredSource":"fixed","isCustomScript":false,"effectiveScript":"",
         "fixedRates":{"USD":"100"},"httpJson":null}
        """;
    fine("GET", path, 200, body);
    wrong("GET", path, 200, body.replace("\"100\"", "100"));
    wrong("GET", path, 200, body.replace("\"100\"", "\"1e2\""));
    wrong("GET", path, 200, body.replace("\"fixed\"", "\"guess\""));
    wrong("GET", path, 200, body.replace("null", "{\"url\":\"http://x\"}"));
    String rates = "[{\"currencyPair\":\"TNDR_USD\",\"rate\":%s,\"errors\":[]}]";
    fine("GET", "/api/v1/stores/s/rates", 200, rates.formatted("null"));
    fine("GET", "/api/v1/stores/s/rates", 200, rates.formatted("\"50000.00\""));
    wrong("GET", "/api/v1/stores/s/rates", 200, rates.formatted("50000.00"));
  }

  @Test
  void refusalsBodiesWhereThereAreNoneAndUnknownOperationsAreFound() {
    String path = "/api/v1/stores/s";
    fine("GET", path, 404, "{\"code\":\"store-not-found\",\"message\":\"It is not here.\"}");
    fine("PUT", path, 422, "[{\"path\":\"Name\",\"message\":\"Too long.\"}]");
    wrong("GET", path, 404, "{\"code\":\"store-not-found\"}");
    wrong("PUT", path, 422, "[{\"path\":\"Name\"}]");
    fine("DELETE", path, 200, "");
    wrong("DELETE", path, 200, "{}");
    fine("PATCH", path, 405, "{\"code\":\"method-not-allowed\",\"message\":\"No.\"}");
    wrong("PATCH", path, 200, "");
    wrong("GET", "/api/v1/nosuch", 200, "{}");
    fine("GET", "/v1/network", 200, "anything");
    wrong("GET", "/i/x/status", 200, "{}");
    fine("GET", "/i/x/status", 404, "<html>");
    fine("GET", "/i/x", 200, "<html>");
  }
}
