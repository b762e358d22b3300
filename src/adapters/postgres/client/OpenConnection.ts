import { connect as connectSocket, type Socket } from "node:net"
import { PgConnection } from "@effect/sql-pg"
import { type Duration, Effect, Exit, Redacted, Result, Scope } from "effect"
import { SqlError } from "effect/sql"
import {
  type ConnectionUrl,
  parseConnectionUrl,
  type ServerAddress,
  type TargetSessionAttrs
} from "../../../settings/ConnectionUrl.ts"
import { lacksTls } from "../execution/RefusedConnection.ts"
import { sqlState } from "../execution/SqlErrors.ts"
import { type TlsOptions, tlsAttempts } from "./Tls.ts"

/** What a server said about itself when a connection to it was opened. */
export interface ServerState {
  /** When its process was started: another server, or the same after a restart, has another. */
  readonly started: string
  readonly isStandby: boolean
  readonly isReadOnly: boolean
}

/** An open connection with its socket. */
export interface ServerConnection {
  readonly driver: PgConnection.PgConnection
  readonly socket: Socket
  readonly server: ServerState
}

/** Settings of every connection of a client. */
export interface ConnectionSettings {
  readonly url: Redacted.Redacted
  readonly connectTimeout?: Duration.Input | undefined
  readonly startupParameters?: Readonly<Record<string, string>> | undefined
  /** Whether statements are prepared by name. */
  readonly prepare: boolean
}

const readState = `
  SELECT extract(epoch FROM pg_postmaster_start_time())::text AS started, pg_is_in_recovery() AS "isStandby",
    current_setting('transaction_read_only')::boolean AS "isReadOnly"`

/** What failed while connecting has not applied anything, whatever it was. */
export const whileConnecting = (message: string, cause: unknown = new Error(message)) =>
  new SqlError.SqlError({ reason: new SqlError.ConnectionError({ message, cause, operation: "connect" }) })

const suits: Record<TargetSessionAttrs, (server: ServerState) => boolean> = {
  any: () => true,
  "read-write": ({ isReadOnly }) => !isReadOnly,
  "read-only": ({ isReadOnly }) => isReadOnly,
  primary: ({ isStandby }) => !isStandby,
  standby: ({ isStandby }) => isStandby,
  "prefer-standby": ({ isStandby }) => isStandby
}

/** The next server is tried after a failure of the network, and if this one is starting or shutting down (57P03). */
const triesNext = (error: SqlError.SqlError) =>
  error.reason._tag === "ConnectionError" || sqlState(error) === "57P03"

/** Time that one of several servers gets, unless the URL says otherwise. The others must be reached in time as well. */
const timeoutOfEach: Duration.Input = "2 seconds"

/** A server that could not be reached is tried after the others for this long, in milliseconds. */
const avoidFor = 10_000

/** A dead peer is noticed on an idle connection after this time, in milliseconds, and ten probes. */
const keepAliveDelay = 10_000

/** How long a closed connection may take to end, in milliseconds. */
const lingerTime = 2_000

const openSocket = ({ host, port }: ServerAddress): Socket =>
  connectSocket(
    host.startsWith("/")
      ? { path: `${host}/.s.PGSQL.${port}` }
      : { host, port, noDelay: true, keepAlive: true, keepAliveInitialDelay: keepAliveDelay }
  )

/** Parses the URL of a client. Dies if it is not valid: settings are checked before. */
export const urlOf = (url: Redacted.Redacted): Effect.Effect<ConnectionUrl> =>
  Result.match(parseConnectionUrl(Redacted.value(url)), {
    onFailure: (fault) => Effect.die(new Error(`The connection URL is not valid: ${fault}`)),
    onSuccess: Effect.succeed
  })

/**
 * Returns an effect that opens a connection to the first server of the URL that can be reached and has the wanted
 * attributes, by libpq's rules (PostgreSQL documentation, chapters 34.1.1.3 and 34.1.2).
 */
