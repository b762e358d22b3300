import { Effect, Redacted } from "effect"
import { AccountId } from "effect-commerce"
import * as Jose from "effect-commerce/jose"
import { TokenIssuer } from "effect-commerce/ports"

const issuer = Jose.layer({ secret: Redacted.make("at least 32 bytes that nobody knows") })
const verified = TokenIssuer.use((issuer) => {
  const id = AccountId.make("0198c0de-0000-7000-8000-000000000001")
  return Effect.flatMap(issuer.access({ id, role: "admin" }), ({ token }) => issuer.verify(token))
})
const { role } = await Effect.runPromise(Effect.provide(verified, issuer))
console.log(role)
