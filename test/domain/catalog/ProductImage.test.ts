import { describe, it } from "@effect/vitest"
import { assertTrue, deepStrictEqual } from "@effect/vitest/utils"
import { Schema } from "effect"
import {
  change,
  create,
  NewProduct,
  type Product,
  ProductChange
} from "../../../src/domain/catalog/Product.ts"
import { ImageUrl, maxImages } from "../../../src/domain/catalog/ProductImage.ts"
import { imageUrl, newProduct, newProductImages, product, time } from "../../../src/testing/Generators.ts"
import { faultsIn } from "../support.ts"

const base = "https://cdn.example"
const isUrl = Schema.is(ImageUrl)

describe("the URL of an image", () => {
  it.prop("is one that a browser reads as the same address", { url: imageUrl }, ({ url }) => {
    assertTrue(isUrl(url))
    const { protocol, username, password } = new URL(url)
    deepStrictEqual([/^https?:$/.test(protocol), username, password], [true, "", ""])
  })

  it.each([
    `${base}/${"x".repeat(2048 - base.length - 1)}`,
    base,
    `${base}?`,
    `${base}#top`,
    `${base}./`,
    "http://localhost:8080/a/../b.png",
    "http://[2001:db8::1]/mug",
    `${base}:0/`,
    `${base}:65535/`
  ])("may be %s", (url) => assertTrue(isUrl(url)))

  it.each([
    "",
    "mug.jpg",
    "/mug.jpg",
    "//cdn.example/mug.jpg",
    "https:/cdn.example/mug.jpg",
    "https:///mug.jpg",
    "https://",
    "HTTPS://cdn.example",
    "ftp://cdn.example/mug.jpg",
    "javascript:alert(1)//https://cdn.example",
    "data:image/png;base64,AAAA",
    "https://ada@cdn.example/",
    "https://ada:secret@cdn.example/",
    `${base}:65536/`,
    `${base}:/@ada`,
    `${base}\\@evil.example/`,
    "https://.example/",
    "https://cdn..example/",
    `${base}/a b`,
    `${base}/"onload=`,
    `${base}/'onload=`,
    "https://256.256.256.256/",
    "https://[::::]/",
    `${base}/<b>`,
    `${base}/ü.jpg`,
    `${base}/\n`,
    `${base}\n`,
    ` ${base}`,
    `${base}/${"x".repeat(2048 - base.length)}`
  ])("is never %j", (url) => assertTrue(!isUrl(url)))

  // A pattern that backtracks would outlast the time limit of a test.
  it("is judged at once, however long and wrong it is", () => {
    const slow = ["a-".repeat(1000), "a.".repeat(1000), "_".repeat(2000), ":".repeat(2000)]
    for (const text of slow) assertTrue(!isUrl(`https://${text}\u0000`))
  })
})

describe("the images of a product", () => {
  it.prop(
    "keep their order, and are absent if there are none",
    { input: newProduct, images: newProductImages, at: time },
    ({ input, images, at }) => {
      const made = create({ ...input, images }, { id: input.categoryId as string as Product["id"], at })
      deepStrictEqual(made.images, images.length === 0 ? undefined : images)
      deepStrictEqual("images" in made, images.length > 0)
    }
  )

  it.prop(
    "are replaced as a whole, and removed by an empty list",
    { product, images: newProductImages, at: time },
    ({ product, images, at }) => {
      deepStrictEqual(change(product, { images }, at).images ?? [], images)
      deepStrictEqual("images" in change(product, { images: [] }, at), false)
      deepStrictEqual(change(product, {}, at).images, product.images)
    }
  )

  it.each([
    [Array.from({ length: maxImages + 1 }, () => ({ url: base })), "/images"],
    [[{ url: "mug.jpg" }], "/images/0/url"],
    [[{ url: base }, { alt: "A mug" }], "/images/1/url"],
    [[{ url: base, alt: "x".repeat(501) }], "/images/0/alt"],
    [[{ url: base, alt: "\u0000" }], "/images/0/alt"],
    [[{ url: base, alt: null }], "/images/0/alt"],
    [null, "/images"],
    [{ url: base }, "/images"],
    [[base], "/images/0"]
  ])("are never %j", (images, path) => {
    deepStrictEqual(faultsIn(ProductChange, { images }), [path])
    const categoryId = "0198c0de-0000-7000-8000-000000000001"
    const input = { categoryId, name: "Mug", price: { amount: 1, currency: "EUR" }, stock: 1 }
    deepStrictEqual(faultsIn(NewProduct, { ...input, images }), [path])
  })

  it("may be twenty with the longest texts", () => {
    const images = Array.from({ length: maxImages }, () => ({
      url: `${base}/${"x".repeat(2000)}`,
      alt: "🛒".repeat(500)
    }))
    deepStrictEqual(faultsIn(ProductChange, { images }), [])
  })
})
