import { randomUUID } from "node:crypto"
import { expect, test } from "vitest"
import { created, expectFaults, expectProblem, ok } from "../support/Expect.ts"
import { newCategory, newProduct, productNow, usd } from "../support/Given.ts"
import { suite } from "../support/Shop.ts"
import type { Category, Page, Product } from "../support/Types.ts"

const nowhere = "01890000-0000-7000-8000-000000000000"

suite("The catalog over HTTP", (shop) => {
  const { admin, nobody } = shop
  const change = (product: Product, body: unknown) => admin.patch<Product>(`/products/${product.id}`, body)
  const adjust = (product: Product, body: unknown) =>
    admin.post<Product>(`/products/${product.id}/stock-adjustments`, body)

  test("a category is made, and listed for everybody", async () => {
    const category = await newCategory(shop)
    const { items } = await ok(nobody.get<Page<Category>>("/categories?limit=100"))
    expect(items).toContainEqual(category)
  })

  test("the name of a category is taken whatever its case", async () => {
    const { name } = await newCategory(shop)
    for (const same of [name, name.toUpperCase(), `  ${name} `]) {
      expectProblem(await admin.post("/categories", { name: same }), 409, "category-name-taken")
    }
  })

  test.each(["", "   ", "x".repeat(101), 7, null, "a\u0000b"])(
    "%j is no name of a category",
    async (name) => {
      expectFaults(await admin.post("/categories", { name }), "/name")
    }
  )

  test("a category is renamed, for the same name too, and its products stay in it", async () => {
    const category = await newCategory(shop)
    const product = await newProduct(shop, { categoryId: category.id })
    const name = randomUUID()
    for (const spelled of [name, name, name.toUpperCase()]) {
      const renamed = await ok(admin.patch<Category>(`/categories/${category.id}`, { name: spelled }))
      expect(renamed).toEqual({ ...category, name: spelled })
    }
    expect(await productNow(shop, product)).toEqual(product)
    const free = await created(admin.post<Category>("/categories", { name: category.name }))
    const taken = await admin.patch(`/categories/${free.id}`, { name: ` ${name.toUpperCase()} ` })
    expectProblem(taken, 409, "category-name-taken", { name: ` ${name.toUpperCase()} ` })
    const none = await admin.patch(`/categories/${nowhere}`, { name: randomUUID() })
    expectProblem(none, 404, "category-not-found", { categoryId: nowhere })
  })

  test.each([
    [{}, "/name"],
    [{ name: "" }, "/name"],
    [{ name: null }, "/name"],
    [{ name: "Tea", id: nowhere }, "/id"]
  ])("%j renames no category", async (body, path) => {
    const { id } = await newCategory(shop)
    expectFaults(await admin.patch(`/categories/${id}`, body), path)
  })

  test("a product has images in their order, which a change replaces or removes", async () => {
    const images = [
      { url: "https://cdn.example/b.jpg", alt: "A mug, “blue”\nfrom above" },
      { url: "https://cdn.example/a.jpg?w=1#x" }
    ]
    const { id: categoryId } = await newCategory(shop)
    const input = { categoryId, name: "Mug", price: usd(1), stock: 1 }
    const product = await created(admin.post<Product>("/products", { ...input, images }))
    expect(product.images).toEqual(images)
    expect(await productNow(shop, product)).toEqual(product)
    const listed = await ok(nobody.get<Page<Product>>(`/products?categoryId=${categoryId}`))
    expect(listed.items).toEqual([product])
    expect((await ok(change(product, { name: "Cup" }))).images).toEqual(images)
    expect((await ok(change(product, { images: images.slice(1) }))).images).toEqual(images.slice(1))
    expect("images" in (await ok(change(product, { images: [] })))).toBe(false)
    const key = { "idempotency-key": randomUUID() }
    const bare = await created(admin.post<Product>("/products", input, key))
    expect("images" in bare).toBe(false)
    expect(await created(admin.post<Product>("/products", { ...input, images: [] }, key))).toEqual(bare)
  })

  test.each([
    [[{ url: "mug.jpg" }], "/images/0/url"],
    [[{ url: "https://ada:secret@cdn.example/" }], "/images/0/url"],
    [[{ url: "https://cdn.example/", alt: 7 }], "/images/0/alt"],
    [[{ url: "https://cdn.example/", title: "Mug" }], "/images/0/title"],
    [Array.from({ length: 21 }, () => ({ url: "https://cdn.example/" })), "/images"],
    [null, "/images"]
  ])("%j are no images of a product", async (images, path) => {
    const product = await newProduct(shop)
    expectFaults(await change(product, { images }), path)
    expect(await productNow(shop, product)).toEqual(product)
  })

  test("a product is made with all its fields, or only with those it needs", async () => {
    const { id: categoryId } = await newCategory(shop)
    const all = {
      categoryId,
      name: "Mug “blue”",
      description: "Ärmel\nhoch 🦊",
      sku: randomUUID(),
      price: { amount: 10 ** 12, currency: "JPY" },
      stock: 10 ** 12
    }
    const product = await created(admin.post<Product>("/products", all))
    expect(product).toMatchObject({ ...all, active: true })
    expect(await productNow(shop, product)).toEqual(product)
    const few = { categoryId, name: "Mug", price: usd(0), stock: 0 }
    const plain = await created(admin.post<Product>("/products", few))
    expect(plain).toMatchObject({ ...few, description: null, sku: null })
  })

  test("a product needs a category that is there", async () => {
    const input = { categoryId: nowhere, name: "Mug", price: usd(1), stock: 1 }
    expectProblem(await admin.post("/products", input), 404, "category-not-found", { categoryId: nowhere })
    const product = await newProduct(shop)
    expectProblem(await change(product, { categoryId: nowhere }), 404, "category-not-found")
    expect(await productNow(shop, product)).toEqual(product)
  })

  test.each([
    [{ price: usd(-1) }, "/price/amount"],
    [{ price: usd(1.5) }, "/price/amount"],
    [{ price: usd(10 ** 12 + 1) }, "/price/amount"],
    [{ price: { amount: "1", currency: "USD" } }, "/price/amount"],
    [{ price: { amount: 1, currency: "usd" } }, "/price/currency"],
    [{ price: { amount: 1, currency: "XYZ" } }, "/price/currency"],
    [{ price: { amount: 1 } }, "/price/currency"],
    [{ price: null }, "/price"],
    [{ stock: -1 }, "/stock"],
    [{ stock: 0.5 }, "/stock"],
    [{ stock: "5" }, "/stock"],
    [{ stock: 10 ** 12 + 1 }, "/stock"],
    [{ name: " " }, "/name"],
    [{ name: "x".repeat(201) }, "/name"],
    [{ description: "x".repeat(10_001) }, "/description"],
    [{ sku: "" }, "/sku"],
    [{ sku: "x".repeat(65) }, "/sku"],
    [{ categoryId: "mugs" }, "/categoryId"]
  ])("a product with %j is refused", async (wrong, path) => {
    const right = { categoryId: nowhere, name: "Mug", price: usd(1), stock: 1 }
    expectFaults(await admin.post("/products", { ...right, ...wrong }), path)
  })

  test("a SKU is taken whatever its case; no SKU is never taken", async () => {
    const sku = `sku-${randomUUID()}`
    const first = await newProduct(shop, { sku })
    const second = await newProduct(shop)
    const { categoryId } = first
    const input = { categoryId, name: "Cup", price: usd(1), stock: 1, sku: sku.toUpperCase() }
    expectProblem(await admin.post("/products", input), 409, "sku-taken", { sku: sku.toUpperCase() })
    expectProblem(await change(second, { sku }), 409, "sku-taken", { sku })
    expect((await ok(change(first, { sku }))).sku).toBe(sku)
    expect((await ok(change(first, { sku: null }))).sku).toBeNull()
    expect((await ok(change(second, { sku }))).sku).toBe(sku)
  })

  test("a change touches what it names and nothing else", async () => {
    const product = await newProduct(shop, { sku: randomUUID() })
    const { id: categoryId } = await newCategory(shop)
    let now = product
    for (const one of [
      { categoryId },
      { name: "Cup" },
      { description: "Now with a handle" },
      { description: null },
      { sku: null },
      { price: { amount: 1, currency: "EUR" } },
      { active: false },
      { active: true },
      {}
    ]) {
      const changed = await ok(change(product, one))
      expect(changed).toEqual({ ...now, ...one, updatedAt: changed.updatedAt })
      expect(await productNow(shop, product)).toEqual(changed)
      now = changed
    }
  })

  test("a change can touch neither stock nor id", async () => {
    const product = await newProduct(shop)
    await change(product, { stock: 99, id: nowhere, createdAt: "2000-01-01T00:00:00.000Z" })
    expect(await productNow(shop, product)).toMatchObject({
      stock: product.stock,
      createdAt: product.createdAt
    })
  })

  test.each([{ name: "" }, { price: usd(-1) }, { active: "no" }, { sku: 7 }, { name: null }])(
    "a change to %j is refused",
    async (wrong) => {
      const product = await newProduct(shop)
      expectFaults(
        await change(product, wrong),
        Object.keys(wrong)[0] === "price" ? "/price/amount" : `/${Object.keys(wrong)[0]}`
      )
      expect(await productNow(shop, product)).toEqual(product)
    }
  )

  test("stock is added and taken away, never below zero", async () => {
    const product = await newProduct(shop, { stock: 3 })
    expect((await ok(adjust(product, { delta: 4, reason: "delivery" }))).stock).toBe(7)
    expect((await ok(adjust(product, { delta: -7, reason: null }))).stock).toBe(0)
    expectProblem(await adjust(product, { delta: -1 }), 409, "insufficient-stock", {
      shortages: [{ productId: product.id, requested: 1, available: 0 }]
    })
    expectFaults(await adjust(product, { delta: 10 ** 12 + 1 }), "/delta")
    expect((await productNow(shop, product)).stock).toBe(0)
  })

  test("stock never exceeds its bound", async () => {
    const product = await newProduct(shop, { stock: 10 ** 12 })
    expectFaults(await adjust(product, { delta: 1 }), "/delta")
    expect((await productNow(shop, product)).stock).toBe(10 ** 12)
  })

  test.each([0, 1.5, "1", null, undefined, 2 ** 53])("a delta of %j is refused", async (delta) => {
    expectFaults(await adjust(await newProduct(shop), { delta }), "/delta")
  })

  test("an inactive product is not listed; its address still answers", async () => {
    const product = await newProduct(shop)
    await ok(change(product, { active: false }))
    const listed = () => ok(nobody.get<Page<Product>>(`/products?categoryId=${product.categoryId}`))
    expect((await listed()).items).toEqual([])
    expect((await productNow(shop, product)).active).toBe(false)
    await ok(change(product, { active: true }))
    expect((await listed()).items.map(({ id }) => id)).toEqual([product.id])
  })

  test("a product that is not there", async () => {
    const data = { productId: nowhere }
    expectProblem(await nobody.get(`/products/${nowhere}`), 404, "product-not-found", data)
    expectProblem(await admin.patch(`/products/${nowhere}`, { name: "Cup" }), 404, "product-not-found", data)
    const adjustment = await admin.post(`/products/${nowhere}/stock-adjustments`, { delta: 1 })
    expectProblem(adjustment, 404, "product-not-found", data)
  })
})
