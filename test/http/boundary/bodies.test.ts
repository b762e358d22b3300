import { request } from "node:http"
import { gzipSync } from "node:zlib"
import { describe, expect, test } from "vitest"
import { expectFaults, expectProblem, expectStatus, ok } from "../support/Expect.ts"
import { suite } from "../support/Shop.ts"

const json = { "content-type": "application/json" }
const limit = 64 * 1024

/** A body of so many bytes that makes a category. */
const categoryOf = (bytes: number) => {
  const body = JSON.stringify({ name: crypto.randomUUID() })
  return body + " ".repeat(bytes - body.length)
}

/** The same without saying how long it is. */
const streamed = (text: string) =>
  new ReadableStream({
    start(controller) {
      const bytes = new TextEncoder().encode(text)
      for (let at = 0; at < bytes.length; at += 10_000) controller.enqueue(bytes.slice(at, at + 10_000))
      controller.close()
    }
  })

suite("Bodies of requests", (shop) => {
  const { admin, nobody } = shop

  describe("that are not JSON", () => {
    test.each([
      "{",
      "",
      "nonsense",
      '{"name": }',
      '{"name": "x"',
      "{'name': 'x'}",
      "[",
      '"',
      "\u0000",
      "NaN"
    ])("%j", async (body) => {
      expectFaults(await admin.send("POST", "/categories", { headers: json, body }), "")
    })

    test.each(["null", "[]", '"text"', "7", "true"])("JSON that is no object: %s", async (body) => {
      expectFaults(await admin.send("POST", "/categories", { headers: json, body }), "")
    })

    test.each([[0xff], [0xc3, 0x28], [0xed, 0xa0, 0x80], [0xf0, 0x9f]])(
      "that is not UTF-8: %j … [A5]",
      async (...bytes) => {
        const text = JSON.stringify({ name: `${crypto.randomUUID()}?` })
        const body = Buffer.concat(
          text.split("?").flatMap((part, n) => [Buffer.from(n === 0 ? [] : bytes), Buffer.from(part)])
        )
        expectFaults(await admin.send("POST", "/categories", { headers: json, body }), "")
      }
    )

    test("no body at all", async () => {
      expectFaults(await admin.post("/categories"), "")
    })

    test("deeper than anything the shop reads", async () => {
      const body = `${"[".repeat(30_000)}${"]".repeat(30_000)}`
      expectFaults(await admin.send("POST", "/categories", { headers: json, body }), "")
    })
  })

  test("are refused in words, at the root without a pointer", async () => {
    expectProblem(
      await nobody.send("POST", "/auth/login", { headers: json, body: "7" }),
      400,
      "invalid-request",
      {
        detail: "Expected an object",
        errors: [{ path: "", message: "Expected an object" }]
      }
    )
  })

  describe("over 64 KiB", () => {
    const post = (body: string | ReadableStream) => admin.send("POST", "/categories", { headers: json, body })

    test("just 64 KiB are still taken, told or streamed", async () => {
      expectStatus(await post(categoryOf(limit)), 201)
      expectStatus(await post(streamed(categoryOf(limit))), 201)
    })

    test.each([limit + 1, 1_000_000])("%d bytes are refused, announced or streamed [A3]", async (bytes) => {
      expectProblem(await post(categoryOf(bytes)), 413, "payload-too-large")
      expectProblem(await post(streamed(categoryOf(bytes))), 413, "payload-too-large")
      const login = { headers: json, body: streamed(categoryOf(bytes)) }
      expectProblem(await nobody.send("POST", "/auth/login", login), 413, "payload-too-large")
    })

    test("a length that is only claimed is refused before a byte has come", async () => {
      const status = await new Promise((resolve, reject) => {
        const headers = { ...json, "content-length": "99999999999" }
        const asked = request(`${shop.url()}/auth/login`, { method: "POST", headers }, (answer) => {
          resolve(answer.statusCode)
          asked.destroy()
        })
        asked.on("error", reject)
        asked.flushHeaders()
      })
      expect(status).toBe(413)
    })
  })

  test.each([
    "text/plain",
    "application/xml",
    "multipart/form-data; boundary=x",
    "application/x-www-form-urlencoded",
    "application/jsonx",
    "application/merge-patch+json",
    "json"
  ])("a body of type %s is refused", async (type) => {
    const headers = { "content-type": type }
    const body = JSON.stringify({ email: "a@b", password: "long enough" })
    expectProblem(
      await nobody.send("POST", "/auth/register", { headers, body }),
      415,
      "unsupported-media-type"
    )
    expectProblem(await admin.send("POST", "/categories", { headers, body }), 415, "unsupported-media-type")
    await ok(nobody.get("/products", headers))
  })

  test.each(["application/json; charset=utf-8", "APPLICATION/JSON", "application/json;"])(
    "a body of type %s is taken",
    async (type) => {
      const body = JSON.stringify({ name: crypto.randomUUID() })
      expectStatus(await admin.send("POST", "/categories", { headers: { "content-type": type }, body }), 201)
    }
  )

  test.each(["gzip", "br", "deflate, gzip"])(
    "a body in the coding %s is refused with what is taken",
    async (coding) => {
      const headers = { ...json, "content-encoding": coding }
      const body = gzipSync(JSON.stringify({ name: crypto.randomUUID() }))
      const answer = await admin.send("POST", "/categories", { headers, body })
      expectProblem(answer, 415, "unsupported-media-type")
      expect(answer.headers.get("accept-encoding")).toBe("identity")
    }
  )

  test("a body in the coding identity is taken", async () => {
    const headers = { ...json, "content-encoding": "identity" }
    const body = JSON.stringify({ name: crypto.randomUUID() })
    expectStatus(await admin.send("POST", "/categories", { headers, body }), 201)
  })
})
