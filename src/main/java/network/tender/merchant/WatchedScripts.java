package network.tender.merchant;

import java.lang.invoke.MethodHandles;
import java.lang.invoke.VarHandle;
import java.nio.ByteOrder;
import java.util.concurrent.atomic.AtomicLongArray;
import network.tender.chain.Script;

/**
 * Which outputs may pay an invoice: a filter in memory, so that a block without such outputs costs
 * no SQL. It never misses a script that was added; it may take another one for it, which the
 * database then sorts out.
 *
 * <p>It keeps eight bytes of each script, out of the middle of the key or script hash that every
 * address holds: they are evenly spread already, so that nothing has to be hashed. Reading takes no
 * lock and may go on from any thread while scripts are added.
 */
public final class WatchedScripts {
  /** Shorter scripts hold no hash, so no address has one. */
  private static final int MINIMUM_SCRIPT_BYTES = 22;

  /** Bytes 3 to 10 lie within the hash in every kind of address. */
  private static final int FINGERPRINT_OFFSET = 3;

  private static final int INITIAL_SLOTS = 1024;

  /** Marks a free slot; a script with this very fingerprint gets another one. */
  private static final long FREE = 0;

  private static final VarHandle LONG =
      MethodHandles.byteArrayViewVarHandle(long[].class, ByteOrder.BIG_ENDIAN);

  private volatile AtomicLongArray slots = new AtomicLongArray(INITIAL_SLOTS);
  private int count;

  /** Adds a script; from here on {@link #mayContain} is true for it on every thread. */
  public synchronized void add(Script script) {
    if (script.length() < MINIMUM_SCRIPT_BYTES) {
      throw new IllegalArgumentException("not the script of an address: " + script);
    }
    if ((count + 1) * 2 > slots.length()) {
      AtomicLongArray old = slots;
      AtomicLongArray larger = new AtomicLongArray(Math.multiplyExact(old.length(), 2));
      for (int i = 0; i < old.length(); i++) {
        if (old.get(i) != FREE) {
          put(larger, old.get(i));
        }
      }
      slots = larger;
    }
    if (put(slots, fingerprint(script))) {
      count++;
    }
  }

  /** False if a script was certainly not added. */
  public boolean mayContain(Script script) {
    if (script.length() < MINIMUM_SCRIPT_BYTES) {
      return false;
    }
    AtomicLongArray table = slots;
    long wanted = fingerprint(script);
    int slot = slot(wanted, table);
    long found = table.get(slot);
    while (found != FREE) {
      if (found == wanted) {
        return true;
      }
      slot = (slot + 1) & (table.length() - 1);
      found = table.get(slot);
    }
    return false;
  }

  /** How many different scripts it holds. */
  public synchronized int size() {
    return count;
  }

  private static boolean put(AtomicLongArray table, long fingerprint) {
    int slot = slot(fingerprint, table);
    while (table.get(slot) != FREE) {
      if (table.get(slot) == fingerprint) {
        return false;
      }
      slot = (slot + 1) & (table.length() - 1);
    }
    table.set(slot, fingerprint);
    return true;
  }

  /** Multiplied, so that outputs made to crowd one part of the table don't. */
  private static int slot(long fingerprint, AtomicLongArray table) {
    return (int) ((fingerprint * 0x9e3779b97f4a7c15L) >>> 32) & (table.length() - 1);
  }

  private static long fingerprint(Script script) {
    long bytes = (long) LONG.get(script.array(), script.offset() + FINGERPRINT_OFFSET);
    return bytes == FREE ? 1 : bytes;
  }
}
