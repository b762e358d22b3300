import type { Answered, Call, Method } from "./Calls.ts"
import type { Completion, History } from "./History.ts"

/** The calls of a history, in the order in which they began. */
export interface Evidence {
  readonly calls: ReadonlyArray<Call>
  /** Returns the calls of some methods. */
  readonly of: <M extends Method>(...methods: ReadonlyArray<M>) => ReadonlyArray<Call<M>>
  /** Returns those that were answered with success. */
  readonly answered: <M extends Method>(...methods: ReadonlyArray<M>) => ReadonlyArray<Answered<M>>
}

export const isAnswered = <M extends Method>(call: Call<M>): call is Answered<M> => call.outcome === "ok"

/** Joins the begin and the end of each call. */
const callsOf = (history: History, clockTolerance: number): ReadonlyArray<Call> => {
  const nameOf = ({ process, call }: { readonly process: string; readonly call: number }) =>
    `${process} ${call}`
  const ends = new Map<string, Completion>()
  for (const event of history) if (event.type !== "invoke") ends.set(nameOf(event), event)
  return history
    .flatMap((event) => {
      if (event.type !== "invoke") return []
      const end = ends.get(nameOf(event))
      const call = {
        method: event.method,
        name: `${event.method} (${nameOf(event)})`,
        input: event.input,
        options: event.options ?? {},
        invoked: event.time,
        completed: (end?.time ?? Infinity) + clockTolerance,
        outcome: end?.type ?? "info",
        replayed: end?.replayed,
        error: end?.error ?? {},
        value: end?.value
      }
      return [call as unknown as Call]
    })
    .sort((a, b) => a.invoked - b.invoked)
}

export const evidenceOf = (history: History, clockTolerance = 0): Evidence => {
  const calls = callsOf(history, clockTolerance)
  const of = <M extends Method>(...methods: ReadonlyArray<M>) =>
    calls.filter((call) => methods.includes(call.method as M)) as unknown as ReadonlyArray<Call<M>>
  return { calls, of, answered: (...methods) => of(...methods).filter(isAnswered) }
}

const uuid = /^[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12}$/i

/** Returns a value as text that is equal for equal values: fields are sorted, and the case of ids does not matter. */
export const canonical = (value: unknown): string =>
  JSON.stringify(value, (_, part: unknown) => {
    if (typeof part === "string") return uuid.test(part) ? part.toLowerCase() : part
    if (typeof part !== "object" || part === null || Array.isArray(part)) return part
    return Object.fromEntries(Object.entries(part).sort(([a], [b]) => (a < b ? -1 : 1)))
  }) ?? ""

/** Returns the id of a customer or an actor so that `canonical` keeps its case: `A` and `a` are two. */
export const exact = (id: string): string => `=${id}`

/** Groups items by a key. */
export const groupBy = <A>(items: Iterable<A>, keyOf: (item: A) => string): Map<string, Array<A>> => {
  const groups = new Map<string, Array<A>>()
  for (const item of items) {
    const key = keyOf(item)
    const group = groups.get(key)
    if (group === undefined) groups.set(key, [item])
    else group.push(item)
  }
  return groups
}
