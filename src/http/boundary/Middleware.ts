import { Context, Effect, Layer, Option, Redacted, Schema } from "effect"
import { type HttpRouter, HttpServerRequest } from "effect/http"
import { type HttpApiEndpoint, HttpApiMiddleware } from "effect/http-api"
import { allow } from "../../domain/accounts/AccessPolicy.ts"
import { faultsOf, InvalidInput } from "../../domain/shared/InvalidInput.ts"
import { StoreUnavailable } from "../../ports/errors.ts"
import {
  Authorization,
  CurrentAccount,
  OptionalAuthorization,
  Permission,
  RequiredPermission
} from "../api/Authorization.ts"
import { AddressLimit, KnownInput, OutageLog, Validation } from "../api/Request.ts"
import { countRequest } from "../security/RateLimit.ts"
import { makeIdentify } from "./HostUsers.ts"
import { withAccount, withKnownAccount } from "./RequestLog.ts"
import { refuseUnknownInput } from "./UnknownInput.ts"

/** Whether `Authorization` guards the endpoint. */
const needsAccount = ({ annotations }: HttpApiEndpoint.Top): boolean =>
  Option.isSome(Context.getOption(annotations, RequiredPermission))

/** Verifies the user and the permission of the endpoint before the request is decoded. */
export const AuthorizationLive = Layer.effect(
  Authorization,
  Effect.map(makeIdentify, (identify) =>
    Authorization.of({
      bearer: Effect.fnUntraced(function* (handler, { credential, endpoint }) {
        const account = yield* Effect.tapError(identify(Redacted.value(credential)), () => countRequest())
        yield* countRequest(account.id)
        const action = Context.getUnsafe(endpoint.annotations, RequiredPermission)
        // The owner is unknown until the order is loaded, so this check assumes the caller owns it. The handler
        // checks the real owner.
        const allowed = Effect.fromResult(allow(account, action, account.id))
        const answer = Effect.andThen(allowed, Effect.andThen(refuseUnknownInput(endpoint), handler))
        const ofAccount = withKnownAccount(account.id)
        return yield* Effect.updateContext(answer, (context: Context.Context<HttpRouter.Provided>) =>
          Context.add(ofAccount(context), CurrentAccount, account)
        )
      })
    })
  )
)

export const OptionalAuthorizationLive = Layer.effect(
  OptionalAuthorization,
  Effect.map(makeIdentify, (identify) =>
    OptionalAuthorization.of({
      bearer: Effect.fnUntraced(function* (handler, { credential }) {
        const request = yield* HttpServerRequest.HttpServerRequest
        const permission = Permission.of({
          require: Effect.fnUntraced(
            function* (action) {
              yield* Effect.fromResult(allow(yield* identify(Redacted.value(credential)), action))
            },
            Effect.provideService(HttpServerRequest.HttpServerRequest, request)
          )
        })
        return yield* Effect.provideService(handler, Permission, permission)
      })
    })
  )
)

export const AddressLimitLive = Layer.succeed(AddressLimit, (handler, { endpoint }) =>
  needsAccount(endpoint) ? handler : Effect.andThen(countRequest(), handler)
)

export const KnownInputLive = Layer.succeed(KnownInput, (handler, { endpoint }) =>
  needsAccount(endpoint) ? handler : Effect.andThen(refuseUnknownInput(endpoint), handler)
)

/** Refuses requests that do not decode, and lists all faults. A response that does not encode is a defect. */
export const ValidationLive = HttpApiMiddleware.layerSchemaErrorTransform(Validation, ({ kind, cause }) =>
  kind === "Body" || kind === "ResponseHeaders"
    ? Effect.die(cause)
    : Effect.fail(new InvalidInput({ errors: faultsOf(cause.issue) }))
)

export const OutageLogLive = Layer.succeed(OutageLog, (handler) =>
  Effect.tapError(handler, (error) =>
    Schema.is(StoreUnavailable)(error)
      ? withAccount(Effect.logError(error.message, error.cause))
      : Effect.void
  )
)
