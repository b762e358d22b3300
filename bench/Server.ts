import { type ChildProcess, spawn } from "node:child_process"
import { once } from "node:events"
import { join } from "node:path"
import { createInterface } from "node:readline"
import { Effect, Redacted } from "effect"
import { Bench } from "./Bench.ts"
import { type Client, clientOf } from "./Client.ts"
import { pool } from "./Shop.ts"

const admin = { email: "admin@example.com", password: "a password for the bench" }
const customer = { email: "customer@example.com", password: admin.password }

/** No setting of the machine's owner reaches a server that is measured. */
export const environment = (url: Redacted.Redacted): NodeJS.ProcessEnv => ({
  PATH: process.env.PATH,
  DATABASE_URL: Redacted.value(url),
  DATABASE_POOL: String(pool),
  JWT_SECRET: "a secret of the bench, for nobody else to know",
  ACCESS_TOKEN_TTL: "1 hour",
  PAYMENTS: "simulated",
  ADMIN_EMAIL: admin.email,
  ADMIN_PASSWORD: admin.password,
  AUTH_RATE_LIMIT: "off",
  BCRYPT_COST: "4",
  LOG_LEVEL: "warn",
  PORT: "0"
})

/** Waits for the address in the startup banner of `serve`. */
export const addressIn = async (output: NodeJS.ReadableStream): Promise<string> => {
  for await (const line of createInterface({ input: output })) {
    const found = / API +(http:\S+)/.exec(line)?.[1]
    if (found !== undefined) return found
  }
  throw new Error("The server has ended")
}

/** Ends a process, and waits until it has ended. */
export const end = async (child: ChildProcess) => {
  if (child.exitCode !== null || child.signalCode !== null) return
  const ended = once(child, "exit")
  child.kill("SIGTERM")
  await ended
}

/** Further flags for Node, such as those of its profiler. */
const flags = (process.env.BENCH_SERVER_FLAGS ?? "").split(" ").filter((flag) => flag !== "")

const start = async (main: string, url: Redacted.Redacted) => {
  const child = spawn(process.execPath, ["--expose-gc", ...flags, main], {
    env: environment(url),
    stdio: ["pipe", "pipe", "inherit"]
  })
  const lines = createInterface({ input: child.stdout })
  const ended = once(child, "exit").then(([code]) => Promise.reject(new Error(`The server ended: ${code}`)))
  const [address] = await Promise.race([once(lines, "line"), ended])
  ended.catch(() => undefined)
  lines.on("line", (line) => process.stderr.write(`${line}\n`))
  return { child, address: new URL(address) }
}

const logIn = (client: Client, body: object) =>
  Effect.map(
    client.json<{ accessToken: string }>(200, { method: "POST", path: "/auth/login", body }),
    ({ accessToken }) => accessToken
  )

/** A server in a process of its own, so that its CPU is not the client's. */
const serverOf = Effect.fnUntraced(function* (name: string, url: Redacted.Redacted) {
  const { built } = yield* Bench
  const { address } = yield* Effect.acquireRelease(
    Effect.promise(() => start(join(built, "bench", name), url)),
    ({ child }) => Effect.promise(() => end(child))
  )
  return yield* clientOf(address)
})

/** What a team would write instead of ours. It takes the tokens that ours has given out. */
export const fastifyShop = (url: Redacted.Redacted) => serverOf("FastifyShop.js", url)

/** `effect-commerce serve` as it is in the package, with the token of its admin. */
export const servedShop = Effect.fnUntraced(function* (
  url: Redacted.Redacted,
  { env: more = {}, flags = [] }: { readonly env?: NodeJS.ProcessEnv; readonly flags?: ReadonlyArray<string> }
) {
  const { command } = yield* Bench
  const { address, child } = yield* Effect.acquireRelease(
    Effect.promise(async () => {
      const env = { ...environment(url), LOG_FORMAT: "pretty", ...more }
      const child = spawn(process.execPath, [...flags, command, "serve"], {
        env,
        stdio: ["ignore", "pipe", "inherit"]
      })
      return { child, address: new URL(await addressIn(child.stdout)) }
    }),
    ({ child }) => Effect.promise(() => end(child))
  )
  if (child.pid === undefined) return yield* Effect.die("The server has no process")
  const client = yield* clientOf(address)
  return { client, pid: child.pid, token: yield* logIn(client, admin) }
})

/** A server of an account. */
export interface Started {
  readonly client: Client
  readonly token: string
}

/** The HTTP API, with the tokens of two accounts. */
export const httpShop = Effect.fnUntraced(function* (url: Redacted.Redacted) {
  const client = yield* serverOf("HttpShop.js", url)
  yield* client.ask(201, { method: "POST", path: "/auth/register", body: customer })
  return { client, token: yield* logIn(client, customer), adminToken: yield* logIn(client, admin) }
})
