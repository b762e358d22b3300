import type { Executor } from "../HostConnection.ts"
import { type HostParameter, parserOf } from "../HostValues.ts"
import { withQuestionMarks } from "../Placeholders.ts"

/** The used part of a transaction of Knex, as `knex.transaction` passes it. */
export interface KnexTransaction {
  raw(
    statement: string,
    parameters: ReadonlyArray<HostParameter>
  ): { options(options: Readonly<Record<string, unknown>>): PromiseLike<unknown> }
  /** Only a transaction has this method. Statements of `knex` itself would run on arbitrary connections. */
  isCompleted(): boolean
}

/** The used part of a result of node-postgres, on which Knex runs. */
interface RawResult {
  readonly rows: ReadonlyArray<ReadonlyArray<string | null>>
  readonly fields: ReadonlyArray<{ readonly name: string }>
}

/** Marks each value with its type, as text: `postProcessResponse` of a host may rename the keys of any object. */
const typed = { getTypeParser: (type: number) => (text: string) => `${type}:${text}` }

const parse = (value: string | null | undefined) => {
  if (value === null || value === undefined) return null
  const colon = value.indexOf(":")
  return parserOf(Number(value.slice(0, colon)))(value.slice(colon + 1))
}

/**
 * Returns the executor of a transaction of Knex on node-postgres. Type parsers of the host are not used, and its
 * `postProcessResponse` finds no keys to rename.
 */
export const fromKnex =
  (transaction: KnexTransaction): Executor =>
  async (statement, parameters) => {
    const { text, values } = withQuestionMarks(statement, parameters)
    const query = transaction.raw(text, values).options({ rowMode: "array", types: typed })
    const { rows, fields } = (await query) as RawResult
    return rows.map((row) => Object.fromEntries(fields.map(({ name }, index) => [name, parse(row[index])])))
  }
