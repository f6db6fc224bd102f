package network.tender.script;

import static org.assertj.core.api.Assertions.assertThat;

import com.fasterxml.jackson.databind.JsonNode;
import java.util.HexFormat;
import network.tender.Vectors;
import network.tender.chain.Hash;
import network.tender.chain.Script;
import network.tender.chain.Transaction;
import org.junit.jupiter.api.Test;

class LegacySignatureHashVectorsTest {
  @Test
  void everyHashIsCores() throws Exception {
    int used = 0;
    int negative = 0;
    for (JsonNode vector : Vectors.json("sighash.json")) {
      if (vector.size() == 1) {
        // The row that names the columns.
        continue;
      }
      Transaction transaction = Transaction.parseHex(vector.get(0).asText());
      Script code = Script.of(HexFormat.of().parseHex(vector.get(1).asText()));
      int hashType = vector.get(3).asInt();
      byte[] hash = LegacySignatureHash.of(transaction, vector.get(2).asInt(), code, hashType);
      assertThat(Hash.of(hash).toString()).as(vector.toString()).isEqualTo(vector.get(4).asText());
      used++;
      negative += hashType < 0 ? 1 : 0;
    }
    assertThat(used).isEqualTo(500);
    assertThat(negative).isEqualTo(251);
    Vectors.report("sighash.json", used, "hashes, " + negative + " of negative hash types");
  }
}
