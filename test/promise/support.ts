import { Effect, Exit, Redacted, Scope } from "effect"
import type { SqlClient } from "effect/sql"
import { afterAll, beforeAll } from "vitest"
import { layerClient } from "../../src/adapters/postgres/client/PgClient.ts"
import {
  type Commerce,
  type CommerceApi,
  type CommerceSettings,
  createCommerce
} from "../../src/promise/index.ts"
import { emptyDataDirectory } from "../support/dataDirectory.ts"
import { holdingRows, waitingSessions } from "../support/locks.ts"
import { freshDatabase } from "../support/postgres.ts"

const jwtSecret = "a secret of thirty-two bytes or more"

/** The URL of a migrated database on a real server, for the tests of a block. */
export const useDatabase = (): (() => string) => {
  const scope = Scope.makeUnsafe()
  let url = ""
  beforeAll(async () => {
    url = Redacted.value(await Effect.runPromise(Scope.provide(freshDatabase, scope)))
  })
  afterAll(() => Effect.runPromise(Scope.close(scope, Exit.void)))
  return () => url
}

type Given = Omit<CommerceSettings, "database">

const usual = {
  auth: { jwtSecret, bcryptCost: 4 },
  payments: { gateway: "simulated" },
  maintenance: { every: "1 hour" }
} as const

/** A data directory of an embedded database, for the tests of a block. */
export const useDataDirectory = (): (() => string) => {
  const scope = Scope.makeUnsafe()
  let directory = ""
  beforeAll(async () => {
    directory = await Effect.runPromise(Scope.provide(emptyDataDirectory, scope))
  })
  afterAll(() => Effect.runPromise(Scope.close(scope, Exit.void)))
  return () => directory
}

/** A commerce for the tests of a block, closed after them. */
const use = (database: () => CommerceSettings["database"], given: Given): (() => Commerce) => {
  let commerce: Commerce | undefined
  beforeAll(async () => {
    commerce = await createCommerce({ ...usual, ...given, database: database() })
  })
  afterAll(() => commerce?.close())
  return () => commerce as Commerce
}

export const useCommerce = (url: () => string, given: Given = {}) =>
  use(() => ({ url: url(), pool: 4 }), given)

/** The same in this process, and gone after the tests. */
export const useEmbedded = (given: Given = {}) => {
  const directory = useDataDirectory()
  return use(() => ({ embedded: directory() }), given)
}

/** The same in memory. */
export const useMemory = (given: Given = {}) => use(() => ({ memory: true }), given)

/** Every engine that a commerce can be opened on. */
export const engines = [
  { name: "PostgreSQL", open: (given?: Given) => useCommerce(useDatabase(), given) },
  { name: "PGlite", open: useEmbedded },
  { name: "memory", open: useMemory }
]

/** A product in a category of its own. */
export const newProduct = async ({ catalog }: CommerceApi, stock: number) => {
  const { id: categoryId } = await catalog.createCategory({ name: crypto.randomUUID() })
  const price = { amount: 1999, currency: "USD" }
  return catalog.createProduct({ categoryId, name: "Mug", price, stock })
}

/** An order of some of a product, by a new customer. */
export const orderOf = (productId: string, quantity = 1) => ({
  customerId: crypto.randomUUID(),
  items: [{ productId, quantity }]
})

/** Work that happens while somebody holds rows of a table of ours; it is told how to wait until a session waits too. */
export const whileHeld = <A>(
  url: string,
  [table, ...ids]: Parameters<typeof holdingRows>,
  work: (somebodyWaits: () => Promise<void>) => Promise<A>
): Promise<A> =>
  Effect.gen(function* () {
    const { giveUp } = yield* holdingRows(table, ...ids)
    const context = yield* Effect.context<SqlClient.SqlClient>()
    const somebodyWaits = () => Effect.runPromiseWith(context)(Effect.asVoid(waitingSessions))
    return yield* Effect.ensuring(
      Effect.promise(() => work(somebodyWaits)),
      Effect.orDie(giveUp)
    )
  }).pipe(Effect.scoped, Effect.provide(layerClient({ url: Redacted.make(url), pool: 2 })), Effect.runPromise)

/** The reason of a rejection. */
export const reasonOf = (promise: Promise<unknown>): Promise<unknown> =>
  promise.then(
    (value) => Promise.reject(new Error(`answered ${JSON.stringify(value)}`)),
    (reason: unknown) => reason
  )

/** All that comes, until the end. */
export const readAll = async <A>(items: AsyncIterable<A>): Promise<ReadonlyArray<A>> => {
  const all: Array<A> = []
  for await (const item of items) all.push(item)
  return all
}
