import type { Executor } from "../HostConnection.ts"
import type { HostParameter } from "../HostValues.ts"

/** The used part of a transaction of Drizzle, as `db.transaction` passes it. */
export interface DrizzleTransaction<Query> {
  execute(query: Query): PromiseLike<unknown>
  /** Only a transaction has this method. Statements of `db` itself would run on arbitrary connections. */
  rollback(): never
}

/** The used part of the tag `sql` of `drizzle-orm`. */
export type DrizzleTag<Query> = (strings: TemplateStringsArray, ...parameters: Array<HostParameter>) => Query

/** Drivers of Drizzle return the rows themselves, or a result that holds them. */
const rowsOf = (result: unknown) =>
  (Array.isArray(result) ? result : (result as { readonly rows: unknown }).rows) as ReadonlyArray<object>

/**
 * Returns the executor of a transaction of Drizzle. `sql` is the tag of `drizzle-orm`, the only public way to pass
 * parameters. Results are read with the parsers of the driver, which have to parse JSON.
 */
export const fromDrizzle =
  <Query>(transaction: DrizzleTransaction<Query>, sql: DrizzleTag<Query>): Executor =>
  async (statement, parameters) => {
    const strings = statement.split(/\$\d+/)
    if (strings.length !== parameters.length + 1) {
      throw new Error("Expected a statement that refers to each of its parameters once")
    }
    const template = Object.assign(strings, { raw: strings })
    return rowsOf(await transaction.execute(sql(template, ...parameters)))
  }
