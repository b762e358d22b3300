import { execFileSync, spawn, spawnSync } from "node:child_process"
import { readFileSync, writeFileSync } from "node:fs"
import { request as plainRequest } from "node:http"
import { type RequestOptions, request } from "node:https"
import { join } from "node:path"
import { Effect } from "effect"
import { beforeAll, describe, expect, test, vi } from "vitest"
import { serverSettings } from "../../src/settings/ServerSettings.ts"
import { leaveNothingRunning, serve } from "../cli/support/Cli.ts"
import { freePort } from "../support/EmbeddedServer.ts"
import { lasting, newDirectory } from "../support/lasting.ts"

interface Place {
  readonly directory: string
  /** Address of the server. */
  readonly server: string
  readonly http: number
  readonly https: number
}

interface Answer {
  readonly status: number | undefined
  readonly headers: Readonly<Record<string, unknown>>
  readonly body: string
}

const replaced = (text: string, changes: ReadonlyArray<readonly [string, string]>): string =>
  changes.reduce((changed, [from, to]) => {
    expect(changed).toContain(from)
    return changed.replaceAll(from, to)
  }, text)

const nginx = ({ directory, http, https, server }: Place) => {
  const text = replaced(readFileSync("deploy/nginx.conf", "utf8"), [
    ["127.0.0.1:3000", server],
    ["listen 80;", `listen 127.0.0.1:${http};`],
    ["listen [::]:80;", ""],
    ["listen 443 ssl http2;", `listen 127.0.0.1:${https} ssl http2;`],
    ["listen [::]:443 ssl http2;", ""],
    ["/etc/letsencrypt/live/shop.example/fullchain.pem", join(directory, "certificate.pem")],
    ["/etc/letsencrypt/live/shop.example/privkey.pem", join(directory, "key.pem")]
  ])
  writeFileSync(join(directory, "shop.conf"), text)
  const temporary = ["client_body", "proxy", "fastcgi", "uwsgi", "scgi"].map(
    (name) => `${name}_temp_path ${directory}/${name};`
  )
  const main = join(directory, "nginx.conf")
  writeFileSync(
    main,
    `${process.getuid?.() === 0 ? "user root;" : ""}
     daemon off; pid ${directory}/pid; error_log stderr; events {}
     http { access_log off; ${temporary.join(" ")} include ${directory}/shop.conf; }`
  )
  return { check: ["-t", "-c", main], run: ["-c", main] }
}

const caddy = ({ directory, http, https, server }: Place) => {
  const text = replaced(readFileSync("deploy/Caddyfile", "utf8"), [
    ["127.0.0.1:3000", server],
    [
      "shop.example {",
      `https://shop.example:${https} {\n\ttls ${directory}/certificate.pem ${directory}/key.pem`
    ]
  ])
  const file = join(directory, "Caddyfile")
  writeFileSync(file, `{\n\tadmin off\n\thttp_port ${http}\n\thttps_port ${https}\n}\n${text}`)
  const config = ["--config", file, "--adapter", "caddyfile"]
  return { check: ["validate", ...config], run: ["run", ...config] }
}

const proxies = [
  {
    name: "nginx",
    version: "-v",
    file: "deploy/nginx.conf",
    idle: /keepalive_timeout (\d+)s/,
    configure: nginx
  },
  { name: "caddy", version: "version", file: "deploy/Caddyfile", idle: /keepalive (\d+)s/, configure: caddy }
]

/** Sends a request to a proxy from one of this machine's addresses. */
const ask = (port: number, path: string, options: RequestOptions = {}, body?: string): Promise<Answer> =>
  new Promise((resolve, reject) => {
    const asked = request({
      ...{ host: "127.0.0.1", port, path, servername: "shop.example", rejectUnauthorized: false },
      ...options,
      headers: { host: "shop.example", "content-type": "application/json", ...options.headers }
    })
    asked.once("error", reject).once("response", async (response) => {
      let text = ""
      for await (const chunk of response) text += chunk
      resolve({ status: response.statusCode, headers: response.headers, body: text })
    })
    asked.end(body)
  })

