import type { PgConnection } from "@effect/sql-pg"
import { Cause, Effect, Exit, Pool, Scope, Stream } from "effect"
import type { SqlConnection, SqlError } from "effect/sql"
import type { ExecutionLimits } from "../execution/Limits.ts"
import { sqlState } from "../execution/SqlErrors.ts"
import { type ServerConnection, type ServerState, whileConnecting } from "./OpenConnection.ts"
import { watchSilence } from "./SilenceWatch.ts"

type Transform = Parameters<SqlConnection.Connection["execute"]>[2]

/** SQLSTATE codes of a server that is being stopped or is gone: admin_shutdown, crash_shutdown, cannot_connect_now. */
const isLeaving = /^57P0[123]$/

/** SQLSTATE code of a write that a read-only server refuses. */
const readOnlyState = "25006"

/** A server that stays read-only costs no more than one new connection per second for each of the pool, in milliseconds. */
const minAge = 1_000

/** Counts statements that wait for their answer, and hears of those that fail. */
interface Observer {
  waiting: number
  /** Called when no statement waits any more. */
  onIdle?: (() => void) | undefined
  readonly onFailure: (cause: Cause.Cause<SqlError.SqlError>) => Effect.Effect<void>
}

/** A connection as Effect's `SqlClient` uses it. It tells its pool about every statement. */
class PooledConnection implements SqlConnection.Connection {
  readonly opened: ServerConnection
  readonly openedAt = Date.now()
  readonly #driver: PgConnection.PgConnection
  readonly #observer: Observer

  constructor(opened: ServerConnection, observer: Observer, driver = opened.driver) {
    this.opened = opened
    this.#driver = driver
    this.#observer = observer
  }

  /** Reserves it for one caller. The driver closes it if it is released while a statement waits. */
  get pin() {
    return Effect.map(this.#driver.pin, (driver) => new PooledConnection(this.opened, this.#observer, driver))
  }

  get isWaiting(): boolean {
    return this.#observer.waiting > 0
  }

  /** Waits until no statement waits for an answer, or its connection is closed. */
  get untilIdle(): Effect.Effect<void> {
    return Effect.callback((resume) => {
      if (!this.isWaiting) return resume(Effect.void)
      this.#observer.onIdle = () => resume(Effect.void)
    })
  }

  #observed<A>(statement: Effect.Effect<A, SqlError.SqlError>): Effect.Effect<A, SqlError.SqlError> {
    const observer = this.#observer
    return Effect.suspend(() => {
      observer.waiting += 1
      return Effect.onExit(statement, (exit) => {
        observer.waiting -= 1
        if (observer.waiting === 0) observer.onIdle?.()
        return Exit.isSuccess(exit) ? Effect.void : observer.onFailure(exit.cause)
      })
    })
  }

  #query(sql: string, parameters: ReadonlyArray<unknown>, prepare: boolean) {
    return this.#observed(this.#driver.query(sql, parameters, prepare))
  }

  #rows(sql: string, parameters: ReadonlyArray<unknown>, prepare: boolean, transform: Transform) {
    return Effect.map(this.#query(sql, parameters, prepare), ({ rows }) => transform?.(rows) ?? rows)
  }

  execute(sql: string, parameters: ReadonlyArray<unknown>, transform: Transform) {
    return this.#rows(sql, parameters, true, transform)
  }
  executeUnprepared(sql: string, parameters: ReadonlyArray<unknown>, transform: Transform) {
    return this.#rows(sql, parameters, false, transform)
  }
  executeRaw(sql: string, parameters: ReadonlyArray<unknown>) {
    return this.#query(sql, parameters, true)
  }
  executeValues(sql: string, parameters: ReadonlyArray<unknown>) {
    return this.#observed(this.#driver.queryValues(sql, parameters))
  }
  executeValuesUnprepared(sql: string, parameters: ReadonlyArray<unknown>) {
    return this.#observed(this.#driver.queryValues(sql, parameters, false))
  }
  executeStream(sql: string, parameters: ReadonlyArray<unknown>, transform: Transform) {
    const rows = Stream.onExit(this.#driver.stream(sql, parameters), (exit) =>
      Exit.isSuccess(exit) ? Effect.void : this.#observer.onFailure(exit.cause)
    )
    return transform === undefined ? rows : Stream.mapArray(rows, (some) => transform(some) as typeof some)
  }
}

/** Connections for one statement, for a scope, and for a transaction. */
export interface ConnectionPool {
  readonly acquirer: SqlConnection.Acquirer
  readonly borrower: SqlConnection.Borrower
  readonly transactionAcquirer: SqlConnection.Acquirer
  /** Replaces all connections, except those that were opened in the last second. */
  readonly retireAll: Effect.Effect<void>
}

const tooManyAbandoned = () => whileConnecting("Too many COMMITs wait for the server or its standby")

/** Connections that were opened together are not closed together: each lives for 90 to 100 percent of the limit. */
const lifetimeOf = ({ connectionLifetime }: ExecutionLimits) => connectionLifetime * (1 - Math.random() / 10)

