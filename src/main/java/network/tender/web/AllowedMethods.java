package network.tender.web;

import io.vertx.core.http.HttpMethod;
import io.vertx.ext.web.Route;
import io.vertx.ext.web.Router;
import java.util.List;
import java.util.Optional;
import java.util.Set;
import java.util.SortedSet;
import java.util.TreeSet;
import java.util.regex.Pattern;

/**
 * Which methods each path has, for answers 405 and their header {@code Allow}. The router counts
 * them too but keeps them to itself, and forgets them when a later route takes every path.
 */
final class AllowedMethods {
  private static final Pattern PARAMETER = Pattern.compile(":[A-Za-z0-9_]+");

  private record PathMethods(Pattern path, Set<HttpMethod> methods) {}

  private final List<PathMethods> known;

  private AllowedMethods(List<PathMethods> known) {
    this.known = known;
  }

  /** The methods of all routes that a router has by now. */
  static AllowedMethods of(Router router) {
    return new AllowedMethods(
        router.getRoutes().stream().flatMap(route -> pathMethods(route).stream()).toList());
  }

  private static Optional<PathMethods> pathMethods(Route route) {
    String path = route.getPath();
    Set<HttpMethod> methods = route.methods();
    if (path == null || methods == null || methods.isEmpty()) {
      return Optional.empty();
    }
    String regex = "\\Q" + PARAMETER.matcher(path).replaceAll("\\\\E[^/]+\\\\Q") + "\\E/?";
    return Optional.of(new PathMethods(Pattern.compile(regex), Set.copyOf(methods)));
  }

  /** The names of a path's methods, in order; none if there is no such path. */
  SortedSet<String> of(String path) {
    SortedSet<String> names = new TreeSet<>();
    for (PathMethods one : known) {
      if (one.path().matcher(path).matches()) {
        one.methods().forEach(method -> names.add(method.name()));
      }
    }
    return names;
  }
}
