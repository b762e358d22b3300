import { Context } from "effect"
import { HttpApiMiddleware, HttpApiSecurity } from "effect/http-api"
import type { Action, Principal } from "../../domain/accounts/AccessPolicy.ts"
import { Forbidden, InvalidInput, TooManyRequests, Unauthenticated } from "./Problems.ts"

/** The account of the access token of this request, or the user of the host who sends it. */
export class CurrentAccount extends Context.Service<CurrentAccount, NonNullable<Principal>>()(
  "effect-commerce/http/CurrentAccount"
) {}

/** The action of an endpoint in the domain's access policy. */
export class RequiredPermission extends Context.Service<RequiredPermission, Action>()(
  "effect-commerce/http/RequiredPermission"
) {}

/** Requires a bearer token (RFC 6750) of an account that may perform the action of the endpoint. */
export class Authorization extends HttpApiMiddleware.Service<Authorization, { provides: CurrentAccount }>()(
  "effect-commerce/http/Authorization",
  {
    requiredForClient: true,
    // In lower case, as IANA registers it. Some tools recognize only this spelling.
    security: { bearer: HttpApiSecurity.http({ scheme: "bearer" }) },
    error: [Unauthenticated, Forbidden, InvalidInput, TooManyRequests]
  }
) {}
