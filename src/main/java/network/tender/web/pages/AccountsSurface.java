package network.tender.web.pages;

import io.vertx.core.http.HttpHeaders;
import io.vertx.ext.web.Router;
import io.vertx.ext.web.RoutingContext;
import io.vertx.ext.web.openapi.router.RouterBuilder;
import java.net.URI;
import java.util.Map;
import java.util.Optional;
import network.tender.merchant.Merchant;
import network.tender.web.ErrorShape;
import network.tender.web.Problem;
import network.tender.web.Surface;

/** The pages of people who have an account: log in, and give an application a key. */
public final class AccountsSurface implements Surface {
  private final Pages pages;
  private final LoginPages login;
  private final AuthorizePages authorize;

  /**
   * The pages, of assets that have been loaded.
   *
   * @param publicUrl where the node is seen from outside; empty for where a request came to
   */
  public AccountsSurface(PageAssets assets, Merchant merchant, Optional<URI> publicUrl) {
    pages = new Pages(assets.templates());
    Visits visits = new Visits(merchant.sessions(), publicUrl, merchant.network().isRegtest());
    login = new LoginPages(pages, merchant.accounts(), visits);
    authorize = new AuthorizePages(pages, merchant, visits);
  }

  /** The pages are no part of the contract. */
  @Override
  public void bind(RouterBuilder builder) {}

  @Override
  public void mount(Router router) {
    login.mount(router);
    authorize.mount(router);
  }

  @Override
  public Map<String, ErrorShape> errorShapes() {
    return Map.of("/login", this::write, "/logout", this::write, "/api-keys", this::write);
  }

  /** Plain forms post here, so that also what comes of them is read by a person. */
  private void write(RoutingContext ctx, Problem problem) {
    String accept = ctx.request().getHeader(HttpHeaders.ACCEPT);
    if (accept != null && accept.contains("text/html")) {
      pages.answerProblem(ctx, problem);
    } else {
      ErrorShape.PROBLEM_DETAILS.write(ctx, problem);
    }
  }
}
