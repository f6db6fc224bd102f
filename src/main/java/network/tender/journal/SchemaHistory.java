package network.tender.journal;

import java.io.BufferedReader;
import java.io.IOException;
import java.io.InputStream;
import java.io.InputStreamReader;
import java.nio.charset.StandardCharsets;
import java.sql.Connection;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.sql.Statement;
import java.util.ArrayList;
import java.util.List;
import java.util.zip.CRC32;

/**
 * Whether a database has exactly the migrations of this release, by one query. Flyway says the
 * same, but looks through the whole jar for them first, which a start has no second for. Whenever
 * this does not say yes, Flyway is asked.
 */
final class SchemaHistory {
  /** All migrations in order; a test compares this with what Flyway finds. */
  static final List<String> MIGRATIONS =
      List.of(
          "V1__chain.sql",
          "V2__merchant.sql",
          "V3__script_totals.sql",
          "V4__followed_node.sql",
          "V5__index_runs.sql",
          "V6__invoice_addresses.sql",
          "V7__coin_keys.sql",
          "V8__invoice_events.sql",
          "V9__accounts.sql",
          "V10__apps.sql",
          "V11__idempotency_and_search.sql",
          "V13__app_stock.sql",
          "V14__webhook_receivers.sql",
          "V16__makers_of_stores.sql",
          "V17__webhook_told.sql",
          "V18__lists_in_order.sql",
          "V19__coin_runs.sql");

  private static final String FOLDER = "db/migration/";

  /** A migration as Flyway notes it: its version, and a checksum of its lines. */
  record Migration(String version, int checksum) {}

  private SchemaHistory() {}

  /** True if all migrations of this release have been applied, unchanged, and no others; blocks. */
  static boolean isCurrent(Connection connection) throws SQLException {
    try (Statement statement = connection.createStatement()) {
      try (ResultSet row =
          statement.executeQuery("SELECT to_regclass('flyway_schema_history') IS NOT NULL")) {
        row.next();
        if (!row.getBoolean(1)) {
          return false;
        }
      }
      List<Migration> applied = new ArrayList<>();
      try (ResultSet row =
          statement.executeQuery(
              "SELECT version, checksum, success FROM flyway_schema_history"
                  + " ORDER BY installed_rank")) {
        while (row.next()) {
          String version = row.getString(1);
          if (version == null || !row.getBoolean(3)) {
            return false;
          }
          applied.add(new Migration(version, row.getInt(2)));
        }
      }
      return applied.equals(ofThisRelease());
    }
  }

  /** The migrations of this release. */
  static List<Migration> ofThisRelease() {
    List<Migration> all = new ArrayList<>();
    for (String file : MIGRATIONS) {
      all.add(new Migration(file.substring(1, file.indexOf("__")), checksum(file)));
    }
    return all;
  }

  private static int checksum(String file) {
    try (InputStream in = SchemaHistory.class.getClassLoader().getResourceAsStream(FOLDER + file)) {
      if (in == null) {
        throw new IllegalStateException("this release lacks its migration " + file);
      }
      CRC32 crc = new CRC32();
      BufferedReader lines = new BufferedReader(new InputStreamReader(in, StandardCharsets.UTF_8));
      for (String line = lines.readLine(); line != null; line = lines.readLine()) {
        crc.update(line.getBytes(StandardCharsets.UTF_8));
      }
      return (int) crc.getValue();
    } catch (IOException e) {
      throw new java.io.UncheckedIOException(e);
    }
  }
}
