import { Redacted } from "effect"
import { describe, expect, test } from "vitest"
import { ShopNotFound } from "../../src/domain/shops/ShopName.ts"
import { SchemaOutdated, StoreUnavailable } from "../../src/ports/errors.ts"
import { unopenedResponse } from "../../src/promise/Fetch.ts"
import { type CommerceApi, createCommerce, fromPg, type Shop } from "../../src/promise/index.ts"
import { poolOf } from "../support/poolOf.ts"
import { engines, newProduct, useCommerce, useDatabase } from "./support.ts"

const isRight = async (...shops: ReadonlyArray<CommerceApi>) => {
  for (const shop of shops) expect((await shop.verify()).violations).toEqual([])
}

const place = (shop: CommerceApi, productId: string, idempotencyKey?: string) =>
  shop.orders.place(
    { customerId: "the same customer", items: [{ productId, quantity: 1 }] },
    { idempotencyKey }
  )

const password = "a password of the same account"
const email = "same@example.com"

for (const { name, open } of engines) {
  describe(`many shops on ${name}`, () => {
    const commerce = open()

    test("each has data of its own, and the shop without a name too [M1]", async () => {
      const [acme, globex] = [await commerce().shop("acme"), await commerce().shop("globex")]
      const product = await newProduct(acme, 5)
      await expect(globex.catalog.product(product.id)).rejects.toMatchObject({ _tag: "ProductNotFound" })
      await expect(commerce().catalog.product(product.id)).rejects.toMatchObject({ _tag: "ProductNotFound" })
      await place(acme, product.id)
      expect((await acme.orders.list({})).items).toHaveLength(1)
      expect((await globex.orders.list({})).items).toHaveLength(0)
      expect(await commerce().shops()).toEqual(["acme", "globex"])
      await isRight(acme, globex, commerce())
    })

    test("the same idempotency key, email and customer are strangers in another shop [M1]", async () => {
      const shops = [await commerce().shop("acme"), await commerce().shop("globex"), commerce()]
      const orders = await Promise.all(
        shops.map(async (shop) => {
          await shop.accounts.register({ email, password })
          return place(shop, (await newProduct(shop, 5)).id, "the-same-key")
        })
      )
      expect(new Set(orders.map(({ id }) => id)).size).toBe(3)
      await isRight(...shops)
    })

    test("a token of one shop is refused by every other [M1]", async () => {
      const shops = [await commerce().shop("acme"), await commerce().shop("globex"), commerce()]
      for (const shop of shops) {
        await shop.accounts.ensureAdmin({ email: "admin@example.com", password })
        const { accessToken } = await shop.accounts.login({ email: "admin@example.com", password })
        for (const other of shops) {
          const answer = other.accounts.authenticate(accessToken)
          if (other === shop) await expect(answer).resolves.toMatchObject({ role: "admin" })
          else await expect(answer).rejects.toMatchObject({ _tag: "Unauthenticated" })
        }
      }
    })

    test("refresh tokens and service tokens belong to one shop [M1]", async () => {
      const [acme, globex] = [await commerce().shop("acme"), await commerce().shop("globex")]
      await acme.accounts.ensureAdmin({ email: "admin@example.com", password })
      const { refreshToken } = await acme.accounts.login({ email: "admin@example.com", password })
      await expect(globex.accounts.refresh(refreshToken)).rejects.toMatchObject({
        _tag: "InvalidRefreshToken"
      })
      await acme.accounts.refresh(refreshToken)
      const { token } = await acme.serviceTokens.create({ name: "warehouse" })
      const ask = (shop: Shop) =>
        shop.handler(new Request("http://shop/orders", { headers: { authorization: `Bearer ${token}` } }))
      expect((await ask(acme)).status).toBe(200)
      expect((await ask(globex)).status).toBe(401)
    })

    test("attempts to log in at one shop are not counted at another [M1]", async () => {
      const [acme, globex] = [await commerce().shop("limited"), await commerce().shop("unlimited")]
      const logIn = async (shop: Shop) => {
        const body = JSON.stringify({ email: "nobody@example.com", password })
        const request = new Request("http://shop/auth/login", {
          method: "POST",
          body,
          headers: { "content-type": "application/json" }
        })
        return (await shop.handler(request, { remoteAddress: "10.0.0.1" })).status
      }
      let attempts = 0
      while ((await logIn(acme)) === 401) expect(++attempts).toBeLessThan(100)
      expect(await logIn(acme)).toBe(429)
      expect(await logIn(globex)).toBe(401)
    })

    test("streams, lists and the handler work on a shop", async () => {
      const acme = await commerce().shop("streams")
      const made = [await newProduct(acme, 1), await newProduct(acme, 1)]
      const found: Array<string> = []
      for await (const { id } of acme.catalog.allProducts()) found.push(id)
      expect(found.sort()).toEqual(made.map(({ id }) => id).sort())
      const response = await acme.handler(new Request(`http://shop/products/${found[0]}`))
      expect(response.status).toBe(200)
    })

    test("a name that is not valid is refused, and creates nothing", async () => {
      for (const name of ["", "Acme", "a_b", "-a", "a-", "a.b", 'a"b', "1a", "a".repeat(41), 1 as never]) {
        await expect(commerce().shop(name)).rejects.toMatchObject({ _tag: "InvalidInput" })
      }
      for (const name of ["a", "a-b", "a--b", "a".repeat(40)]) {
        await (await commerce().shop(name)).close()
        expect(await commerce().shops()).toContain(name)
      }
    })

    test("a shop that is closed refuses calls, and the others go on", async () => {
      const [one, same] = [await commerce().shop("acme"), await commerce().shop("acme")]
      await one.close()
      await expect(one.orders.list({})).rejects.toMatchObject({ _tag: "CommerceClosed" })
      expect((await one.handler(new Request("http://shop/products"))).status).toBe(503)
      await same.orders.list({})
    })
  })
}

