import { Context, type Effect } from "effect"
import type { Account, InvalidCredentials } from "../domain/accounts/Account.ts"
import type { InvalidRefreshToken } from "../domain/accounts/Session.ts"
import type { AccountId, SessionId } from "../domain/shared/Ids.ts"
import type { StoreUnavailable } from "./errors.ts"

/** A login that is to be kept. Only the hash of its refresh token is. */
export interface NewSession {
  readonly id: SessionId
  readonly accountId: AccountId
  readonly tokenHash: string
  readonly createdAt: Date
  readonly expiresAt: Date
}

/** One refresh token for the next, by their hashes. */
export interface Rotation {
  readonly from: string
  readonly to: string
  readonly at: Date
}

/** Keeps sessions and the hashes of their refresh tokens, used ones too. */
export class SessionStore extends Context.Service<
  SessionStore,
  {
    /**
     * `InvalidCredentials` unless the account is enabled and still has the password hash that was verified: so no
     * session outlives a change of the password that was made in the meantime.
     */
    readonly open: (
      session: NewSession,
      passwordHash: string
    ) => Effect.Effect<void, InvalidCredentials | StoreUnavailable>
    /**
     * Does as the domain's `refresh` decides, and answers with the account as it is now. Of many who use one token at
     * once, one gets the next; the others end the session.
     */
    readonly refresh: (rotation: Rotation) => Effect.Effect<Account, InvalidRefreshToken | StoreUnavailable>
    /** Ends the session that any of its refresh tokens, used or not, belongs to; if there is one. */
    readonly end: (tokenHash: string, at: Date) => Effect.Effect<void, StoreUnavailable>
    readonly endAll: (accountId: AccountId, at: Date) => Effect.Effect<void, StoreUnavailable>
    /**
     * Forgets at most `take` refresh tokens of sessions that ended or expired before a moment, and each session with
     * the last of its tokens; says how many tokens.
     */
    readonly prune: (before: Date, take: number) => Effect.Effect<number, StoreUnavailable>
  }
>()("effect-commerce/ports/SessionStore") {}