/**
 * Makes a pool that replaces a connection
 *
 * - if a statement on it is interrupted, since its cancellation may arrive late and meet the next statement;
 * - if its server has become read-only, is leaving, or is not there any more;
 * - if its socket was closed;
 * - after its lifetime, so that a name that points to another server is noticed.
 */
export const connectionPool = Effect.fnUntraced(function* (
  open: Effect.Effect<ServerConnection, SqlError.SqlError, Scope.Scope>,
  limits: ExecutionLimits,
  {
    accepts,
    isPooled,
    readOnly,
    size
  }: {
    readonly size: number
    readonly isPooled: boolean
    readonly readOnly: boolean
    /** Whether a connection to this server may be used now. Defaults to any. */
    readonly accepts?: ((server: ServerState) => boolean) | undefined
  }
): Effect.fn.Return<ConnectionPool, never, Scope.Scope> {
  const connections = new Set<PooledConnection>()
  const run = Effect.runForkWith(yield* Effect.context<never>())
  const retire = (connection: PooledConnection) => Pool.invalidate(pool, connection)

  // A connection that was opened to a read-only server is replaced too: its name may point to another server by now.
  const retireAll = Effect.suspend(() => {
    const before = Date.now() - minAge
    return Effect.forEach(
      [...connections].filter(({ openedAt }) => openedAt <= before),
      retire,
      { discard: true }
    )
  })

  const acquire = Effect.gen(function* () {
    const opened = yield* open
    const onFailure: Observer["onFailure"] = (cause) => {
      if (Cause.hasInterrupts(cause)) return retire(connection)
      const states = cause.reasons.map((reason) => (Cause.isFailReason(reason) ? sqlState(reason.error) : ""))
      if (states.some((state) => isLeaving.test(state))) return retire(connection)
      return states.includes(readOnlyState) && !readOnly ? retireAll : Effect.void
    }
    const connection = new PooledConnection(opened, { waiting: 0, onFailure })
    const retireNow = () => void run(retire(connection))
    connections.add(connection)
    opened.socket.once("close", retireNow)
    const timer = setTimeout(retireNow, lifetimeOf(limits)).unref()
    yield* Effect.addFinalizer(() =>
      Effect.sync(() => {
        clearTimeout(timer)
        opened.socket.off("close", retireNow)
        connections.delete(connection)
      })
    )
    return connection
  })
  const pool: Pool.Pool<PooledConnection, SqlError.SqlError> = yield* Pool.makeWithTTL({
    acquire,
    min: 0,
    max: size,
    timeToLive: limits.idleConnectionTimeout,
    timeToLiveStrategy: "usage"
  })
  const waiting = () => [...connections].filter(({ isWaiting }) => isWaiting).map(({ opened }) => opened)
  yield* watchSilence(waiting, open, limits, !isPooled)

  const refuse = (connection: PooledConnection) =>
    Effect.andThen(
      retire(connection),
      Effect.fail(whileConnecting("The name leads to another server than before"))
    )

  /** The pool hears of a closed socket later than its waiters are woken. */
  const checkout: Effect.Effect<PooledConnection, SqlError.SqlError, Scope.Scope> = Effect.flatMap(
    Pool.get(pool),
    (connection) => {
      const { server, socket } = connection.opened
      if (socket.destroyed) return Effect.andThen(retire(connection), checkout)
      return accepts?.(server) === false ? refuse(connection) : Effect.succeed(connection)
    }
  )

  /** Connections whose COMMIT has no answer, and whose callers have given up. */
  const abandoned = new Set<PooledConnection>()
  const maxAbandoned = Math.max(1, Math.floor(size / 2))
  yield* Effect.addFinalizer(() =>
    Effect.sync(() => {
      for (const { opened } of abandoned) opened.socket.destroy()
    })
  )

  /**
   * A COMMIT that waits for a silent standby keeps its backend, whatever becomes of its socket. So it keeps its place in the
   * pool too: otherwise each would be replaced, until the server has no connection left for anyone.
   */
  const release = (connection: PooledConnection, scope: Scope.Closeable) =>
    Effect.suspend(() => {
      const close = Scope.close(scope, Exit.void)
      if (!connection.isWaiting) return close
      abandoned.add(connection)
      run(
        Effect.ensuring(
          Effect.andThen(connection.untilIdle, close),
          Effect.sync(() => abandoned.delete(connection))
        )
      )
      return Effect.void
    })

  const reserve = Effect.uninterruptibleMask((restore) =>
    Effect.gen(function* () {
      if (abandoned.size >= maxAbandoned) return yield* Effect.fail(tooManyAbandoned())
      const scope = yield* Scope.make()
      const connection = yield* restore(
        Scope.provide(
          Effect.flatMap(checkout, ({ pin }) => pin),
          scope
        )
      ).pipe(Effect.onError(() => Scope.close(scope, Exit.void)))
      yield* Effect.addFinalizer(() => release(connection, scope))
      return connection
    })
  )

  return {
    acquirer: checkout,
    borrower: (use) =>
      Pool.use(pool, (connection) => {
        const { server, socket } = connection.opened
        if (socket.destroyed) return Effect.scoped(Effect.flatMap(checkout, use))
        return accepts?.(server) === false ? refuse(connection) : use(connection)
      }),
    transactionAcquirer: reserve,
    retireAll
  }
})
