import { assert, layer } from "@effect/vitest"
import { Effect, Layer } from "effect"
import { Statement } from "effect/sql"
import { CatalogStore } from "../../../../src/ports/CatalogStore.ts"
import { product } from "../../../../src/testing/contract/Given.ts"
import { freshStores } from "../../../support/postgres.ts"

const statements: Array<string> = []

const listening = Layer.succeed(Statement.CurrentTransformer, (statement) =>
  Effect.sync(() => {
    statements.push(statement.compile()[0])
    return statement
  })
)

layer(Layer.provideMerge(freshStores, listening), { excludeTestServices: true })(
  "a page that may be known",
  (it) => {
    it.effect("is one statement, as a page is that is not", () =>
      Effect.gen(function* () {
        const { products, productsUnlessKnown } = yield* CatalogStore
        const { categoryId } = yield* product({ active: true })
        const listing = {
          categoryId,
          q: undefined,
          inStock: undefined,
          sort: "newest",
          after: undefined,
          take: 21
        } as const
        statements.length = 0
        assert.lengthOf(yield* products(listing), 1)
        assert.lengthOf(statements, 1)
        assert.notInclude(statements[0], "sha256")
        const known = { digest: "4bf5122f344554c53bde2ebb8cd2b7e3", salt: "" }
        assert.lengthOf((yield* productsUnlessKnown?.(listing, known) ?? Effect.undefined) ?? [], 1)
        assert.lengthOf(statements, 2)
      })
    )
  }
)
