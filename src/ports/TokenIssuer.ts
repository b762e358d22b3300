import { Context, type Effect } from "effect"
import type { Unauthenticated } from "../domain/accounts/AccessPolicy.ts"
import type { Role } from "../domain/accounts/Account.ts"
import type { AccountId } from "../domain/shared/Ids.ts"
import type { ShopName } from "../domain/shops/ShopName.ts"

/** Claims of an access token: the account, and its role at the time of issue. */
export interface Claims {
  readonly id: AccountId
  readonly role: Role
}

/** Issues and verifies tokens. */
export class TokenIssuer extends Context.Service<
  TokenIssuer,
  {
    /** Returns a signed access token and its lifetime in seconds. */
    readonly access: (claims: Claims) => Effect.Effect<{ readonly token: string; readonly expiresIn: number }>
    /**
     * Returns the claims of an access token. Fails with `Unauthenticated` if the signature is invalid or the token
     * has expired.
     */
    readonly verify: (token: string) => Effect.Effect<Claims, Unauthenticated>
    /**
     * Returns a random refresh token and its hash. Stores receive only the hash. Reset tokens and service tokens are made of it too, so
     * it has at least 128 random bits.
     */
    readonly refresh: Effect.Effect<{ readonly token: string; readonly hash: string }>
    /** Returns the hash of a refresh token. */
    readonly hashRefresh: (token: string) => string
  }
>()("effect-commerce/ports/TokenIssuer") {}

/** The token issuer of each shop of a process. No issuer accepts an access token of another shop. */
export class ShopTokenIssuers extends Context.Service<
  ShopTokenIssuers,
  {
    /** Returns the issuer of a shop. */
    readonly issuerOf: (shop: ShopName) => Effect.Effect<TokenIssuer["Service"]>
  }
>()("effect-commerce/ports/ShopTokenIssuers") {}
