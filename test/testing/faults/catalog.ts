import { Array as Arr, Effect } from "effect"
import { CategoryNameTaken } from "../../../src/domain/catalog/Category.ts"
import { minorUnitDigits } from "../../../src/domain/shared/Currencies.ts"
import { CatalogStore } from "../../../src/ports/CatalogStore.ts"
import { faulty, late, type State, seeing } from "../../support/faulty.ts"
import { type Fault, mustBeThere } from "./Fault.ts"

type Store = CatalogStore["Service"]

const catalog = (spoil: (store: Store, state: State) => Partial<Store>) =>
  faulty(CatalogStore, (store, state) => ({ ...store, ...spoil(store, state) }))

export const catalogFaults: ReadonlyArray<Fault> = [
  {
    does: "takes every page of products for the known one",
    stores: catalog(() => ({ productsUnlessKnown: () => Effect.undefined })),
    breaks: ["a known page of products is returned again exactly if it has changed, with every filter"]
  },
  {
    does: "returns the products of a known page",
    stores: catalog((store) => ({ productsUnlessKnown: store.products })),
    breaks: ["a known page of products is returned again exactly if it has changed, with every filter"]
  },
  {
    does: "takes a page of products for the known one once it was so",
    stores: catalog((store) => {
      const seen = new Map<string, string>()
      return {
        productsUnlessKnown: (listing, known) => {
          const [page, tag] = [JSON.stringify(listing), JSON.stringify(known)]
          if (!seen.has(page)) seen.set(page, tag)
          return seen.get(page) === tag ? Effect.undefined : store.products(listing)
        }
      }
    }),
    breaks: ["a known page of products is returned again exactly if it has changed, with every filter"]
  },
  {
    does: "begins each page of categories with the last of the one before",
    stores: catalog((store, { categories }) => ({
      categories: (after, take) =>
        Effect.map(store.categories(after, take), (page) => {
          const last = after === undefined ? undefined : categories.get(after)
          return last === undefined || page.length === 0 ? page : [last, ...page].slice(0, take)
        })
    })),
    breaks: ["every category is listed once in ascending order of ids, across pages"]
  },
  {
    does: "distinguishes category names by case",
    stores: catalog((store, { categories }) => ({
      addCategory: (category, idempotency) =>
        seeing(
          categories,
          (other) => (other.name === category.name ? other : undefined),
          store.addCategory(category, idempotency)
        )
    })),
    breaks: ["a category name is taken in any case, Unicode form and surrounding space"]
  },
  {
    does: "reads the names of categories, and adds one after a delay",
    stores: catalog((store, { categories }) => ({
      addCategory: (category, idempotency) => late([categories], store.addCategory(category, idempotency))
    })),
    breaks: ["ten concurrent additions of one category name: one succeeds"]
  },
  {
    does: "distinguishes the new names of categories by case",
    stores: catalog((store, { categories }) => ({
      renameCategory: (id, name, at, idempotency) =>
        seeing(
          categories,
          (other) => (other.name === name || other.id === id ? other : undefined),
          store.renameCategory(id, name, at, idempotency)
        )
    })),
    breaks: [
      "a category cannot take the name of another in any spelling, and a name that was given up is free"
    ]
  },
  {
    does: "refuses a category its own name",
    stores: catalog((store, { categories }) => ({
      renameCategory: (id, name, at, idempotency) =>
        categories.get(id)?.name === name
          ? Effect.fail(new CategoryNameTaken({ name }))
          : store.renameCategory(id, name, at, idempotency)
    })),
    breaks: ["a category is renamed, to any spelling of its own name too, and its products stay in it"]
  },
  {
    does: "makes a category of an unknown one that is renamed",
    stores: catalog((store, { categories }) => ({
      renameCategory: (id, name, at, idempotency) =>
        Effect.suspend(() => {
          if (!categories.has(id)) categories.set(id, { id, name: id, createdAt: at })
          return store.renameCategory(id, name, at, idempotency)
        })
    })),
    breaks: ["an unknown category cannot be renamed"]
  },
  {
    does: "reads the names of categories, and renames one after a delay",
    stores: catalog((store, { categories }) => ({
      renameCategory: (id, name, at, idempotency) =>
        late([categories], store.renameCategory(id, name, at, idempotency))
    })),
    breaks: ["ten concurrent additions and renamings to one category name: one succeeds"]
  },
  {
    does: "lists active products where any are wanted",
    stores: catalog((store) => ({
      products: ({ active, ...listing }) =>
        store.products(active === "any" ? listing : { ...listing, active })
    })),
    breaks: ["newest", "name", "price", "-price"].map(
      (sort) =>
        `inactive products, and any products, are listed by ${sort} in the order of the domain, with every filter, across pages`
    )
  },
  {
    does: "lists only products in a currency of today",
    stores: catalog((store) => ({
      products: (listing) =>
        Effect.map(
          store.products(listing),
          Arr.filter(({ price }) => minorUnitDigits(price.currency) !== undefined)
        )
    })),
    breaks: ["what is stored stays readable, although no input may be like this today"]
  },
  {
    does: "stores the text NULL as an empty text",
    stores: catalog((store) => ({
      addProduct: (product, actor, idempotency) =>
        store.addProduct(
          { ...product, name: product.name === "NULL" ? "" : product.name },
          actor,
          idempotency
        )
    })),
    breaks: ["a product is returned and found exactly as it was added, with any text"]
  },
  {
    does: "has a defect for an unknown product",
    stores: catalog((store) => ({ product: (id) => mustBeThere(store.product(id)) })),
    breaks: ["an unknown product id finds nothing"]
  },
  {
    does: "does not check the category of a product",
    stores: catalog((store, { categories }) => ({
      addProduct: (product, actor, idempotency) =>
        Effect.suspend(() => {
          const { categoryId: id, createdAt } = product
          if (!categories.has(id)) categories.set(id, { id, name: id, createdAt })
          return store.addProduct(product, actor, idempotency)
        })
    })),
    breaks: ["a product requires an existing category"]
  },
  {
    does: "distinguishes SKUs by case",
    stores: catalog((store, { products }) => ({
      addProduct: (product, actor, idempotency) =>
        seeing(
          products,
          (other) => (other.sku === product.sku ? other : { ...other, sku: null }),
          store.addProduct(product, actor, idempotency)
        )
    })),
    breaks: ["a SKU is taken in any case, Unicode form and surrounding space"]
  },
  {
    does: "never frees a SKU",
    stores: catalog((store) => ({
      changeProduct: (id, { sku, ...change }, at, idempotency) =>
        store.changeProduct(
          id,
          sku === null || sku === undefined ? change : { ...change, sku },
          at,
          idempotency
        )
    })),
    breaks: [
      "a product may respell its own SKU, and a released SKU is free",
      "a product changes as the domain decides"
    ]
  },
  {
    does: "reads a product, and writes it after a delay",
    stores: catalog((store, { products }) => ({
      changeProduct: (id, change, at, idempotency) =>
        late([products], store.changeProduct(id, change, at, idempotency))
    })),
    breaks: [
      "ten concurrent additions and changes with one SKU: one succeeds",
      "concurrent changes of different fields are all kept"
    ]
  },
  {
    does: "lists inactive products",
    stores: catalog((store, { products }) => ({
      products: (listing) =>
        seeing(products, (product) => ({ ...product, active: true }), store.products(listing))
    })),
    breaks: [
      ...["newest", "name", "price", "-price"].map(
        (sort) => `products are listed by ${sort} in the order of the domain, with every filter, across pages`
      ),
      "a changed product is found immediately by its new name, SKU, price and category, and no longer by the old ones"
    ]
  },
  {
    does: "sorts names as a natural language does",
    stores: catalog((store) => ({
      products: (listing) =>
        Effect.map(store.products(listing), (page) =>
          listing.sort === "name" ? page.toSorted((a, b) => a.name.localeCompare(b.name, "en")) : page
        )
    })),
    breaks: ["products are listed by name in the order of the domain, with every filter, across pages"]
  },
  {
    does: "searches for letters from a to z only",
    stores: catalog((store) => ({
      products: ({ q, ...listing }) => store.products({ ...listing, q: q?.replaceAll(/[^\w ]+/g, "x") })
    })),
    breaks: ["symbols and punctuation separate words, and words are found in any case"]
  },
  {
    does: "drops what is no word from a query",
    stores: catalog((store) => ({
      products: ({ q, ...listing }) =>
        store.products({ ...listing, q: q === undefined || /[\p{L}\p{N}]/u.test(q) ? q : "" })
    })),
    breaks: ["a query without words finds nothing, and a blank one everything"]
  },
  {
    does: "searches for the characters of a text without spaces one by one",
    stores: catalog((store) => ({
      products: ({ q, ...listing }) => store.products({ ...listing, q: q && [...q].join(" ") })
    })),
    breaks: ["characters of a text without spaces are found where they stand together, and not apart"]
  },
  {
    does: "cannot search for a quotation mark",
    stores: catalog((store) => ({
      products: (listing) =>
        listing.q?.includes("'") ? Effect.die(new Error("Unterminated string")) : store.products(listing)
    })),
    breaks: ["a search finds the products that the domain matches, and every query is valid"]
  }
]

