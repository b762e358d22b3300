import { execFile } from "node:child_process"
import { createServer } from "node:http"
import { promisify } from "node:util"
import { Effect } from "effect"
import { describe, expect, test } from "vitest"
import { serverSettings } from "../../src/settings/ServerSettings.ts"
import { lasting } from "../support/lasting.ts"

/** Runs the health check of the image. */
const health = (env: Readonly<Record<string, string>>) =>
  promisify(execFile)(process.execPath, ["src/cli/health.ts"], { env }).then(
    () => "",
    ({ code, stderr }) => `${code} ${stderr}`
  )

/** A server that is alive at one path. */
const alive = (path: string, host: string, port = 0) =>
  lasting(
    Effect.acquireRelease(
      Effect.promise(async () => {
        const server = createServer(({ url }, response) => response.writeHead(url === path ? 200 : 503).end())
        await new Promise<void>((resolve) => server.listen(port, host, resolve))
        return server
      }),
      (server) => Effect.sync(() => server.close())
    )
  ).then((server) => String((server.address() as { port: number }).port))

describe("The health check of the image", () => {
  test("asks at HOST, PORT and BASE_PATH, and at the loopback address of a server on all addresses", async () => {
    const PORT = await alive("/health/live", "127.0.0.1")
    for (const HOST of ["127.0.0.1", "0.0.0.0", ""]) expect(await health({ HOST, PORT })).toBe("")
    expect(await health({ PORT, BASE_PATH: "/" })).toBe("")
    const under = await alive("/shop/health/live", "127.0.0.1")
    for (const BASE_PATH of ["/shop", "/shop/"]) expect(await health({ PORT: under, BASE_PATH })).toBe("")
    expect(await health({ PORT: under })).toBe(
      `1 effect-commerce: http://127.0.0.1:${under}/health/live answers 503\n`
    )
  })

  test("asks at a port that fetch refuses", async () => {
    const PORT = await alive("/health/live", "127.0.0.1", 10_080)
    expect(await health({ PORT })).toBe("")
  })

  test("fails where nothing listens, and has the defaults of the server", async () => {
    expect(await health({ PORT: "1", HOST: "::" })).toBe(
      "1 effect-commerce: http://[::1]:1/health/live answers nothing\n"
    )
    const { host, port } = serverSettings
    const said = await health({ BASE_PATH: "/no/such/path" })
    expect(said).toContain(`http://${host.default}:${port.default}/no/such/path/health/live`)
  })
})
