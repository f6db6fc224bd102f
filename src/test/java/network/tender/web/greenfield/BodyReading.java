package network.tender.web.greenfield;

import com.fasterxml.jackson.databind.JsonNode;
import io.micrometer.core.instrument.simple.SimpleMeterRegistry;
import io.vertx.core.Context;
import io.vertx.core.Future;
import io.vertx.core.Vertx;
import io.vertx.core.WorkerExecutor;
import io.vertx.core.buffer.Buffer;
import io.vertx.core.http.HttpClientAgent;
import io.vertx.ext.web.RequestBody;
import io.vertx.ext.web.RoutingContext;
import io.vertx.sqlclient.Pool;
import io.vertx.sqlclient.Query;
import java.lang.reflect.InvocationTargetException;
import java.lang.reflect.Method;
import java.lang.reflect.Proxy;
import java.math.BigDecimal;
import java.security.SecureRandom;
import java.time.InstantSource;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.function.Supplier;
import network.tender.chain.Network;
import network.tender.ledger.Policy;
import network.tender.merchant.ApiKey;
import network.tender.merchant.ExactJson;
import network.tender.merchant.FieldError;
import network.tender.merchant.InvoiceRequest;
import network.tender.merchant.Merchant;
import network.tender.merchant.Rates;
import network.tender.merchant.StoreSettings;
import network.tender.script.Curve;

/** What the merchant API reads in requests' bodies, without a server and a database. */
public final class BodyReading {
  private final Merchant merchant;
  private final InvoiceOperations invoices;
  private final WalletOperations wallets;
  private final Method invoiceRequest;
  private final Method walletConfig;

  /** A reader for a network. */
  public BodyReading(Network network) {
    this.merchant =
        Merchant.open(
                standIn(
                    Vertx.class,
                    Map.of(
                        "setTimer",
                        1L,
                        "cancelTimer",
                        true,
                        "getOrCreateContext",
                        standIn(Context.class, Map.of()),
                        "createSharedWorkerExecutor",
                        standIn(WorkerExecutor.class, Map.of()),
                        "createHttpClient",
                        standIn(HttpClientAgent.class, Map.of()))),
                standIn(
                    Pool.class,
                    Map.of(
                        "withTransaction",
                        Future.succeededFuture(),
                        "query",
                        standIn(Query.class, Map.of("execute", Future.succeededFuture())))),
                network,
                Curve.load(Curve.Provider.AUTO),
                Policy.Dust.DEFAULT,
                Map.of(network.coinCode() + "_USD", new BigDecimal("0.07")),
                InstantSource.system(),
                new SecureRandom(),
                new SimpleMeterRegistry())
            .result();
    this.invoices = new InvoiceOperations(merchant, ctx -> "");
    this.wallets = new WalletOperations(merchant);
    try {
      invoiceRequest = InvoiceOperations.class.getDeclaredMethod("request", Call.class);
      invoiceRequest.setAccessible(true);
      walletConfig = WalletOperations.class.getDeclaredMethod("config", JsonNode.class);
      walletConfig.setAccessible(true);
    } catch (NoSuchMethodException e) {
      throw new IllegalStateException(e);
    }
  }

  /** An object that knows these answers and nothing else. */
  private static <T> T standIn(Class<T> type, Map<String, Object> answers) {
    return type.cast(
        Proxy.newProxyInstance(
            BodyReading.class.getClassLoader(),
            new Class<?>[] {type},
            (self, method, arguments) -> {
              Object answer = answers.get(method.getName());
              if (answer == null) {
                throw new UnsupportedOperationException(method.toString());
              }
              return answer;
            }));
  }

  /** Currencies and rates. */
  public Rates rates() {
    return merchant.rates();
  }

  /** The object in a body; empty if the request is refused. */
  public Optional<JsonNode> body(byte[] bytes) {
    return unlessRefused(() -> call(bytes).body());
  }

  private static Call call(byte[] bytes) {
    RequestBody body =
        standIn(RequestBody.class, Map.of("buffer", Buffer.buffer(bytes), "length", bytes.length));
    RoutingContext ctx = standIn(RoutingContext.class, Map.of("body", body));
    return new Call(ctx, "", new ApiKey("", "", List.of(), false, Map.of()));
  }

  /** An invoice that is asked for; empty if the request is refused. */
  public Optional<InvoiceRequest> invoiceRequest(JsonNode body) {
    return unlessRefused(
        () -> (InvoiceRequest) invoke(invoiceRequest, invoices, call(ExactJson.writeBytes(body))));
  }

  /** The settings of a new store; empty if the request is refused. */
  public Optional<StoreSettings> storeSettings(StoreSettings before, JsonNode body) {
    List<FieldError> errors = new ArrayList<>();
    StoreSettings settings = before.merge(body, merchant.rates(), errors);
    return errors.isEmpty() ? Optional.of(settings) : Optional.empty();
  }

  /** A wallet's configuration as it is kept; empty if there is none or the request is refused. */
  public Optional<JsonNode> walletConfig(JsonNode body) {
    return unlessRefused(() -> (Optional<?>) invoke(walletConfig, wallets, body))
        .flatMap(config -> config)
        .map(
            config -> {
              try {
                Method json = config.getClass().getDeclaredMethod("json");
                json.setAccessible(true);
                return (JsonNode) invoke(json, config);
              } catch (NoSuchMethodException e) {
                throw new IllegalStateException(e);
              }
            });
  }

  private static Object invoke(Method method, Object of, Object... arguments) {
    try {
      return method.invoke(of, arguments);
    } catch (InvocationTargetException e) {
      if (e.getCause() instanceof RuntimeException cause) {
        throw cause;
      }
      throw new IllegalStateException(e.getCause());
    } catch (IllegalAccessException e) {
      throw new IllegalStateException(e);
    }
  }

  private static <T> Optional<T> unlessRefused(Supplier<T> reading) {
    try {
      return Optional.of(reading.get());
    } catch (RefusalException e) {
      if (e.status() < 400 || e.status() > 499 || e.body().isEmpty()) {
        throw new AssertionError("refused without saying why", e);
      }
      return Optional.empty();
    }
  }
}