export const stockFaults: ReadonlyArray<Fault> = [
  {
    does: "removes the remaining units if fewer are left",
    stores: catalog((store, { products }) => ({
      adjustStock: (id, adjustment, idempotency) =>
        Effect.suspend(() => {
          const delta = Math.max(adjustment.delta, -(products.get(id)?.stock ?? 0))
          return store.adjustStock(id, { ...adjustment, delta }, idempotency)
        })
    })),
    breaks: ["the stock is adjusted as the domain decides"]
  },
  {
    does: "has a defect when the stock of an unknown product is adjusted",
    stores: catalog((store) => ({
      adjustStock: (id, adjustment, idempotency) =>
        Effect.andThen(mustBeThere(store.product(id)), store.adjustStock(id, adjustment, idempotency))
    })),
    breaks: ["the stock of an unknown product cannot be adjusted"]
  },
  {
    does: "ignores that units in unpaid orders may be restocked",
    stores: catalog((store, { orders }) => ({
      adjustStock: (id, adjustment, idempotency) =>
        seeing(
          orders,
          (order) => (order.status === "CREATED" ? undefined : order),
          store.adjustStock(id, adjustment, idempotency)
        )
    })),
    breaks: [
      "the sum of stock and units in orders stays within the maximum, so that restocking always succeeds"
    ]
  },
  {
    does: "ignores that shipped units may come back",
    stores: catalog((store, { orders }) => ({
      adjustStock: (id, adjustment, idempotency) =>
        seeing(
          orders,
          (order) => (order.status === "SHIPPED" ? undefined : order),
          store.adjustStock(id, adjustment, idempotency)
        )
    })),
    breaks: [
      "the sum of stock and units in orders stays within the maximum, so that restocking always succeeds",
      "units in failed orders do not count as held"
    ]
  },
  {
    does: "counts units in orders of every status as restockable",
    stores: catalog((store, { orders }) => ({
      adjustStock: (id, adjustment, idempotency) =>
        seeing(
          orders,
          (order) => ({ ...order, status: "CREATED" as const }),
          store.adjustStock(id, adjustment, idempotency)
        )
    })),
    breaks: ["units in failed orders do not count as held"]
  },
  {
    does: "reads a stock, and writes the new one after a delay",
    stores: catalog((store, { products }) => ({
      adjustStock: (id, adjustment, idempotency) =>
        late([products], store.adjustStock(id, adjustment, idempotency))
    })),
    breaks: [
      "twenty concurrent removals of a unit from a stock of ten: ten succeed",
      "concurrent adjustments all count"
    ]
  }
]
