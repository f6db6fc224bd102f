package network.tender.bench;

import io.netty.bootstrap.Bootstrap;
import io.netty.buffer.ByteBuf;
import io.netty.channel.Channel;
import io.netty.channel.ChannelFuture;
import io.netty.channel.ChannelHandlerContext;
import io.netty.channel.ChannelInboundHandlerAdapter;
import io.netty.channel.ChannelOption;
import io.netty.channel.EventLoop;
import io.netty.channel.IoHandlerFactory;
import io.netty.channel.MultiThreadIoEventLoopGroup;
import io.netty.channel.epoll.Epoll;
import io.netty.channel.epoll.EpollIoHandler;
import io.netty.channel.epoll.EpollSocketChannel;
import io.netty.channel.nio.NioIoHandler;
import io.netty.channel.socket.SocketChannel;
import io.netty.channel.socket.nio.NioSocketChannel;
import java.net.InetSocketAddress;
import java.net.URI;
import java.nio.charset.StandardCharsets;
import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.Deque;
import java.util.List;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.TimeoutException;
import org.jspecify.annotations.Nullable;

/**
 * Sends requests over a number of kept connections, one in flight on each, all on one thread. It is
 * as plain as can be, because it takes its processor time from what it measures.
 */
final class Load implements AutoCloseable {
  /** How often requests that have become due are looked for. */
  private static final long TICK_MICROS = 500;

  private static final int CONNECT_MILLIS = 10_000;
  private static final byte[] END_OF_LENGTH = "\r\n\r\n".getBytes(StandardCharsets.US_ASCII);

  /** Connections are opened so many at a time, for the other side's queue of new ones is short. */
  private static final int OPENED_AT_A_TIME = 100;

  private final InetSocketAddress address;
  private final MultiThreadIoEventLoopGroup group;
  private final EventLoop loop;
  private final Bootstrap bootstrap;
  private final Deque<Connection> idle = new ArrayDeque<>();
  private final List<Connection> open = new ArrayList<>();
  private @Nullable Source source;
  private CompletableFuture<Void> finished = CompletableFuture.completedFuture(null);
  private boolean closing;

  private Load(InetSocketAddress address) {
    this.address = address;
    boolean epoll = Epoll.isAvailable();
    IoHandlerFactory io = epoll ? EpollIoHandler.newFactory() : NioIoHandler.newFactory();
    this.group = new MultiThreadIoEventLoopGroup(1, io);
    this.loop = group.next();
    Class<? extends SocketChannel> type = epoll ? EpollSocketChannel.class : NioSocketChannel.class;
    this.bootstrap =
        new Bootstrap()
            .group(group)
            .channel(type)
            .option(ChannelOption.TCP_NODELAY, true)
            .option(ChannelOption.CONNECT_TIMEOUT_MILLIS, CONNECT_MILLIS)
            .handler(
                new io.netty.channel.ChannelInitializer<Channel>() {
                  @Override
                  protected void initChannel(Channel channel) {
                    channel.pipeline().addLast(new Connection());
                  }
                });
  }

  /**
   * Opens connections.
   *
   * @param url base address of the server, plain HTTP
   * @throws BenchException if it does not take so many
   */
  static Load open(String url, int connections) {
    URI uri = URI.create(url);
    Load load = new Load(new InetSocketAddress(uri.getHost(), uri.getPort()));
    try {
      for (int opened = 0; opened < connections; opened += OPENED_AT_A_TIME) {
        List<ChannelFuture> wave = new ArrayList<>();
        for (int i = opened; i < Math.min(connections, opened + OPENED_AT_A_TIME); i++) {
          wave.add(load.bootstrap.connect(load.address));
        }
        for (ChannelFuture connected : wave) {
          connected.await();
          if (!connected.isSuccess()) {
            throw new BenchException(
                "node-unreachable",
                "No " + connections + " connections to " + url + ": " + connected.cause(),
                connected.cause());
          }
        }
      }
      return load;
    } catch (InterruptedException e) {
      load.close();
      throw BenchException.interrupted(e);
    } catch (BenchException e) {
      load.close();
      throw e;
    }
  }

  /** A request head for a POST, up to the length of the body. */
  static byte[] postHead(String path, String contentType, String... headers) {
    return head("POST " + path, "Content-Type: " + contentType, headers);
  }

  /** A request head for a GET, up to the length of the (empty) body. */
  static byte[] getHead(String path, String... headers) {
    return head("GET " + path, "Accept: */*", headers);
  }

  private static byte[] head(String start, String first, String... headers) {
    StringBuilder text = new StringBuilder(start).append(" HTTP/1.1\r\nHost: bench\r\n");
    text.append(first).append("\r\n");
    for (String header : headers) {
      text.append(header).append("\r\n");
    }
    return text.append("Content-Length: ").toString().getBytes(StandardCharsets.US_ASCII);
  }

