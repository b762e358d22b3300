/** What is known in the course of a play: the ids that were answered, by kind, and where listings go on. */
import type { Effect } from "effect"
import type { ModelShop } from "./ModelShop.ts"
import type { StoppedClock } from "./StoppedClock.ts"

const kinds = ["account", "category", "product", "order", "payment"] as const
export type Kind = (typeof kinds)[number]

type Ask = Effect.Effect<unknown, unknown, ModelShop>

export interface World {
  readonly clock: StoppedClock
  readonly known: { readonly [K in Kind]: Array<string> }
  /** What each id is called: "order 0" is the first order. */
  readonly names: Map<string, string>
  /** The cursors that were answered, and how the listing that each belongs to goes on. */
  readonly cursors: Array<{ readonly cursor: string; readonly goOn: (limit: number) => Ask }>
  /** Where readers of the feed have come to. */
  readonly positions: Array<string>
  /** Who has registered, as they did. */
  readonly people: Array<{ readonly email: string; readonly password: string }>
  /** The refresh tokens that were answered. */
  readonly refreshTokens: Array<string>
  /** Requests with an idempotency key, to be sent again as they were. */
  readonly keyed: Array<Ask>
}

/** An id that nobody has, and something that is no id. */
const stranger = "00000000-0000-7000-8000-00000000dead"
const malformed = "not-an-id"

/** Users of the host who have no account. */
const hostUsers = ["00000000-0000-4000-8000-000000000001", "00000000-0000-4000-8000-000000000002"]

export const newWorld = (clock: StoppedClock): World => ({
  clock,
  known: { account: [], category: [], product: [], order: [], payment: [] },
  names: new Map([
    [stranger, "nobody's id"],
    ...hostUsers.map((id, index) => [id, `host user ${index}`] as const)
  ]),
  cursors: [],
  positions: [],
  people: [],
  refreshTokens: [],
  keyed: []
})

/** Remembers an id that was answered, and names it if it is new. */
export const learn = (world: World, kind: Kind, id: string): void => {
  if (world.names.has(id)) return
  const ids = world.known[kind]
  world.names.set(id, `${kind} ${ids.length}`)
  ids.push(id)
}

/** 0 is the newest of a kind, 1 the one before, and so on, around and around; below 0 are ids that are none of them. */
export type Which = number
export const nobodys: Which = -1
export const noId: Which = -2
/** The newest, in upper case. */
export const upperCase: Which = -3

const nth = <A>(items: ReadonlyArray<A>, which: Which): A | undefined =>
  items.at(-1 - (Math.max(0, which) % Math.max(1, items.length)))

export const find = (world: World, kind: Kind, which: Which): string => {
  if (which === nobodys) return stranger
  if (which === noId) return malformed
  const id = nth(world.known[kind], which) ?? stranger
  return which === upperCase ? id.toUpperCase() : id
}

/** A user of the host, or somebody with an account. */
export const findCustomer = (world: World, which: Which): string =>
  which < 0 ? find(world, "account", which) : (nth([...world.known.account, ...hostUsers], which) ?? stranger)

/** The one who was sent, `which` requests ago. */
export const findAgo = nth
