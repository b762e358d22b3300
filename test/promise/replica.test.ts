import { assert, describe, it } from "vitest"
import { type Commerce, createCommerce } from "../../src/promise/index.ts"
import { newProduct, orderOf, reasonOf, useCommerce, useDatabase, useEmbedded, useMemory } from "./support.ts"

const idsOf = async (items: AsyncIterable<{ readonly id: string }>) => {
  const ids: Array<string> = []
  for await (const { id } of items) ids.push(id)
  return ids
}

const readsAtThePrimary = (opened: () => Commerce) => {
  it("reads the same with `replica`, and after a position", async () => {
    const commerce = opened()
    const mug = await newProduct(commerce, 3)
    const { id } = await commerce.orders.place(orderOf(mug.id))
    const position = await commerce.position()
    assert.match(position, /^[0-9A-F]+\/[0-9A-F]+$/)
    for (const reads of [commerce.replica, commerce.replica.after(position)]) {
      assert.deepStrictEqual(await reads.orders.list(), await commerce.orders.list())
      assert.include(await idsOf(reads.orders.listAll()), id)
      assert.deepStrictEqual(await reads.orders.feed(), await commerce.orders.feed())
      assert.strictEqual((await reads.catalog.product(mug.id)).stock, 2)
      assert.deepStrictEqual(await reads.catalog.products(), await commerce.catalog.products())
      assert.deepStrictEqual(
        await idsOf(reads.catalog.allProducts()),
        await idsOf(commerce.catalog.allProducts())
      )
      assert.deepStrictEqual(await reads.catalog.categories(), await commerce.catalog.categories())
      assert.deepStrictEqual(await reads.analytics.summary(), await commerce.analytics.summary())
      assert.propertyVal(await reasonOf(reads.catalog.product("none")), "_tag", "InvalidInput")
    }
  })

  it("refuses a text that is no position", () => {
    for (const wrong of ["", "latest", "0/", "0/g", "0/1 "]) {
      assert.throws(() => opened().replica.after(wrong), /position/)
    }
  })
}

describe("a commerce in memory, which has no replica", () => readsAtThePrimary(useMemory()))
describe("an embedded commerce, which has no replica", () => readsAtThePrimary(useEmbedded()))

describe("a commerce on a server without a replica", () => {
  const opened = useCommerce(useDatabase())
  readsAtThePrimary(opened)

  it("has a later position after each change", async () => {
    const commerce = opened()
    const lengths: Array<bigint> = []
    for (let stock = 1; stock < 5; stock++) {
      await newProduct(commerce, stock)
      const [high = "", low = ""] = (await commerce.position()).split("/")
      lengths.push(BigInt(`0x${high}`) * 2n ** 32n + BigInt(`0x${low}`))
    }
    assert.deepStrictEqual(
      lengths,
      [...new Set(lengths)].sort((a, b) => (a < b ? -1 : 1))
    )
  })
})

describe("a commerce whose replica is gone", () => {
  const url = useDatabase()

  it("reads at the primary, opens and closes without it", async () => {
    const commerce = await createCommerce({
      database: { url: url(), replica: "postgres://shop@127.0.0.1:1/shop", maxReplicaLag: "1 second" },
      auth: { jwtSecret: "a secret of thirty-two bytes or more" },
      logger: {}
    })
    const mug = await newProduct(commerce, 3)
    for (let round = 0; round < 5; round++) {
      assert.strictEqual((await commerce.replica.catalog.product(mug.id)).stock, 3)
    }
    await commerce.close()
  })

  it("has no embedded database, and no other settings", async () => {
    const replica = "postgres://shop@127.0.0.1:1/shop"
    const refused = await reasonOf(createCommerce({ database: { embedded: "memory", replica } as never }))
    assert.nestedPropertyVal(refused, "errors[0].path", "/database/replica")
    const auth = { jwtSecret: "a secret of thirty-two bytes or more" }
    const database = { url: url(), replica: "mysql://shop", maxReplicaLag: "1 milli" } as const
    const both = await reasonOf(createCommerce({ database, auth }))
    assert.deepNestedPropertyVal(both, "errors[0].path", "/database/replica")
    assert.deepNestedPropertyVal(both, "errors[1].path", "/database/maxReplicaLag")
  })
})
