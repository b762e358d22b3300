import { Clock, Effect, Layer, Redacted, Schema } from "effect"
import { Unauthenticated } from "../../domain/accounts/AccessPolicy.ts"
import { Role } from "../../domain/accounts/Account.ts"
import { defineStages } from "../../domain/fulfilment/Stage.ts"
import type { Outcome } from "../../domain/payments/Payment.ts"
import { AccountId, type PaymentId } from "../../domain/shared/Ids.ts"
import { GatewayUnavailable } from "../../ports/errors.ts"
import { PasswordHasher } from "../../ports/PasswordHasher.ts"
import { PaymentGateway } from "../../ports/PaymentGateway.ts"
import { Stages } from "../../ports/Stages.ts"
import type { Stores } from "../../ports/Stores.ts"
import { TokenIssuer } from "../../ports/TokenIssuer.ts"
import { Accounts } from "../../services/Accounts.ts"
import { Analytics } from "../../services/Analytics.ts"
import { Catalog } from "../../services/Catalog.ts"
import type { Services } from "../../services/Commerce.ts"
import { Orders } from "../../services/Orders.ts"
import { Payments } from "../../services/Payments.ts"
import { ServiceTokens } from "../../services/ServiceTokens.ts"
import { Verification } from "../../services/Verification.ts"
import { Vouchers } from "../../services/Vouchers.ts"

/** The services and stores that a sequence of commands needs. */
export type ModelShop = Services | Stores

const plainHasher = Layer.succeed(
  PasswordHasher,
  PasswordHasher.of({
    hash: (password) => Effect.sync(() => `plain ${Redacted.value(password)}`),
    verify: (password, hash) => Effect.sync(() => hash === `plain ${Redacted.value(password)}`)
  })
)

const PlainToken = Schema.fromJsonString(
  Schema.Struct({ claims: Schema.Struct({ id: AccountId, role: Role }), until: Schema.Int })
)
const expiresIn = 900

const plainTokens = Layer.sync(TokenIssuer, () => {
  let refreshed = 0
  return TokenIssuer.of({
    access: ({ id, role }) =>
      Effect.map(Clock.currentTimeMillis, (now) => ({
        token: Schema.encodeSync(PlainToken)({ claims: { id, role }, until: now + expiresIn * 1000 }),
        expiresIn
      })),
    verify: (token) =>
      Effect.gen(function* () {
        const { claims, until } = yield* Schema.decodeEffect(PlainToken)(token)
        return (yield* Clock.currentTimeMillis) < until ? claims : yield* new Unauthenticated()
      }).pipe(Effect.mapError(() => new Unauthenticated())),
    refresh: Effect.sync(() => {
      refreshed += 1
      return { token: `refresh ${refreshed}`, hash: `hash of refresh ${refreshed}` }
    }),
    hashRefresh: (token) => `hash of ${token}`
  })
})

const outcomes = new Map<string, Outcome | "AUTHORIZED" | "nothing">([
  ["sim_hold", "AUTHORIZED"],
  ["sim_approve", "APPROVED"],
  ["sim_decline", "DECLINED"],
  ["sim_cancel", "CANCELLED"],
  ["sim_timeout", "APPROVED"],
  ["sim_silent", "nothing"]
])

const unanswered = new GatewayUnavailable({ cause: "no answer" })

/** What becomes of an operation, by the remainder of its amount by 7. */
const operated: ReadonlyArray<Outcome | "nothing"> = ["DECLINED", "CANCELLED", "APPROVED", "nothing"]

/**
 * `sim_timeout` charges, but its first response is lost. `sim_silent` never responds. Voids are carried out. Few captures and refunds
 * are not, or have no response.
 */
const gateway = Layer.sync(PaymentGateway, () => {
  const asked = new Set<PaymentId>()
  return PaymentGateway.of({
    accepts: (paymentMethod) => outcomes.has(paymentMethod),
    charge: ({ paymentId, paymentMethod }) =>
      Effect.suspend(() => {
        const first = !asked.has(paymentId)
        asked.add(paymentId)
        const outcome = outcomes.get(paymentMethod) ?? "nothing"
        const lost = outcome === "nothing" || (first && paymentMethod === "sim_timeout")
        return lost
          ? Effect.fail(unanswered)
          : Effect.succeed(outcome === "AUTHORIZED" ? { outcome } : outcome)
      }),
    operate: ({ kind, amount: { amount } }) => {
      const outcome = kind === "void" ? "APPROVED" : (operated[amount % 7] ?? "APPROVED")
      return outcome === "nothing" ? Effect.fail(unanswered) : Effect.succeed(outcome)
    }
  })
})

/** The stages of the shop in the model. */
export const modelStages = defineStages({
  PAID: {
    first: "new",
    moves: { new: ["picked"], picked: ["packed", "new"], packed: [] },
    leaves: ["new", "packed"]
  },
  SHIPPED: { first: "on its way", moves: { "on its way": ["at the door"], "at the door": [] } }
})

/**
 * Provides all services on the given stores, without background maintenance, so that only commands cause changes.
 *
 * Passwords are not hashed, tokens are not signed, and the gateway moves no money. Orders are priced by the `Pricing` of the
 * context.
 */
export const shopOn = <E, R>(stores: Layer.Layer<Stores, E, R>): Layer.Layer<ModelShop, E, R> =>
  Layer.mergeAll(
    Accounts.layer(),
    ServiceTokens.layer,
    Catalog.layer,
    Layer.provideMerge(Orders.layer, Payments.layer()),
    Vouchers.layer,
    Analytics.layer,
    Verification.layer
  ).pipe(
    Layer.provideMerge(stores),
    Layer.provide([plainHasher, plainTokens, gateway, Layer.succeed(Stages, modelStages)])
  )
