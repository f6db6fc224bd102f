package network.tender.ledger;

import java.util.ArrayList;
import java.util.Arrays;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import network.tender.chain.Amount;
import network.tender.chain.Hash;
import network.tender.chain.Outpoint;
import network.tender.chain.Script;
import org.jspecify.annotations.Nullable;

/**
 * Coins by outpoint in flat memory. Each has a slot, a number that stays the same as long as the
 * coin is there; each slot is in one of several lists, in the order in which it came into it; and
 * some are found by their script. Not safe for threads.
 */
final class CoinSlots {
  /** No slot. */
  static final int NONE = -1;

  /** Slots in a chunk: small enough to be made without a pause. */
  private static final int CHUNK_BITS = 13;

  private static final int CHUNK = 1 << CHUNK_BITS;
  private static final int CHUNK_MASK = CHUNK - 1;

  /**
   * Longs of a slot: its numbers, two in each, and behind them the coin's words. Together, as a
   * look at either is likely to wait for the memory, and those that are looked at most come first.
   */
  private static final int NUMBER_WORDS = 5;

  private static final int SLOT_WORDS = NUMBER_WORDS + CoinWords.WORDS;

  private static final long UPPER = -1L << Integer.SIZE;
  private static final int INDEX = 0;
  private static final int HEIGHT = 1;
  private static final int META = 2;
  private static final int LIST = 3;
  private static final int BEFORE = 4;
  private static final int AFTER = 5;
  private static final int SCRIPT_KEY = 6;
  private static final int SCRIPT_BEFORE = 7;
  private static final int SCRIPT_AFTER = 8;

  private static final int LEAST_TABLE = 1 << 10;
  private static final int MOST_TABLE = 1 << 30;

  /** Chains of scripts: those of coins that are not yet stored, a few thousand. */
  private static final int SCRIPT_CHAINS = 1 << 14;

  /** Slots that are looked at to find one of a list. */
  private static final int PICKS = 16;

  /** Two to the 64th by the golden ratio: steps from a salt to numbers that look like chance. */
  private static final long STEP = 0x9e3779b97f4a7c15L;

  private long[][] chunks = new long[8][];
  private final Map<Integer, Script> longScripts = new HashMap<>();

  /**
   * Anybody may choose txids, and who knew these numbers could choose such as all come to lie at
   * one place of the table.
   */
  private final long[] factors = new long[5];

  private final int[] firstOfList;
  private final int[] lastOfList;
  private final int[] sizeOfList;
  private final int[] scriptChains = new int[SCRIPT_CHAINS];

  /** Slots by the hash of their outpoint, with linear probing, never more than half full. */
  private int[] table;

  private int shift;
  private int used;
  private int firstFree = NONE;
  private int neverUsed;
  private long longScriptBytes;

  /** Of the numbers by which slots are picked. */
  private long chance;

  /**
   * No coins yet.
   *
   * @param lists number of lists
   * @param expected how many coins there will be, roughly; no limit
   * @param salt see {@link Policy#salt}
   */
  CoinSlots(int lists, int expected, long salt) {
    for (int i = 0; i < factors.length; i++) {
      factors[i] = mixed(salt + (i + 1) * STEP) | 1;
    }
    chance = mixed(salt);
    firstOfList = filled(lists);
    lastOfList = filled(lists);
    sizeOfList = new int[lists];
    Arrays.fill(scriptChains, NONE);
    int size = LEAST_TABLE;
    while (size < MOST_TABLE && size / 2 < expected) {
      size *= 2;
    }
    table = filled(size);
    shift = Long.SIZE - Integer.numberOfTrailingZeros(size);
  }

  /** SplitMix64's last step. */
  private static long mixed(long number) {
    long once = (number ^ (number >>> 30)) * 0xbf58476d1ce4e5b9L;
    long twice = (once ^ (once >>> 27)) * 0x94d049bb133111ebL;
    return twice ^ (twice >>> 31);
  }

  private static int[] filled(int size) {
    int[] all = new int[size];
    Arrays.fill(all, NONE);
    return all;
  }

  private long[] wordsOf(int slot) {
    return chunks[slot >> CHUNK_BITS];
  }

  private static int wordAt(int slot) {
    return (slot & CHUNK_MASK) * SLOT_WORDS + NUMBER_WORDS;
  }

  private static int numberAt(int slot, int which) {
    return (slot & CHUNK_MASK) * SLOT_WORDS + (which >> 1);
  }

  private int number(int slot, int which) {
    long pair = wordsOf(slot)[numberAt(slot, which)];
    return (int) ((which & 1) == 0 ? pair : pair >>> Integer.SIZE);
  }

