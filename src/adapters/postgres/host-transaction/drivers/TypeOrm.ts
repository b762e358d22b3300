import type { Executor } from "../HostConnection.ts"
import type { HostParameter } from "../HostValues.ts"

/** The used part of the `EntityManager` that `dataSource.transaction` of TypeORM passes. */
export interface TypeOrmManager {
  readonly queryRunner?: TypeOrmQueryRunner | undefined
}

/** The used part of a `QueryRunner` of TypeORM. */
export interface TypeOrmQueryRunner {
  readonly isTransactionActive: boolean
  readonly isReleased: boolean
  query(
    statement: string,
    parameters: Array<HostParameter>,
    useStructuredResult: true
  ): PromiseLike<{ readonly records: ReadonlyArray<unknown> }>
}

/**
 * Returns the executor of the transaction of an `EntityManager` of TypeORM. Results are read with the parsers of the driver,
 * which have to parse JSON.
 */
export const fromTypeOrm =
  ({ queryRunner }: TypeOrmManager): Executor =>
  async (statement, parameters) => {
    if (!queryRunner?.isTransactionActive) {
      throw new TypeError("Expected the manager that dataSource.transaction passes")
    }
    // TypeORM itself releases the runner of an open transaction only if its connection is lost.
    if (queryRunner.isReleased) throw new Error("The connection of the transaction is lost")
    // Without a structured result, UPDATE and DELETE would return their rows with a count.
    return (await queryRunner.query(statement, [...parameters], true)).records as ReadonlyArray<object>
  }
