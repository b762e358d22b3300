import { Context, type Effect } from "effect"
import { HttpApiMiddleware, HttpApiSecurity } from "effect/http-api"
import type {
  Action,
  Forbidden as ForbiddenError,
  Principal,
  Unauthenticated as UnauthenticatedError
} from "../../domain/accounts/AccessPolicy.ts"
import type { StoreUnavailable } from "../../ports/errors.ts"
import { Forbidden, InvalidInput, TooManyRequests, Unauthenticated, Unavailable } from "./Problems.ts"

/** The account or the service of the token of this request, or the user of the host who sends it. */
export class CurrentAccount extends Context.Service<CurrentAccount, NonNullable<Principal>>()(
  "effect-commerce/http/CurrentAccount"
) {}

/** The action of an endpoint in the domain's access policy. */
export class RequiredPermission extends Context.Service<RequiredPermission, Action>()(
  "effect-commerce/http/RequiredPermission"
) {}

// In lower case, as IANA registers it. Some tools recognize only this spelling.
const bearer = HttpApiSecurity.http({ scheme: "bearer" })

/** Requires a bearer token (RFC 6750) of an account or of a service that may perform the action of the endpoint. */
export class Authorization extends HttpApiMiddleware.Service<Authorization, { provides: CurrentAccount }>()(
  "effect-commerce/http/Authorization",
  {
    requiredForClient: true,
    security: { bearer },
    // A service token is looked up in the store.
    error: [Unauthenticated, Forbidden, InvalidInput, TooManyRequests, Unavailable]
  }
) {}

/** Checks that the sender of a request may perform an action. Reads the token only then. */
export class Permission extends Context.Service<
  Permission,
  {
    readonly require: (
      action: Action
    ) => Effect.Effect<void, UnauthenticatedError | ForbiddenError | StoreUnavailable>
  }
>()("effect-commerce/http/Permission") {}

/** Reads a bearer token where some requests of a public endpoint need one. All others are answered without, whatever it is. */
export class OptionalAuthorization extends HttpApiMiddleware.Service<
  OptionalAuthorization,
  { provides: Permission }
>()("effect-commerce/http/OptionalAuthorization", {
  security: { bearer },
  error: [Unauthenticated, Forbidden, Unavailable]
}) {}

/** What the API description says of such an endpoint: without a token, or with one. */
export const optionalSecurity = { security: [{}, { bearer: [] }] }
