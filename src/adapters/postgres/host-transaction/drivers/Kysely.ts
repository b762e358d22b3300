import type { Executor } from "../HostConnection.ts"
import type { HostParameter } from "../HostValues.ts"

/** The used part of a transaction of Kysely, as `db.transaction().execute` passes it. */
export interface KyselyTransaction<Query> {
  withoutPlugins(): { executeQuery(query: Query): PromiseLike<{ readonly rows: ReadonlyArray<unknown> }> }
  /** Outside a transaction, statements of `Kysely` would run on arbitrary connections. */
  readonly isTransaction: true
}

/** The used part of `CompiledQuery` of `kysely`. */
export interface KyselyCompiledQuery<Query> {
  raw(statement: string, parameters: Array<HostParameter>): Query
}

/**
 * Returns the executor of a transaction of Kysely, without its plugins, which may rename columns. `compiledQuery` is the
 * `CompiledQuery` of `kysely`. Results are read with the parsers of the driver, which have to parse JSON.
 */
export const fromKysely =
  <Query>(transaction: KyselyTransaction<Query>, compiledQuery: KyselyCompiledQuery<Query>): Executor =>
  async (statement, parameters) => {
    const query = compiledQuery.raw(statement, [...parameters])
    return (await transaction.withoutPlugins().executeQuery(query)).rows as ReadonlyArray<object>
  }
