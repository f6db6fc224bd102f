package network.tender.journal;

/** What the packed coins of the store are sorted by. */
enum CoinKind {
  /**
   * By the first 8 bytes of the txid, the output's number (4), and the rest of the txid: these
   * entries say what a coin is. The number stands there, and not at the end, so that what is known
   * of a page's beginning finds one output among thousands of one transaction.
   */
  OUTPOINT(1, 36, 8),
  /**
   * By script: 8 bytes of its hash, 8 of the txid, and the output's number (4). These entries only
   * count; what is found under them is looked up by outpoint and compared wholly.
   */
  SCRIPT(2, 20, 16);

  private final int code;
  private final int keyBytes;
  private final int indexAt;

  CoinKind(int code, int keyBytes, int indexAt) {
    this.code = code;
    this.keyBytes = keyBytes;
    this.indexAt = indexAt;
  }

  /** Its number in the database. */
  int code() {
    return code;
  }

  /** How long its keys are. They are in the order of their bytes, unsigned. */
  int keyBytes() {
    return keyBytes;
  }

  /** Where in its keys the output's number is. */
  int indexAt() {
    return indexAt;
  }

  /**
   * The kind with a number.
   *
   * @throws IllegalArgumentException if there is none
   */
  static CoinKind of(int code) {
    for (CoinKind kind : values()) {
      if (kind.code == code) {
        return kind;
      }
    }
    throw new IllegalArgumentException("no kind of packed coins has the number " + code);
  }
}
