package network.tender.bench;

import static org.assertj.core.api.Assertions.assertThat;

import io.netty.buffer.Unpooled;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.TimeUnit;
import network.tender.chain.Amount;
import network.tender.chain.Hash;
import network.tender.chain.Outpoint;
import network.tender.chain.Script;
import network.tender.chain.Transaction;
import network.tender.chain.TransferInput;
import network.tender.chain.TransferOutput;
import org.junit.jupiter.api.Test;

class TransferSourceTest {
  private static final long MILLIS = TimeUnit.MILLISECONDS.toNanos(1);
  private static final long BEGIN = 12_345;

  private final List<Transaction> transfers = transfers();
  private final SignedTransfers signed = SignedTransfers.of(transfers);

  private static List<Transaction> transfers() {
    List<Transaction> transfers = new ArrayList<>();
    for (int i = 0; i < 10; i++) {
      transfers.add(
          Transaction.build(
              2,
              List.of(TransferInput.unsigned(new Outpoint(Hash.ZERO, i))),
              List.of(new TransferOutput(Amount.ofSat(1_000), Script.p2wpkh(new byte[20]))),
              0));
    }
    return transfers;
  }

  private ResponseReader settled(int transfer) {
    return answer(
        "200 OK",
        "{\"txid\":\""
            + transfers.get(transfer).txid()
            + "\",\"blockHash\":\"00\",\"receipt\":{\"network\":\"regtest\"}}");
  }

  private static ResponseReader answer(String status, String body) {
    ResponseReader reader = new ResponseReader();
    String response =
        "HTTP/1.1 %s\r\nRetry-After: 2\r\nContent-Length: %d\r\n\r\n%s"
            .formatted(status, body.length(), body);
    try {
      reader.take(Unpooled.wrappedBuffer(response.getBytes(StandardCharsets.US_ASCII)));
    } catch (ResponseReader.ProtocolException e) {
      throw new AssertionError(e);
    }
    return reader;
  }

  @Test
  void aClosedLoopSendsAsFastAsItIsAsked() {
    TransferSource source = new TransferSource(signed, 0, 2, new Pace(0, Long.MAX_VALUE));
    Request first = source.next(BEGIN);
    Request second = source.next(BEGIN);
    assertThat(first.body).isEqualTo(transfers.get(0).toBytes());
    assertThat(source.next(BEGIN)).isNull();
    source.answered(first, settled(0), BEGIN + 5 * MILLIS);
    assertThat(source.isFinished(BEGIN + 5 * MILLIS)).isFalse();
    source.answered(second, settled(1), BEGIN + 10 * MILLIS);
    assertThat(source.isFinished(BEGIN + 10 * MILLIS)).isTrue();
    assertThat(source.settledCount()).isEqualTo(2);
    assertThat(source.settledPerSecond()).isEqualTo(200);
    assertThat(source.latencies().maxMillis()).isBetween(9.9, 10.1);
  }

  @Test
  void onlyTheReceiptOfThisVeryTransferIsASettlement() {
    TransferSource source = new TransferSource(signed, 0, 4, new Pace(0, Long.MAX_VALUE));
    source.answered(source.next(BEGIN), settled(1), BEGIN + 1);
    source.answered(
        source.next(BEGIN),
        answer("200 OK", "{\"txid\":\"" + transfers.get(1).txid() + "\",\"status\":\"pending\"}"),
        BEGIN + 1);
    source.answered(source.next(BEGIN), answer("202 Accepted", "{}"), BEGIN + 1);
    source.answered(
        source.next(BEGIN), answer("409 Conflict", "{\"code\":\"double-spend\"}"), BEGIN + 1);
    assertThat(source.settledCount()).isZero();
    assertThat(source.latencies().count()).isZero();
    assertThat(source.counts().refused())
        .containsEntry("http-200", 2L)
        .containsEntry("http-202", 1L)
        .containsEntry("double-spend", 1L);
    assertThat(source.isFinished(BEGIN + 1)).isTrue();
  }

  private String settledInBatch(int transfer) {
    return "{\"status\":\"settled\",\"txid\":\"%s\",\"receipt\":\"/v1\"}"
        .formatted(transfers.get(transfer).txid());
  }

