import type { Executor } from "../HostConnection.ts"
import { type HostParameter, parserOf } from "../HostValues.ts"

/**
 * The used part of a `Client` or `PoolClient` of node-postgres (`pg`). A `Pool` is excluded, since it has no
 * transaction.
 */
export interface PgTransaction {
  query(config: {
    readonly text: string
    values: Array<HostParameter>
    readonly types: { getTypeParser(type: number): (text: string) => unknown }
  }): Promise<{ readonly rows: ReadonlyArray<object> }>
  /** Only a pool has this property. Its statements would run on arbitrary connections. */
  readonly totalCount?: never
}

/**
 * Returns the executor of a node-postgres client on which the host has begun a transaction. Type parsers of the
 * host are neither used nor changed.
 */
export const fromPg =
  (client: PgTransaction): Executor =>
  async (text, values) =>
    (await client.query({ text, values: [...values], types: { getTypeParser: parserOf } })).rows
