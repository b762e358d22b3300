import { Context } from "effect"
import { HttpApiMiddleware, HttpApiSecurity } from "effect/http-api"
import type { Action } from "../../domain/accounts/AccessPolicy.ts"
import type { Claims } from "../../ports/TokenIssuer.ts"
import { Forbidden, Unauthenticated } from "./Problems.ts"

/** The account that the access token of this request stands for. */
export class CurrentAccount extends Context.Service<CurrentAccount, Claims>()(
  "effect-commerce/http/CurrentAccount"
) {}

/** What an endpoint does, in the words of the domain's access rules. */
export class RequiredPermission extends Context.Service<RequiredPermission, Action>()(
  "effect-commerce/http/RequiredPermission"
) {}

/** Needs a bearer token (RFC 6750) of an account that may do what the endpoint does. */
export class Authorization extends HttpApiMiddleware.Service<Authorization, { provides: CurrentAccount }>()(
  "effect-commerce/http/Authorization",
  {
    requiredForClient: true,
    // In lower case, as it is registered: some tools know it only so.
    security: { bearer: HttpApiSecurity.http({ scheme: "bearer" }) },
    error: [Unauthenticated, Forbidden]
  }
) {}