  @Test
  void aBatchCountsWhatIsNamedAsSettledInItsOrder() {
    TransferSource source = new TransferSource(signed, 0, 7, new Pace(0, Long.MAX_VALUE), 3);
    Request first = source.next(BEGIN);
    assertThat(first.body.length)
        .isEqualTo(transfers.subList(0, 3).stream().mapToInt(t -> t.toBytes().length).sum());
    Request second = source.next(BEGIN);
    Request last = source.next(BEGIN);
    assertThat(source.next(BEGIN)).isNull();
    assertThat(last.body).isEqualTo(transfers.get(6).toBytes());
    source.answered(
        first,
        answer(
            "200 OK",
            "{\"results\":[%s,%s,%s]}"
                .formatted(settledInBatch(0), settledInBatch(1), settledInBatch(2))),
        BEGIN + MILLIS);
    // The second of these is another one's.
    source.answered(
        second,
        answer(
            "200 OK",
            "{\"results\":[%s,%s,{\"status\":\"refused\",\"code\":\"double-spend\"}]}"
                .formatted(settledInBatch(3), settledInBatch(0))),
        BEGIN + MILLIS);
    source.answered(last, answer("503 Busy", "{\"code\":\"busy\"}"), BEGIN + MILLIS);
    assertThat(source.isFinished(BEGIN + MILLIS)).isFalse();
    assertThat(source.next(BEGIN + 3_000 * MILLIS)).isSameAs(last);
    source.answered(
        last,
        answer("200 OK", "{\"results\":[%s]}".formatted(settledInBatch(6))),
        BEGIN + 3_001 * MILLIS);
    assertThat(source.settledCount()).isEqualTo(5);
    assertThat(source.counts().refused())
        .containsEntry("double-spend", 2L)
        .containsEntry("busy", 1L);
    assertThat(source.isFinished(BEGIN + 3_001 * MILLIS)).isTrue();
  }

  @Test
  void aBusyNodeIsAskedAgainWhenItSaysAndTheWholeTimeCounts() {
    TransferSource source = new TransferSource(signed, 0, 1, new Pace(0, Long.MAX_VALUE));
    Request request = source.next(BEGIN);
    source.answered(request, answer("503 Busy", "{\"code\":\"busy\"}"), BEGIN);
    assertThat(source.next(BEGIN + 1_999 * MILLIS)).isNull();
    assertThat(source.isFinished(BEGIN + 1_999 * MILLIS)).isFalse();
    assertThat(source.next(BEGIN + 2_000 * MILLIS)).isSameAs(request);
    source.answered(request, settled(0), BEGIN + 2_100 * MILLIS);
    assertThat(source.counts().retryCount()).isEqualTo(1);
    assertThat(source.counts().refused()).containsEntry("busy", 1L);
    assertThat(source.latencies().maxMillis()).isBetween(2_098.0, 2_102.0);
  }

  @Test
  void anOpenLoopCountsFromWhenARequestWasDue() {
    TransferSource source = new TransferSource(signed, 0, 10, new Pace(100, 60_000));
    Request first = source.next(BEGIN);
    assertThat(source.next(BEGIN + 9 * MILLIS)).describedAs("not due yet").isNull();
    // No connection is free for 95 ms: nine more have become due in the meantime.
    for (int i = 1; i < 10; i++) {
      Request late = source.next(BEGIN + 95 * MILLIS);
      assertThat(late.dueNanos).isEqualTo(BEGIN + i * 10L * MILLIS);
      source.answered(late, settled(i), BEGIN + 100 * MILLIS);
    }
    source.answered(first, settled(0), BEGIN + 100 * MILLIS);
    assertThat(source.latencies().maxMillis()).isBetween(99.0, 101.0);
    assertThat(source.latencies().percentileMillis(50)).isBetween(49.0, 51.0);
  }

  @Test
  void anOpenLoopDoesNotTryAgain() {
    TransferSource source = new TransferSource(signed, 0, 1, new Pace(100, 60_000));
    source.answered(source.next(BEGIN), answer("503 Busy", "{\"code\":\"busy\"}"), BEGIN);
    assertThat(source.next(BEGIN + 9_000 * MILLIS)).isNull();
    assertThat(source.isFinished(BEGIN + 9_000 * MILLIS)).isTrue();
  }

  @Test
  void whatIsSettledWhenTheTimeIsOverIsNotInTheRate() {
    TransferSource source = new TransferSource(signed, 0, 10, new Pace(0, 1_000));
    Request early = source.next(BEGIN);
    Request late = source.next(BEGIN);
    source.answered(early, settled(0), BEGIN + 600 * MILLIS);
    assertThat(source.next(BEGIN + 1_000 * MILLIS)).isNull();
    assertThat(source.isFinished(BEGIN + 1_000 * MILLIS)).isFalse();
    source.answered(late, settled(1), BEGIN + 1_200 * MILLIS);
    assertThat(source.isFinished(BEGIN + 1_200 * MILLIS)).isTrue();
    assertThat(source.settledCount()).isEqualTo(2);
    assertThat(source.settledInTime()).isEqualTo(1);
    assertThat(source.seconds()).isEqualTo(1);
    assertThat(source.settledPerSecond()).isEqualTo(1);
    assertThat(source.laterPerSecond()).isEqualTo(2);
    assertThat(source.ranOut()).isFalse();
  }

  @Test
  void aLostAnswerIsAskedForAgain() {
    TransferSource source = new TransferSource(signed, 0, 1, new Pace(0, Long.MAX_VALUE));
    Request request = source.next(BEGIN);
    source.lost(request, BEGIN + MILLIS);
    assertThat(source.isFinished(BEGIN + MILLIS)).isFalse();
    assertThat(source.next(BEGIN + MILLIS)).isSameAs(request);
    source.answered(request, settled(0), BEGIN + 2 * MILLIS);
    assertThat(source.settledCount()).isEqualTo(1);
    assertThat(source.counts().lostCount()).isEqualTo(1);
  }
}
