import { spawn } from "node:child_process"
import path from "node:path"
import { createInterface } from "node:readline"
import { setTimeout } from "node:timers/promises"
import { assert, describe } from "@effect/vitest"
import { Effect } from "effect"
import { isInstalled } from "../PostgresServer.ts"
import { failover } from "../support.ts"
import { pair, urlText } from "./support.ts"

const main = path.join(import.meta.dirname, "../../../src/cli/main.ts")

const admin = { email: "boss@example.com", password: "correct horse battery" }

/** A server process, once it is ready. */
const serve = (env: Readonly<Record<string, string>>) =>
  Effect.acquireRelease(
    Effect.promise(async () => {
      const child = spawn(process.execPath, ["--disable-warning=ExperimentalWarning", main, "serve"], {
        env: {
          PATH: process.env.PATH,
          PORT: "0",
          METRICS: "on",
          LOG_FORMAT: "pretty",
          BCRYPT_COST: "4",
          JWT_SECRET: "a secret that only these tests know, and no other",
          ADMIN_EMAIL: admin.email,
          ADMIN_PASSWORD: admin.password,
          ...env
        },
        stdio: ["ignore", "pipe", "inherit"]
      })
      const lines: Array<string> = []
      let url = ""
      for await (const line of createInterface({ input: child.stdout })) {
        lines.push(line)
        const [, found] = line.match(/API +(http:\S+)/) ?? []
        if (found === undefined) continue
        url = found
        break
      }
      child.stdout.resume()
      return { child, url }
    }),
    ({ child }) =>
      Effect.promise(async () => {
        child.kill("SIGKILL")
        await new Promise((resolve) => child.once("exit", resolve))
      })
  )

describe.skipIf(!isInstalled)("serve with DATABASE_REPLICA_URL (needs Debian's postgresql)", () => {
  failover(
    "reads at the replica, shows it in its metrics, and is ready without it [D8]",
    Effect.gen(function* () {
      const { server, standby } = yield* pair()
      const { url } = yield* serve({
        DATABASE_URL: urlText(server),
        DATABASE_REPLICA_URL: urlText(standby)
      })
      const metrics = async () => {
        const text = await (await fetch(`${url}/metrics`)).text()
        return (name: string) => {
          const line = text
            .split("\n")
            .find((one) => one.startsWith(`${name} `) || one.startsWith(`${name}{`))
          return line === undefined ? undefined : Number(line.split(" ").at(-1))
        }
      }
      const reads = 'commerce_replica_reads_total{answered_by="replica"}'
      yield* Effect.promise(async () => {
        for (let tries = 0; (await metrics())(reads) === undefined; tries++) {
          assert.isBelow(tries, 600)
          assert.strictEqual((await fetch(`${url}/products`)).status, 200)
          await setTimeout(20)
        }
        const valueOf = await metrics()
        assert.strictEqual(valueOf("commerce_replica_in_use"), 1)
        assert.isBelow(valueOf("commerce_replica_lag_seconds") ?? 99, 5)

        const login = await fetch(`${url}/auth/login`, {
          method: "POST",
          headers: { "content-type": "application/json" },
          body: JSON.stringify(admin)
        })
        const position = login.headers.get("commerce-position") ?? ""
        assert.match(position, /^[0-9A-F]+\/[0-9A-F]+$/)
        const { accessToken } = (await login.json()) as { readonly accessToken: string }
        const headers = { authorization: `Bearer ${accessToken}`, "commerce-position": position }
        const before = (await metrics())(reads) ?? 0
        for (let tries = 0; ((await metrics())(reads) ?? 0) === before; tries++) {
          assert.isBelow(tries, 600)
          assert.strictEqual((await fetch(`${url}/orders`, { headers })).status, 200)
          await setTimeout(20)
        }

        await standby.machine.kill()
        for (let tries = 0; (await metrics())("commerce_replica_in_use") !== 0; tries++) {
          assert.isBelow(tries, 600)
          assert.strictEqual((await fetch(`${url}/products`)).status, 200)
          await setTimeout(20)
        }
        assert.strictEqual((await fetch(`${url}/health/ready`)).status, 200)
        assert.strictEqual((await fetch(`${url}/orders`, { headers })).status, 200)
      })
    })
  )
})
