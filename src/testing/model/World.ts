/** State of a sequence of commands: known ids by kind, cursors, and requests to repeat. */
import type { Effect } from "effect"
import type { ModelShop } from "./ModelShop.ts"
import type { StoppedClock } from "./StoppedClock.ts"

const kinds = ["account", "category", "product", "order", "payment", "operation", "voucher"] as const
export type Kind = (typeof kinds)[number]

type Ask = Effect.Effect<unknown, unknown, ModelShop>

export interface World {
  readonly clock: StoppedClock
  readonly known: { readonly [K in Kind]: Array<string> }
  /** Name of each id: "order 0" is the first order. */
  readonly names: Map<string, string>
  /** Cursors from responses, with the request for the next page. */
  readonly cursors: Array<{ readonly cursor: string; readonly nextPage: (limit: number) => Ask }>
  /** Feed positions from responses. */
  readonly positions: Array<string>
  /** Registered accounts with their passwords. */
  readonly people: Array<{ readonly email: string; readonly password: string }>
  /** Codes of vouchers from responses. */
  readonly codes: Array<string>
  /** Refresh tokens from responses. */
  readonly refreshTokens: Array<string>
  /** Requests with an idempotency key, to repeat unchanged. */
  readonly keyed: Array<Ask>
}

/** A valid id that does not exist, and an invalid id. */
const nonexistent = "00000000-0000-7000-8000-00000000dead"
const malformed = "not-an-id"

/** Users of the host, who have no account. */
const hostUsers = ["00000000-0000-4000-8000-000000000001", "user_2abc", "User_2abc", "17"]

export const newWorld = (clock: StoppedClock): World => ({
  clock,
  known: { account: [], category: [], product: [], order: [], payment: [], operation: [], voucher: [] },
  names: new Map([[nonexistent, "unknown id"], ...hostUsers.map((id) => [id, `host user ${id}`] as const)]),
  cursors: [],
  positions: [],
  people: [],
  codes: [],
  refreshTokens: [],
  keyed: []
})

/** Stores an id from a response, and names it if it is new. */
export const learn = (world: World, kind: Kind, id: string): void => {
  if (world.names.has(id)) return
  const ids = world.known[kind]
  world.names.set(id, `${kind} ${ids.length}`)
  ids.push(id)
}

/**
 * Selects an id: 0 is the newest of its kind, 1 the one before, and so on, modulo their number. Negative numbers
 * select the constants below.
 */
export type Which = number
export const unknownId: Which = -1
export const malformedId: Which = -2
/** The newest id in upper case. */
export const upperCase: Which = -3

const nth = <A>(items: ReadonlyArray<A>, which: Which): A | undefined =>
  items.at(-1 - (Math.max(0, which) % Math.max(1, items.length)))

export const find = (world: World, kind: Kind, which: Which): string => {
  if (which === unknownId) return nonexistent
  if (which === malformedId) return malformed
  const id = nth(world.known[kind], which) ?? nonexistent
  return which === upperCase ? id.toUpperCase() : id
}

/** Returns the id of a user of the host or of an account. Any text but the empty one is a valid id. */
export const findCustomer = (world: World, which: Which): string =>
  which < 0
    ? which === malformedId
      ? ""
      : find(world, "account", which)
    : (nth([...world.known.account, ...hostUsers], which) ?? nonexistent)

/** Returns the code of a voucher, in upper case for `upperCase`. */
export const findCode = ({ codes }: World, which: Which): string => {
  if (which === malformedId) return " "
  const code = which === unknownId ? undefined : nth(codes, which)
  return which === upperCase ? (code ?? "none").toUpperCase() : (code ?? "none")
}

/** Returns the item that was added `which` items ago. */
export const findAgo = nth
