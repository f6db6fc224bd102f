package network.tender.web;

import static org.assertj.core.api.Assertions.assertThat;

import io.vertx.core.Vertx;
import io.vertx.core.json.JsonObject;
import io.vertx.openapi.contract.OpenAPIContract;
import java.util.Set;
import java.util.TreeSet;
import org.junit.jupiter.api.Test;

class ContractTest {
  /** Whatever is loaded has a node start a little later. */
  @Test
  void theBuildPreparesWhatIsLoaded() {
    assertThat(Contract.class.getResource("contract-to-bind.json")).isNotNull();
  }

  @Test
  void whatIsLoadedHasAllThatIsBoundAndNoAnswers() throws Exception {
    Vertx vertx = Vertx.vertx();
    try {
      JsonObject document = Contract.document();
      JsonObject toBind = Contract.toBind(document);
      assertThat(Contract.prepared()).as("what the build has made of it").isEqualTo(toBind);
      JsonObject paths = document.getJsonObject("paths");
      Set<String> expected = new TreeSet<>(paths.fieldNames());
      expected.removeIf(
          path ->
              !path.startsWith("/v1/") && !path.startsWith("/dev/") && !path.startsWith("/api/"));
      assertThat(new TreeSet<>(toBind.getJsonObject("paths").fieldNames())).isEqualTo(expected);
      Set<String> schemas =
          toBind.getJsonObject("components").getJsonObject("schemas").fieldNames();
      assertThat(schemas)
          .contains("GreenfieldInvoiceRequest")
          .doesNotContain("GreenfieldInvoice", "CheckoutStatus");
      // Nothing that is left refers to what is not.
      OpenAPIContract loaded = TestServer.await(Contract.load(vertx));
      assertThat(loaded.operation("createInvoice").getRequestBody().isRequired()).isFalse();
      // What is published has it all.
      assertThat(Contract.published().toString()).contains("GreenfieldInvoice:", "CheckoutStatus:");
    } finally {
      TestServer.await(vertx.close());
    }
  }
}
