import { Effect, Layer } from "effect"
import { Catalog, type Category } from "effect-commerce"
import * as Memory from "effect-commerce/memory"

const shop = Catalog.layer.pipe(Layer.provide(Memory.layer))
const created = Catalog.use((catalog) => catalog.createCategory({ name: "Mugs" }))
const category: Category = await Effect.runPromise(Effect.provide(created, shop))
console.log(category.name)
