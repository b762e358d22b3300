import type { Executor } from "../HostConnection.ts"
import { type HostParameter, parserOf } from "../HostValues.ts"

/** The used part of a transaction of postgres.js, as `sql.begin` passes it. */
export interface PostgresJsTransaction {
  unsafe(statement: string, parameters: Array<never>): { raw(): PromiseLike<PostgresJsRows> }
  typed(value: HostParameter, type: number): unknown
  /** Only a transaction has this property. Statements of `sql` itself would run on arbitrary connections. */
  readonly savepoint: unknown
}

interface PostgresJsRows extends ReadonlyArray<ReadonlyArray<Uint8Array | null>> {
  readonly columns: ReadonlyArray<{ readonly name: string; readonly type: number }>
}

/** Converts a column name back to snake case, whatever transform (camel, Pascal, kebab) the host has configured. */
const snakeCase = (column: string) =>
  column
    .replaceAll(/(?!^)[A-Z]/g, (letter) => `_${letter}`)
    .replaceAll("-", "_")
    .toLowerCase()

/** OID of the type `unknown`. PostgreSQL then infers the type, and postgres.js applies no serializer. */
const unknown = 705

const utf8 = new TextDecoder("utf-8", { ignoreBOM: true })

/** Returns the executor of a transaction of postgres.js. Types and transforms of the host are not used. */
export const fromPostgresJs =
  (transaction: PostgresJsTransaction): Executor =>
  async (statement, parameters) => {
    const typed = parameters.map((parameter) => transaction.typed(parameter, unknown) as never)
    const rows = await transaction.unsafe(statement, typed).raw()
    return Array.from(rows, (row) =>
      Object.fromEntries(
        rows.columns.map(({ name, type }, index) => {
          const value = row[index]
          return [snakeCase(name), value ? parserOf(type)(utf8.decode(value)) : null]
        })
      )
    )
  }
