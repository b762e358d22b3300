/** Benchmarks, each as a ratio to a baseline that is measured in the same run: see README.md beside this file. */
import { writeFile } from "node:fs/promises"
import { NodeRuntime } from "@effect/platform-node"
import { Effect } from "effect"
import { Bench, type Group } from "./Bench.ts"
import { analytics } from "./cases/analytics.ts"
import { fastify } from "./cases/fastify.ts"
import { growth } from "./cases/growth.ts"
import { http } from "./cases/http.ts"
import { life } from "./cases/life.ts"
import { memory } from "./cases/memory.ts"
import { placing } from "./cases/placing.ts"
import { processes } from "./cases/processes.ts"
import { shops } from "./cases/shops.ts"
import { start } from "./cases/start.ts"
import { machine, print } from "./Report.ts"

const groups: Readonly<Record<string, Group>> = {
  placing,
  processes,
  http,
  fastify,
  life,
  memory,
  start,
  analytics,
  growth,
  shops
}

const named = process.argv.slice(2)
const unknown = named.filter((name) => groups[name] === undefined)
if (unknown.length > 0) {
  console.error(`There is no group ${unknown.join(", ")}: name some of ${Object.keys(groups).join(", ")}`)
  process.exit(1)
}

const pace = {
  seconds: Number(process.env.BENCH_SECONDS ?? 0.7),
  rounds: Number(process.env.BENCH_ROUNDS ?? 5)
}

const program = Effect.gen(function* () {
  const started = performance.now()
  const chosen = Object.entries(groups).filter(([name]) => named.length === 0 || named.includes(name))
  const outcomes = (yield* Effect.forEach(chosen, ([, group]) => Effect.scoped(group))).flat()
  print(outcomes)
  const seconds = Math.round((performance.now() - started) / 1000)
  console.log(`${outcomes.length} measurements in ${seconds} seconds`)
  const written = JSON.stringify({ machine, pace, outcomes }, null, 2)
  yield* Effect.promise(() => writeFile(new URL("results.json", import.meta.url), `${written}\n`))
})

NodeRuntime.runMain(Effect.provide(program, Bench.layer(pace)))
