/** A host application with a table of its own, in the same database as our tables. */
import { Effect, Layer } from "effect"
import { SqlClient } from "effect/sql"
import { layer as stores } from "../../src/adapters/postgres/index.ts"
import { Catalog } from "../../src/services/Catalog.ts"
import { commerce } from "./commerce.ts"

const table = Layer.effectDiscard(
  SqlClient.SqlClient.use((sql) => sql`CREATE TABLE public.diary (entry text PRIMARY KEY)`)
)

/** All services on the host's own client, and the host's table. */
export const hostOn = <A, E>(client: Layer.Layer<A | SqlClient.SqlClient, E>) =>
  Layer.provideMerge(Layer.merge(commerce, table), Layer.provideMerge(stores(), client))

/** Writes into the host's table. */
export const note = (entry: string) =>
  SqlClient.SqlClient.use((sql) => sql`INSERT INTO public.diary (entry) VALUES (${entry})`)

/** Which of these the host's table has. */
export const noted = (...entries: ReadonlyArray<string>) =>
  Effect.map(
    SqlClient.SqlClient.use((sql) => sql<{ entry: string }>`SELECT entry FROM public.diary ORDER BY entry`),
    (rows) => rows.map(({ entry }) => entry).filter((entry) => entries.includes(entry))
  )

/** Every row of every table of ours, as text. */
export const allRows = Effect.gen(function* () {
  const sql = yield* SqlClient.SqlClient
  const tables = yield* sql<{ tablename: string }>`
    SELECT tablename FROM pg_tables WHERE schemaname = 'commerce' ORDER BY tablename`
  return yield* Effect.forEach(tables, ({ tablename }) =>
    Effect.map(
      sql.unsafe<{ rows: string }>(
        `SELECT coalesce(string_agg(t::text, E'\\n' ORDER BY t::text), '') AS rows FROM commerce.${tablename} t`
      ),
      ([found]) => `${tablename}: ${found?.rows}`
    )
  )
})

/** A product in a category of its own. */
export const newProduct = Effect.fnUntraced(function* (stock: number, sku: string | null = null) {
  const catalog = yield* Catalog
  const { id: categoryId } = yield* catalog.createCategory({ name: crypto.randomUUID() })
  const price = { amount: 1999, currency: "EUR" }
  return yield* catalog.createProduct({ categoryId, name: "Mug", price, stock, sku })
})

/** An order of some of a product, by a new customer if no other is named. */
export const orderOf = (productId: string, quantity = 1, customerId: string = crypto.randomUUID()) => ({
  customerId,
  items: [{ productId, quantity }]
})
