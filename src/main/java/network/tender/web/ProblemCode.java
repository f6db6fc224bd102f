package network.tender.web;

/** The closed list of problems that are about a request and not about a transfer's rules. */
public enum ProblemCode {
  /** A parameter or body does not fit the contract. */
  INVALID_REQUEST(400, "invalid-request", "The request does not fit the contract."),
  /** The request does not say which host it is for. */
  INVALID_HOST(
      400,
      "invalid-host",
      "The header 'Host' is missing or no host; send the node's host and port."),
  /** An escape in the path or the query is broken. */
  MALFORMED_URL(
      400,
      "malformed-url",
      "The URL has a '%' that two hex digits don't follow; write '%' itself as '%25'."),
  /** The body should be JSON and isn't. */
  MALFORMED_JSON(400, "malformed-json", "The body is not valid JSON."),
  /** Not 64 hex digits. */
  INVALID_HASH(400, "invalid-hash", "A hash is written as 64 hex digits."),
  /** Not an address of this network. */
  INVALID_ADDRESS(400, "invalid-address", "That is not an address of this network."),
  /** Not an amount in coins. */
  INVALID_AMOUNT(
      400, "invalid-amount", "An amount is a positive number of coins with at most 8 decimals."),
  /** More than the faucet gives at a time. */
  FAUCET_LIMIT(422, "faucet-limit", "The faucet does not give that much at a time."),
  /** Credentials are missing or wrong. */
  UNAUTHENTICATED(401, "unauthenticated", "Send an API key: 'Authorization: token KEY'."),
  /** The key may not do that. */
  FORBIDDEN(403, "forbidden", "The API key has no permission for this."),
  /** A page of another site made a browser send the request. */
  CROSS_SITE(
      403,
      "cross-site-request",
      "Pages of other sites can't ask for this; send it from a program or from this node's own"
          + " pages."),
  /** No such path. */
  NOT_FOUND(404, "not-found", "Nothing is found at this path; see /openapi.yaml."),
  /** No settled transfer has this txid. */
  RECEIPT_NOT_FOUND(404, "receipt-not-found", "No settled transfer has this txid."),
  /** The transfer is accepted and not in a block yet. */
  RECEIPT_PENDING(
      404, "receipt-pending", "The transfer is accepted but not settled yet; ask again."),
  /** No such block. */
  BLOCK_NOT_FOUND(404, "block-not-found", "The chain has no such block."),
  /** No such invoice. */
  INVOICE_NOT_FOUND(404, "invoice-not-found", "There is no invoice with this id."),
  /** The path exists with other methods. */
  METHOD_NOT_ALLOWED(405, "method-not-allowed", "This path has no such method."),
  /** No representation fits the Accept header. */
  NOT_ACCEPTABLE(406, "not-acceptable", "No representation fits the Accept header."),
  /** The body did not arrive in time. */
  REQUEST_TIMEOUT(408, "request-timeout", "The body did not arrive in time; send it again."),
  /** The body is above its limit. */
  BODY_TOO_LARGE(413, "body-too-large", "The body is larger than this path accepts."),
  /** The URI is above its limit. */
  URI_TOO_LONG(414, "uri-too-long", "The request line is too long."),
  /** The body has another media type. */
  UNSUPPORTED_MEDIA_TYPE(
      415, "unsupported-media-type", "This path does not take that Content-Type."),
  /** The headers are above their limit. */
  HEADERS_TOO_LARGE(431, "headers-too-large", "The request's headers are too large."),
  /** A bug or broken I/O. */
  INTERNAL_ERROR(500, "internal-error", "The node could not finish this; its log says why."),
  /** The question needs the chain index. */
  INDEX_OFF(
      501,
      "index-off",
      "This node keeps no index of transactions; ask one that does, or set index.enabled here."),
  /** A follower has no shops. */
  FOLLOWER_ONLY(
      501,
      "follower-only",
      "This node verifies another node's chain and has no shops; ask the node that it follows."),
  /** The database does not answer. */
  JOURNAL_UNAVAILABLE(
      503, "journal-unavailable", "The node can't reach its journal; try again later."),
  /** Blocks come faster than an answer that is true of one moment can be made. */
  BUSY(503, "busy", "The chain moves on while the node looks; try again in a moment."),
  /** No more live streams. */
  TOO_MANY_STREAMS(503, "too-many-streams", "Too many live streams are open; try again later.");

  private final int status;
  private final String code;
  private final String title;

  ProblemCode(int status, String code, String title) {
    this.status = status;
    this.code = code;
    this.title = title;
  }

  /** The HTTP status. */
  public int status() {
    return status;
  }

  /** The stable code. */
  public String code() {
    return code;
  }

  /** What it means, in one sentence. */
  public String title() {
    return title;
  }
}
