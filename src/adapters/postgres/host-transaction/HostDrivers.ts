/** Executors for the drivers that hosts have. They need no more of them than what is described here. */
import type { Executor } from "./HostConnection.ts"
import { type HostParameter, readerOf } from "./HostValues.ts"

/** What is needed of a `Client` or `PoolClient` of node-postgres (`pg`); its transaction is not one of the `Pool`. */
export interface PgTransaction {
  query(config: {
    readonly text: string
    values: Array<HostParameter>
    readonly types: { getTypeParser(type: number): (text: string) => unknown }
  }): Promise<{ readonly rows: ReadonlyArray<object> }>
  /** A pool has this: its statements would go to any connection. */
  readonly totalCount?: never
}

/**
 * For node-postgres: the client on which the host has begun its transaction. Whatever parsers the host has set, here
 * and for all clients, are neither used nor changed.
 */
export const fromPg =
  (client: PgTransaction): Executor =>
  async (text, values) =>
    (await client.query({ text, values: [...values], types: { getTypeParser: readerOf } })).rows

/** What is needed of the transaction that `sql.begin` of postgres.js (`postgres`) gives. */
export interface PostgresJsTransaction {
  unsafe(statement: string, parameters: Array<never>): { raw(): PromiseLike<PostgresJsRows> }
  typed(value: HostParameter, type: number): unknown
  /** Only a transaction has this: statements of `sql` itself would go to any connection. */
  readonly savepoint: unknown
}

interface PostgresJsRows extends ReadonlyArray<ReadonlyArray<Uint8Array | null>> {
  readonly columns: ReadonlyArray<{ readonly name: string; readonly type: number }>
}

/** Our columns are in snake case, whatever the host has postgres.js make of them (camel, Pascal, kebab). */
const snakeCase = (column: string) =>
  column
    .replaceAll(/(?!^)[A-Z]/g, (letter) => `_${letter}`)
    .replaceAll("-", "_")
    .toLowerCase()

/** PostgreSQL infers the type of such a parameter, and postgres.js has nothing to make of it. */
const unknown = 705

const utf8 = new TextDecoder("utf-8", { ignoreBOM: true })

/** For postgres.js: the transaction that `sql.begin` gives. The host's types and transforms are not used. */
export const fromPostgresJs =
  (transaction: PostgresJsTransaction): Executor =>
  async (statement, parameters) => {
    const typed = parameters.map((parameter) => transaction.typed(parameter, unknown) as never)
    const rows = await transaction.unsafe(statement, typed).raw()
    return Array.from(rows, (row) =>
      Object.fromEntries(
        rows.columns.map(({ name, type }, index) => {
          const value = row[index]
          return [snakeCase(name), value ? readerOf(type)(utf8.decode(value)) : null]
        })
      )
    )
  }
