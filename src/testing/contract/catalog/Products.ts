import { Effect, Option } from "effect"
import { CategoryNotFound } from "../../../domain/catalog/Category.ts"
import { change, type Product, ProductNotFound, SkuTaken } from "../../../domain/catalog/Product.ts"
import { firstTime } from "../../../domain/shared/Idempotency.ts"
import { CategoryId, ProductId } from "../../../domain/shared/Ids.ts"
import { CatalogStore } from "../../../ports/CatalogStore.ts"
import { productChange, product as products, time } from "../../Generators.ts"
import {
  category,
  newAttribution,
  newId,
  newLabel,
  newProduct,
  product,
  respelled,
  sample,
  samples
} from "../Given.ts"
import { concurrently, type Law, law, refused, same } from "../Law.ts"
import { readProduct } from "../operations/ShopSnapshot.ts"

const add = (product: Product) => CatalogStore.use((store) => store.addProduct(product, "the law", undefined))

export const productLaws: ReadonlyArray<Law> = [
  law(
    "a product is returned and found exactly as it was added, with any text",
    Effect.gen(function* () {
      const { id: categoryId } = yield* category
      const names = ["NULL", "null", '{"a",NULL}', "\\", "'", "$1", "%s", "{}"]
      const named = (yield* samples(products, names.length)).map((own, i) => ({
        ...own,
        name: names[i] ?? ""
      }))
      for (const own of [...named, ...(yield* samples(products, 20))]) {
        const added = { ...own, id: yield* newId(ProductId), categoryId, sku: yield* newLabel }
        yield* same(yield* add(added), { value: added, replayed: false })
        yield* same(yield* readProduct(added.id), added)
      }
    })
  ),

  law(
    "an unknown product id finds nothing",
    Effect.gen(function* () {
      const store = yield* CatalogStore
      yield* same(yield* store.product(yield* newId(ProductId)), Option.none())
    })
  ),

  law(
    "a product requires an existing category",
    Effect.gen(function* () {
      const store = yield* CatalogStore
      const categoryId = yield* newId(CategoryId)
      const homeless = yield* newProduct({ categoryId })
      yield* refused(add(homeless), new CategoryNotFound({ categoryId }))
      yield* same(yield* store.product(homeless.id), Option.none())
      const housed = yield* product()
      const { at } = yield* newAttribution
      const moved = store.changeProduct(housed.id, { categoryId, name: "moved" }, at, undefined)
      yield* refused(moved, new CategoryNotFound({ categoryId }))
      yield* same(yield* readProduct(housed.id), housed)
    })
  ),

  law(
    "a SKU is taken in any case, Unicode form and surrounding space",
    Effect.gen(function* () {
      const store = yield* CatalogStore
      const label = yield* newLabel
      const [holder, other] = [yield* product({ sku: label }), yield* product()]
      const { at } = yield* newAttribution
      for (const sku of [label, respelled(label), `${respelled(label)} `]) {
        const late = yield* newProduct({ sku })
        yield* refused(add(late), new SkuTaken({ sku }))
        yield* same(yield* store.product(late.id), Option.none())
        yield* refused(
          store.changeProduct(other.id, { sku, name: "changed" }, at, undefined),
          new SkuTaken({ sku })
        )
      }
      yield* same([yield* readProduct(holder.id), yield* readProduct(other.id)], [holder, other])
    })
  ),

  law(
    "a product may respell its own SKU, and a released SKU is free",
    Effect.gen(function* () {
      const store = yield* CatalogStore
      const label = yield* newLabel
      const [holder, heir] = [yield* product({ sku: label }), yield* product()]
      const { at } = yield* newAttribution
      yield* store.changeProduct(holder.id, { sku: respelled(label) }, at, undefined)
      yield* store.changeProduct(holder.id, { sku: null }, at, undefined)
      yield* store.changeProduct(heir.id, { sku: label }, at, undefined)
      yield* same([(yield* readProduct(holder.id)).sku, (yield* readProduct(heir.id)).sku], [null, label])
    })
  ),

  law(
    "ten concurrent additions and changes with one SKU: one succeeds",
    Effect.gen(function* () {
      const store = yield* CatalogStore
      const sku = yield* newLabel
      const old = yield* Effect.replicateEffect(product(), 5)
      const added = yield* Effect.replicateEffect(newProduct({ sku }), 5)
      const { at } = yield* newAttribution
      const changing = old.map(({ id }) => store.changeProduct(id, { sku }, at, undefined))
      const [holders, refusals] = yield* concurrently<unknown, unknown, CatalogStore>([
        ...changing,
        ...added.map(add)
      ])
      const taken = new SkuTaken({ sku })
      yield* same(
        refusals,
        Array.from({ length: 9 }, () => taken)
      )
      yield* same(holders.length, 1)
    })
  ),

  law(
    "a product changes as the domain decides",
    Effect.gen(function* () {
      const store = yield* CatalogStore
      const { id: categoryId } = yield* category
      let expected = yield* product()
      for (const generated of yield* samples(productChange, 20)) {
        const { categoryId: _, sku, ...input } = generated
        const moved = "categoryId" in generated ? { ...input, categoryId } : input
        const whole = sku === undefined ? moved : { ...moved, sku: sku === null ? null : yield* newLabel }
        const at = yield* sample(time)
        expected = change(expected, whole, at)
        yield* same(yield* store.changeProduct(expected.id, whole, at, undefined), firstTime(expected))
        yield* same(yield* readProduct(expected.id), expected)
      }
      const productId = yield* newId(ProductId)
      yield* refused(
        store.changeProduct(productId, {}, expected.updatedAt, undefined),
        new ProductNotFound({ productId })
      )
    })
  ),

  law(
    "concurrent changes of different fields are all kept",
    Effect.gen(function* () {
      const store = yield* CatalogStore
      const { id } = yield* product()
      const sku = yield* newLabel
      const changes = [{ name: "new name" }, { description: "new description" }, { sku }, { active: false }]
      const { at } = yield* newAttribution
      yield* concurrently(changes.map((change) => store.changeProduct(id, change, at, undefined)))
      const { name, description, sku: found, active } = yield* readProduct(id)
      yield* same(
        { name, description, sku: found, active },
        { name: "new name", description: "new description", sku, active: false }
      )
    })
  )
]
