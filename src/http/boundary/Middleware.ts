import { Context, Effect, Layer, Redacted, Schema } from "effect"
import { HttpApiMiddleware } from "effect/http-api"
import { allow } from "../../domain/accounts/AccessPolicy.ts"
import { faultsOf, InvalidInput } from "../../domain/shared/InvalidInput.ts"
import { StoreUnavailable } from "../../ports/errors.ts"
import { Accounts } from "../../services/Accounts.ts"
import { Authorization, CurrentAccount, RequiredPermission } from "../api/Authorization.ts"
import { OutageLog, Validation } from "../api/Request.ts"
import { identified, withAccount } from "./RequestLog.ts"

/** Checks the token, and then what the domain's access rules say of the endpoint, before anything is decoded. */
export const AuthorizationLive = Layer.effect(
  Authorization,
  Effect.map(Accounts, (accounts) =>
    Authorization.of({
      bearer: Effect.fnUntraced(function* (answer, { credential, endpoint }) {
        const account = yield* accounts.authenticate(Redacted.value(credential))
        const action = Context.getUnsafe(endpoint.annotations, RequiredPermission)
        const allowed = Effect.gen(function* () {
          // Whether it is theirs is known once the order is: until then everybody counts as its owner.
          yield* Effect.fromResult(allow(account, action, account.id))
          return yield* Effect.provideService(answer, CurrentAccount, account)
        })
        return yield* identified(allowed, account.id)
      })
    })
  )
)

/** Requests that do not decode are refused with every fault; an answer that does not encode is a bug. */
export const ValidationLive = HttpApiMiddleware.layerSchemaErrorTransform(Validation, ({ kind, cause }) =>
  kind === "Body" || kind === "ResponseHeaders"
    ? Effect.die(cause)
    : Effect.fail(new InvalidInput({ errors: faultsOf(cause.issue) }))
)

export const OutageLogLive = Layer.succeed(OutageLog, (answer) =>
  Effect.tapError(answer, (error) =>
    Schema.is(StoreUnavailable)(error)
      ? withAccount(Effect.logError(error.message, error.cause))
      : Effect.void
  )
)
