import { Effect, type Scope } from "effect"
import type { SqlConnection, SqlError } from "effect/sql"
import type { PgPool, PgPoolClient } from "../../../../settings/SharedPool.ts"
import { hostFailure } from "../../host-transaction/HostErrors.ts"
import { parserOf } from "../../host-transaction/HostValues.ts"
import { statementControls, type TransactionControls } from "../BoundedTransactions.ts"
import { connectionOf, endsConnection, lostConnection, notConnected, type Run } from "./SharedConnection.ts"

const types = { getTypeParser: parserOf }

/** Heard by connections that are lost, also after they are destroyed. Without a listener Node would end the process. */
const ignore = () => {}

/** A connection that the pool has lent. */
class Lease {
  readonly #client: PgPoolClient
  #waiting = 0
  /** Whether the pool has it back, or will have it once its last statement is answered. */
  #isReleased = false
  isLost = false
  readonly #onError = () => {
    this.isLost = true
  }

  constructor(client: PgPoolClient) {
    this.#client = client
    client.on("error", this.#onError)
  }

  readonly run: Run = async (text, parameters) => {
    if (this.isLost) throw lostConnection()
    this.#waiting += 1
    try {
      const results = await this.#client.query({ text, values: [...parameters], types })
      // Several statements in one text have several results.
      return Array.isArray(results) ? results.at(-1) : results
    } finally {
      this.#waiting -= 1
      if (this.#isReleased && this.#waiting === 0) this.#giveBack()
    }
  }

  readonly classified = (error: unknown): SqlError.SqlError => {
    const failure = hostFailure(error)
    if (endsConnection(failure)) this.isLost = true
    return failure
  }

  /** The only way to leave a statement that is running: the server rolls back once it notices. */
  readonly destroy = () => {
    if (this.#isReleased) return
    this.isLost = true
    this.#isReleased = true
    this.#giveBack()
  }

  /** A COMMIT without an answer keeps its connection: it may wait for a standby. */
  readonly release = () => {
    if (this.#isReleased) return
    this.#isReleased = true
    if (this.#waiting === 0) this.#giveBack()
  }

  #giveBack() {
    if (this.isLost) this.#client.on("error", ignore)
    this.#client.removeListener("error", this.#onError)
    this.#client.release(this.isLost)
  }
}

const leases = new WeakMap<SqlConnection.Connection, Lease>()

/** Returns the acquirer of connections of a pool of node-postgres. */
export const leaseFrom = (
  pool: PgPool
): Effect.Effect<SqlConnection.Connection, SqlError.SqlError, Scope.Scope> =>
  Effect.uninterruptibleMask((restore) =>
    Effect.gen(function* () {
      const connecting = Promise.resolve().then(() => pool.connect())
      // A full pool lends it later, after its caller has gone.
      const client = yield* restore(Effect.tryPromise({ try: () => connecting, catch: notConnected })).pipe(
        Effect.onInterrupt(() =>
          Effect.sync(() => {
            connecting.then((late) => late.release(), ignore)
          })
        )
      )
      const lease = new Lease(client)
      yield* Effect.addFinalizer(() => Effect.sync(lease.release))
      const connection = connectionOf(lease.run, lease.classified, lease.destroy)
      leases.set(connection, lease)
      return connection
    })
  )

/** Controls of transactions on leased connections. `settings` are statements that each begins with. */
export const leaseControls = (settings: string): TransactionControls => ({
  ...statementControls,
  begin: (connection, statement) => statementControls.begin(connection, `${statement}; ${settings}`),
  // PostgreSQL itself rolls back what was open on a connection that is lost.
  rollback: (connection) =>
    Effect.suspend(() =>
      leases.get(connection)?.isLost ? Effect.void : statementControls.rollback(connection)
    )
})
