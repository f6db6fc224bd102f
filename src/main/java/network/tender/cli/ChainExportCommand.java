package network.tender.cli;

import java.io.BufferedOutputStream;
import java.io.FilterOutputStream;
import java.io.IOException;
import java.io.OutputStream;
import java.nio.charset.StandardCharsets;
import java.nio.file.FileAlreadyExistsException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import java.util.HexFormat;
import java.util.Optional;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Option;
import picocli.CommandLine.Parameters;

/** Takes the chain out, for Bitcoin's own software. */
@Command(
    name = "export",
    mixinStandardHelpOptions = true,
    description = {
      "Write raw blocks as hex, one a line, from height 0; by default those of the node at "
          + NodeClient.DEFAULT_URL
          + ".",
      "Bitcoin's own libraries can parse, replay and judge them."
    })
final class ChainExportCommand extends AnsweringCommand {
  @Parameters(
      arity = "0..1",
      paramLabel = "FILE",
      description = "A new file to write to; standard output if none is named.")
  private Optional<Path> file = Optional.empty();

  @Mixin private ChainPlace place = new ChainPlace();

  @Option(
      names = "--from",
      paramLabel = "HEIGHT",
      description = "First block (default: 0).",
      defaultValue = "0")
  private int from;

  @Option(names = "--to", paramLabel = "HEIGHT", description = "Last block (default: the newest).")
  private Optional<Integer> to = Optional.empty();

  ChainExportCommand(Terminal terminal) {
    super(terminal);
  }

  @Override
  Answer answer() throws IOException {
    if (file.isEmpty() && json()) {
      throw CommandFailure.wrongUsage(
          "file-needed", "With --json name a FILE: standard output is for the JSON value then.");
    }
    try (BlockSource source = place.open(from, to, false);
        OutputStream out = open()) {
      int count = 0;
      for (Optional<BlockSource.SourceBlock> block = source.next();
          block.isPresent();
          block = source.next()) {
        String line = HexFormat.of().formatHex(block.get().raw()) + "\n";
        out.write(line.getBytes(StandardCharsets.US_ASCII));
        count++;
      }
      out.flush();
      return Answer.of(
          Json.object().put("blocks", count).put("from", from).put("to", from + count - 1),
          file.isEmpty()
              ? ""
              : "Wrote blocks " + from + " to " + (from + count - 1) + " to " + file.get() + ".");
    }
  }

  private OutputStream open() throws IOException {
    if (file.isEmpty()) {
      return new BufferedOutputStream(
          new FilterOutputStream(terminal().out()) {
            @Override
            public void write(byte[] bytes, int offset, int length) throws IOException {
              out.write(bytes, offset, length);
              // A PrintStream swallows what goes wrong, such as a closed pipe or a full disk.
              if (terminal().out().checkError()) {
                throw new IOException("standard output takes no more");
              }
            }

            @Override
            public void close() throws IOException {
              flush();
            }
          },
          1 << 16);
    }
    Path path = file.get();
    try {
      return new BufferedOutputStream(
          Files.newOutputStream(path, StandardOpenOption.CREATE_NEW, StandardOpenOption.WRITE),
          1 << 16);
    } catch (FileAlreadyExistsException e) {
      throw new CommandFailure(
          "file-exists", path + " exists already; name a new file or delete it first.", e);
    } catch (IOException e) {
      throw new CommandFailure("file-not-writable", path + " can't be written: " + e, e);
    }
  }
}
