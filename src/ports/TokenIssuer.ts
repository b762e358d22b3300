import { Context, type Effect } from "effect"
import type { Unauthenticated } from "../domain/accounts/AccessPolicy.ts"
import type { Role } from "../domain/accounts/Account.ts"
import type { AccountId } from "../domain/shared/Ids.ts"

/** What an access token says: whose it is, and what role they had when it was issued. */
export interface Claims {
  readonly id: AccountId
  readonly role: Role
}

/** Makes and checks the tokens that stand for an account. */
export class TokenIssuer extends Context.Service<
  TokenIssuer,
  {
    /** A signed token and the seconds that it is valid for. */
    readonly access: (claims: Claims) => Effect.Effect<{ readonly token: string; readonly expiresIn: number }>
    /** The claims of a token that this issuer signed and that has not expired. */
    readonly verify: (token: string) => Effect.Effect<Claims, Unauthenticated>
    /** A random refresh token, with the hash that is all a store ever sees of it. */
    readonly refresh: Effect.Effect<{ readonly token: string; readonly hash: string }>
    readonly hashRefresh: (token: string) => string
  }
>()("effect-commerce/ports/TokenIssuer") {}
