import { Layer, Redacted } from "effect"
import * as Postgres from "effect-commerce/postgres"

const client = Postgres.layerClient({ url: Redacted.make("postgres://localhost/shop"), pool: undefined })
console.log(Layer.isLayer(Layer.provideMerge(Postgres.layer({ schema: "shop" }), client)))
