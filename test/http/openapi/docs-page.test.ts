import { connect, type Socket } from "node:net"
import { afterAll, describe, expect, test } from "vitest"
import * as Memory from "../../../src/adapters/memory/index.ts"
import { layerSettings } from "../../../src/http/index.ts"
import { expectProblem, expectStatus } from "../support/Expect.ts"
import { open } from "../support/Shop.ts"

describe("The page that documents the API", () => {
  const shop = open({ stores: Memory.layer })
  const ask = (headers: Record<string, string>) => fetch(`${shop.url()}/docs`, { headers })
  const sockets: Array<Socket> = []
  afterAll(() => {
    for (const socket of sockets) socket.destroy()
  })

  test("is compressed for clients that take gzip, and is the same page", async () => {
    const plain = await ask({ "accept-encoding": "identity" })
    expect(plain.headers.get("content-encoding")).toBe(null)
    const text = await plain.text()
    for (const codings of ["gzip", "br, gzip;q=0.5", "deflate, GZIP"]) {
      const zipped = await shop.nobody.get("/docs", { "accept-encoding": codings })
      expect(zipped.headers.get("content-encoding")).toBe("gzip")
      expect(Number(zipped.headers.get("content-length"))).toBeLessThan(text.length / 2)
      expect(zipped.headers.get("vary")).toMatch(/accept-encoding/i)
    }
    const raw = await (await ask({ "accept-encoding": "gzip" })).text()
    expect(raw).toBe(text)
    for (const codings of ["gzip;q=0", "br", "gzip;q=0.000, br", "gzipped"]) {
      expect((await ask({ "accept-encoding": codings })).headers.get("content-encoding")).toBe(null)
    }
  })

  test("is not sent again to who has it", async () => {
    const first = await ask({})
    const etag = first.headers.get("etag") ?? ""
    expect(etag).toMatch(/^W\/"[0-9a-f]{32}"$/)
    expect(first.headers.get("cache-control")).toBe("no-cache")
    await first.text()
    for (const known of [etag, etag.slice(2), `"other", ${etag}`, "*"]) {
      const again = await ask({ "if-none-match": known })
      expect([again.status, await again.text()]).toEqual([304, ""])
      expect(again.headers.get("etag")).toBe(etag)
      expect(again.headers.get("x-content-type-options")).toBe("nosniff")
    }
    for (const other of ['W/"other"', `${etag}x`]) {
      const again = await ask({ "if-none-match": other })
      expect([again.status, (await again.text()).length > 100_000]).toEqual([200, true])
    }
  })

  test("takes no memory for clients that do not read it", async () => {
    await (await ask({})).text()
    const { port } = new URL(shop.url())
    const before = process.memoryUsage()
    for (let n = 0; n < 100; n++) {
      const socket = connect(Number(port), "127.0.0.1")
      sockets.push(socket)
      socket.pause()
      socket.write("GET /docs HTTP/1.1\r\nHost: x\r\n\r\n")
    }
    await expect.poll(async () => (await shop.nobody.get("/health/live")).status).toBe(200)
    const { external, arrayBuffers } = process.memoryUsage()
    // Rendered for each of them, it takes more than 300 MB.
    expect(external + arrayBuffers - before.external - before.arrayBuffers).toBeLessThan(100_000_000)
  })
})

describe("Without the page that documents the API", () => {
  const { nobody } = open({ stores: Memory.layer, exposure: layerSettings({ docs: "off" }) })

  test("its address does not exist, and the description stays", async () => {
    for (const method of ["GET", "HEAD", "POST"]) {
      const answer = await nobody.send(method, "/docs")
      if (method === "HEAD") expect(answer.status).toBe(404)
      else expectProblem(answer, 404, "not-found")
    }
    expectStatus(await nobody.get("/openapi.json"), 200)
  })
})
