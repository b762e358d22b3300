import { Array as Arr, Context, Effect, Exit, Layer, Semaphore } from "effect"
import { withStage } from "../../domain/fulfilment/Stage.ts"
import type { FeedEvent } from "../../domain/orders/Feed.ts"
import type { OrderRefused } from "../../domain/orders/OrderChange.ts"
import { askHook, BeforeCommit, failedHook } from "../../ports/BeforeCommit.ts"
import { StoreUnavailable } from "../../ports/errors.ts"
import { Stages } from "../../ports/Stages.ts"
import { MemoryState, type MemoryTables } from "./MemoryState.ts"

/** Whether the fiber runs in a transaction: in the hook of the host. */
const isInside = Context.Reference<boolean>("effect-commerce/adapters/memory/isInside", {
  defaultValue: () => false
})

/** How long the hook may take: as long as a transaction on PostgreSQL. A hook that awaits a call of the shop would wait for ever. */
const hookTimeout = "10 seconds"

const tookTooLong = () =>
  new StoreUnavailable({
    outcome: "notApplied",
    cause: new Error(`The function beforeCommit took longer than ${hookTimeout}`)
  })

/** What changes of orders may change. */
const undoable = [
  "categories",
  "products",
  "orders",
  "events",
  "vouchers",
  "redemptions",
  "payments",
  "operations",
  "keys"
] as const

const refill = <K, V>(map: Map<K, V>, entries: Iterable<readonly [K, V]>) => {
  map.clear()
  for (const [key, value] of entries) map.set(key, value)
}

/** Returns a function that puts the tables back into their present state. */
const savepoint = (state: MemoryTables): (() => void) => {
  const { feed, adjustments } = state
  const [events, adjusted] = [feed.length, adjustments.length]
  const copies = undoable.map((name) => [name, [...state[name]]] as const)
  return () => {
    feed.length = events
    adjustments.length = adjusted
    for (const [name, entries] of copies) refill<unknown, unknown>(state[name], entries)
  }
}

/**
 * The transactions of the stores, which the hook of the host needs: it runs between a change and its commit. Calls then run one after
 * another, as on one connection. Without a hook each call is synchronous, and needs no transaction.
 */
export class MemoryTransactions extends Context.Service<
  MemoryTransactions,
  {
    /** Makes a transaction of every call of a store. */
    readonly transactional: <Store extends object>(store: Store) => Store
    /**
     * Runs the hook after a change, and undoes the change if the hook refuses it, fails or takes too long. The hook gets each event
     * once, also if changes are nested.
     */
    readonly atomically: <A, E>(
      change: Effect.Effect<A, E>
    ) => Effect.Effect<A, E | OrderRefused | StoreUnavailable>
    /** Whether the caller runs in a transaction. */
    readonly inTransaction: Effect.Effect<boolean>
  }
>()("effect-commerce/adapters/memory/MemoryTransactions") {
  static readonly layer = Layer.effect(
    MemoryTransactions,
    Effect.gen(function* () {
      const state = yield* MemoryState
      const hook = yield* BeforeCommit
      const stages = yield* Stages
      const turn = Semaphore.makeUnsafe(1)
      if (hook === undefined) {
        return MemoryTransactions.of({
          transactional: (store) => store,
          atomically: (change) => change,
          inTransaction: Effect.succeed(false)
        })
      }

      const asked = new WeakSet<FeedEvent>()
      const changesSince = (start: number) => {
        const events = state.feed.slice(start).filter((event) => !asked.has(event))
        for (const event of events) asked.add(event)
        return events.flatMap(({ orderId, position, ...event }) => {
          const order = state.orders.get(orderId)
          return order === undefined ? [] : [{ order: withStage(stages, order), event }]
        })
      }

      const ask = Effect.fnUntraced(function* (position: number) {
        const changes = changesSince(position)
        if (!Arr.isArrayNonEmpty(changes)) return
        const answer = askHook(hook, changes).pipe(
          Effect.catch((cause) => failedHook(changes, cause)),
          Effect.timeoutOrElse({ duration: hookTimeout, orElse: () => Effect.fail(tookTooLong()) })
        )
        const [refusal] = (yield* answer).values()
        if (refusal !== undefined) return yield* refusal
      })

      const atomically = <A, E>(
        change: Effect.Effect<A, E>
      ): Effect.Effect<A, E | OrderRefused | StoreUnavailable> =>
        Effect.suspend(() => {
          const position = state.feed.length
          const undo = savepoint(state)
          return change.pipe(
            Effect.tap(() => ask(position)),
            Effect.onExit((exit) => (Exit.isFailure(exit) ? Effect.sync(undo) : Effect.void))
          )
        })

      /** Inside a hook a call joins the transaction. */
      const transaction = <A, E>(call: Effect.Effect<A, E>) =>
        Effect.flatMap(isInside, (inside) =>
          inside ? atomically(call) : turn.withPermit(Effect.provideService(atomically(call), isInside, true))
        )

      const transactional = <Store extends object>(store: Store): Store =>
        Object.fromEntries(
          Object.entries(store).map(([name, member]) => [
            name,
            typeof member === "function"
              ? (...args: ReadonlyArray<unknown>) => transaction(member(...args))
              : member
          ])
        ) as Store

      // The reference itself is a function, which `transactional` would take for a call.
      const inTransaction = Effect.suspend(() => isInside)
      return MemoryTransactions.of({ transactional, atomically, inTransaction })
    })
  )
}
