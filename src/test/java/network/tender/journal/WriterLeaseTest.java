package network.tender.journal;

import static java.util.stream.Collectors.joining;
import static network.tender.journal.Awaiting.await;
import static network.tender.journal.Awaiting.until;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.vertx.core.Vertx;
import io.vertx.pgclient.PgConnection;
import java.time.Duration;
import java.util.Arrays;
import java.util.List;
import java.util.Map;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.concurrent.TimeoutException;
import network.tender.chain.Script;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;

class WriterLeaseTest {
  private static final WriterLease.Options QUICK =
      new WriterLease.Options(
          Duration.ofMillis(300), Duration.ofMillis(20), Duration.ofMillis(100));

  private final Vertx vertx = Vertx.vertx();
  private final List<String> lost = new CopyOnWriteArrayList<>();
  private TestDatabase testDatabase;
  private Database database;

  @BeforeEach
  void open() throws TimeoutException {
    testDatabase = TestDatabase.create();
    database =
        await(
            Database.open(
                vertx,
                testDatabase.options(),
                DatabaseTest.network("regtest", Script.p2wpkh(new byte[20]))));
  }

  @AfterEach
  void close() throws TimeoutException {
    await(database.close());
    await(vertx.close());
  }

  private WriterLease acquire() throws TimeoutException {
    return await(WriterLease.acquire(database, QUICK, lost::add));
  }

  private void breakLeaseConnection() {
    testDatabase.execute(
        "SELECT pg_terminate_backend(pid) FROM pg_stat_activity"
            + " WHERE application_name = 'tender lease' AND datname = current_database()");
  }

  /** Process id of the lease connection's server side; 0 while there is none. */
  private int leaseBackend() {
    return testDatabase.queryInt(
        "SELECT coalesce(max(pid), 0) FROM pg_stat_activity"
            + " WHERE application_name = 'tender lease' AND datname = current_database()");
  }

  /** Whoever has the lock; a new connection that still asks for it has not. */
  private int lockHolder() {
    return testDatabase.queryInt(
        "SELECT coalesce(max(pid), 0) FROM pg_locks WHERE locktype = 'advisory' AND granted"
            + " AND database = (SELECT oid FROM pg_database WHERE datname = current_database())");
  }

  @Test
  void aSecondWriterIsRefusedWithTheHolderNamed() throws Exception {
    WriterLease first = acquire();
    assertThatThrownBy(this::acquire)
        .isInstanceOf(DatabaseRefusedException.class)
        .hasMessageContaining("Another node writes to this database")
        .hasMessageContaining("process " + ProcessHandle.current().pid() + " on ")
        .hasMessageMatching("(?s).*since \\d{4}-\\d\\d-\\d\\d \\d\\d:\\d\\d:\\d\\d UTC.*");
    assertThat(first.isHeld()).isTrue();
    await(first.close());
    WriterLease second = acquire();
    assertThat(second.generation()).isEqualTo(first.generation() + 1);
    await(second.close());
    assertThat(lost).isEmpty();
  }

  @Test
  void aWaitingWriterGetsTheLeaseWhenItsHolderGoes() throws Exception {
    WriterLease first = acquire();
    var second =
        WriterLease.acquire(
            database,
            new WriterLease.Options(
                Duration.ofSeconds(30), Duration.ofMillis(20), Duration.ofSeconds(1)),
            lost::add);
    await(first.close());
    await(await(second).close());
  }

  @Test
  void theLeaseIsTakenAgainWhenItsConnectionBreaks() throws Exception {
    WriterLease lease = acquire();
    long generation = lease.generation();
    int before = leaseBackend();
    breakLeaseConnection();
    // Taking it again can be faster than any look at isHeld(); another holder is the proof.
    until(
        vertx,
        "held by another connection",
        () -> {
          int holder = lockHolder();
          return lease.isHeld() && holder != 0 && holder != before;
        });
    assertThat(lease.generation()).isEqualTo(generation);
    assertThatThrownBy(this::acquire).isInstanceOf(DatabaseRefusedException.class);
    assertThat(lost).isEmpty();
    await(lease.close());
  }

