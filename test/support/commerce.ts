import { Effect, Layer, Redacted, Schema } from "effect"
import * as SimulatedPayments from "../../src/adapters/simulated-payments.ts"
import { Unauthenticated } from "../../src/domain/accounts/AccessPolicy.ts"
import { Role } from "../../src/domain/accounts/Account.ts"
import { AccountId } from "../../src/domain/shared/Ids.ts"
import { PasswordHasher } from "../../src/ports/PasswordHasher.ts"
import { TokenIssuer } from "../../src/ports/TokenIssuer.ts"
import * as Commerce from "../../src/services/Commerce.ts"

/** Hashes that anyone could read, in no time. */
const hasher = Layer.succeed(
  PasswordHasher,
  PasswordHasher.of({
    hash: (password) => Effect.succeed(`hash of ${Redacted.value(password)}`),
    verify: (password, hash) => Effect.succeed(hash === `hash of ${Redacted.value(password)}`)
  })
)

const Claims = Schema.fromJsonString(Schema.Struct({ id: AccountId, role: Role }))

/** Tokens that anyone could forge: the claims as they are. */
const issuer = Layer.succeed(
  TokenIssuer,
  TokenIssuer.of({
    access: (claims) =>
      Effect.map(Effect.orDie(Schema.encodeEffect(Claims)(claims)), (token) => ({ token, expiresIn: 900 })),
    verify: (token) => Effect.mapError(Schema.decodeEffect(Claims)(token), () => new Unauthenticated()),
    refresh: Effect.sync(() => {
      const token = crypto.randomUUID()
      return { token, hash: `hash of ${token}` }
    }),
    hashRefresh: (token) => `hash of ${token}`
  })
)

const gateway = SimulatedPayments.layer({ faults: true })

/** All services over whatever stores there are, with stand-ins for the other ports. */
export const commerce = Commerce.layer({ maintenance: { every: "1 hour" } }).pipe(
  Layer.provide([hasher, issuer, gateway])
)

/** The same without maintenance, for transactions of hosts. */
export const commerceServices = Commerce.layerServices().pipe(Layer.provide([hasher, issuer, gateway]))
