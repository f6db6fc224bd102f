package network.tender.journal;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.vertx.core.Vertx;
import io.vertx.pgclient.PgConnection;
import io.vertx.pgclient.SslMode;
import io.vertx.sqlclient.Row;
import io.vertx.sqlclient.SqlClient;
import java.sql.Connection;
import java.sql.DriverManager;
import java.util.ArrayList;
import java.util.List;
import java.util.Properties;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.TimeoutException;
import network.tender.chain.Network;
import network.tender.chain.Script;
import org.flywaydb.core.Flyway;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.Test;

class DatabaseTest {
  private static final Vertx VERTX = Vertx.vertx();
  private static final TestDatabase DATABASE = TestDatabase.createEmpty();

  @AfterAll
  static void close() throws TimeoutException {
    VERTX.close().await(10, TimeUnit.SECONDS);
  }

  static Network network(String name, Script treasury) {
    return new Network(
        name, "bcrt", 111, 196, "TNDR", "bitcoin", treasury, List.of(), 1000, 4_000_000, 80_000);
  }

  private static final Network REGTEST = network("regtest", Script.p2wpkh(new byte[20]));

  private static Database open(Network network) throws TimeoutException {
    return Database.open(VERTX, DATABASE.options(), network).await(60, TimeUnit.SECONDS);
  }

  @Test
  void migratesAnEmptyDatabaseAndOpensItAgain() throws Exception {
    for (int i = 0; i < 2; i++) {
      Database database = open(REGTEST);
      Row head =
          database
              .pool()
              .query("SELECT generation, height FROM chain_head")
              .execute()
              .await(10, TimeUnit.SECONDS)
              .iterator()
              .next();
      assertThat(head.getInteger("height")).isEqualTo(-1);
      database.close().await(10, TimeUnit.SECONDS);
    }
  }

  /** Up to the fourth migration, addresses were in a table of their own. */
  @Test
  void invoicesOfAnOlderDatabaseKeepTheirAddresses() throws Exception {
    TestDatabase older = TestDatabase.createEmpty();
    DatabaseOptions options = older.options();
    Flyway.configure(Database.class.getClassLoader())
        .dataSource(options.jdbcUrl(), options.user(), options.password())
        .locations("classpath:db/migration")
        .target("4")
        .load()
        .migrate();
    older.execute(
        """
        INSERT INTO store (id, settings, created_millis) VALUES ('s', '{}', 1);
        INSERT INTO wallet (first_script, derivation) VALUES ('\\x00', 'd');
        INSERT INTO invoice (id, store_id, amount, currency, due_sat, tolerance_percent, status,
          additional_status, metadata, checkout, receipt, search_terms, created_millis,
          expiration_millis, monitoring_millis)
        SELECT id, 's', 1, 'TNDR', 1, 0, 'New', 'None', '{}', '{}', '{}', '{}', 1, 2, 3
        FROM unnest(ARRAY['payable', 'free']) AS t (id);
        INSERT INTO invoice_address (script, invoice_id, wallet_id, address_index)
        SELECT '\\x0014', 'payable', id, 7 FROM wallet;
        """);
    Properties login = new Properties();
    login.putAll(options.jdbcProperties());
    try (Connection connection = DriverManager.getConnection(options.jdbcUrl(), login)) {
      assertThat(SchemaHistory.isCurrent(connection)).isFalse();
    }
    Database database = Database.open(VERTX, options, REGTEST).await(60, TimeUnit.SECONDS);
    List<String> rows = new ArrayList<>();
    database
        .pool()
        .query(
            "SELECT concat_ws(' ', i.id, encode(i.script, 'hex'), w.derivation, i.address_index)"
                + " FROM invoice i LEFT JOIN wallet w ON w.id = i.wallet_id ORDER BY i.id")
        .execute()
        .await(10, TimeUnit.SECONDS)
        .forEach(row -> rows.add(row.getString(0)));
    assertThat(rows).containsExactly("free", "payable 0014 d 7");
    database.close().await(10, TimeUnit.SECONDS);
  }

