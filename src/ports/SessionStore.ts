import { Context, type Effect } from "effect"
import type { Account, InvalidCredentials } from "../domain/accounts/Account.ts"
import type { InvalidRefreshToken } from "../domain/accounts/Session.ts"
import type { AccountId, SessionId } from "../domain/shared/Ids.ts"
import type { StoreUnavailable } from "./errors.ts"

/** Data of a new session. Stores keep only the hash of its refresh token. */
export interface NewSession {
  readonly id: SessionId
  readonly accountId: AccountId
  readonly tokenHash: string
  readonly createdAt: Date
  readonly expiresAt: Date
}

/** Hashes of a refresh token and of its replacement. */
export interface Rotation {
  readonly from: string
  readonly to: string
  readonly at: Date
}

/** Stores sessions and the hashes of their refresh tokens, used tokens included. */
export class SessionStore extends Context.Service<
  SessionStore,
  {
    /**
     * Opens a session.
     *
     * Fails with `InvalidCredentials` unless the account is enabled and still has `passwordHash`. A concurrent
     * change of the password thereby ends every earlier login.
     */
    readonly open: (
      session: NewSession,
      passwordHash: string
    ) => Effect.Effect<void, InvalidCredentials | StoreUnavailable>
    /**
     * Applies the domain's `refresh` and returns the account in its current state.
     *
     * Of concurrent calls with one token, exactly one gets the new token. The others end the session. Fails with
     * `InvalidRefreshToken`.
     */
    readonly refresh: (rotation: Rotation) => Effect.Effect<Account, InvalidRefreshToken | StoreUnavailable>
    /** Ends the session of a refresh token, used or not. Succeeds also if the token is unknown. */
    readonly end: (tokenHash: string, at: Date) => Effect.Effect<void, StoreUnavailable>
    /** Ends all sessions of an account. */
    readonly endAll: (accountId: AccountId, at: Date) => Effect.Effect<void, StoreUnavailable>
    /**
     * Deletes up to `take` refresh tokens of sessions that ended or expired before a time. A session is deleted
     * with its last token. Returns the number of deleted tokens. `at` is the present time of the caller: a store with a clock of
     * its own takes the difference from that instead.
     */
    readonly prune: (before: Date, take: number, at: Date) => Effect.Effect<number, StoreUnavailable>
  }
>()("effect-commerce/ports/SessionStore") {}
