package network.tender.endtoend;

import java.nio.file.Path;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Nested;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;

/** What existing plugins and client libraries do, all at one node of the real jar. */
@Timeout(120)
class FlowsTest {
  @TempDir private static Path folder;

  private static FlowNode node;

  @BeforeAll
  static void start() {
    node = new FlowNode(folder);
  }

  @AfterAll
  static void stop() {
    if (node != null) {
      node.close();
    }
  }

  @Nested
  class Shops extends ShopFlows {
    Shops() {
      super(node);
    }
  }

  @Nested
  class Clients extends ClientFlows {
    Clients() {
      super(node);
    }
  }
}
