import { Effect } from "effect"
import { HttpApiBuilder, HttpApiSchema } from "effect/http-api"
import { Catalog } from "../../services/Catalog.ts"
import { CatalogApi } from "../api/CatalogApi.ts"
import { Api, CurrentAccount, Permission } from "../api/index.ts"
import { answering } from "../boundary/Answers.ts"
import { withinBytes } from "../boundary/BoundedPage.ts"
import { replayHeader } from "./Replay.ts"

export const CatalogHandlers = HttpApiBuilder.group(Api, "catalog", (handlers) =>
  Effect.map(Catalog, (catalog) =>
    handlers.handleAll(
      answering(CatalogApi, {
        categories: ({ query }) => withinBytes(catalog.categories)(query),

        createCategory: ({ payload }) =>
          catalog.createCategory(payload).pipe(
            Effect.catchTag("IdempotencyKeyReused", Effect.die),
            Effect.map((body) => HttpApiSchema.withHeaders({ body, headers: { location: "/categories" } }))
          ),

        renameCategory: ({ params, payload }) =>
          catalog
            .renameCategory({ ...payload, categoryId: params.id })
            .pipe(Effect.catchTag("IdempotencyKeyReused", Effect.die)),

        products: Effect.fnUntraced(function* ({ query }) {
          if (query.active !== undefined && query.active !== true) {
            yield* (yield* Permission).require("list inactive products")
          }
          return yield* withinBytes(catalog.products)(query)
        }),

        product: ({ params }) => catalog.product(params.id),

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
      })
    )
  )
)
