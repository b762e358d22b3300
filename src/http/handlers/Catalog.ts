import { Effect, Predicate } from "effect"
import { HttpApiBuilder, HttpApiSchema } from "effect/http-api"
import { productVersion } from "../../domain/catalog/Product.ts"
import type { ProductQuery } from "../../domain/catalog/ProductListing.ts"
import { Catalog } from "../../services/Catalog.ts"
import { CatalogApi } from "../api/CatalogApi.ts"
import { Api, CurrentAccount, Permission } from "../api/index.ts"
import { answering } from "../boundary/Answers.ts"
import { isOneRead, withinBytes } from "../boundary/BoundedPage.ts"
import { knownPageOf, ofPages, pageNotModified } from "../boundary/ConditionalReads.ts"
import { makeReplicaReads } from "../boundary/ReplicaReads.ts"
import { replayHeader } from "./Replay.ts"

/** Whether a query finds what everyone may see. */
const isOpen = ({ active = true }: Pick<typeof ProductQuery.Type, "active">): boolean => active === true

const ofProduct = { versionOf: productVersion, isPublic: () => true }

const ofProducts = ofPages(productVersion, ({ query }) => isOpen(query as typeof ProductQuery.Type))

class PageIsKnown {
  readonly _tag = "PageIsKnown"
}

export const CatalogHandlers = HttpApiBuilder.group(Api, "catalog", (handlers) =>
  Effect.map(Effect.all([Catalog, makeReplicaReads]), ([catalog, replicaReads]) => {
    const forAnyone = replicaReads("anyone")
    return handlers.handleAll(
      answering(
        CatalogApi,
        {
          categories: forAnyone(({ query }) => withinBytes(catalog.categories)(query)),

          createCategory: ({ payload }) =>
            catalog.createCategory(payload).pipe(
              Effect.catchTag("IdempotencyKeyReused", Effect.die),
              Effect.map((body) => HttpApiSchema.withHeaders({ body, headers: { location: "/categories" } }))
            ),

          renameCategory: ({ params, payload }) =>
            catalog
              .renameCategory({ ...payload, categoryId: params.id })
              .pipe(Effect.catchTag("IdempotencyKeyReused", Effect.die)),

          products: forAnyone(
            Effect.fnUntraced(function* (request) {
              const { query } = request
              if (!isOpen(query)) yield* (yield* Permission).require("list inactive products")
              const known = knownPageOf(request)
              // The first part of a larger page may be known, while the rest has changed.
              if (known === undefined || !isOneRead(query)) return yield* withinBytes(catalog.products)(query)
              const unlessKnown = (asked: typeof query) =>
                Effect.filterOrFail(
                  catalog.productsUnlessKnown(asked, known),
                  Predicate.isNotUndefined,
                  () => new PageIsKnown()
                )
              return yield* Effect.catchTag(withinBytes(unlessKnown)(query), "PageIsKnown", () =>
                Effect.succeed(pageNotModified(ofProducts, request, known))
              )
            })
          ),

          product: forAnyone(({ params }) => catalog.product(params.id)),

          createProduct: Effect.fnUntraced(function* ({ payload, headers }) {
            const { id: actor } = yield* CurrentAccount
            const idempotencyKey = headers["idempotency-key"]
            const answer = yield* catalog.createProductOrReplay(payload, { actor, idempotencyKey })
            return HttpApiSchema.withHeaders({
              body: answer.value,
              headers: { location: `/products/${answer.value.id}`, ...replayHeader(answer) }
            })
          }),

          changeProduct: ({ params, payload }) =>
            catalog
              .changeProduct({ ...payload, productId: params.id })
              .pipe(Effect.catchTag("IdempotencyKeyReused", Effect.die)),

          adjustStock: Effect.fnUntraced(function* ({ params, payload, headers }) {
            const { id: actor } = yield* CurrentAccount
            const idempotencyKey = headers["idempotency-key"]
            const answer = yield* catalog.adjustStockOrReplay(
              { ...payload, productId: params.id },
              { actor, idempotencyKey }
            )
            return HttpApiSchema.withHeaders({ body: answer.value, headers: replayHeader(answer) })
          })
        },
        { product: ofProduct, products: ofProducts }
      )
    )
  })
)
