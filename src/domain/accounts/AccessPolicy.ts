import { Result, Schema } from "effect"
import type { Role } from "./Account.ts"

/** Who asks: an account, or `null` for somebody without a token. */
export type Principal = { readonly id: string; readonly role: Role } | null

/** No valid token where one is needed. */
export class Unauthenticated extends Schema.TaggedError<Unauthenticated>()("Unauthenticated", {}) {
  override get message() {
    return "A valid access token is needed"
  }
}

/** The account is known and may not do this. */
export class Forbidden extends Schema.TaggedError<Forbidden>()("Forbidden", {}) {
  override get message() {
    return "This account may not do that"
  }
}

/** Somebody asks for the same thing again and again. */
export class TooManyRequests extends Schema.TaggedError<TooManyRequests>()("TooManyRequests", {
  /** Seconds until it is worth another try. */
  retryAfter: Schema.Int
}) {
  override get message() {
    return `Too many requests; try again in ${this.retryAfter} seconds`
  }
}

type Group = "anyone" | "account" | "owner" | "owner or admin" | "admin"

/** Who may do what. `owner` is the customer whom the order belongs to. */
export const access = {
  "read catalog": "anyone",
  "change catalog": "admin",
  "see own account": "account",
  "change own password": "account",
  "log out everywhere": "account",
  "place order": "account",
  "list orders": "account",
  "list orders of anyone": "admin",
  "see order": "owner or admin",
  "pay order": "owner",
  "advance order": "admin",
  "see analytics": "admin"
} as const satisfies Record<string, Group>
/** What somebody may do, or not; the endpoints of the HTTP API name theirs. */
export type Action = keyof typeof access

/** Decides whether an actor may do something, if need be to something that belongs to `owner`. */
export const allow = (
  principal: Principal,
  action: Action,
  owner?: string
): Result.Result<void, Unauthenticated | Forbidden> => {
  const group: Group = access[action]
  if (group === "anyone") return Result.void
  if (principal === null) return Result.fail(new Unauthenticated())
  const isAdmin = principal.role === "admin"
  const isOwner = principal.id === owner
  const allowed = {
    account: true,
    owner: isOwner,
    "owner or admin": isOwner || isAdmin,
    admin: isAdmin
  }[group]
  return allowed ? Result.void : Result.fail(new Forbidden())
}
