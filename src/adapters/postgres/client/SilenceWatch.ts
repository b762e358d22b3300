import { Effect, Exit, type Scope } from "effect"
import { SqlError } from "effect/sql"
import type { ExecutionLimits } from "../execution/Limits.ts"
import { sqlState } from "../execution/SqlErrors.ts"
import type { ServerConnection } from "./OpenConnection.ts"

/** The traffic of a connection that waits for an answer, when it last changed. */
interface Traffic {
  bytes: number
  /** When it changed, in milliseconds. */
  at: number
  /** Whether the server has been found to be there since. */
  confirmed: boolean
}

/** A server that refuses a connection by one of these SQLSTATE codes is there: class 28, and too many connections. */
const refusals = /^(28...|53...)$/

const isRefusal = (exit: Exit.Exit<unknown, SqlError.SqlError>) =>
  Exit.isFailure(exit) &&
  exit.cause.reasons.some(
    (reason) =>
      reason._tag === "Fail" && SqlError.isSqlError(reason.error) && refusals.test(sqlState(reason.error))
  )

/**
 * Finds out when a server has vanished without closing its connections, as a host does that loses power or network.
 * TCP alone notices that after minutes while sent data is not acknowledged.
 *
 * If a statement has had no answer for `silenceTimeout`, a new connection asks whether the same server is still there. If
 * it is not, all connections that are silent since then are destroyed, so that their calls fail at once. A statement that
 * works for long costs one question.
 */
export const watchSilence = Effect.fnUntraced(function* (
  waiting: () => ReadonlyArray<ServerConnection>,
  open: Effect.Effect<ServerConnection, SqlError.SqlError, Scope.Scope>,
  { deadlineCheckInterval, probeTimeout, silenceTimeout }: ExecutionLimits
) {
  const traffic = new WeakMap<ServerConnection, Traffic>()
  const run = Effect.runForkWith(yield* Effect.context<never>())
  let isAsking = false

  const trafficOf = (connection: ServerConnection, now: number): Traffic => {
    const bytes = connection.socket.bytesRead + connection.socket.bytesWritten
    const known = traffic.get(connection)
    if (known?.bytes === bytes) return known
    const changed = { bytes, at: now, confirmed: false }
    traffic.set(connection, changed)
    return changed
  }

  const silentSince = (before: number) => {
    const now = Date.now()
    return waiting().filter((connection) => {
      const { at, confirmed } = trafficOf(connection, now)
      return !confirmed && at <= before
    })
  }

  const ask = Effect.gen(function* () {
    const asked = Date.now()
    const answer = yield* Effect.exit(
      Effect.scoped(Effect.map(open, ({ server }) => server)).pipe(
        Effect.timeoutOrElse({ duration: probeTimeout, orElse: () => Effect.fail("silent" as const) })
      )
    )
    for (const connection of silentSince(asked)) {
      const isThere = Exit.isSuccess(answer)
        ? answer.value.started === connection.server.started
        : isRefusal(answer as Exit.Exit<unknown, SqlError.SqlError>)
      if (isThere) trafficOf(connection, asked).confirmed = true
      else connection.socket.destroy()
    }
  })

  const check = () => {
    if (isAsking || silentSince(Date.now() - silenceTimeout).length === 0) return
    isAsking = true
    run(
      Effect.ensuring(
        ask,
        Effect.sync(() => {
          isAsking = false
        })
      )
    )
  }
  // A timer of Node's own: it keeps neither the process alive nor a test with another clock waiting.
  const timer = setInterval(check, deadlineCheckInterval).unref()
  yield* Effect.addFinalizer(() => Effect.sync(() => clearInterval(timer)))
})
