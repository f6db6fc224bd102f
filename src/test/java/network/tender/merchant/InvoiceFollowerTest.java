package network.tender.merchant;

import static network.tender.merchant.MerchantFixture.await;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.micrometer.core.instrument.Counter;
import io.micrometer.core.instrument.simple.SimpleMeterRegistry;
import io.vertx.core.Future;
import io.vertx.core.Promise;
import io.vertx.core.Vertx;
import java.util.List;
import java.util.Optional;
import java.util.concurrent.LinkedBlockingQueue;
import java.util.concurrent.TimeUnit;
import network.tender.chain.Amount;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;

@Timeout(value = 30, unit = TimeUnit.SECONDS)
class InvoiceFollowerTest {
  private static final String ID = "inv";

  private final InvoiceEvents events = new InvoiceEvents();
  private final LinkedBlockingQueue<Promise<Optional<InvoiceView>>> reads =
      new LinkedBlockingQueue<>();
  private final LinkedBlockingQueue<InvoiceStatus> heard = new LinkedBlockingQueue<>();
  private final Counter retries = Counter.builder("retries").register(new SimpleMeterRegistry());
  private Vertx vertx;

  @BeforeEach
  void start() {
    vertx = Vertx.vertx();
  }

  @AfterEach
  void stop() {
    await(vertx.close());
  }

  private Future<Optional<Runnable>> follow() {
    return InvoiceFollower.follow(
        new InvoiceFollower.Reads(vertx, retries, 1),
        events,
        ID,
        () -> {
          Promise<Optional<InvoiceView>> read = Promise.promise();
          reads.add(read);
          return read.future();
        },
        view -> heard.add(view.status()));
  }

  private Promise<Optional<InvoiceView>> nextRead() throws InterruptedException {
    Promise<Optional<InvoiceView>> read = reads.poll(10, TimeUnit.SECONDS);
    assertThat(read).as("a read").isNotNull();
    return read;
  }

  private void change() {
    InvoiceState state =
        new InvoiceState(InvoiceStatus.SETTLED, AdditionalStatus.NONE, Amount.ZERO, Amount.ZERO);
    events.publish(new InvoiceChange(ID, "store", state, state));
  }

  private static Optional<InvoiceView> view(InvoiceStatus status) {
    return Optional.of(
        new InvoiceView(
            ID,
            "store",
            "Kiosk",
            status,
            AdditionalStatus.NONE,
            Optional.empty(),
            "USD",
            2,
            "TNDR",
            Optional.empty(),
            Optional.empty(),
            Amount.ZERO,
            Amount.ZERO,
            Optional.empty(),
            Optional.empty(),
            0,
            0,
            List.of(),
            Optional.empty(),
            Optional.empty(),
            Optional.empty(),
            false,
            ReceiptContent.DEFAULT,
            Optional.empty()));
  }

  @Test
  void aChangeThatCanNotBeReadIsReadAgainUntilItCanBe() throws Exception {
    Future<Optional<Runnable>> following = follow();
    nextRead().complete(view(InvoiceStatus.NEW));
    assertThat(heard.poll(10, TimeUnit.SECONDS)).isEqualTo(InvoiceStatus.NEW);
    change();
    for (int i = 0; i < 3; i++) {
      nextRead().fail("connection refused");
    }
    nextRead().complete(view(InvoiceStatus.SETTLED));
    assertThat(heard.poll(10, TimeUnit.SECONDS)).isEqualTo(InvoiceStatus.SETTLED);
    assertThat(retries.count()).isEqualTo(3);
    await(following).orElseThrow().run();
    assertThat(events.size()).isZero();
  }

  @Test
  void changesDuringAReadMakeOneMore() throws Exception {
    Future<Optional<Runnable>> following = follow();
    Promise<Optional<InvoiceView>> first = nextRead();
    change();
    change();
    assertThat(reads).isEmpty();
    first.complete(view(InvoiceStatus.NEW));
    nextRead().complete(view(InvoiceStatus.SETTLED));
    assertThat(heard.poll(10, TimeUnit.SECONDS)).isEqualTo(InvoiceStatus.NEW);
    assertThat(heard.poll(10, TimeUnit.SECONDS)).isEqualTo(InvoiceStatus.SETTLED);
    assertThat(reads).isEmpty();
    await(following).orElseThrow().run();
  }

  @Test
  void whoHasGoneIsNeitherReadForNorTold() throws Exception {
    Runnable end;
    Future<Optional<Runnable>> following = follow();
    nextRead().complete(view(InvoiceStatus.NEW));
    end = await(following).orElseThrow();
    assertThat(heard.poll(10, TimeUnit.SECONDS)).isEqualTo(InvoiceStatus.NEW);
    change();
    Promise<Optional<InvoiceView>> read = nextRead();
    end.run();
    read.complete(view(InvoiceStatus.SETTLED));
    change();
    assertThat(heard).isEmpty();
    assertThat(reads).isEmpty();
  }

  @Test
  void aFailedFirstReadLeavesNothingBehind() throws Exception {
    Future<Optional<Runnable>> following = follow();
    change();
    nextRead().fail("connection refused");
    assertThatThrownBy(() -> await(following)).hasMessageContaining("connection refused");
    assertThat(events.size()).isZero();
    assertThat(reads).isEmpty();
  }
}
