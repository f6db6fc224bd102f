package network.tender.journal;

/** What the packed coins of the store are sorted by. */
enum CoinKind {
  /** By txid (32 bytes) and number of the output (4): these entries say what a coin is. */
  OUTPOINT(1, 36),
  /**
   * By script: 8 bytes of its hash, 8 of the txid, and the output's number (4). These entries only
   * count; what is found under them is looked up by outpoint and compared wholly.
   */
  SCRIPT(2, 20);

  private final int code;
  private final int keyBytes;

  CoinKind(int code, int keyBytes) {
    this.code = code;
    this.keyBytes = keyBytes;
  }

  /** Its number in the database. */
  int code() {
    return code;
  }

  /** How long its keys are. They are in the order of their bytes, unsigned. */
  int keyBytes() {
    return keyBytes;
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
