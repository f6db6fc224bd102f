package network.tender.bench;

import java.sql.Connection;
import java.sql.DriverManager;
import java.sql.PreparedStatement;
import java.sql.SQLException;
import java.sql.Statement;
import java.util.ArrayList;
import java.util.List;
import java.util.Properties;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicLong;
import network.tender.journal.DatabaseOptions;

/**
 * The limit of invoices: how many rows a second a number of clients insert into the node's own
 * PostgreSQL, one row of an invoice's size in each durable transaction, straight and without a
 * node.
 */
final class DurableInserts {
  /** As much text as a small invoice has. */
  private static final String ROW = "{\"text\":\"" + "x".repeat(400) + "\"}";

  private static final AtomicLong NEXT = new AtomicLong();

  private DurableInserts() {}

  /** Measures rows a second. */
  static double measure(DatabaseOptions place, int clients, int seconds) {
    try (Connection connection = connect(place);
        Statement statement = connection.createStatement()) {
      statement.execute("DROP TABLE IF EXISTS bench_row");
      statement.execute("CREATE TABLE bench_row (id bigint PRIMARY KEY, row jsonb NOT NULL)");
      try {
        return insert(place, clients, seconds);
      } finally {
        statement.execute("DROP TABLE bench_row");
      }
    } catch (SQLException e) {
      throw new BenchException("database-refused", "PostgreSQL refuses the bench: " + e, e);
    }
  }

  static Connection connect(DatabaseOptions place) throws SQLException {
    Properties properties = new Properties();
    properties.setProperty("user", place.user());
    properties.setProperty("password", place.password());
    return DriverManager.getConnection(
        "jdbc:postgresql://" + place.host() + ":" + place.port() + "/" + place.database(),
        properties);
  }

  private static double insert(DatabaseOptions place, int clients, int seconds) {
    ExecutorService threads = Executors.newFixedThreadPool(clients);
    try {
      long begin = System.nanoTime();
      long end = begin + TimeUnit.SECONDS.toNanos(seconds);
      List<Future<Long>> running = new ArrayList<>();
      for (int i = 0; i < clients; i++) {
        running.add(threads.submit(() -> insertUntil(place, end)));
      }
      long rows = 0;
      for (Future<Long> client : running) {
        rows += client.get();
      }
      return rows * 1e9 / (System.nanoTime() - begin);
    } catch (InterruptedException e) {
      throw BenchException.interrupted(e);
    } catch (ExecutionException e) {
      throw new BenchException("database-refused", "PostgreSQL refuses the bench: " + e, e);
    } finally {
      threads.shutdownNow();
    }
  }

  private static long insertUntil(DatabaseOptions place, long endNanos) throws SQLException {
    long rows = 0;
    try (Connection connection = connect(place);
        PreparedStatement insert =
            connection.prepareStatement("INSERT INTO bench_row VALUES (?, ?::jsonb)")) {
      while (System.nanoTime() - endNanos < 0) {
        insert.setLong(1, NEXT.incrementAndGet());
        insert.setString(2, ROW);
        insert.executeUpdate();
        rows++;
      }
    }
    return rows;
  }
}
