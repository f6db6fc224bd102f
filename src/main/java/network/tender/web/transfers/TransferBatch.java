package network.tender.web.transfers;

import com.fasterxml.jackson.databind.JsonNode;
import io.vertx.core.buffer.Buffer;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import network.tender.chain.ByteReader;
import network.tender.chain.MalformedException;
import network.tender.chain.Transaction;
import network.tender.web.JsonBodies;
import network.tender.web.Problem;
import network.tender.web.ProblemCode;
import org.jspecify.annotations.Nullable;

/**
 * The transfers of one body, in its order; empty where one does not decode.
 *
 * @param transfers at most {@value #MAX_TRANSFERS}
 */
record TransferBatch(List<Optional<Transaction>> transfers) {
  /** Most transfers of one body. */
  static final int MAX_TRANSFERS = 1_000;

  /** Transactions in Bitcoin's serialisation, one right behind the other. */
  static final String RAW = "application/vnd.tender.transfers";

  private static final String MEMBER = "transfers";

  /** True if a body of this type always holds a batch. */
  static boolean isRaw(@Nullable String contentType) {
    return contentType != null && TransferBody.is(contentType, RAW);
  }

  /**
   * Reads raw transactions.
   *
   * @throws network.tender.web.ProblemException if one does not decode, for then nobody can tell
   *     where the next begins, or if there are none or too many
   */
  static TransferBatch fromRaw(Buffer body) {
    ByteReader reader = new ByteReader(body.getBytes());
    List<Optional<Transaction>> transfers = new ArrayList<>();
    while (reader.remaining() > 0) {
      demandRoom(transfers.size() + 1);
      try {
        transfers.add(Optional.of(Transaction.read(reader)));
      } catch (MalformedException e) {
        throw Problem.of(
                ProblemCode.INVALID_REQUEST,
                "Transfer "
                    + transfers.size()
                    + " of the batch, counted from 0, does not decode ("
                    + e.getMessage()
                    + "); none of them was taken.")
            .toException();
      }
    }
    return of(transfers);
  }

  /** The batch in a JSON body, if it has one: the member 'transfers', an array of hex digits. */
  static Optional<TransferBatch> fromJson(Buffer body) {
    JsonNode member = JsonBodies.object(body).path(MEMBER);
    if (member.isMissingNode()) {
      return Optional.empty();
    }
    if (!member.isArray()) {
      throw Problem.of(
              ProblemCode.INVALID_REQUEST,
              "The member 'transfers' is an array of strings: each transfer's hex digits.")
          .toException();
    }
    demandRoom(member.size());
    List<Optional<Transaction>> transfers = new ArrayList<>(member.size());
    for (JsonNode hex : member) {
      transfers.add(decode(hex));
    }
    return Optional.of(of(transfers));
  }

  private static Optional<Transaction> decode(JsonNode hex) {
    if (!hex.isTextual()) {
      return Optional.empty();
    }
    try {
      return Optional.of(
          TransferBody.fromHex(hex.textValue().getBytes(StandardCharsets.ISO_8859_1)));
    } catch (MalformedException e) {
      return Optional.empty();
    }
  }

  private static TransferBatch of(List<Optional<Transaction>> transfers) {
    if (transfers.isEmpty()) {
      throw Problem.of(ProblemCode.INVALID_REQUEST, "The batch holds no transfer.").toException();
    }
    return new TransferBatch(List.copyOf(transfers));
  }

  private static void demandRoom(int count) {
    if (count > MAX_TRANSFERS) {
      throw Problem.of(
              ProblemCode.BODY_TOO_LARGE,
              "A batch holds at most " + MAX_TRANSFERS + " transfers; send the others in another.")
          .with("limitTransfers", MAX_TRANSFERS)
          .toException();
    }
  }
}