  private void setNumber(int slot, int which, int value) {
    long[] chunk = wordsOf(slot);
    int at = numberAt(slot, which);
    long other = chunk[at];
    chunk[at] =
        (which & 1) == 0
            ? (other & UPPER) | Integer.toUnsignedLong(value)
            : (other & ~UPPER) | ((long) value << Integer.SIZE);
  }

  /** Multiply-shift hashing: two outpoints meet as seldom as two random numbers. */
  private int home(long a, long b, long c, long d, int index) {
    long sum =
        a * factors[0] + b * factors[1] + c * factors[2] + d * factors[3] + index * factors[4];
    return (int) (sum >>> shift);
  }

  private int home(int slot) {
    long[] chunk = wordsOf(slot);
    int at = wordAt(slot);
    return home(chunk[at], chunk[at + 1], chunk[at + 2], chunk[at + 3], number(slot, INDEX));
  }

  /** The slot of an outpoint, or {@link #NONE}. */
  int find(Outpoint outpoint) {
    Hash txid = outpoint.txid();
    int index = outpoint.index();
    int mask = table.length - 1;
    int place = home(txid.a(), txid.b(), txid.c(), txid.d(), index);
    while (true) {
      int slot = table[place];
      if (slot == NONE
          || (number(slot, INDEX) == index
              && CoinWords.isTxid(wordsOf(slot), wordAt(slot), txid))) {
        return slot;
      }
      place = (place + 1) & mask;
    }
  }

  /**
   * A slot for an outpoint that has none, at the end of a list. What the coin is, {@link #put}
   * says.
   */
  int add(Outpoint outpoint, int list) {
    int slot = firstFree;
    if (slot != NONE) {
      firstFree = number(slot, AFTER);
    } else {
      slot = neverUsed++;
      if ((slot & CHUNK_MASK) == 0) {
        int number = slot >> CHUNK_BITS;
        if (number == chunks.length) {
          chunks = Arrays.copyOf(chunks, 2 * number);
        }
        chunks[number] = new long[CHUNK * SLOT_WORDS];
      }
    }
    CoinWords.putTxid(wordsOf(slot), wordAt(slot), outpoint.txid());
    setNumber(slot, INDEX, outpoint.index());
    setNumber(slot, META, 0);
    append(slot, list);
    if (++used > table.length / 2) {
      grow();
    } else {
      enter(slot);
    }
    return slot;
  }

  private void enter(int slot) {
    int mask = table.length - 1;
    int place = home(slot);
    while (table[place] != NONE) {
      place = (place + 1) & mask;
    }
    table[place] = slot;
  }

  private void grow() {
    if (table.length == MOST_TABLE) {
      throw new IllegalStateException("too many coins in memory");
    }
    table = filled(table.length * 2);
    shift--;
    for (int list = 0; list < firstOfList.length; list++) {
      for (int slot = firstOfList[list]; slot != NONE; slot = number(slot, AFTER)) {
        enter(slot);
      }
    }
  }

  /** Lets go of a slot. It must not be {@linkplain #nameByScript named} any more. */
  void remove(int slot) {
    int mask = table.length - 1;
    int place = home(slot);
    while (table[place] != slot) {
      place = (place + 1) & mask;
    }
    // What was put further on because this place was taken moves up.
    int hole = place;
    for (int next = (place + 1) & mask; table[next] != NONE; next = (next + 1) & mask) {
      int wanted = home(table[next]);
      if (((next - wanted) & mask) >= ((next - hole) & mask)) {
        table[hole] = table[next];
        hole = next;
      }
    }
    table[hole] = NONE;
    used--;
    dropLongScript(slot);
    unlink(slot);
    setNumber(slot, LIST, NONE);
    setNumber(slot, AFTER, firstFree);
    firstFree = slot;
  }

  private void dropLongScript(int slot) {
    if (!CoinWords.isInline(number(slot, META))) {
      Script script = longScripts.remove(slot);
      longScriptBytes -= script == null ? 0 : script.length();
    }
  }

  /** Says what the coin of a slot is. */
  void put(int slot, Amount amount, Script script, int height, boolean coinbase) {
    int meta = CoinWords.putCoin(wordsOf(slot), wordAt(slot), amount, script, coinbase);
    setNumber(slot, META, meta);
    setNumber(slot, HEIGHT, height);
    if (!CoinWords.isInline(meta)) {
      longScripts.put(slot, script.detached());
      longScriptBytes += script.length();
    }
  }

  /** The outpoint of a slot. */
  Outpoint outpoint(int slot) {
    return CoinWords.outpoint(wordsOf(slot), wordAt(slot), number(slot, INDEX));
  }

