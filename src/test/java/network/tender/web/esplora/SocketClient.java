package network.tender.web.esplora;

import io.vertx.core.json.JsonObject;
import java.net.URI;
import java.net.http.HttpClient;
import java.net.http.WebSocket;
import java.util.concurrent.BlockingQueue;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CompletionStage;
import java.util.concurrent.LinkedBlockingQueue;
import java.util.concurrent.TimeUnit;

/** A WebSocket client that keeps every message it is sent. */
final class SocketClient implements WebSocket.Listener, AutoCloseable {
  private static final int PATIENCE_SECONDS = 10;

  final CompletableFuture<Integer> closed = new CompletableFuture<>();
  private final BlockingQueue<JsonObject> messages = new LinkedBlockingQueue<>();
  private final StringBuilder part = new StringBuilder();
  private final WebSocket socket;

  SocketClient(HttpClient client, int port, String path) {
    this.socket =
        client
            .newWebSocketBuilder()
            .buildAsync(URI.create("ws://127.0.0.1:" + port + path), this)
            .join();
  }

  @Override
  public CompletionStage<?> onText(WebSocket from, CharSequence data, boolean last) {
    part.append(data);
    if (last) {
      messages.add(new JsonObject(part.toString()));
      part.setLength(0);
    }
    from.request(1);
    return null;
  }

  @Override
  public CompletionStage<?> onClose(WebSocket from, int statusCode, String reason) {
    closed.complete(statusCode);
    return null;
  }

  @Override
  public void onError(WebSocket from, Throwable error) {
    closed.completeExceptionally(error);
  }

  void send(JsonObject message) {
    send(message.encode());
  }

  void send(String text) {
    socket.sendText(text, true).join();
  }

  /** Sends to a server that may hang up meanwhile. */
  void sendAnyway(String text) {
    socket.sendText(text, true).exceptionally(cut -> socket).join();
  }

  /** True if the server ends the connection soon, in whatever way but a normal one. */
  boolean isEnded() {
    try {
      return closed.get(PATIENCE_SECONDS, TimeUnit.SECONDS) != WebSocket.NORMAL_CLOSURE;
    } catch (java.util.concurrent.ExecutionException e) {
      return true;
    } catch (java.util.concurrent.TimeoutException e) {
      return false;
    } catch (InterruptedException e) {
      throw new IllegalStateException(e);
    }
  }

  /** The next message that has a member; others are passed over. */
  JsonObject next(String member) {
    try {
      for (; ; ) {
        JsonObject message = messages.poll(PATIENCE_SECONDS, TimeUnit.SECONDS);
        if (message == null) {
          throw new AssertionError("no message with " + member);
        }
        if (message.containsKey(member)) {
          return message;
        }
      }
    } catch (InterruptedException e) {
      throw new IllegalStateException(e);
    }
  }

  /** All that was sent before the answer to a ping. */
  java.util.List<JsonObject> sentSoFar() {
    send(new JsonObject().put("action", "ping"));
    java.util.List<JsonObject> all = new java.util.ArrayList<>();
    try {
      for (; ; ) {
        JsonObject message = messages.poll(PATIENCE_SECONDS, TimeUnit.SECONDS);
        if (message == null) {
          throw new AssertionError("no pong");
        }
        if (message.containsKey("pong")) {
          return all;
        }
        all.add(message);
      }
    } catch (InterruptedException e) {
      throw new IllegalStateException(e);
    }
  }

  @Override
  public void close() {
    socket.abort();
  }
}
