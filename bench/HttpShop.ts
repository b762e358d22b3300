/** The server of `effect-commerce serve`, with the baselines as further routes; ends with its standard input. */
import { NodeHttpServer, NodeRuntime } from "@effect/platform-node"
import { Console, Effect, Layer } from "effect"
import { HttpRouter, HttpServer } from "effect/http"
import { ensureAdmin } from "../src/cli/support/Admin.ts"
import { httpServer } from "../src/cli/support/HttpServer.ts"
import { database, logging, services } from "../src/cli/support/Layers.ts"
import { serverSettings } from "../src/cli/support/Settings.ts"
import { routes } from "../src/http/index.ts"
import { baselines } from "./Baselines.ts"

const run = Effect.gen(function* () {
  const settings = yield* serverSettings
  const serving = Effect.gen(function* () {
    yield* ensureAdmin(settings)
    const { server } = yield* httpServer()
    const listening = HttpRouter.serve(Layer.merge(routes, baselines), {
      disableLogger: true,
      disableListenLog: true
    }).pipe(Layer.provideMerge(NodeHttpServer.layer(() => server, { host: "127.0.0.1", port: 0 })))
    yield* Effect.gen(function* () {
      const { address } = yield* HttpServer.HttpServer
      yield* Console.log(HttpServer.formatAddress(address))
      yield* Effect.never
    }).pipe(Effect.provide(listening))
  })
  yield* serving.pipe(
    Effect.provide(services(settings)),
    Effect.provide(database(settings)),
    Effect.provide(logging(settings))
  )
})

process.stdin.resume().once("end", () => process.exit())

NodeRuntime.runMain(run)
