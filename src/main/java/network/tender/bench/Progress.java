package network.tender.bench;

import java.io.PrintStream;
import java.util.Locale;
import java.util.concurrent.TimeUnit;

/**
 * Shows how far a run is, on standard error: a bar that moves if that is a terminal, else one line
 * for each phase that is over, and one every half minute of a phase with a known end.
 */
public final class Progress {
  private static final int BAR_CHARACTERS = 30;
  private static final long REPAINT_NANOS = TimeUnit.MILLISECONDS.toNanos(200);

  /** A long phase says where it is also to those who have no terminal. */
  private static final long LINE_NANOS = TimeUnit.SECONDS.toNanos(30);

  private final PrintStream out;
  private final boolean moving;

  /**
   * A place to show progress at.
   *
   * @param moving true if it is a terminal
   */
  public Progress(PrintStream out, boolean moving) {
    this.out = out;
    this.moving = moving;
  }

  /**
   * Begins a phase.
   *
   * @param name what is done
   * @param total how much of it there is; 0 if that is not known
   */
  Phase begin(String name, long total) {
    return new Phase(name, total);
  }

  /** One step of a run. */
  final class Phase {
    private final String name;
    private final long total;
    private final long begunNanos = System.nanoTime();
    private long paintedNanos = begunNanos - REPAINT_NANOS;
    private long linedNanos = begunNanos;
    private long base;
    private long unit = 1;

    private Phase(String name, long total) {
      this.name = name;
      this.total = total;
      at(0);
    }

    /**
     * What is told from now on is a part of the phase.
     *
     * @param done what is done before it
     * @param each how much of the phase each step of the part is
     */
    void part(long done, long each) {
      base = done;
      unit = each;
    }

    /** Shows how much is done. */
    void at(long steps) {
      long done = Math.min(total == 0 ? Long.MAX_VALUE : total, base + steps * unit);
      long now = System.nanoTime();
      if (!moving) {
        line(done, now);
        return;
      }
      if (now - paintedNanos < REPAINT_NANOS) {
        return;
      }
      paintedNanos = now;
      int filled = total == 0 ? 0 : (int) Math.min(BAR_CHARACTERS, done * BAR_CHARACTERS / total);
      out.print(
          "\r\u001b[K"
              + String.format(Locale.ROOT, "%-28s ", name)
              + (total == 0
                  ? ""
                  : "[" + "#".repeat(filled) + "-".repeat(BAR_CHARACTERS - filled) + "] ")
              + (done == 0 ? "" : String.format(Locale.ROOT, "%,d ", done))
              + String.format(Locale.ROOT, "%.0f s", seconds()));
      out.flush();
    }

    private void line(long done, long now) {
      if (total > 0 && now - linedNanos >= LINE_NANOS) {
        linedNanos = now;
        out.println(
            String.format(
                Locale.ROOT,
                "%-28s %7.1f s  %,d of %,d, %,.0f/s",
                name,
                seconds(),
                done,
                total,
                done / seconds()));
        out.flush();
      }
    }

    double seconds() {
      return (System.nanoTime() - begunNanos) / 1e9;
    }

    /** Ends the phase with a few words on it. */
    void end(String words) {
      out.println(
          (moving ? "\r\u001b[K" : "")
              + String.format(Locale.ROOT, "%-28s %7.1f s  %s", name, seconds(), words));
      out.flush();
    }
  }
}
