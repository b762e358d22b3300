import { connect, type Socket } from "node:net"
import { afterAll, describe, expect, test } from "vitest"
import * as Memory from "../../../src/adapters/memory/index.ts"
import { layerSettings } from "../../../src/http/index.ts"
import { expectProblem, expectStatus } from "../support/Expect.ts"
import { open } from "../support/Shop.ts"

/** The addresses of the scripts of a page, as a browser resolves them. */
const scriptsOf = (url: string, html: string) =>
  Array.from(html.matchAll(/<script [^>]*src="([^"]+)"/g), ([, src = ""]) => new URL(src, url).href)

describe("The page that documents the API", () => {
  const shop = open({ stores: Memory.layer })
  const page = () => `${shop.url()}/docs`
  const ask = (url: string, headers: Record<string, string> = {}) => fetch(url, { headers })
  const scripts = async () => scriptsOf(page(), await (await ask(page())).text())
  const sockets: Array<Socket> = []
  afterAll(() => {
    for (const socket of sockets) socket.destroy()
  })

  test("is small, in English, and shows something before its scripts", async () => {
    const { headers, text } = await shop.nobody.get("/docs")
    expect(Buffer.byteLength(text)).toBeLessThan(10_000)
    expect(headers.get("content-type")).toMatch(/^text\/html/)
    expect(text).toMatch(/<html lang="en">[\s\S]*<h1>effect-commerce<\/h1>/)
    expect(text).toMatch(/<meta name="viewport"/)
    expect(text).not.toMatch(/<script>|https?:\/\/(?!www\.w3\.org)/)
    expect(text).not.toMatch(/(src|href)="\//)
  })

  test("leaves its scripts to the browser for ever, compressed for clients that take gzip", async () => {
    const urls = await scripts()
    expect(urls.length).toBe(2)
    let total = 0
    for (const url of urls) {
      const plain = await ask(url, { "accept-encoding": "identity" })
      expect(plain.headers.get("content-encoding")).toBe(null)
      expect(plain.headers.get("content-type")).toMatch(/^text\/javascript/)
      expect(plain.headers.get("cache-control")).toBe("public, max-age=31536000, immutable")
      expect(plain.headers.get("x-content-type-options")).toBe("nosniff")
      const text = await plain.text()
      for (const codings of ["gzip", "br, gzip;q=0.5", "deflate, GZIP"]) {
        const zipped = await ask(url, { "accept-encoding": codings })
        expect(zipped.headers.get("content-encoding")).toBe("gzip")
        expect(Number(zipped.headers.get("content-length"))).toBeLessThan(text.length / 2)
        expect(zipped.headers.get("vary")).toMatch(/accept-encoding/i)
        expect(await zipped.text()).toBe(text)
      }
      for (const codings of ["gzip;q=0", "br", "gzip;q=0.000, br", "gzipped"]) {
        const other = await ask(url, { "accept-encoding": codings })
        expect(other.headers.get("content-encoding")).toBe(null)
        await other.body?.cancel()
      }
      total += Number((await ask(url, { "accept-encoding": "gzip" })).headers.get("content-length"))
    }
    expect(total).toBeLessThan(1_000_000)
  })

  test("is not sent again to who has it, nor are its scripts", async () => {
    for (const url of [page(), ...(await scripts())]) {
      const first = await ask(url)
      const etag = first.headers.get("etag") ?? ""
      expect(etag).toMatch(/^W\/"[0-9a-f]{32}"$/)
      const size = (await first.text()).length
      for (const known of [etag, etag.slice(2), `"other", ${etag}`, "*"]) {
        const again = await ask(url, { "if-none-match": known })
        expect([again.status, await again.text()]).toEqual([304, ""])
        expect(again.headers.get("etag")).toBe(etag)
        expect(again.headers.get("cache-control")).toBe(first.headers.get("cache-control"))
        expect(again.headers.get("x-content-type-options")).toBe("nosniff")
      }
      for (const other of ['W/"other"', `${etag}x`]) {
        const again = await ask(url, { "if-none-match": other })
        expect([again.status, (await again.text()).length]).toEqual([200, size])
      }
    }
    expect((await ask(page())).headers.get("cache-control")).toBe("no-cache")
  })

  test("is where the root leads, and has no other files", async () => {
    for (const method of ["GET", "HEAD"]) {
      const root = await fetch(`${shop.url()}/`, { method, redirect: "manual" })
      expect([root.status, root.headers.get("location")]).toEqual([302, "/docs"])
    }
    expectProblem(await shop.nobody.get("/docs/other.js"), 404, "not-found")
    expectProblem(await shop.nobody.post("/", {}), 405, "method-not-allowed")
    const [url = ""] = await scripts()
    expectProblem(await shop.nobody.post(new URL(url).pathname, {}), 405, "method-not-allowed")
  })

  test("takes no memory for clients that do not read it", async () => {
    const paths = [page(), ...(await scripts())].map((url) => new URL(url).pathname)
    for (const url of await scripts()) await (await ask(url)).text()
    const { port } = new URL(shop.url())
    const before = process.memoryUsage()
    for (let n = 0; n < 150; n++) {
      const socket = connect(Number(port), "127.0.0.1")
      sockets.push(socket)
      socket.pause()
      socket.write(`GET ${paths[n % paths.length]} HTTP/1.1\r\nHost: x\r\n\r\n`)
    }
    await expect.poll(async () => (await shop.nobody.get("/health/live")).status).toBe(200)
    const { external, arrayBuffers } = process.memoryUsage()
    // Made for each of them, it takes more than 150 MB.
    expect(external + arrayBuffers - before.external - before.arrayBuffers).toBeLessThan(50_000_000)
  })
})

describe("Without the page that documents the API", () => {
  const shop = open({ stores: Memory.layer, exposure: layerSettings({ docs: "off" }) })
  const { nobody } = shop

  test("its address does not exist, and the description stays", async () => {
    for (const method of ["GET", "HEAD", "POST"]) {
      const answer = await nobody.send(method, "/docs")
      if (method === "HEAD") expect(answer.status).toBe(404)
      else expectProblem(answer, 404, "not-found")
    }
    expectProblem(await nobody.get("/docs/other.js"), 404, "not-found")
    expectStatus(await nobody.get("/openapi.json"), 200)
    const root = await fetch(`${shop.url()}/`, { redirect: "manual" })
    expect([root.status, root.headers.get("location")]).toEqual([302, "/openapi.json"])
  })
})
