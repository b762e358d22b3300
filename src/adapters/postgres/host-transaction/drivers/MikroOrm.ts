import type { Executor } from "../HostConnection.ts"
import type { HostParameter } from "../HostValues.ts"
import { withQuestionMarks } from "../Placeholders.ts"

/** The used part of the `EntityManager` that `em.transactional` of MikroORM passes. */
export interface MikroOrmManager {
  isInTransaction(): boolean
  execute(statement: string, parameters: Array<HostParameter>, method: "all"): PromiseLike<unknown>
}

/**
 * Returns the executor of the transaction of an `EntityManager` of MikroORM. MikroORM writes the parameters into the statement.
 * Results are read with its parsers, which have to parse JSON.
 */
export const fromMikroOrm =
  (manager: MikroOrmManager): Executor =>
  async (statement, parameters) => {
    if (!manager.isInTransaction()) throw new TypeError("Expected the manager that em.transactional passes")
    const { text, values } = withQuestionMarks(statement, parameters)
    // Without parameters MikroORM leaves the statement as it is, escapes included.
    const rows = await manager.execute(values.length === 0 ? statement : text, values, "all")
    return rows as ReadonlyArray<object>
  }