describe.each(proxies)(
  "$name before a server with BASE_PATH=/shop (skipped where it is not installed)",
  (proxy) => {
    const { configure, file, idle, name, version } = proxy
    const isMissing = spawnSync(name, [version]).status !== 0
    leaveNothingRunning("all")
    let place: Place

    beforeAll(async () => {
      if (isMissing) return
      const directory = await newDirectory()
      const subject = ["-subj", "/CN=shop.example", "-keyout", join(directory, "key.pem")]
      const [days, out] = [
        ["-days", "2"],
        ["-out", join(directory, "certificate.pem")]
      ]
      const self = ["req", "-x509", "-newkey", "ec", "-pkeyopt", "ec_paramgen_curve:prime256v1", "-nodes"]
      execFileSync("openssl", [...self, ...subject, ...days, ...out], { stdio: "ignore" })
      const { url } = await serve({
        DATA_DIR: "memory",
        BASE_PATH: "/shop",
        TRUSTED_PROXIES: "127.0.0.1",
        AUTH_RATE_LIMIT: "3 per hour",
        METRICS: "on"
      })
      place = { directory, server: new URL(url).host, http: await freePort(), https: await freePort() }
      const { check, run } = configure(place)
      const env = {
        PATH: process.env.PATH,
        HOME: directory,
        XDG_DATA_HOME: directory,
        XDG_CONFIG_HOME: directory
      }
      const checked = spawnSync(name, check, { encoding: "utf8", env })
      expect(checked.status, checked.stderr).toBe(0)
      await lasting(
        Effect.acquireRelease(
          Effect.sync(() => spawn(name, run, { env, stdio: "ignore" })),
          (child) =>
            Effect.promise(async () => {
              const ended = new Promise((resolve) => child.once("close", resolve))
              child.kill("SIGTERM")
              await ended
            })
        )
      )
      await vi.waitFor(() => ask(place.https, "/shop/health/live"), { timeout: 60_000, interval: 200 })
    })

    test.skipIf(isMissing)("passes the API on, and neither metrics nor other paths", async () => {
      for (const path of ["/shop/products", "/shop/health/ready", "/shop/openapi.json"]) {
        expect([path, (await ask(place.https, path)).status]).toEqual([path, 200])
      }
      for (const root of ["/shop", "/shop/"]) {
        const { headers, status } = await ask(place.https, root)
        expect([root, status, headers.location]).toEqual([root, 302, "/shop/docs"])
      }
      const { headers } = await ask(place.https, "/shop/products")
      expect(headers["strict-transport-security"]).toBe("max-age=63072000")
      expect(headers["x-request-id"]).toMatch(/^[\w-]{32,36}$/)
      const metrics = "/shop/metrics"
      expect((await fetch(`http://${place.server}${metrics}`)).status).toBe(200)
      for (const path of [
        metrics,
        `${metrics};x`,
        `${metrics}/`,
        `${metrics}?x`,
        "/shop//metrics",
        "/shop/%6detrics"
      ]) {
        const answer = await ask(place.https, path)
        expect([path, answer.body.includes("commerce_")]).toEqual([path, false])
      }
    })

    test.skipIf(isMissing)("keeps the locations of what is made", async () => {
      const body = JSON.stringify({ email: `${name}@example.com`, password: "a secret phrase" })
      const answer = await ask(
        place.https,
        "/shop/auth/register",
        { method: "POST", localAddress: "127.0.0.9" },
        body
      )
      expect([answer.status, answer.headers.location]).toEqual([201, "/shop/auth/me"])
    })

    test.skipIf(isMissing)("tells clients apart by their addresses, which they cannot choose", async () => {
      let attempts = 0
      const logIn = async (localAddress: string) => {
        const email = `${attempts++}@example.com`
        const headers = { "x-forwarded-for": `192.0.2.${attempts}, 198.51.100.${attempts}` }
        const body = JSON.stringify({ email, password: "a wrong one" })
        return (await ask(place.https, "/shop/auth/login", { method: "POST", localAddress, headers }, body))
          .status
      }
      const first = []
      for (let tries = 0; tries < 4; tries++) first.push(await logIn("127.0.0.2"))
      expect(first).toEqual([401, 401, 401, 429])
      expect(await logIn("127.0.0.3")).toBe(401)
    })

    test.skipIf(isMissing)("refuses a body that the server would not take", async () => {
      const body = JSON.stringify({ email: "x".repeat(70_000), password: "a secret phrase" })
      expect((await ask(place.https, "/shop/auth/register", { method: "POST" }, body)).status).toBe(413)
    })

    test.skipIf(isMissing)("leads plain HTTP to TLS", async () => {
      const location = await new Promise((resolve, reject) => {
        const options = { host: "127.0.0.1", port: place.http, path: "/shop/products" }
        plainRequest({ ...options, headers: { host: "shop.example" } }, ({ headers, statusCode }) =>
          resolve(`${statusCode} ${headers.location}`)
        )
          .once("error", reject)
          .end()
      })
      expect(location).toMatch(/^30[18] https:\/\/shop\.example(:\d+)?\/shop\/products$/)
    })

    test("closes idle connections before the server does", () => {
      const [, seconds] = idle.exec(readFileSync(file, "utf8")) ?? []
      const [, keptByServer] = /^(\d+) seconds$/.exec(serverSettings.keepAliveTimeout.default) ?? []
      expect(Number(seconds)).toBeGreaterThan(0)
      expect(Number(seconds)).toBeLessThan(Number(keptByServer))
    })
  }
)
