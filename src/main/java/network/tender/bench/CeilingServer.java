package network.tender.bench;

import io.vertx.core.DeploymentOptions;
import io.vertx.core.Future;
import io.vertx.core.VerticleBase;
import io.vertx.core.Vertx;
import io.vertx.core.VertxOptions;
import io.vertx.core.http.HttpServer;
import io.vertx.core.http.HttpServerRequest;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.concurrent.TimeUnit;
import network.tender.chain.Hashing;
import network.tender.script.Curve;
import network.tender.web.HttpService;
import network.tender.web.HttpSettings;
import org.jspecify.annotations.Nullable;

/**
 * The limit of the machine: an HTTP server on the node's own stack and with its options that sends
 * each body back after it has verified one signature for each input, and does nothing else. It
 * verifies on the event loops: it has nothing else to do there, and no hand-over is the fastest.
 *
 * <p>Arguments: the kind of signatures, and how many for each request.
 */
public final class CeilingServer {
  private static final String HOST = "127.0.0.1";

  /** Any free port, the same for all servers. */
  private static final int SHARED_FREE_PORT = -1;

  private static final int SAMPLES = 256;

  private CeilingServer() {}

  /** Serves until the process is stopped; prints one line when it does. */
  public static void main(String[] arguments) throws Exception {
    Kind kind = Kind.valueOf(arguments[0]);
    int signatures = Integer.parseInt(arguments[1]);
    List<Sample> samples = samples(Curve.load(Curve.Provider.AUTO), kind);
    Vertx vertx = Vertx.vertx(new VertxOptions().setPreferNativeTransport(true));
    List<Echo> echoes = new ArrayList<>();
    vertx
        .deployVerticle(
            () -> {
              Echo echo = new Echo(samples, signatures);
              echoes.add(echo);
              return echo;
            },
            new DeploymentOptions().setInstances(VertxOptions.DEFAULT_EVENT_LOOP_POOL_SIZE))
        .await(60, TimeUnit.SECONDS);
    System.out.println("ready http=http://" + HOST + ":" + echoes.get(0).port());
  }

  /** Something that verifies. */
  interface Sample {
    boolean verify();
  }

  /** Signatures that can be verified again and again. */
  static List<Sample> samples(Curve curve, Kind kind) {
    List<Sample> samples = new ArrayList<>();
    for (int i = 0; i < SAMPLES; i++) {
      byte[] secret = Hashing.sha256(("ceiling key " + i).getBytes(StandardCharsets.US_ASCII));
      byte[] message = Hashing.sha256(secret);
      byte[] publicKey = curve.publicKey(secret);
      switch (kind.of(i)) {
        case P2TR -> {
          byte[] signature = curve.signSchnorr(secret, message);
          byte[] xOnly = Arrays.copyOfRange(publicKey, 1, publicKey.length);
          samples.add(() -> curve.verifySchnorr(signature, message, xOnly));
        }
        default -> {
          byte[] signature = curve.signEcdsa(secret, message);
          samples.add(() -> curve.verifyEcdsa(signature, message, publicKey));
        }
      }
    }
    return samples;
  }

  private static final class Echo extends VerticleBase {
    private final List<Sample> samples;
    private final int signatures;
    private @Nullable HttpServer server;
    private int next;

    Echo(List<Sample> samples, int signatures) {
      this.samples = samples;
      this.signatures = signatures;
    }

    @Override
    public Future<?> start() {
      HttpServer created =
          vertx.createHttpServer(
              HttpService.serverOptions(HttpSettings.on(HOST, 0, 1), SHARED_FREE_PORT));
      server = created;
      return created.requestHandler(this::answer).listen();
    }

    int port() {
      HttpServer running = server;
      return running == null ? 0 : running.actualPort();
    }

    private void answer(HttpServerRequest request) {
      request
          .body()
          .onSuccess(
              body -> {
                boolean valid = true;
                for (int i = 0; i < signatures; i++) {
                  valid &= samples.get(next++ % SAMPLES).verify();
                }
                request.response().setStatusCode(valid ? 200 : 500).end(body);
              });
    }
  }
}