  /** Up to the seventh migration, whoever had a key for all stores owned them. */
  @Test
  void storesOfAnOlderDatabaseBelongToItsAdministrator() throws Exception {
    TestDatabase older = TestDatabase.createEmpty();
    DatabaseOptions options = older.options();
    Flyway.configure(Database.class.getClassLoader())
        .dataSource(options.jdbcUrl(), options.user(), options.password())
        .locations("classpath:db/migration")
        .target("7")
        .load()
        .migrate();
    older.execute(
        """
        INSERT INTO account (id, email, administrator, created_millis)
        VALUES ('a', 'admin@localhost', true, 1), ('b', 'b@shop.example', false, 1);
        INSERT INTO store (id, settings, created_millis) VALUES ('s', '{}', 5), ('t', '{}', 6);
        """);
    Database database = Database.open(VERTX, options, REGTEST).await(60, TimeUnit.SECONDS);
    List<String> rows = new ArrayList<>();
    database
        .pool()
        .query(
            "SELECT concat_ws(' ', u.store_id, a.email, u.role, a.first)"
                + " FROM store_user u JOIN account a ON a.id = u.account_id ORDER BY u.store_id")
        .execute()
        .await(10, TimeUnit.SECONDS)
        .forEach(row -> rows.add(row.getString(0)));
    assertThat(rows).containsExactly("s admin@localhost Owner t", "t admin@localhost Owner t");
    database.close().await(10, TimeUnit.SECONDS);
  }

  /** Up to the thirteenth migration, nobody knew who had made a store, and it held any number. */
  @Test
  void storesOfAnOlderDatabaseHaveMakersAndNoHugeNumbers() throws Exception {
    TestDatabase older = TestDatabase.createEmpty();
    DatabaseOptions options = older.options();
    Flyway.configure(Database.class.getClassLoader())
        .dataSource(options.jdbcUrl(), options.user(), options.password())
        .locations("classpath:db/migration")
        .target("13")
        .load()
        .migrate();
    older.execute(
        """
        INSERT INTO account (id, email, administrator, created_millis)
        VALUES ('a', 'a@shop.example', false, 1), ('b', 'b@shop.example', false, 1);
        INSERT INTO store (id, settings, created_millis) VALUES
          ('fine', '{"name":"F","paymentTolerance":0.5,"receipt":{"x":1e99,"y":[1e-99]}}', 5),
          ('huge', '{"name":"H","receipt":{"x":[{"y":-1e131000}]},"additionalTrackedRates":[1e-16000]}', 6),
          ('given', '{}', 7);
        INSERT INTO store_user (store_id, account_id, role, created_millis) VALUES
          ('fine', 'a', 'Owner', 5), ('fine', 'b', 'Owner', 6), ('huge', 'b', 'Owner', 6),
          ('given', 'b', 'Owner', 8);
        """);
    Database database = Database.open(VERTX, options, REGTEST).await(60, TimeUnit.SECONDS);
    List<String> rows = new ArrayList<>();
    database
        .pool()
        .query(
            "SELECT concat_ws(' ', id, made_by, (SELECT string_agg(key, ',' ORDER BY key)"
                + " FROM jsonb_object_keys(settings) key)) FROM store ORDER BY id")
        .execute()
        .await(10, TimeUnit.SECONDS)
        .forEach(row -> rows.add(row.getString(0)));
    assertThat(rows)
        .containsExactly("fine a name,paymentTolerance,receipt", "given", "huge b name");
    database.close().await(10, TimeUnit.SECONDS);
  }

