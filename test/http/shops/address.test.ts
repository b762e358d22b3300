import { assert, describe, it } from "@effect/vitest"
import { basePathOf, type ShopAddress, shopNamedBy, shopPathOf } from "../../../src/http/shops/ShopAddress.ts"
import { pick } from "../../../src/testing/Generators.ts"

const domain: ShopAddress = { domain: "example.com" }

interface Asked {
  readonly url?: string
  readonly target?: string
  readonly host?: string | undefined
}

const named = (address: ShopAddress, { url = "/", target = url, host }: Asked, basePath = "/") =>
  shopNamedBy(address, basePath)({ url, originalUrl: target, headers: { host } })

describe("a shop is named in the path", () => {
  it.each([
    ["/shops/acme/products", "acme"],
    ["/shops/acme", "acme"],
    ["/shops/acme?limit=1", "acme"],
    ["/shops/a-1/orders?x=/y", "a-1"],
    ["/shops/A%20/orders", "A%20"],
    ["/products", undefined],
    ["/shops", undefined],
    ["/shops/", undefined],
    ["/shops//products", undefined],
    ["/shops?x=/shops/acme", undefined],
    ["/shop/acme/products", undefined],
    ["/products?at=/shops/acme", undefined]
  ])("%s: %s", (url, shop) => {
    assert.strictEqual(named("path", { url, host: "acme.example.com" }), shop)
  })

  it("after the base path", () => {
    assert.strictEqual(named("path", { url: "/api/shops/acme/products" }, "/api/"), "acme")
    assert.isUndefined(named("path", { url: "/shops/acme/products" }, "/api"))
  })
})

describe("a shop is named in the host", () => {
  it.each([
    ["acme.example.com", "acme"],
    ["acme.example.com:3000", "acme"],
    ["ACME.Example.COM", "acme"],
    ["acme.example.com.", "acme"],
    ["a.b.example.com", "a.b"],
    ["example.com", undefined],
    ["acme.example.com.evil.org", undefined],
    ["acmeexample.com", undefined],
    ["127.0.0.1:3000", undefined],
    [undefined, undefined]
  ])("%s: %s", (host, shop) => {
    assert.strictEqual(named(domain, { host, url: "/shops/globex/products" }), shop)
  })
})

it("the host of a whole target counts, not the header (RFC 9112, 3.2.2)", () => {
  const host = "globex.example.com"
  assert.strictEqual(named(domain, { host, target: "http://acme.example.com:80/products" }), "acme")
  assert.isUndefined(named(domain, { host, target: "http://127.0.0.1/products" }))
  assert.strictEqual(named(domain, { host, target: "/products?at=http://acme.example.com/" }), "globex")
})

it.prop(
  "the paths of a shop name it",
  [pick<ShopAddress>(["path", domain]), pick(["/", "/api", "/a/b/"]), pick(["acme", "a", "a-b-1"])],
  ([address, basePath, shop]) => {
    const url = `${basePathOf(address, basePath, shop).replace(/\/$/, "")}/products`
    assert.strictEqual(named(address, { url, host: `${shop}.example.com` }, basePath), shop)
    assert.isTrue(url.startsWith(shopPathOf(address, basePath, shop)))
  }
)
