import { Array as Arr, Effect } from "effect"
import { Database } from "./Database.ts"

/** A row that has to be locked; of a payment it is the order. */
export interface LockTarget {
  readonly of: "orders" | "products" | "payments"
  readonly id: string
}

export const lockKey = ({ of, id }: LockTarget) => `${of} ${id}`

/** What of each kind of row is locked. */
export const rowLocks = Effect.map(Database, ({ sql, table }) => {
  const lockable = {
    orders: { id: sql`o.id`, from: sql`${table.orders} o`, locked: sql`o` },
    products: { id: sql`p.id`, from: sql`${table.products} p`, locked: sql`p` },
    payments: {
      id: sql`p.id`,
      from: sql`${table.payments} p JOIN ${table.orders} o ON o.id = p.order_id`,
      locked: sql`o`
    }
  }

  const heldOf = (of: LockTarget["of"], ids: ReadonlyArray<string>) => {
    const { id, from, locked } = lockable[of]
    return sql<LockTarget>`
      WITH free AS (
        SELECT ${id} FROM ${from} WHERE ${id} = ANY(${ids}::uuid[]) FOR NO KEY UPDATE OF ${locked} SKIP LOCKED
      )
      SELECT ${of}::text AS of, ${id} FROM ${from}
      WHERE ${id} = ANY(${ids}::uuid[]) AND ${id} NOT IN (SELECT id FROM free)`
  }

  /** Which of these rows somebody else has locked. */
  const held = (rows: ReadonlyArray<LockTarget>) => {
    const tables = Arr.dedupe(rows.map(({ of }) => of))
    const idsIn = (name: LockTarget["of"]) =>
      Arr.dedupe(rows.flatMap(({ of, id }) => (of === name ? [id] : [])))
    return Effect.map(
      Effect.forEach(tables, (of) => heldOf(of, idsIn(of))),
      (found) => {
        const names = new Set(found.flat().map(lockKey))
        return rows.filter((row) => names.has(lockKey(row)))
      }
    )
  }

  const lock = ({ of, id: wanted }: LockTarget) => {
    const { id, from, locked } = lockable[of]
    return sql`SELECT FROM ${from} WHERE ${id} = ${wanted} FOR NO KEY UPDATE OF ${locked}`
  }

  return { held, lock }
})
