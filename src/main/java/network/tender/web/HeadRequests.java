package network.tender.web;

import io.vertx.core.Future;
import io.vertx.core.Handler;
import io.vertx.core.buffer.Buffer;
import io.vertx.core.http.HttpHeaders;
import io.vertx.core.http.HttpMethod;
import io.vertx.core.http.HttpServerRequest;
import io.vertx.core.http.HttpServerResponse;
import io.vertx.core.internal.http.HttpServerRequestInternal;
import io.vertx.core.internal.http.HttpServerRequestWrapper;
import io.vertx.ext.web.Route;
import io.vertx.ext.web.Router;
import java.lang.reflect.InvocationTargetException;
import java.lang.reflect.Proxy;
import java.nio.charset.StandardCharsets;
import java.util.Set;

/**
 * Answers {@code HEAD} as {@code GET} is answered, less the body. Handlers need not know: what they
 * end a response with is measured and left out. Vert.x alone forgets the length in HTTP/1, and
 * sends the body in HTTP/2.
 */
public final class HeadRequests {
  private static final int NO_CONTENT = 204;
  private static final int NOT_MODIFIED = 304;

  private HeadRequests() {}

  /**
   * Adds {@code HEAD} to the routes with {@code GET} that a router has by now.
   *
   * @param streamPaths paths of routes that are left as they are
   * @return what the server hands its requests to
   */
  public static Handler<HttpServerRequest> addTo(Router router, Set<String> streamPaths) {
    for (Route route : router.getRoutes()) {
      Set<HttpMethod> methods = route.methods();
      if (methods != null
          && methods.contains(HttpMethod.GET)
          && !streamPaths.contains(route.getPath())) {
        route.method(HttpMethod.HEAD);
      }
    }
    return request ->
        router.handle(request.method().equals(HttpMethod.HEAD) ? withoutBody(request) : request);
  }

  private static HttpServerRequest withoutBody(HttpServerRequest request) {
    HttpServerResponse response = withoutBody(request.response());
    return new HttpServerRequestWrapper((HttpServerRequestInternal) request) {
      @Override
      public HttpServerResponse response() {
        return response;
      }
    };
  }

  private static HttpServerResponse withoutBody(HttpServerResponse response) {
    return (HttpServerResponse)
        Proxy.newProxyInstance(
            HeadRequests.class.getClassLoader(),
            new Class<?>[] {HttpServerResponse.class},
            (proxy, method, arguments) -> {
              if (method.getName().equals("end")) {
                return end(response, arguments == null ? 0 : length(arguments[0]));
              }
              if (method.getName().equals("write")) {
                return Future.succeededFuture();
              }
              try {
                Object result = method.invoke(response, arguments);
                return result == response ? proxy : result;
              } catch (InvocationTargetException e) {
                throw e.getCause();
              }
            });
  }

  private static long length(Object body) {
    return body instanceof Buffer buffer
        ? buffer.length()
        : body.toString().getBytes(StandardCharsets.UTF_8).length;
  }

  private static Future<Void> end(HttpServerResponse response, long bytes) {
    int status = response.getStatusCode();
    if (!response.headWritten()
        && status != NO_CONTENT
        && status != NOT_MODIFIED
        // Of what is sent in parts nobody knows the length.
        && !response.isChunked()
        && !response.headers().contains(HttpHeaders.CONTENT_LENGTH)) {
      response.putHeader(HttpHeaders.CONTENT_LENGTH, Long.toString(bytes));
    }
    return response.end();
  }
}
