/** Memory stores that do one thing wrong. */
import { Context, Effect, Layer } from "effect"
import * as Memory from "../../src/adapters/memory/index.ts"
import { MemoryState } from "../../src/adapters/memory/MemoryState.ts"
import type { Stores } from "../../src/ports/Stores.ts"

export type State = MemoryState["Service"]

/** The stores as `spoil` makes them of those in memory and their state. */
export const faultyStores = (
  spoil: (stores: Context.Context<Stores>, state: State) => Context.Context<Stores>
): Layer.Layer<Stores> =>
  Layer.effectContext(
    Effect.map(Effect.context<Stores | MemoryState>(), (stores) =>
      spoil(stores, Context.get(stores, MemoryState))
    )
  ).pipe(Layer.provide(Memory.layer), Layer.provide(MemoryState.layer))

/** The stores, one of which is replaced by what `spoil` makes of it. */
export const faulty = <I extends Stores, S>(
  store: Context.Key<I, S>,
  spoil: (store: S, state: State) => S
): Layer.Layer<Stores> =>
  faultyStores((stores, state) => Context.add(stores, store, spoil(Context.get(stores, store), state)))

type Table = Map<unknown, unknown>

const restore = (table: Table, before: Table) => {
  table.clear()
  for (const [key, value] of before) table.set(key, value)
}

/** Work that forgets what it has done to a table. */
export const keeping = <A, E>(table: Table, work: Effect.Effect<A, E>): Effect.Effect<A, E> =>
  Effect.suspend(() => {
    const before = new Map(table)
    return Effect.tap(work, () => Effect.sync(() => restore(table, before)))
  })

/** Work that goes by what some tables said a moment before, and undoes what others have done to them since. */
export const late = <A, E>(tables: ReadonlyArray<Table>, work: Effect.Effect<A, E>): Effect.Effect<A, E> =>
  Effect.suspend(() => {
    const before = tables.map((table) => new Map(table))
    return Effect.andThen(
      Effect.yieldNow,
      Effect.suspend(() => {
        for (const [i, table] of tables.entries()) restore(table, before[i] ?? table)
        return work
      })
    )
  })

/** Work that sees a table otherwise than it is; `undefined` hides an entry. */
export const seeing = <K, V, A, E>(
  table: Map<K, V>,
  see: (value: V) => V | undefined,
  work: Effect.Effect<A, E>
): Effect.Effect<A, E> =>
  Effect.suspend(() => {
    const before = new Map(table)
    for (const [key, value] of before) {
      const seen = see(value)
      if (seen === undefined) table.delete(key)
      else table.set(key, seen)
    }
    const seen = new Map(table)
    return Effect.ensuring(
      work,
      Effect.sync(() => {
        for (const [key, value] of before) {
          if (table.get(key) === seen.get(key)) table.set(key, value)
        }
      })
    )
  })