  /** The coin of a slot that was {@link #put}. */
  Coin coin(int slot) {
    return CoinWords.coin(
        wordsOf(slot), wordAt(slot), number(slot, HEIGHT), number(slot, META), longScript(slot));
  }

  private @Nullable Script longScript(int slot) {
    return CoinWords.isInline(number(slot, META)) ? null : longScripts.get(slot);
  }

  private Script script(int slot) {
    Script longScript = longScript(slot);
    return longScript != null
        ? longScript
        : CoinWords.script(wordsOf(slot), wordAt(slot), number(slot, META));
  }

  /** Bytes of the scripts that do not fit in a slot. */
  long longScriptBytes() {
    return longScriptBytes;
  }

  /** The list that a slot is in. */
  int list(int slot) {
    return number(slot, LIST);
  }

  /** Puts a slot at the end of a list, out of the one that it was in. */
  void move(int slot, int list) {
    unlink(slot);
    append(slot, list);
  }

  /** Number of slots in a list. */
  int size(int list) {
    return sizeOfList[list];
  }

  /** The slot that has been in a list for the longest, or {@link #NONE}. */
  int first(int list) {
    return firstOfList[list];
  }

  /**
   * Any slot of a list, by chance; where few of all slots are in it, the one that has been there
   * for the longest. {@link #NONE} if it is empty.
   */
  int any(int list) {
    for (int i = 0; i < PICKS && sizeOfList[list] > 0; i++) {
      chance += STEP;
      int slot = (int) Math.multiplyHigh(mixed(chance) >>> 1, 2L * neverUsed);
      if (number(slot, LIST) == list) {
        return slot;
      }
    }
    return firstOfList[list];
  }

  /** The slot that came into the same list next, or {@link #NONE}. */
  int after(int slot) {
    return number(slot, AFTER);
  }

  private void append(int slot, int list) {
    int last = lastOfList[list];
    setNumber(slot, LIST, list);
    setNumber(slot, BEFORE, last);
    setNumber(slot, AFTER, NONE);
    if (last == NONE) {
      firstOfList[list] = slot;
    } else {
      setNumber(last, AFTER, slot);
    }
    lastOfList[list] = slot;
    sizeOfList[list]++;
  }

  private void unlink(int slot) {
    int list = number(slot, LIST);
    int before = number(slot, BEFORE);
    int after = number(slot, AFTER);
    if (before == NONE) {
      firstOfList[list] = after;
    } else {
      setNumber(before, AFTER, after);
    }
    if (after == NONE) {
      lastOfList[list] = before;
    } else {
      setNumber(after, BEFORE, before);
    }
    sizeOfList[list]--;
  }

  /** From now on {@link #ofScript} finds this slot. */
  void nameByScript(int slot) {
    int key = (int) script(slot).hash().a();
    int chain = key & (SCRIPT_CHAINS - 1);
    int next = scriptChains[chain];
    setNumber(slot, SCRIPT_KEY, key);
    setNumber(slot, SCRIPT_BEFORE, NONE);
    setNumber(slot, SCRIPT_AFTER, next);
    if (next != NONE) {
      setNumber(next, SCRIPT_BEFORE, slot);
    }
    scriptChains[chain] = slot;
  }

  /** {@link #ofScript} finds this slot no more. */
  void unnameByScript(int slot) {
    int before = number(slot, SCRIPT_BEFORE);
    int after = number(slot, SCRIPT_AFTER);
    if (before == NONE) {
      scriptChains[number(slot, SCRIPT_KEY) & (SCRIPT_CHAINS - 1)] = after;
    } else {
      setNumber(before, SCRIPT_AFTER, after);
    }
    if (after != NONE) {
      setNumber(after, SCRIPT_BEFORE, before);
    }
  }

  /** The named slots of a script, latest first. */
  List<Integer> ofScript(Hash scriptHash) {
    List<Integer> found = new ArrayList<>();
    int key = (int) scriptHash.a();
    int slot = scriptChains[key & (SCRIPT_CHAINS - 1)];
    while (slot != NONE) {
      if (number(slot, SCRIPT_KEY) == key && script(slot).hash().equals(scriptHash)) {
        found.add(slot);
      }
      slot = number(slot, SCRIPT_AFTER);
    }
    return found;
  }

  /** A copy of the outpoints of a list, and of their coins. */
  CoinRows copyCoins(int list) {
    CoinRows rows = new CoinRows(sizeOfList[list]);
    for (int slot = firstOfList[list]; slot != NONE; slot = number(slot, AFTER)) {
      rows.add(
          wordsOf(slot),
          wordAt(slot),
          number(slot, INDEX),
          number(slot, HEIGHT),
          number(slot, META),
          longScript(slot));
    }
    return rows;
  }
}
