package network.tender.merchant;

/** What else is to say about an invoice's status, by the names of the Greenfield API. */
public enum AdditionalStatus {
  /** Nothing. */
  NONE("None"),
  /** Some money came, less than the least that completes it. */
  PAID_PARTIAL("PaidPartial"),
  /** More money came than was due. */
  PAID_OVER("PaidOver"),
  /** Completed only after its time had run out. */
  PAID_LATE("PaidLate"),
  /** The merchant set the status by hand. */
  MARKED("Marked");

  private final String text;

  AdditionalStatus(String text) {
    this.text = text;
  }

  /** The name in the API and the database. */
  public String text() {
    return text;
  }

  /**
   * The value of a stored name.
   *
   * @throws IllegalArgumentException if it is none
   */
  static AdditionalStatus ofText(String text) {
    for (AdditionalStatus value : values()) {
      if (value.text.equals(text)) {
        return value;
      }
    }
    throw new IllegalArgumentException("unknown additional status " + text);
  }
}
