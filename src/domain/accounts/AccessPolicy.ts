import { Result, Schema } from "effect"
import type { Role } from "./Account.ts"

/** A user: an account, or a user of the host. */
export interface User {
  readonly id: string
  readonly role: Role
}

/** A back end with a service token. Its id is `service:` and the name of the token. */
export interface Service {
  readonly id: string
  readonly role: "service"
}

/** Who sends a request. `null` for a request without a token. */
export type Principal = User | Service | null

/** Refusal: the operation requires a valid access token, and the request has none. */
export class Unauthenticated extends Schema.TaggedError<Unauthenticated>()("Unauthenticated", {}) {
  override get message() {
    return "A valid access token is required."
  }
}

/** Refusal: the account lacks the permission for this operation. */
export class Forbidden extends Schema.TaggedError<Forbidden>()("Forbidden", {}) {
  override get message() {
    return "The account is not allowed to do this."
  }
}

/** Refusal: the rate limit is exceeded, or too many requests wait for events of the feed. */
export class TooManyRequests extends Schema.TaggedError<TooManyRequests>()("TooManyRequests", {
  /** Seconds until the next attempt is allowed. */
  retryAfter: Schema.Int
}) {
  override get message() {
    return `Too many requests. Try again in ${this.retryAfter} seconds.`
  }
}

type Group =
  | "anyone"
  | "account"
  | "account or service"
  | "owner"
  | "owner or admin"
  | "admin"
  | "admin account"

/**
 * Access policy: the group that may perform each action. `owner` is the customer of the order. A service may do what an admin may,
 * except what needs an account of its own (`account`, `owner`) and what would let it outlive its token (`admin account`).
 */
export const access = {
  "read catalog": "anyone",
  "change catalog": "admin",
  "list inactive products": "admin",
  "see own account": "account",
  "change own password": "account",
  "log out everywhere": "account",
  "place order": "account",
  "list orders": "account or service",
  "list orders of anyone": "admin",
  "see order": "owner or admin",
  "pay order": "owner",
  "advance order": "admin",
  "cancel order": "owner or admin",
  "cancel part of order": "admin",
  "manage payments": "admin",
  "manage vouchers": "admin",
  "see analytics": "admin",
  "read feed": "admin",
  "see accounts": "admin",
  "manage customers": "admin",
  "manage admins": "admin account",
  "manage service tokens": "admin account"
} as const satisfies Record<string, Group>
/** An action that the access policy covers. */
export type Action = keyof typeof access

/**
 * Decides whether the principal may perform an action. `owner` is the customer id of the order concerned. Fails
 * with `Unauthenticated` or `Forbidden`.
 */
export const allow = (
  principal: Principal,
  action: Action,
  owner?: string
): Result.Result<void, Unauthenticated | Forbidden> => {
  const group: Group = access[action]
  if (group === "anyone") return Result.void
  if (principal === null) return Result.fail(new Unauthenticated())
  const { role } = principal
  const isService = role === "service"
  const isAdmin = role === "admin" || isService
  const isOwner = !isService && principal.id === owner
  const allowed = {
    account: !isService,
    "account or service": true,
    owner: isOwner,
    "owner or admin": isOwner || isAdmin,
    admin: isAdmin,
    "admin account": role === "admin"
  }[group]
  return allowed ? Result.void : Result.fail(new Forbidden())
}
