package network.tender.journal;

/** What a part of the chain index finds transactions by. */
enum IndexKind {
  /** By txid. */
  TRANSFER(1),
  /** By an output they spend. */
  SPENDER(2),
  /** By a script they pay to or spend from; these entries carry sums. */
  SCRIPT(3);

  private final int code;

  IndexKind(int code) {
    this.code = code;
  }

  /** Its number in the database. */
  int code() {
    return code;
  }

  /**
   * The kind with a number.
   *
   * @throws IllegalArgumentException if there is none
   */
  static IndexKind of(int code) {
    for (IndexKind kind : values()) {
      if (kind.code == code) {
        return kind;
      }
    }
    throw new IllegalArgumentException("no kind of index entry has the number " + code);
  }
}
