package network.tender.cli;

import java.io.IOException;
import java.util.Optional;
import network.tender.ledger.Certificate;

/** Blocks from height 0 upwards, one after the other. */
interface BlockSource extends AutoCloseable {
  /**
   * A block as it was found.
   *
   * @param raw the serialised block
   * @param certificate the validators' signatures, if the source has them
   */
  @SuppressWarnings("ArrayRecordComponent") // compared nowhere; a wrapper would only add a copy
  record SourceBlock(byte[] raw, Optional<Certificate> certificate) {}

  /**
   * The next block; empty behind the last.
   *
   * @throws IOException if the source can't be read
   * @throws CommandFailure if what is there is no block
   */
  Optional<SourceBlock> next() throws IOException;

  /** True if the blocks come with certificates. */
  boolean hasCertificates();

  @Override
  void close() throws IOException;
}