export const connectionOpener = (
  { servers, targetSessionAttrs, connectTimeout: urlTimeout, tls }: ConnectionUrl,
  settings: ConnectionSettings
): Effect.Effect<ServerConnection, SqlError.SqlError, Scope.Scope> => {
  const unreachable = new Map<ServerAddress, number>()
  const connectTimeout = urlTimeout ?? (servers.length > 1 ? timeoutOfEach : settings.connectTimeout)

  const openWith = (address: ServerAddress, ssl: TlsOptions) =>
    Effect.gen(function* () {
      let socket: Socket | undefined
      // A frozen server never answers the end of a connection, which would keep this process alive.
      yield* Effect.addFinalizer(() =>
        Effect.sync(() => {
          socket?.unref()
          setTimeout(() => socket?.destroy(), lingerTime).unref()
        })
      )
      const driver = yield* PgConnection.make({
        url: Redacted.make(address.url),
        ssl,
        applicationName: "effect-commerce",
        connectTimeout,
        prepare: settings.prepare,
        startupParameters: settings.startupParameters,
        // The driver opens one more for each CancelRequest.
        stream: () => {
          const opened = openSocket(address)
          socket ??= opened
          return opened
        }
      })
      const { rows } = yield* driver.query(readState, [], false)
      const server = rows[0] as unknown as ServerState | undefined
      return socket === undefined || server === undefined
        ? yield* Effect.fail(whileConnecting("The server does not describe itself"))
        : { driver, socket, server }
    }).pipe(
      Effect.timeoutOrElse({
        duration: connectTimeout ?? "10 seconds",
        orElse: () => Effect.fail(whileConnecting(`${address.host}:${address.port} does not answer`))
      })
    )

  /** A mode that leaves the choice tries both. A server may also allow one of them only (28000). */
  const open = Effect.fnUntraced(function* (address: ServerAddress) {
    const [first = false, second] = yield* Effect.try({
      try: () => tlsAttempts(tls, address),
      catch: (cause) => whileConnecting(String(Object(cause).message), cause)
    })
    const opened = openWith(address, first)
    if (second === undefined) return yield* opened
    return yield* Effect.catchIf(
      opened,
      (error) => lacksTls(error) || sqlState(error) === "28000",
      () => openWith(address, second)
    )
  })

  const accepted = (server: ServerState, isSecondPass: boolean) =>
    isSecondPass || suits[targetSessionAttrs](server)

  /** A connection that is not wanted is closed before the next server is tried. */
  const tryEach = (isSecondPass: boolean) =>
    Effect.gen(function* () {
      const now = Date.now()
      const recentlyFailed = (address: ServerAddress) => now - (unreachable.get(address) ?? 0) < avoidFor
      const ordered = [
        ...servers.filter((address) => !recentlyFailed(address)),
        ...servers.filter(recentlyFailed)
      ]
      let failure: SqlError.SqlError | undefined
      let isReached = false
      for (const address of ordered) {
        const scope = yield* Scope.fork(yield* Effect.scope)
        const opened = yield* Effect.result(Scope.provide(open(address), scope))
        if (Result.isSuccess(opened)) {
          unreachable.delete(address)
          if (accepted(opened.success.server, isSecondPass)) return opened.success
          isReached = true
        } else {
          if (!triesNext(opened.failure)) return yield* Effect.fail(opened.failure)
          unreachable.set(address, Date.now())
          failure = opened.failure
        }
        yield* Scope.close(scope, Exit.void)
      }
      const unsuited = whileConnecting(`No server fits target_session_attrs=${targetSessionAttrs}`)
      return yield* Effect.fail(isReached ? unsuited : (failure ?? unsuited))
    })

  return targetSessionAttrs === "prefer-standby"
    ? Effect.catchIf(tryEach(false), triesNext, () => tryEach(true))
    : tryEach(false)
}
