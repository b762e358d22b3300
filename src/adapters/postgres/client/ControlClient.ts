import { Context, type Effect } from "effect"
import type { SqlClient } from "effect/sql"

/** One connection beside the pool, so that a busy pool does not hide the state of the server. */
export interface ControlConnection {
  readonly sql: SqlClient.SqlClient
  /** Replaces all connections, except those that were opened in the last second. */
  readonly retireAll: Effect.Effect<void>
}

/** The control connection of `layerClient`. Clients of hosts have none. */
export const ControlClient = Context.Reference<ControlConnection | undefined>(
  "effect-commerce/adapters/postgres/ControlClient",
  { defaultValue: () => undefined }
)