  /**
   * Runs a load to its end.
   *
   * @param limitSeconds after which it is given up
   */
  void run(Source load, Progress.Phase phase, long limitSeconds) {
    CompletableFuture<Void> done = new CompletableFuture<>();
    loop.execute(
        () -> {
          finished = done;
          source = load;
          tick();
        });
    long deadline = System.nanoTime() + TimeUnit.SECONDS.toNanos(limitSeconds);
    while (true) {
      try {
        done.get(200, TimeUnit.MILLISECONDS);
        phase.at(load.done());
        return;
      } catch (TimeoutException e) {
        phase.at(load.done());
        if (System.nanoTime() - deadline > 0) {
          throw new BenchException(
              "no-end",
              "Answers are missing after " + limitSeconds + " s; look at the node's log.",
              e);
        }
      } catch (ExecutionException e) {
        throw new BenchException("load-failed", "The load broke off: " + e.getCause(), e);
      } catch (InterruptedException e) {
        throw BenchException.interrupted(e);
      }
    }
  }

  private void tick() {
    Source running = source;
    if (running == null || closing) {
      return;
    }
    try {
      pump(running);
    } catch (RuntimeException e) {
      source = null;
      finished.completeExceptionally(e);
      return;
    }
    if (running.isFinished(System.nanoTime())) {
      source = null;
      finished.complete(null);
    } else {
      loop.schedule(this::tick, TICK_MICROS, TimeUnit.MICROSECONDS);
    }
  }

  private void pump(Source running) {
    while (!idle.isEmpty()) {
      Request request = running.next(System.nanoTime());
      if (request == null) {
        return;
      }
      idle.remove().send(request);
    }
  }

  @Override
  public void close() {
    loop.execute(
        () -> {
          closing = true;
          List.copyOf(open).forEach(Connection::close);
        });
    group.shutdownGracefully(0, 5, TimeUnit.SECONDS).awaitUninterruptibly(10, TimeUnit.SECONDS);
  }

  private final class Connection extends ChannelInboundHandlerAdapter {
    private final ResponseReader reader = new ResponseReader();
    private @Nullable ChannelHandlerContext channel;
    private @Nullable Request inFlight;

    @Override
    public void channelActive(ChannelHandlerContext ctx) {
      channel = ctx;
      open.add(this);
      idle.add(this);
    }

    void send(Request request) {
      ChannelHandlerContext ctx = channel;
      if (ctx == null) {
        throw new IllegalStateException("not connected");
      }
      inFlight = request;
      byte[] body = request.body;
      ByteBuf out = ctx.alloc().ioBuffer(request.head.length + body.length + 16);
      out.writeBytes(request.head);
      writeDecimal(out, body.length);
      out.writeBytes(END_OF_LENGTH).writeBytes(body);
      ctx.writeAndFlush(out, ctx.voidPromise());
    }

    @Override
    public void channelRead(ChannelHandlerContext ctx, Object message) {
      ByteBuf in = (ByteBuf) message;
      try {
        Request request = inFlight;
        if (request == null) {
          throw new ResponseReader.ProtocolException("an answer that nobody asked for");
        }
        if (reader.take(in)) {
          inFlight = null;
          answered(request);
        }
      } catch (ResponseReader.ProtocolException e) {
        fail(e);
        ctx.close();
      } finally {
        in.release();
      }
    }

    private void answered(Request request) {
      Source running = source;
      if (running == null) {
        reader.reset();
        idle.add(this);
        return;
      }
      long now = System.nanoTime();
      running.answered(request, reader, now);
      reader.reset();
      Request following = running.next(now);
      if (following == null) {
        idle.add(this);
      } else {
        send(following);
      }
    }

    private void fail(Exception e) {
      source = null;
      finished.completeExceptionally(e);
    }

    @Override
    public void channelInactive(ChannelHandlerContext ctx) {
      open.remove(this);
      idle.remove(this);
      if (closing) {
        return;
      }
      Request request = inFlight;
      Source running = source;
      if (request != null && running != null) {
        running.lost(request, System.nanoTime());
      }
      bootstrap
          .connect(address)
          .addListener(
              connected -> {
                if (!connected.isSuccess() && open.isEmpty()) {
                  fail(new BenchException("node-gone", "The node takes no connection any more."));
                }
              });
    }

    @Override
    @SuppressWarnings("deprecation") // Of ChannelHandler, where it moved to the inbound handlers.
    public void exceptionCaught(ChannelHandlerContext ctx, Throwable cause) {
      ctx.close();
      if (!(cause instanceof java.io.IOException)) {
        fail(new IllegalStateException(cause));
      }
    }

    void close() {
      ChannelHandlerContext ctx = channel;
      if (ctx != null) {
        ctx.close();
      }
    }
  }

  private static void writeDecimal(ByteBuf out, int value) {
    if (value >= 10) {
      writeDecimal(out, value / 10);
    }
    out.writeByte('0' + value % 10);
  }
}
