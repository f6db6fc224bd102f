package network.tender.endtoend;

import java.io.BufferedWriter;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.HexFormat;
import java.util.Locale;
import network.tender.chain.Block;
import network.tender.ledger.SignedChain;

/**
 * Writes a chain of many signed transfers (1 input, 2 outputs, P2WPKH and P2TR in turn) as {@code
 * chain export} would, for measuring {@code chain verify}. No test; run it as the README says.
 *
 * <p>Arguments: {@code <file> [transfers] [transfers in a block]}.
 */
public final class SignedChainFile {
  /** Coins to begin with, out of each treasury coin. */
  private static final int PARTS = 2_000;

  /** Each transfer splits a coin in two; so many of them leave no coin too small. */
  private static final int TRANSFERS_PER_TREASURY_COIN = 100_000;

  private SignedChainFile() {}

  /** Writes the file. */
  public static void main(String[] args) throws IOException {
    Path file = Path.of(args[0]);
    int transfers = args.length > 1 ? Integer.parseInt(args[1]) : 200_000;
    int perBlock = args.length > 2 ? Integer.parseInt(args[2]) : 2_000;
    SignedChain chain = new SignedChain();
    try (BufferedWriter out = Files.newBufferedWriter(file, StandardCharsets.US_ASCII)) {
      for (Block block : chain.bootstrap()) {
        write(block, out);
      }
      write(chain.split(1 + transfers / TRANSFERS_PER_TREASURY_COIN, PARTS), out);
      int made = 0;
      while (made < transfers) {
        int count = Math.min(Math.min(perBlock, transfers - made), chain.coins());
        write(chain.next(count), out);
        made += count;
      }
    }
    System.out.printf(Locale.ROOT, "%s: %d transfers in blocks of %d%n", file, transfers, perBlock);
  }

  private static void write(Block block, BufferedWriter out) throws IOException {
    out.write(HexFormat.of().formatHex(block.toBytes()));
    out.write('\n');
  }
}
