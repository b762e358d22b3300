import { Effect, Layer } from "effect"
import { Unauthenticated } from "../domain/accounts/AccessPolicy.ts"
import { PasswordHasher } from "../ports/PasswordHasher.ts"
import { ShopTokenIssuers, TokenIssuer } from "../ports/TokenIssuer.ts"
import { AccountsDisabled } from "./CommerceError.ts"

const refuse = Effect.suspend(() => Effect.die(new AccountsDisabled()))

const noHasher = PasswordHasher.of({ hash: () => refuse, verify: () => refuse })

const noIssuer = TokenIssuer.of({
  access: () => refuse,
  verify: () => Effect.fail(new Unauthenticated()),
  refresh: refuse,
  hashRefresh: () => {
    throw new AccountsDisabled()
  }
})

/**
 * Provides neither passwords nor tokens, for hosts with users of their own. `Accounts.register`, `login`, `refresh` and `logout` die with
 * `AccountsDisabled`; no access token is valid.
 */
export const layerNoAccounts: Layer.Layer<PasswordHasher | TokenIssuer | ShopTokenIssuers> = Layer.mergeAll(
  Layer.succeed(PasswordHasher, noHasher),
  Layer.succeed(TokenIssuer, noIssuer),
  Layer.succeed(ShopTokenIssuers, ShopTokenIssuers.of({ issuerOf: () => Effect.succeed(noIssuer) }))
)
