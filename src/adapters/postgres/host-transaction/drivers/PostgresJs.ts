import type { PostgresJsRows, PostgresJsSession } from "../../../../settings/SharedPool.ts"
import type { Executor } from "../HostConnection.ts"
import { type HostParameter, parserOf } from "../HostValues.ts"

/** The used part of a transaction of postgres.js, as `sql.begin` passes it. */
export interface PostgresJsTransaction {
  unsafe(statement: string, parameters: Array<never>): { raw(): PromiseLike<PostgresJsRows> }
  typed(value: HostParameter, type: number): unknown
  /** Only a transaction has this property. Statements of `sql` itself would run on arbitrary connections. */
  readonly savepoint: unknown
}

/**
 * Converts a column name back, whatever transform (camel, Pascal, kebab) the host has configured. A name in camel case is quoted in its
 * statement, and all others are in snake case.
 */
const columnName = (column: string, statement: string) => {
  const camelCase = column.charAt(0).toLowerCase() + column.slice(1)
  if (statement.includes(`"${camelCase}"`)) return camelCase
  return column
    .replaceAll(/(?!^)[A-Z]/g, (letter) => `_${letter}`)
    .replaceAll("-", "_")
    .toLowerCase()
}

/** OID of the type `unknown`. PostgreSQL then infers the type, and postgres.js applies no serializer. */
const unknown = 705

const utf8 = new TextDecoder("utf-8", { ignoreBOM: true })

/** Runs a statement with postgres.js. Types and transforms of the host are not used. */
export const runWithPostgresJs = async (
  session: PostgresJsSession,
  statement: string,
  parameters: ReadonlyArray<HostParameter>,
  options?: { readonly prepare: boolean }
): Promise<ReadonlyArray<object>> => {
  const typed = parameters.map((parameter) => session.typed(parameter, unknown) as never)
  const rows: PostgresJsRows = await session.unsafe(statement, typed, options).raw()
  return Array.from(rows, (row) =>
    Object.fromEntries(
      rows.columns.map(({ name, type }, index) => {
        const value = row[index]
        return [columnName(name, statement), value ? parserOf(type)(utf8.decode(value)) : null]
      })
    )
  )
}

/** Returns the executor of a transaction of postgres.js. Types and transforms of the host are not used. */
export const fromPostgresJs =
  (transaction: PostgresJsTransaction): Executor =>
  (statement, parameters) =>
    runWithPostgresJs(transaction, statement, parameters)
