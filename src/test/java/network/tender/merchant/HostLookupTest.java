package network.tender.merchant;

import static network.tender.merchant.MerchantFixture.await;
import static org.assertj.core.api.Assertions.assertThat;

import io.micrometer.core.instrument.simple.SimpleMeterRegistry;
import io.vertx.core.Future;
import io.vertx.core.Vertx;
import io.vertx.core.VertxOptions;
import io.vertx.core.buffer.Buffer;
import io.vertx.core.datagram.DatagramSocket;
import io.vertx.core.dns.AddressResolverOptions;
import java.net.InetAddress;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.List;
import org.junit.jupiter.api.Test;

/** Names whose servers are silent. */
class HostLookupTest {
  private static final int FLAGS_OF_ANSWER = 0x8180;
  private static final int QUESTION_START = 12;

  /** An answer of RFC 1035: the question again, and 93.184.216.34 for it. */
  private static Buffer answer(Buffer query) {
    int end = QUESTION_START;
    while (query.getByte(end) != 0) {
      end += 1 + query.getUnsignedByte(end);
    }
    end += 5;
    boolean ipv4 = query.getUnsignedShort(end - 4) == 1;
    Buffer answer =
        Buffer.buffer()
            .appendBuffer(query, 0, 2)
            .appendUnsignedShort(FLAGS_OF_ANSWER)
            .appendUnsignedShort(1)
            .appendUnsignedShort(ipv4 ? 1 : 0)
            .appendInt(0)
            .appendBuffer(query, QUESTION_START, end - QUESTION_START);
    return ipv4
        ? answer
            .appendUnsignedShort(0xc00c)
            .appendInt(0x0001_0001)
            .appendInt(60)
            .appendUnsignedShort(4)
            .appendBytes(new byte[] {93, (byte) 184, (byte) 216, 34})
        : answer;
  }

  @Test
  void namesThatAreSlowHoldUpNoOthersAndThereIsAnEndToThem() {
    Vertx plain = Vertx.vertx();
    DatagramSocket server = plain.createDatagramSocket();
    server.handler(
        packet -> {
          if (packet.data().toString(StandardCharsets.ISO_8859_1).contains("fast")) {
            server.send(answer(packet.data()), packet.sender().port(), packet.sender().host());
          }
        });
    await(server.listen(0, "127.0.0.1"));
    Vertx vertx =
        Vertx.vertx(
            new VertxOptions()
                .setAddressResolverOptions(
                    new AddressResolverOptions()
                        .setSearchDomains(List.of())
                        .addServer("127.0.0.1:" + server.localAddress().port())));
    SimpleMeterRegistry registry = new SimpleMeterRegistry();
    HostLookup lookup = HostLookup.ofVertx(vertx, registry);
    List<Future<List<InetAddress>>> slow = new ArrayList<>();
    for (int i = 0; i < 200; i++) {
      slow.add(lookup.lookup("slow" + i + ".example"));
    }
    assertThat(await(lookup.lookup("fast.example")))
        .extracting(InetAddress::getHostAddress)
        .containsExactly("93.184.216.34");
    assertThat(slow).noneMatch(Future::isComplete);
    assertThat(await(lookup.lookup("192.0.2.7")))
        .as("an address is its own")
        .extracting(InetAddress::getHostAddress)
        .containsExactly("192.0.2.7");
    assertThat(await(lookup.lookup("2001:db8::7"))).hasSize(1);
    for (int i = 200; i < 300; i++) {
      slow.add(lookup.lookup("slow" + i + ".example"));
    }
    assertThat(registry.get("tender_host_lookups_refused").counter().count()).isEqualTo(44);
    Future.join(slow).otherwiseEmpty().toCompletionStage().toCompletableFuture().join();
    assertThat(slow).allMatch(Future::failed);
    assertThat(await(lookup.lookup("fast.example"))).hasSize(1);
    await(vertx.close());
    await(plain.close());
  }
}
