package network.tender.web;

import static org.assertj.core.api.Assertions.assertThat;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.dataformat.yaml.YAMLMapper;
import java.io.IOException;
import java.io.InputStream;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import network.tender.ledger.Reason;
import org.junit.jupiter.api.Test;

/** The published contract names exactly the reasons that there are, in their order. */
class RefusalContractTest {
  private static List<String> values(String schema) throws IOException {
    try (InputStream in = Contract.class.getClassLoader().getResourceAsStream(Contract.RESOURCE)) {
      List<String> values = new ArrayList<>();
      for (JsonNode value :
          new YAMLMapper().readTree(in).at("/components/schemas/" + schema + "/enum")) {
        values.add(value.asText());
      }
      return values;
    }
  }

  @Test
  void theCodesAreTheReasons() throws IOException {
    assertThat(values("RefusalCode"))
        .containsExactlyElementsOf(Arrays.stream(Reason.values()).map(Reason::code).toList());
  }

  @Test
  void theTextsAreBitcoinCores() throws IOException {
    assertThat(values("RefusalReason"))
        .containsExactlyElementsOf(
            Arrays.stream(Reason.values()).map(Reason::wire).distinct().toList());
  }
}
