import { Arbitrary, Effect } from "effect"
import { maxStock } from "../../../domain/catalog/Product.ts"
import { maxPriceMinor } from "../../../domain/shared/Money.ts"
import { Catalog } from "../../../services/Catalog.ts"
import { pick } from "../../Generators.ts"
import { find, learn, malformedId, unknownId, upperCase, type Which } from "../World.ts"
import { limit, listing, start } from "./Listings.ts"
import { actor, key, mostly, step, storedIfKeyed, which } from "./Step.ts"

const categoryName = mostly(["Tea", "Coffee", "Été", "ÉTE\u0301", " tea", "Tools"], ["\u0000", " "])
const productName = mostly(
  ["Green tea", "green cup", "Ünder tea", "Zebra", "ﬁne tea", "🛒 cart", "\uff5e tilde", "Black tea"],
  [""]
)
const sku = mostly(
  [undefined, undefined, undefined, null, null, "T-1", "t-1", "C 2", "Straße", "STRASSE"],
  ["\ud800"]
)
const description = pick([undefined, null, "", "Plain."])
const price = Arbitrary.all({
  amount: mostly([100, 250, 250, 0, 1999], [maxPriceMinor, -1, 1.5]),
  currency: mostly([...Array.from({ length: 15 }, () => "EUR"), "USD"], ["JPY", "ABC"])
})
const images = mostly(
  [
    undefined,
    undefined,
    [],
    [{ url: "https://cdn.example/tea.jpg", alt: "Tea" }, { url: "http://cdn.example/cup.jpg" }]
  ],
  [[{ url: "javascript:alert(1)" }]]
)
const taxClass = mostly([undefined, undefined, null, "food", "books"], [""])
const stock = mostly([10, 100, 100, 1000, 1000, 1000, 100, 100, 5, 2, 0, 1_000_000], [maxStock, -1])

export const catalogSteps = {
  "create category": step(
    Arbitrary.all({ name: categoryName, key, actor }),
    ({ name, key: idempotencyKey, actor }, world) =>
      storedIfKeyed(
        world,
        idempotencyKey,
        Effect.tap(
          Catalog.use((catalog) => catalog.createCategory({ name }, { actor, idempotencyKey })),
          ({ id }) => Effect.sync(() => learn(world, "category", id))
        )
      )
  ),

  "rename category": step(
    Arbitrary.all({ category: which, name: categoryName, key, actor }),
    ({ category, name, key: idempotencyKey, actor }, world) =>
      storedIfKeyed(
        world,
        idempotencyKey,
        Catalog.use((catalog) =>
          catalog.renameCategory(
            { categoryId: find(world, "category", category), name },
            { actor, idempotencyKey }
          )
        )
      )
  ),

  "list categories": step(Arbitrary.all({ start, limit }), ({ start, limit }, world) =>
    listing(world, (page) => Catalog.use((catalog) => catalog.categories(page)))(start, limit)
  ),

  "create product": step(
    Arbitrary.all({
      category: which,
      name: productName,
      description,
      sku,
      price,
      taxClass,
      images,
      stock,
      key,
      actor
    }),
    ({ category, key: idempotencyKey, actor, ...fields }, world) => {
      const input = { ...fields, categoryId: find(world, "category", category) }
      return storedIfKeyed(
        world,
        idempotencyKey,
        Effect.tap(
          Catalog.use((catalog) => catalog.createProductOrReplay(input, { actor, idempotencyKey })),
          ({ value: { id } }) => Effect.sync(() => learn(world, "product", id))
        )
      )
    }
  ),

  "change product": step(
    Arbitrary.all({
      product: which,
      category: mostly<Which | undefined>([undefined, undefined, 0, 1, 2], [unknownId]),
      change: pick([
        "price",
        "active",
        "inactive",
        "inactive",
        "name",
        "sku",
        "description",
        "tax class",
        "images",
        "all",
        "nothing"
      ]),
      name: productName,
      description,
      sku,
      price,
      taxClass,
      images,
      key,
      actor
    }),
    (
      {
        product,
        category,
        change,
        name,
        description,
        sku,
        price,
        taxClass,
        images,
        key: idempotencyKey,
        actor
      },
      world
    ) => {
      const changes: Record<typeof change, object> = {
        price: { price },
        active: { active: true },
        inactive: { active: false },
        name: { name },
        sku: { sku },
        description: { description },
        "tax class": { taxClass },
        images: { images },
        all: { name, description, sku, price, taxClass, images, active: true },
        nothing: {}
      }
      const categoryId = category === undefined ? {} : { categoryId: find(world, "category", category) }
      const input = { productId: find(world, "product", product), ...categoryId, ...changes[change] }
      return storedIfKeyed(
        world,
        idempotencyKey,
        Catalog.use((catalog) => catalog.changeProduct(input, { actor, idempotencyKey }))
      )
    }
  ),

  "adjust stock": step(
    Arbitrary.all({
      product: which,
      delta: mostly([1, 5, 100, -1, -2, -10, 1_000_000], [maxStock, maxStock - 10, -maxStock, 0]),
      reason: pick([undefined, null, "found", "broken"]),
      key,
      actor
    }),
    ({ product, key: idempotencyKey, actor, ...fields }, world) => {
      const input = { ...fields, productId: find(world, "product", product) }
      return storedIfKeyed(
        world,
        idempotencyKey,
        Catalog.use((catalog) => catalog.adjustStockOrReplay(input, { actor, idempotencyKey }))
      )
    }
  ),

  "see product": step(Arbitrary.all({ product: which }), ({ product }, world) =>
    Catalog.use((catalog) => catalog.product(find(world, "product", product)))
  ),

  "list products": step(
    Arbitrary.all({
      category: mostly<Which | undefined>([undefined, undefined, 0, 1], [unknownId, malformedId, upperCase]),
      q: pick([undefined, undefined, undefined, "tea", "GRE te", "t-1", "strasse", "%", "'", ""]),
      inStock: pick([undefined, undefined, true, false]),
      active: pick([undefined, undefined, undefined, true, false, "any"] as const),
      sort: pick([undefined, "newest", "name", "price", "-price"] as const),
      start,
      limit
    }),
    ({ category, start, limit, ...query }, world) => {
      const categoryId = category === undefined ? undefined : find(world, "category", category)
      return listing(world, (page) =>
        Catalog.use((catalog) => catalog.products({ ...query, categoryId, ...page }))
      )(start, limit)
    }
  )
}
