import { Effect, Exit, FiberSet, Option } from "effect"
import type { SqlError } from "effect/sql"
import { type StoreUnavailable, shuttingDown } from "../../../ports/errors.ts"
import { Database } from "./Database.ts"
import { startTimer, stopTimer } from "./PlatformScheduler.ts"

/** A statement until it is answered. */
interface RunningStatement {
  /** Reads that wait for it. */
  readers: number
  readonly interrupt: () => void
}

/** A read until it is answered. */
interface PendingRead<In, Out> {
  readonly input: In
  readonly answer: (answer: Effect.Effect<Out, StoreUnavailable>) => void
  statement: RunningStatement | undefined
}

/** Reads that one statement can answer together. */
interface Group<In, Out> {
  waiting: Array<PendingRead<In, Out>>
  /** Whether a statement is about to take what waits. */
  isGathering: boolean
  /** Statements without an answer, except those that are slow. */
  running: number
}

interface SharedRead<In, Out> {
  /** Reads of the same group share statements. */
  readonly groupOf: (input: In) => string
  /** Reads with one statement. Returns a result for each input, in their order. */
  readonly run: (inputs: ReadonlyArray<In>) => Effect.Effect<ReadonlyArray<Out>, SqlError.SqlError>
}

/**
 * Runs the reads of one kind, many with one statement. Reads gather while earlier statements are in flight, so a single read waits for
 * none. A read is answered by a statement that begins after it, so it sees all that was committed before.
 *
 * A slow statement delays no later one. Inside a transaction of the caller's a read runs there, by itself.
 */
export const sharedReads = Effect.fnUntraced(function* <In, Out>({ groupOf, run }: SharedRead<In, Out>) {
  const { limits, query, inTransaction } = yield* Database
  const fork = yield* FiberSet.makeRuntime<never>()
  const groups = new Map<string, Group<In, Out>>()
  const unanswered = new Set<PendingRead<In, Out>>()
  let isClosed = false

  yield* Effect.addFinalizer(() =>
    Effect.sync(() => {
      isClosed = true
      for (const read of unanswered) read.answer(Effect.fail(shuttingDown("notApplied")))
    })
  )

  const answer = (batch: ReadonlyArray<PendingRead<In, Out>>) =>
    Effect.map(Effect.exit(Effect.suspend(() => query(run(batch.map(({ input }) => input))))), (exit) => {
      for (const [index, read] of batch.entries()) {
        if (unanswered.delete(read)) read.answer(Exit.map(exit, (results) => results[index] as Out))
      }
    })

  const take = (group: Group<In, Out>): ReadonlyArray<PendingRead<In, Out>> => {
    group.isGathering = false
    return group.waiting.splice(0, limits.maxBatchSize).filter((read) => unanswered.has(read))
  }

  /** Starts a statement for what waits, unless as many as may be are in flight. */
  const startNext = (name: string, group: Group<In, Out>): void => {
    if (group.waiting.length === 0) {
      if (group.running === 0) groups.delete(name)
      return
    }
    if (group.isGathering || group.running >= limits.readsInFlight) return
    group.isGathering = true
    group.running += 1
    let isCounted = true
    const end = () => {
      if (!isCounted) return
      isCounted = false
      group.running -= 1
      startNext(name, group)
    }
    const fiber = fork(
      Effect.gen(function* () {
        // What arrives in the same turn of the event loop joins.
        yield* Effect.yieldNow
        const batch = take(group)
        startNext(name, group)
        if (batch.length === 0) return
        const statement = { readers: batch.length, interrupt: () => fiber.interruptUnsafe() }
        for (const read of batch) read.statement = statement
        const slow = startTimer(end, limits.slowRead)
        yield* Effect.ensuring(
          answer(batch),
          Effect.sync(() => stopTimer(slow))
        )
      }).pipe(Effect.ensuring(Effect.sync(end)))
    )
  }

  /** A statement that no read waits for any more is cancelled, as that of a single read would be. */
  const leave = (read: PendingRead<In, Out>) => {
    if (!unanswered.delete(read) || read.statement === undefined) return
    read.statement.readers -= 1
    if (read.statement.readers === 0) read.statement.interrupt()
  }

  const enqueue = (input: In): Effect.Effect<Out, StoreUnavailable> =>
    Effect.callback((answer) => {
      if (isClosed) return answer(Effect.fail(shuttingDown("notApplied")))
      const read: PendingRead<In, Out> = { input, answer, statement: undefined }
      const name = groupOf(input)
      const group = groups.get(name) ?? { waiting: [], isGathering: false, running: 0 }
      groups.set(name, group)
      unanswered.add(read)
      group.waiting.push(read)
      startNext(name, group)
      return Effect.sync(() => leave(read))
    })

  return (input: In): Effect.Effect<Out, StoreUnavailable> =>
    Effect.flatMap(inTransaction, (joined) =>
      joined ? Effect.map(query(run([input])), ([result]) => result as Out) : enqueue(input)
    )
})

/** Reads rows by a unique key, many with one statement. Each read makes its own value of its row, so a row that is wrong fails no other. */
export const sharedRows = <Key extends string, Row, A>(
  select: (keys: ReadonlyArray<Key>) => Effect.Effect<ReadonlyArray<Row>, SqlError.SqlError>,
  keyOf: (row: Row) => Key,
  toValue: (row: Row) => A
) =>
  Effect.map(
    sharedReads<Key, Option.Option<Row>>({
      groupOf: () => "",
      run: (keys) =>
        Effect.map(select([...new Set(keys)]), (rows) => {
          const found = new Map(rows.map((row) => [keyOf(row), row]))
          return keys.map((key) => Option.fromUndefinedOr(found.get(key)))
        })
    }),
    (read) => (key: Key) => Effect.map(read(key), Option.map(toValue))
  )
