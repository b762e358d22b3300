import { Layer } from "effect"
import * as Memory from "effect-commerce/memory"
import { SqliteAccounts } from "./Accounts.ts"
import { Database } from "./Database.ts"
import { SqliteSessions } from "./Sessions.ts"

/** Accounts and sessions in SQLite, all else in memory. */
export const storesIn = (file: string) =>
  Layer.mergeAll(SqliteAccounts, SqliteSessions).pipe(
    Layer.provide(Database.layer(file)),
    Layer.provideMerge(Memory.layer)
  )
