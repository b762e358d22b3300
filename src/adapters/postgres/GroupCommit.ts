import { Array as Arr, Cause, Deferred, Effect, Exit, Option, Queue } from "effect"
import type { ProductId } from "../../domain/Id.ts"
import type { OrderStore } from "../../ports/OrderStore.ts"
import { StoreUnavailable } from "../../ports/Unavailable.ts"
import { Database } from "./Database.ts"
import { isLockTimeout } from "./Outage.ts"
import { placeOrders } from "./PlaceOrders.ts"
import { slowLanes } from "./SlowLanes.ts"
import { answerAll, type Batch, type Waiting, waitFor } from "./Waiting.ts"

/** Batches in flight at the same time. */
const inFlight = 2

/** Placements that go to the database together. */
const batchSize = 128

/** Placements that may wait; beyond, callers wait to be let in. */
const waitingAtMost = 4096

/** How long a batch waits for a lock that somebody outside holds. */
const patience = "500ms"

/**
 * Places orders of many callers in one transaction. Placements gather while earlier ones are in flight, so a caller
 * alone waits for nobody, and a product that everybody wants costs one lock and one commit for many orders. The work
 * runs in the scope of the layer, never in that of a caller, except inside a transaction that the caller holds.
 */
export const groupCommit = Effect.gen(function* () {
  const { sql, table, transaction, inTransaction } = yield* Database
  const place = yield* placeOrders
  const queue = yield* Queue.bounded<Waiting>(waitingAtMost)
  yield* Effect.addFinalizer(() => Effect.flatMap(Queue.clear(queue), (left) => each(left, turnAway)))

  const placeAll = (batch: Batch) => place(Arr.map(batch, ({ placement }) => placement))

  /** In a transaction of its own or in the caller's, waiting for locks as long as the client does. */
  const direct: OrderStore["Service"]["place"] = (placement) =>
    transaction(
      place([placement]).pipe(
        Effect.map(Arr.getUnsafe(0)),
        Effect.flatMap((decided) => Effect.fromResult(decided))
      ),
      placement.once !== undefined
    )

  const alone = ({ placement, answer }: Waiting) =>
    Effect.flatMap(Effect.exit(direct(placement)), (exit) => Deferred.done(answer, exit))

  const patiently = (batch: Batch) =>
    toTheEnd(batch, () =>
      Effect.flatMap(Effect.exit(transaction(placeAll(batch))), (exit) => answerAll(batch, exit))
    )
  const lanes = slowLanes(yield* Effect.scope, batchSize, patiently)

  const briefly = (batch: Batch) =>
    transaction(Effect.andThen(sql`SELECT set_config('lock_timeout', ${patience}, true)`, placeAll(batch)))

  const run = (batch: Batch): Effect.Effect<void> =>
    Effect.flatMap(Effect.exit(briefly(batch)), (exit) =>
      Exit.isSuccess(exit) ? answerAll(batch, exit) : recover(batch, exit.cause)
    )

  /** A batch has failed as a whole: whoever can still be served is. */
  const recover = (batch: Batch, cause: Cause.Cause<StoreUnavailable>): Effect.Effect<void> => {
    const failed = (some: Batch) => answerAll(some, Exit.failCause(cause))
    const outage = Option.getOrUndefined(Cause.findErrorOption(cause))
    if (outage !== undefined && isLockTimeout(outage)) return setAside(batch)
    if (outage?.undone === true || Cause.hasInterrupts(cause)) return failed(batch)
    if (outage === undefined) {
      // A bug that one placement meets is not its neighbours'.
      return batch.length === 1 ? failed(batch) : Effect.forEach(halves(batch), run, { discard: true })
    }
    // The answer to COMMIT is lost: for those with a key, the key tells what has happened.
    return each(batch, (waiting) =>
      waiting.placement.once === undefined ? failed([waiting]) : alone(waiting)
    )
  }

  /** Somebody outside holds a lock for long: who needs that product waits in its lane, all others go on. */
  const setAside = (batch: Batch): Effect.Effect<void> =>
    Effect.flatMap(Effect.exit(freeAmong(batch)), (exit) => {
      if (Exit.isFailure(exit)) return answerAll(batch, Exit.failCause(exit.cause))
      const others: Array<Waiting> = []
      const joining: Array<Effect.Effect<void>> = []
      for (const waiting of batch) {
        const held = waiting.products.find((id) => !exit.value.has(id))
        if (held === undefined) others.push(waiting)
        else joining.push(lanes.join(held, waiting))
      }
      // If no product is held then it was a key, or it is over: none of them may hold up the others again.
      const goOn = joining.length > 0 && Arr.isArrayNonEmpty(others) ? run(others) : each(others, alone)
      return Effect.andThen(Effect.all(joining, { discard: true }), goOn)
    })

  const freeAmong = (batch: Batch) =>
    Effect.map(
      transaction(sql<{ id: ProductId }>`
        SELECT id FROM ${table.products}
        WHERE id = ANY(${Arr.dedupe(Arr.flatMap(batch, ({ products }) => products))}::uuid[])
        FOR NO KEY UPDATE SKIP LOCKED`),
      (rows): ReadonlySet<ProductId> => new Set(rows.map(({ id }) => id))
    )

  const worker = Effect.forever(
    Effect.gen(function* () {
      const taken = yield* Queue.takeBetween(queue, 1, batchSize)
      const batch = taken.filter(({ abandoned }) => !abandoned)
      if (Arr.isReadonlyArrayNonEmpty(batch)) yield* toTheEnd(batch, run)
    })
  )
  yield* Effect.forEach(Arr.range(1, inFlight), () => Effect.forkScoped(worker), { discard: true })

  const together: OrderStore["Service"]["place"] = (placement) =>
    Effect.suspend(() => {
      const waiting = waitFor(placement)
      const lane = lanes.laneFor(waiting)
      const enter = lane === undefined ? Queue.offer(queue, waiting) : lanes.join(lane, waiting)
      return Effect.onInterrupt(Effect.andThen(enter, Deferred.await(waiting.answer)), () =>
        Effect.sync(() => {
          waiting.abandoned = true
        })
      )
    })

  const placeOne: OrderStore["Service"]["place"] = (placement) =>
    Effect.flatMap(inTransaction, (joined) => (joined ? direct(placement) : together(placement)))
  return placeOne
})

/** The shop closes: nobody is left waiting. Of a batch in flight nobody knows any more whether it was committed. */
const closing = (undone: boolean) =>
  Exit.fail(new StoreUnavailable({ undone, cause: new Error("The shop is closing") }))

const turnAway = (waiting: Waiting) => answerAll([waiting], closing(true))

const toTheEnd = (batch: Batch, run: (batch: Batch) => Effect.Effect<void>) =>
  Effect.onInterrupt(run(batch), () => answerAll(batch, closing(false)))

const each = <A>(items: ReadonlyArray<A>, work: (item: A) => Effect.Effect<unknown>): Effect.Effect<void> =>
  Effect.forEach(items, work, { concurrency: inFlight, discard: true })

const halves = (batch: Batch): ReadonlyArray<Batch> => {
  const [left, right] = Arr.splitAt(batch, Math.ceil(batch.length / 2))
  return [left, right].filter((half) => Arr.isReadonlyArrayNonEmpty(half))
}
