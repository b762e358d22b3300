import { Effect, Layer, Schema } from "effect"
import { HttpRouter, type HttpServerRequest, HttpServerResponse } from "effect/http"
import { Product } from "../src/domain/catalog/Product.ts"
import { Page } from "../src/domain/shared/Page.ts"
import { Accounts } from "../src/services/Accounts.ts"
import { Catalog } from "../src/services/Catalog.ts"

const encodePage = Schema.encodeEffect(Schema.fromJsonString(Schema.toCodecJson(Page(Product))))

const json = { contentType: "application/json" }

const tokenOf = ({ headers }: HttpServerRequest.HttpServerRequest) =>
  headers.authorization?.slice("Bearer ".length) ?? ""

/** What the same server can do with less work: the routes that ours are compared with, and its memory. */
export const baselines = Layer.effectDiscard(
  Effect.gen(function* () {
    const router = yield* HttpRouter.HttpRouter
    const accounts = yield* Accounts
    const catalog = yield* Catalog

    yield* router.add("POST", "/bench/echo", (request) =>
      Effect.gen(function* () {
        yield* accounts.authenticate(tokenOf(request))
        return HttpServerResponse.text(yield* request.text, json)
      }).pipe(Effect.orDie)
    )

    const page = yield* catalog.products({ limit: 50 }).pipe(
      Effect.flatMap(encodePage),
      Effect.map((text) => new TextEncoder().encode(text)),
      Effect.cached
    )
    yield* router.add(
      "GET",
      "/bench/products",
      Effect.map(Effect.orDie(page), (bytes) => HttpServerResponse.uint8Array(bytes, json))
    )

    yield* router.add(
      "GET",
      "/bench/memory",
      Effect.sync(() => {
        globalThis.gc?.()
        const { rss, heapUsed } = process.memoryUsage()
        return HttpServerResponse.jsonUnsafe({ rss, heapUsed })
      })
    )
  })
)