  @Test
  void theShortLookAtTheSchemaSaysWhatFlywayDoes() throws Exception {
    TestDatabase database = TestDatabase.createEmpty();
    Properties login = new Properties();
    login.putAll(database.options().jdbcProperties());
    try (Connection connection = DriverManager.getConnection(database.options().jdbcUrl(), login)) {
      assertThat(SchemaHistory.isCurrent(connection)).isFalse();
      Database.open(VERTX, database.options(), REGTEST)
          .await(60, TimeUnit.SECONDS)
          .close()
          .await(10, TimeUnit.SECONDS);
      // Flyway has written these rows, from the files that it has found itself.
      assertThat(SchemaHistory.isCurrent(connection)).isTrue();
      database.execute("CREATE TABLE kept AS SELECT * FROM flyway_schema_history");
      for (String change :
          List.of(
              "SET checksum = checksum + 1 WHERE installed_rank = 1",
              "SET success = false WHERE installed_rank = 2",
              "SET version = '99' WHERE installed_rank = 3")) {
        database.execute("UPDATE flyway_schema_history " + change);
        assertThat(SchemaHistory.isCurrent(connection)).describedAs(change).isFalse();
        assertThatThrownBy(
                () -> Database.open(VERTX, database.options(), REGTEST).await(60, TimeUnit.SECONDS))
            .describedAs(change)
            .isInstanceOf(DatabaseRefusedException.class)
            .hasMessageContaining("does not fit this release");
        database.execute("DELETE FROM flyway_schema_history");
        database.execute("INSERT INTO flyway_schema_history SELECT * FROM kept");
      }
      assertThat(SchemaHistory.isCurrent(connection)).isTrue();
    }
  }

  @Test
  void refusesTheDatabaseOfAnotherNetwork() throws Exception {
    open(REGTEST).close().await(10, TimeUnit.SECONDS);
    assertThatThrownBy(() -> open(network("mall", Script.p2wpkh(new byte[20]))))
        .isInstanceOf(DatabaseRefusedException.class)
        .hasMessageContaining("belongs to the network regtest")
        .hasMessageContaining("configured for mall");
    assertThatThrownBy(() -> open(network("regtest", Script.p2tr(new byte[32]))))
        .isInstanceOf(DatabaseRefusedException.class)
        .hasMessageContaining("another network of the same name");
  }

  @Test
  void everyConnectionOfThePoolIsDurableAndBounded() throws Exception {
    Database database = open(REGTEST);
    for (String[] expected :
        new String[][] {
          {"fsync", "on"},
          {"full_page_writes", "on"},
          {"synchronous_commit", "on"},
          {"statement_timeout", "15s"},
          {"idle_in_transaction_session_timeout", "5s"},
          {"data_checksums", "on"},
        }) {
      Row row =
          database
              .pool()
              .query("SHOW " + expected[0])
              .execute()
              .await(10, TimeUnit.SECONDS)
              .iterator()
              .next();
      assertThat(row.getString(0)).as(expected[0]).isEqualTo(expected[1]);
    }
    database.close().await(10, TimeUnit.SECONDS);
  }

  @Test
  void sessionsAreDurableWhereTheServerWouldNotWait() throws Exception {
    TestDatabase lax = TestDatabase.create();
    lax.execute(
        "ALTER ROLE tender IN DATABASE "
            + lax.options().database()
            + " SET synchronous_commit = off");
    Database database = Database.open(VERTX, lax.options(), REGTEST).await(60, TimeUnit.SECONDS);
    String show = "SHOW synchronous_commit";
    PgConnection writer = database.connect("journal").await(10, TimeUnit.SECONDS);
    for (SqlClient client : List.of(database.pool(), writer)) {
      assertThat(
              client
                  .query(show)
                  .execute()
                  .await(10, TimeUnit.SECONDS)
                  .iterator()
                  .next()
                  .getString(0))
          .isEqualTo("on");
    }
    writer.close().await(10, TimeUnit.SECONDS);
    database.close().await(10, TimeUnit.SECONDS);
  }

  @Test
  void aServerThatForgetsIsRefusedUnlessThatIsAllowed() {
    for (Durability unsafe :
        List.of(new Durability(false, true, true), new Durability(true, false, true))) {
      assertThatThrownBy(() -> unsafe.demand(false))
          .isInstanceOf(DatabaseRefusedException.class)
          .hasMessageContaining(unsafe.fsync() ? "(full_page_writes=off)" : "(fsync=off)")
          .hasMessageContaining("database.allowUnsafe");
      unsafe.demand(true);
    }
    new Durability(true, true, false).demand(false);
  }

