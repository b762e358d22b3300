/** The HTTP API as routes, for a server or a Fetch handler; the host brings the services. */
import { Layer } from "effect"
import { HttpApiBuilder, HttpApiScalar } from "effect/http-api"
import { Api } from "./api/index.ts"
import { Edge } from "./Edge.ts"
import { AnalyticsHandlers } from "./handlers/Analytics.ts"
import { AuthHandlers } from "./handlers/Auth.ts"
import { CatalogHandlers } from "./handlers/Catalog.ts"
import { HealthHandlers } from "./handlers/Health.ts"
import { OrdersHandlers } from "./handlers/Orders.ts"
import { AuthorizationLive, OutageLogLive, ValidationLive } from "./Middleware.ts"

/** Handlers, authorization and validation of all endpoints. */
const Endpoints = HttpApiBuilder.layer(Api, { openapiPath: "/openapi.json" }).pipe(
  Layer.provide([AuthHandlers, CatalogHandlers, OrdersHandlers, AnalyticsHandlers, HealthHandlers]),
  Layer.provide([AuthorizationLive, ValidationLive, OutageLogLive])
)

/** A page that documents and calls the API; it loads nothing from elsewhere. */
const Docs = HttpApiScalar.layer(Api, { path: "/docs", scalar: { withDefaultFonts: false } })

/** Every route of the contract, on the router of the host's HTTP server. */
export const routes = Layer.mergeAll(Endpoints, Docs, Edge)
