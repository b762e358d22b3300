import { Effect } from "effect"
import { SqlClient } from "effect/sql"
import type { StoreUnavailable } from "../../../ports/errors.ts"
import { read } from "../execution/Transaction.ts"

/** Whether anybody can run the shop yet, which a newcomer may want to be told. */
export const hasAdmin = (schema: string): Effect.Effect<boolean, StoreUnavailable, SqlClient.SqlClient> =>
  Effect.gen(function* () {
    const sql = (yield* SqlClient.SqlClient).withoutTransforms()
    const accounts = sql(`${schema}.accounts`)
    const [row] = yield* read(
      sql<{ found: boolean }>`SELECT EXISTS (SELECT FROM ${accounts} WHERE role = 'admin') AS found`
    )
    return row?.found === true
  })
