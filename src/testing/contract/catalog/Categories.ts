import { Effect } from "effect"
import { CategoryNameTaken, CategoryNotFound, rename } from "../../../domain/catalog/Category.ts"
import { firstTime } from "../../../domain/shared/Idempotency.ts"
import { CategoryId } from "../../../domain/shared/Ids.ts"
import { CatalogStore } from "../../../ports/CatalogStore.ts"
import { category, newCategory, newId, newLabel, product, respelled } from "../Given.ts"
import { concurrently, type Law, law, refused, same } from "../Law.ts"

/** Returns all categories, page by page. */
const allPages = Effect.fnUntraced(function* (take: number) {
  const store = yield* CatalogStore
  const pages = [yield* store.categories(undefined, take)]
  for (;;) {
    const last = pages.at(-1)?.at(-1)
    if (last === undefined) return pages
    pages.push(yield* store.categories(last.id, take))
  }
})

export const categoryLaws: ReadonlyArray<Law> = [
  law(
    "every category is listed once in ascending order of ids, across pages",
    Effect.gen(function* () {
      const added = yield* Effect.replicateEffect(category, 7)
      const pages = yield* allPages(3)
      const full = pages.slice(0, -2)
      yield* same(
        full.map((page) => page.length),
        full.map(() => 3)
      )
      const ids = added.map(({ id }) => id)
      yield* same(
        pages.flat().filter(({ id }) => ids.includes(id)),
        added.sort((a, b) => (a.id < b.id ? -1 : 1))
      )
    })
  ),

  law(
    "a category name is taken in any case, Unicode form and surrounding space",
    Effect.gen(function* () {
      const store = yield* CatalogStore
      const label = yield* newLabel
      const first = { ...(yield* newCategory), name: label }
      yield* store.addCategory(first, undefined)
      for (const name of [label, respelled(label), ` ${respelled(label)}\u00a0`]) {
        yield* refused(
          store.addCategory({ ...(yield* newCategory), name }, undefined),
          new CategoryNameTaken({ name })
        )
      }
      const listed = (yield* allPages(100)).flat()
      const word = label.slice(0, 32)
      yield* same(
        listed.filter(({ name }) => name.toLowerCase().includes(word)),
        [first]
      )
    })
  ),

  law(
    "ten concurrent additions of one category name: one succeeds",
    Effect.gen(function* () {
      const store = yield* CatalogStore
      const own = yield* newCategory
      const ids = yield* Effect.replicateEffect(newId(CategoryId), 10)
      const [, refusals] = yield* concurrently(ids.map((id) => store.addCategory({ ...own, id }, undefined)))
      const taken = new CategoryNameTaken({ name: own.name })
      yield* same(
        refusals,
        Array.from({ length: 9 }, () => taken)
      )
    })
  ),

  law(
    "a category is renamed, to any spelling of its own name too, and its products stay in it",
    Effect.gen(function* () {
      const store = yield* CatalogStore
      const [own, label, at] = [yield* category, yield* newLabel, new Date(0)]
      const item = yield* product({ categoryId: own.id })
      for (const name of [label, label, respelled(label), own.name]) {
        const renamed = rename(own, name)
        yield* same(yield* store.renameCategory(own.id, name, at, undefined), firstTime(renamed))
        const listed = (yield* allPages(100)).flat()
        yield* same(
          listed.filter(({ id }) => id === own.id),
          [renamed]
        )
      }
      const listing = { categoryId: own.id, q: undefined, inStock: undefined, after: undefined, take: 5 }
      yield* same(yield* store.products({ ...listing, sort: "newest" }), [item])
    })
  ),

  law(
    "a category cannot take the name of another in any spelling, and a name that was given up is free",
    Effect.gen(function* () {
      const store = yield* CatalogStore
      const [label, at] = [yield* newLabel, new Date(0)]
      const [holder, other] = [{ ...(yield* newCategory), name: label }, yield* category]
      yield* store.addCategory(holder, undefined)
      for (const name of [label, respelled(label), ` ${respelled(label)}\u00a0`]) {
        yield* refused(store.renameCategory(other.id, name, at, undefined), new CategoryNameTaken({ name }))
      }
      const ids = [holder.id, other.id]
      const listed = (yield* allPages(100)).flat().filter(({ id }) => ids.includes(id))
      yield* same(new Set(listed.map(({ name }) => name)), new Set([holder.name, other.name]))
      yield* store.renameCategory(holder.id, yield* newLabel, at, undefined)
      yield* store.renameCategory(other.id, respelled(label), at, undefined)
    })
  ),

  law(
    "an unknown category cannot be renamed",
    Effect.gen(function* () {
      const store = yield* CatalogStore
      const categoryId = yield* newId(CategoryId)
      const renaming = store.renameCategory(categoryId, yield* newLabel, new Date(0), undefined)
      yield* refused(renaming, new CategoryNotFound({ categoryId }))
    })
  ),

  law(
    "ten concurrent additions and renamings to one category name: one succeeds",
    Effect.gen(function* () {
      const store = yield* CatalogStore
      const name = yield* newLabel
      const old = yield* Effect.replicateEffect(category, 5)
      const added = yield* Effect.replicateEffect(newCategory, 5)
      const [holders, refusals] = yield* concurrently<unknown, unknown, CatalogStore>([
        ...old.map(({ id }) => store.renameCategory(id, name, new Date(0), undefined)),
        ...added.map((own) => store.addCategory({ ...own, name }, undefined))
      ])
      const taken = new CategoryNameTaken({ name })
      yield* same(
        refusals,
        Array.from({ length: 9 }, () => taken)
      )
      yield* same(holders.length, 1)
    })
  )
]