  @Test
  void theSchemaIsNotChangedWhileAnotherNodeWrites() throws Exception {
    TestDatabase shared = TestDatabase.create();
    Database running = Database.open(VERTX, shared.options(), REGTEST).await(60, TimeUnit.SECONDS);
    WriterLease lease =
        WriterLease.acquire(running, WriterLease.Options.DEFAULT, why -> {})
            .await(10, TimeUnit.SECONDS);
    // As an older release would have left it.
    shared.execute(
        "DELETE FROM flyway_schema_history WHERE installed_rank ="
            + " (SELECT max(installed_rank) FROM flyway_schema_history)");
    int before = shared.queryInt("SELECT count(*) FROM flyway_schema_history");
    assertThatThrownBy(
            () -> Database.open(VERTX, shared.options(), REGTEST).await(60, TimeUnit.SECONDS))
        .isInstanceOf(DatabaseRefusedException.class)
        .hasMessageContaining("Another node writes to this database");
    assertThat(shared.queryInt("SELECT count(*) FROM flyway_schema_history")).isEqualTo(before);
    lease.close().await(10, TimeUnit.SECONDS);
    running.close().await(10, TimeUnit.SECONDS);
  }

  @Test
  void whoOnlyReadsChangesNothing() throws Exception {
    TestDatabase empty = TestDatabase.createEmpty();
    assertThatThrownBy(
            () -> Database.openToRead(VERTX, empty.options(), REGTEST).await(60, TimeUnit.SECONDS))
        .isInstanceOf(DatabaseRefusedException.class)
        .hasMessageContaining("no node has used it");
    assertThat(
            empty.queryInt(
                "SELECT count(*) FROM information_schema.tables WHERE table_schema = 'public'"))
        .isZero();
    TestDatabase used = TestDatabase.create();
    Database.open(VERTX, used.options(), REGTEST)
        .await(60, TimeUnit.SECONDS)
        .close()
        .await(10, TimeUnit.SECONDS);
    Database reading =
        Database.openToRead(VERTX, used.options(), REGTEST).await(60, TimeUnit.SECONDS);
    assertThatThrownBy(
            () ->
                reading
                    .pool()
                    .query("UPDATE chain_head SET height = 7")
                    .execute()
                    .await(10, TimeUnit.SECONDS))
        .hasMessageContaining("read-only transaction");
    reading.close().await(10, TimeUnit.SECONDS);
  }

  @Test
  void readsDatabaseUrls() {
    DatabaseOptions options =
        DatabaseOptions.parse(
            "postgresql://till%40x:s%3Acret+@db.example:6000/pay?sslmode=require");
    assertThat(options.user()).isEqualTo("till@x");
    assertThat(options.password()).isEqualTo("s:cret+");
    assertThat(options.host()).isEqualTo("db.example");
    assertThat(options.port()).isEqualTo(6000);
    assertThat(options.database()).isEqualTo("pay");
    assertThat(options.sslMode()).isEqualTo(SslMode.REQUIRE);
    assertThat(options.toString()).doesNotContain("cret");
    assertThat(DatabaseOptions.parse("postgres://u:p@[::1]/d").host()).isEqualTo("::1");
    for (String wrong :
        List.of(
            "mysql://u:secret@h/d",
            "postgresql://h/d",
            "postgresql://u:secret@h",
            "postgresql://u:secret@h/d?ssl=on",
            "postgresql://u:secret@h/d?sslmode=maybe",
            "postgresql://u:secret@h/ d")) {
      assertThatThrownBy(() -> DatabaseOptions.parse(wrong))
          .as(wrong)
          .isInstanceOf(IllegalArgumentException.class)
          .hasMessageNotContaining("secret");
    }
  }
}
