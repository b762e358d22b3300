import { Context, type Effect } from "effect"
import { HttpApiMiddleware, HttpApiSecurity } from "effect/http-api"
import type * as Access from "../../domain/accounts/AccessPolicy.ts"
import { Forbidden, InvalidInput, Unauthenticated } from "./Problems.ts"

/** The account of the access token of this request, or the user of the host who sends it. */
export class CurrentAccount extends Context.Service<CurrentAccount, NonNullable<Access.Principal>>()(
  "effect-commerce/http/CurrentAccount"
) {}

/** The action of an endpoint in the domain's access policy. */
export class RequiredPermission extends Context.Service<RequiredPermission, Access.Action>()(
  "effect-commerce/http/RequiredPermission"
) {}

// In lower case, as IANA registers it. Some tools recognize only this spelling.
const bearer = HttpApiSecurity.http({ scheme: "bearer" })

/** Requires a bearer token (RFC 6750) of an account that may perform the action of the endpoint. */
export class Authorization extends HttpApiMiddleware.Service<Authorization, { provides: CurrentAccount }>()(
  "effect-commerce/http/Authorization",
  {
    requiredForClient: true,
    security: { bearer },
    error: [Unauthenticated, Forbidden, InvalidInput]
  }
) {}

/** Checks that the sender of a request may perform an action. Reads the token only then. */
export class Permission extends Context.Service<
  Permission,
  {
    readonly require: (
      action: Access.Action
    ) => Effect.Effect<void, Access.Unauthenticated | Access.Forbidden>
  }
>()("effect-commerce/http/Permission") {}

/** Reads a bearer token where some requests of a public endpoint need one. All others are answered without, whatever it is. */
export class OptionalAuthorization extends HttpApiMiddleware.Service<
  OptionalAuthorization,
  { provides: Permission }
>()("effect-commerce/http/OptionalAuthorization", {
  security: { bearer },
  error: [Unauthenticated, Forbidden]
}) {}

/** What the API description says of such an endpoint: without a token, or with one. */
export const optionalSecurity = { security: [{}, { bearer: [] }] }