describe("shops on a server", () => {
  const url = useDatabase()
  const commerce = useCommerce(url)

  test("a transaction of the host holds changes of several shops", async () => {
    const [acme, globex] = [await commerce().shop("acme"), await commerce().shop("globex")]
    const [mug, cup] = [await newProduct(acme, 5), await newProduct(globex, 5)]
    const pool = poolOf({ connectionString: url(), max: 1 })
    const client = await pool.connect()
    try {
      for (const end of ["ROLLBACK", "COMMIT"]) {
        await client.query("BEGIN")
        await acme.within(fromPg(client), (shop) => place(shop, mug.id))
        await globex.within(fromPg(client), (shop) => place(shop, cup.id))
        await client.query(end)
      }
    } finally {
      client.release()
      await pool.end()
    }
    expect((await acme.orders.list({})).items).toHaveLength(1)
    expect((await globex.orders.list({})).items).toHaveLength(1)
    await isRight(acme, globex)
  })

  test("without migrate no shop is created, and those that exist are opened", async () => {
    await (await commerce().shop("known")).close()
    const other = await createCommerce({
      database: { url: url(), pool: 2, migrate: false },
      auth: { jwtSecret: "a secret of thirty-two bytes or more" }
    })
    try {
      await expect(other.shop("unknown")).rejects.toMatchObject({ _tag: "ShopNotFound", shop: "unknown" })
      expect(await other.shops()).not.toContain("unknown")
      await (await other.shop("known")).orders.list({})
      await (await commerce().shop("unknown")).close()
      await (await other.shop("unknown")).orders.list({})
    } finally {
      await other.close()
    }
  })

  test("an installation whose schema looks like that of a shop is none", async () => {
    const other = await createCommerce({
      database: { url: url(), pool: 2, schema: "commerce_alone" },
      auth: { jwtSecret: "a secret of thirty-two bytes or more" }
    })
    try {
      await other.shop("west")
      expect(await other.shops()).toEqual(["west"])
      const shops = await commerce().shops()
      expect(shops).not.toContain("alone")
      expect(shops).not.toContain("alone-west")
      for (const name of ["alone", "alone-west"]) {
        await expect(commerce().shop(name)).rejects.toMatchObject({ _tag: "DatabaseRefused" })
      }
      await isRight(other, await other.shop("west"))
    } finally {
      await other.close()
    }
  })

  test("servers with wrong URLs or without a name are refused", async () => {
    for (const servers of [{ b: "http://b" }, { "": url() }, { b: 1 }, "b"]) {
      const opening = createCommerce({
        database: { url: url(), servers: servers as never },
        auth: { jwtSecret: "a secret of thirty-two bytes or more" }
      })
      await expect(opening).rejects.toMatchObject({ _tag: "InvalidInput" })
    }
  })

  test("a request to a shop that cannot be opened is a 404 if there is none, and else a 503", async () => {
    const outage = new StoreUnavailable({ outcome: "notApplied", cause: new Error("gone") })
    expect(unopenedResponse(outage).status).toBe(503)
    expect(await unopenedResponse(outage).json()).toMatchObject({
      code: "unavailable",
      outcome: "notApplied"
    })
    expect(unopenedResponse(new SchemaOutdated({ schema: "commerce_acme" })).status).toBe(503)
    expect(unopenedResponse(new ShopNotFound({ shop: "acme" })).status).toBe(404)
  })

  test("closing the commerce closes its shops", async () => {
    const own = await createCommerce({
      database: { url: Redacted.make(url()), pool: 2 },
      auth: { jwtSecret: "a secret of thirty-two bytes or more" }
    })
    const acme = await own.shop("acme")
    await own.close()
    await expect(acme.orders.list({})).rejects.toMatchObject({ _tag: "CommerceClosed" })
    await expect(own.shop("acme")).rejects.toMatchObject({ _tag: "CommerceClosed" })
    expect((await acme.handler(new Request("http://shop/products"))).status).toBe(503)
  })
})