  @Test
  void theLeaseIsTakenAgainFromOurOwnSessionBehindACutLink() throws Exception {
    FaultProxy proxy = FaultProxy.start(vertx, testDatabase.options().port());
    Database linked =
        await(
            Database.open(
                vertx,
                testDatabase.options().withPort(proxy.port()),
                DatabaseTest.network("regtest", Script.p2wpkh(new byte[20]))));
    WriterLease lease = await(WriterLease.acquire(linked, QUICK, lost::add));
    long generation = lease.generation();
    int before = leaseBackend();
    // Of another node that waits for the lease, and of a reader.
    PgConnection waiting = await(database.connect(LeaseSession.ROLE));
    PgConnection reading = await(linked.connect("reader"));
    proxy.silence();
    long cutNanos = System.nanoTime();
    until(vertx, "held again", () -> lease.isHeld() && sessions(before) == 0);
    assertThat(Duration.ofNanos(System.nanoTime() - cutNanos)).isLessThan(Duration.ofSeconds(10));
    assertThat(lease.generation()).isEqualTo(generation);
    assertThat(sessions(waiting.processId(), reading.processId())).isEqualTo(2);
    assertThatThrownBy(this::acquire).isInstanceOf(DatabaseRefusedException.class);
    assertThat(lost).isEmpty();
    await(waiting.close());
    await(lease.close());
    await(linked.close());
  }

  /** How many of these server processes there are. */
  private int sessions(int... processIds) {
    return testDatabase.queryInt(
        "SELECT count(*) FROM pg_stat_activity WHERE pid = ANY ('{"
            + Arrays.stream(processIds).mapToObj(Integer::toString).collect(joining(","))
            + "}')");
  }

  @Test
  void theServerIsAskedToNoticeACutLinkAndMayRefuseToo() throws Exception {
    PgConnection connection = await(database.connect(LeaseSession.ROLE));
    LeaseSession.set(connection, Map.of("tcp_no_such_setting", "1"));
    LeaseSession session = await(LeaseSession.of(connection));
    assertThat(session.processId()).isEqualTo(connection.processId());
    for (Map.Entry<String, String> setting :
        Map.of(
                "tcp_keepalives_idle", "10",
                "tcp_keepalives_interval", "5",
                "tcp_keepalives_count", "3",
                "tcp_user_timeout", "20000",
                "client_connection_check_interval", "5s")
            .entrySet()) {
      assertThat(
              await(connection.query("SHOW " + setting.getKey()).execute())
                  .iterator()
                  .next()
                  .getString(0))
          .as(setting.getKey())
          .isEqualTo(setting.getValue());
    }
    await(connection.close());
  }

  @Test
  void aTakenOverLeaseIsLostOnceAndLoudly() throws Exception {
    WriterLease lease = acquire();
    testDatabase.execute(
        "UPDATE chain_head SET generation = generation + 1, holder_host = 'till-7',"
            + " holder_pid = 4711");
    until(vertx, "the node is told", () -> !lost.isEmpty());
    assertThat(lost).hasSize(1);
    assertThat(lost.get(0)).contains("taken over by process 4711 on till-7");
    assertThat(lease.isHeld()).isFalse();
    breakLeaseConnection();
    await(lease.close());
    assertThat(lost).hasSize(1);
  }

  @Test
  void whatEndsWithItsVertxIsNotTakenAgain() throws Exception {
    FaultProxy proxy = FaultProxy.start(vertx, testDatabase.options().port());
    for (int round = 0; round < 10; round++) {
      Vertx ended = Vertx.vertx();
      Database its =
          await(
              Database.open(
                  ended,
                  testDatabase.options().withPort(proxy.port()),
                  DatabaseTest.network("regtest", Script.p2wpkh(new byte[20]))));
      WriterLease lease = await(WriterLease.acquire(its, QUICK, lost::add));
      int connections = proxy.connections();
      await(ended.close());
      await(acquire().close());
      assertThat(lease.isHeld()).isFalse();
      assertThat(proxy.connections()).as("connections, round %d", round).isEqualTo(connections);
    }
    assertThat(lost).isEmpty();
  }
}
