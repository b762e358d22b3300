import { once } from "node:events"
import { connect } from "node:net"
import { Redacted } from "effect"
import { beforeAll, expect, test } from "vitest"
import { lasting } from "../../support/lasting.ts"
import { freshDatabase } from "../../support/postgres.ts"
import { leaveNothingRunning, type Serving, serve } from "../support/Cli.ts"

leaveNothingRunning("all")

let serving: Serving
beforeAll(async () => {
  const DATABASE_URL = Redacted.value(await lasting(freshDatabase))
  serving = await serve({ DATABASE_URL, JWT_SECRET: "a secret of thirty-two bytes or more" })
})

/** What the server answers to these lines, and to nothing more. */
const answerTo = async (...lines: ReadonlyArray<string>) => {
  const { hostname, port } = new URL(serving.url)
  const socket = connect(Number(port), hostname)
  let text = ""
  socket.on("data", (part) => {
    text += part
  })
  socket.write([...lines, "Connection: close", "", ""].join("\r\n"))
  await once(socket, "close")
  const [head = "", body = ""] = text.split("\r\n\r\n")
  const { status, code } = /^content-type: application\/problem\+json\r?$/im.test(head)
    ? JSON.parse(body)
    : { status: Number(/^HTTP\/1.1 (\d+)/.exec(head)?.[1]), code: undefined }
  return [status, code, /^x-request-id: /im.test(head)]
}

test.each([
  ["two hosts", ["GET /products HTTP/1.1", "Host: a", "Host: b"], 400, "invalid-request"],
  ["the same host twice", ["GET /products HTTP/1.1", "Host: a", "Host: a"], 400, "invalid-request"],
  ["no host", ["GET /products HTTP/1.1"], 400, "invalid-request"],
  [
    "an unknown expectation",
    ["GET /products HTTP/1.1", "Host: a", "Expect: cake"],
    417,
    "expectation-failed"
  ],
  [
    "two tokens",
    ["GET /auth/me HTTP/1.1", "Host: a", "Authorization: a", "Authorization: b"],
    401,
    "unauthenticated"
  ]
] as const)("a request with %s is answered with a problem", async (_, lines, status, code) => {
  expect(await answerTo(...lines)).toEqual([status, code, true])
})

test("a request of HTTP/1.0 needs no host", async () => {
  expect(await answerTo("GET /products HTTP/1.0")).toEqual([200, undefined, true])
})
