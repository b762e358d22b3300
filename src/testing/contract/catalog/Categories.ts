import { Effect } from "effect"
import { CategoryNameTaken } from "../../../domain/catalog/Category.ts"
import { CategoryId } from "../../../domain/shared/Ids.ts"
import { CatalogStore } from "../../../ports/CatalogStore.ts"
import { category, newCategory, newId, newLabel, respelled } from "../Given.ts"
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
  )
]
