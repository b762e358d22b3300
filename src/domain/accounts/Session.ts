import { Schema } from "effect"
import type { AccountId, SessionId } from "../shared/Ids.ts"
import { Text } from "../shared/Text.ts"

/** A login. It lasts until it expires or is ended, and each refresh replaces its refresh token. */
export interface Session {
  readonly id: SessionId
  readonly accountId: AccountId
  readonly createdAt: Date
  readonly expiresAt: Date
  readonly endedAt: Date | null
}

/** Input of a refresh or a logout. */
export const RefreshTokenRequest = Schema.Struct({ refreshToken: Text(1000) }).annotate({
  identifier: "RefreshTokenRequest"
})

/**
 * Refusal: the refresh token is unknown or already used, or its session has ended. The client must log in again.
 */
export class InvalidRefreshToken extends Schema.TaggedError<InvalidRefreshToken>()(
  "InvalidRefreshToken",
  {}
) {
  override get message() {
    return "The refresh token is not valid. Log in again."
  }
}

/** Facts that decide what a refresh token does. */
export interface RefreshFacts extends Pick<Session, "expiresAt" | "endedAt"> {
  /** Whether the token was already exchanged for a new one. */
  readonly used: boolean
  /** Whether the account is disabled. */
  readonly disabled: boolean
}

/**
 * Decides what a refresh token does to its session.
 *
 * A used token ends the session (refresh token rotation, RFC 9700): one of its two holders has stolen it, and the
 * server cannot tell which one.
 */
export const refresh = (
  { expiresAt, endedAt, used, disabled }: RefreshFacts,
  at: Date
): "rotate" | "refuse" | "endSession" => {
  if (disabled || endedAt !== null || at >= expiresAt) return "refuse"
  return used ? "endSession" : "rotate"
}
