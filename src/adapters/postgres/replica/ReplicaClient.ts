import { Context, Duration, Effect, Layer } from "effect"
import * as Reactivity from "effect/reactivity/Reactivity"
import { SqlClient } from "effect/sql"
import { databaseSettings } from "../../../settings/DatabaseSettings.ts"
import { ControlClient } from "../client/ControlClient.ts"
import { type ClientSettings, makeClient } from "../client/PgClient.ts"
import { PlatformScheduler } from "../execution/PlatformScheduler.ts"

/** Settings of `layerReplica`. */
export interface ReplicaSettings extends Pick<ClientSettings, "url" | "pool" | "pooler" | "connectTimeout"> {
  /** A replica that lags more is left out until it has caught up. Defaults to 5 seconds. */
  readonly maxLag?: Duration.Input | undefined
}

/** Connections to a replica. */
export interface ReplicaConnections {
  readonly sql: SqlClient.SqlClient
  /** One connection beside the pool, for the facts about the server. */
  readonly control: SqlClient.SqlClient
  /** Milliseconds. */
  readonly maxLag: number
  /**
   * When the server was started that the facts are about. The pool reads at this one only: behind a name of several servers, another
   * one may have replayed less.
   */
  readonly server: { started: string | undefined }
}

/** The replica that the stores read at, if their reader lets them. Defaults to none. */
export const ReplicaClient = Context.Reference<ReplicaConnections | undefined>(
  "effect-commerce/adapters/postgres/ReplicaClient",
  { defaultValue: () => undefined }
)

const make = Effect.fnUntraced(function* ({
  maxLag = databaseSettings.maxReplicaLag.default,
  ...settings
}: ReplicaSettings) {
  const server: ReplicaConnections["server"] = { started: undefined }
  const accepts = ({ started }: { readonly started: string }) =>
    server.started === undefined || server.started === started
  const client = yield* makeClient({ ...settings, readOnly: true, accepts })
  const sql = Context.get(client, SqlClient.SqlClient)
  return {
    sql,
    control: Context.get(client, ControlClient)?.sql ?? sql,
    maxLag: Duration.toMillis(maxLag),
    server
  }
})

/**
 * Provides a replica to `layer`: a streaming standby of the server that the stores write to. Reads go to it only where `ReadPreference`
 * allows that. It is read as long as it follows that server and lags no more than `maxLag`, and left out otherwise.
 *
 * Connects when the first such read comes. Dies if the URL is not valid.
 */
export const layerReplica = (settings: ReplicaSettings): Layer.Layer<never> =>
  Layer.effect(ReplicaClient, make(settings)).pipe(
    Layer.provide(Reactivity.layer),
    Layer.provide(PlatformScheduler)
  )
