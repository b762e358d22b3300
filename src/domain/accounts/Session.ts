import { Schema } from "effect"
import type { AccountId, SessionId } from "../shared/Ids.ts"
import { Text } from "../shared/Text.ts"

/** A login that can be refreshed until it expires or is ended, with one refresh token after the other. */
export interface Session {
  readonly id: SessionId
  readonly accountId: AccountId
  readonly createdAt: Date
  readonly expiresAt: Date
  readonly endedAt: Date | null
}

/** The refresh token that a session is refreshed or ended with. */
export const RefreshTokenRequest = Schema.Struct({ refreshToken: Text(1000) }).annotate({
  identifier: "RefreshTokenRequest"
})

/** The refresh token is unknown or was used before, or its session is over: time to log in again. */
export class InvalidRefreshToken extends Schema.TaggedError<InvalidRefreshToken>()(
  "InvalidRefreshToken",
  {}
) {
  override get message() {
    return "The refresh token is not valid; log in again"
  }
}

/** What there is to know when a refresh token comes in. */
export interface RefreshFacts extends Pick<Session, "expiresAt" | "endedAt"> {
  /** The token has been exchanged for another one before. */
  readonly used: boolean
  /** The account may not log in any more. */
  readonly disabled: boolean
}

/**
 * What becomes of a session when one of its refresh tokens comes in: it goes on with a new token, it is left as it is
 * and the token refused, or it ends. It ends when a used token comes back: one of two who have it has stolen it, and
 * which of them is not known.
 */
export const refresh = (
  { expiresAt, endedAt, used, disabled }: RefreshFacts,
  at: Date
): "goes on" | "is refused" | "ends" => {
  if (disabled || endedAt !== null || at >= expiresAt) return "is refused"
  return used ? "ends" : "goes on"
}
