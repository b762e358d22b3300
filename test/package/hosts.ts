/**
 * Installs hosts outside of the project from the packed package and tries them out: bundlers, runtimes, and generators of clients:
 * `npm run check:hosts`, or `npm run check:hosts -- Deno Vite` for some. It downloads what they need, so it is apart from
 * `npm run check:package`. Ends with 1 and says why, if a host does not sell.
 */
import { setPriority } from "node:os"
import { Effect } from "effect"
import { embeddedServer } from "../support/EmbeddedServer.ts"
import { bundlers } from "./hosts/bundlers.ts"
import { clients } from "./hosts/generators.ts"
import { directoryOf, type Host, install, type Surroundings, serverEnv, withServer } from "./hosts/host.ts"
import { runtimes } from "./hosts/runtimes.ts"
import { check, conclude, folder, pack, start } from "./support.ts"

/** Low priority: the check takes minutes, and other work goes on. */
setPriority(10)

/** Hosts at once, and the time that all of them may take. */
const atOnce = 3
const longest = "45 minutes"

const tryOut = (host: Host) =>
  Effect.promise(async () => {
    await check(`${host.name} works`, async () => host.tryOut(await install(host)))
    await start("rm", ["-rf", directoryOf(host)], folder)
  })

for (const signal of ["SIGINT", "SIGTERM"] as const) {
  process.once(signal, () => {
    conclude()
    process.exit(1)
  })
}

await Effect.gen(function* () {
  const { tarball } = pack()
  const database = yield* embeddedServer({ durable: false })
  const served = Promise.withResolvers<string>()
  const stop = Promise.withResolvers<void>()
  const env = { ...serverEnv, DATABASE_URL: database, DATABASE_SCHEMA: "clients" }
  const serve = () =>
    withServer(
      { cwd: process.cwd() },
      [process.execPath, "dist/cli/main.js", "serve"],
      env,
      /API\s+(http:\S+)/,
      (api) => {
        served.resolve(api)
        return stop.promise
      }
    )
  let serving: Promise<void> | undefined
  const api = () => {
    serving ??= serve().catch(served.reject)
    return served.promise
  }
  yield* Effect.addFinalizer(() =>
    Effect.promise(async () => {
      stop.resolve()
      await serving
    })
  )
  const surroundings: Surroundings = { tarball, database, api }
  const all = [bundlers, runtimes, clients].flatMap((hosts) => hosts(surroundings))
  const named = process.argv.slice(2)
  const chosen = all.filter(({ name }) => named.length === 0 || named.some((part) => name.includes(part)))
  yield* Effect.forEach(chosen, tryOut, { concurrency: atOnce, discard: true })
}).pipe(Effect.timeout(longest), Effect.scoped, Effect.ensuring(Effect.sync(conclude)), Effect.runPromise)
