import { Array as Arr, Effect } from "effect"
import { Database } from "./Database.ts"

/** A row that has to be locked; of a payment it is the order. */
export interface Row {
  readonly of: "orders" | "products" | "payments"
  readonly id: string
}

export const nameOf = ({ of, id }: Row) => `${of} ${id}`

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

  const heldOf = (of: Row["of"], ids: ReadonlyArray<string>) => {
    const { id, from, locked } = lockable[of]
    return sql<Row>`
      WITH free AS (
        SELECT ${id} FROM ${from} WHERE ${id} = ANY(${ids}::uuid[]) FOR NO KEY UPDATE OF ${locked} SKIP LOCKED
      )
      SELECT ${of}::text AS of, ${id} FROM ${from}
      WHERE ${id} = ANY(${ids}::uuid[]) AND ${id} NOT IN (SELECT id FROM free)`
  }

  /** Which of these rows somebody else has locked. */
  const held = (rows: ReadonlyArray<Row>) => {
    const tables = Arr.dedupe(rows.map(({ of }) => of))
    const idsIn = (name: Row["of"]) => Arr.dedupe(rows.flatMap(({ of, id }) => (of === name ? [id] : [])))
    return Effect.map(
      Effect.forEach(tables, (of) => heldOf(of, idsIn(of))),
      (found) => {
        const names = new Set(found.flat().map(nameOf))
        return rows.filter((row) => names.has(nameOf(row)))
      }
    )
  }

  const lock = ({ of, id: wanted }: Row) => {
    const { id, from, locked } = lockable[of]
    return sql`SELECT FROM ${from} WHERE ${id} = ${wanted} FOR NO KEY UPDATE OF ${locked}`
  }

  return { held, lock }
})
