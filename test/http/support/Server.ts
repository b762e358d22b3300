/** The real HTTP server with the real services on a free port, over any storage. */
import { createServer } from "node:http"
import { NodeHttpServer } from "@effect/platform-node"
import { type Duration, Effect, Layer, Logger, ManagedRuntime, Redacted } from "effect"
import { HttpRouter, HttpServer } from "effect/http"
import * as Bcrypt from "../../../src/adapters/bcrypt.ts"
import * as Jose from "../../../src/adapters/jose.ts"
import * as SimulatedPayments from "../../../src/adapters/simulated-payments.ts"
import type { StageTable } from "../../../src/domain/fulfilment/Stage.ts"
import { routes, strictRouting } from "../../../src/http/index.ts"
import type { PasswordHasher } from "../../../src/ports/PasswordHasher.ts"
import type { PaymentGateway } from "../../../src/ports/PaymentGateway.ts"
import { Stages } from "../../../src/ports/Stages.ts"
import type { Stores } from "../../../src/ports/Stores.ts"
import { Accounts } from "../../../src/services/Accounts.ts"
import * as Commerce from "../../../src/services/Commerce.ts"

export interface Running {
  readonly url: string
  /** What the server has logged, as lines of JSON. */
  readonly logs: ReadonlyArray<string>
  /** Makes an account that registering cannot make. */
  readonly createAdmin: (email: string, password: string) => Promise<void>
  readonly disable: (id: string) => Promise<void>
  readonly stop: () => Promise<void>
}

export interface Parts<E = unknown> {
  readonly stores: Layer.Layer<Stores, E>
  readonly hasher?: Layer.Layer<PasswordHasher>
  readonly gateway?: Layer.Layer<PaymentGateway>
  /** What else is set: rate limits, proxies, origins, a tracer. */
  readonly exposure?: Layer.Layer<never>
  readonly stages?: StageTable
  readonly settings?: Commerce.CommerceSettings
  readonly accessTokenTtl?: Duration.Input
}

const secret = Redacted.make("a secret of at least 32 bytes for tests")

const http = HttpRouter.serve(routes, {
  disableLogger: true,
  disableListenLog: true,
  routerConfig: strictRouting
}).pipe(Layer.provideMerge(NodeHttpServer.layer(createServer, { host: "127.0.0.1", port: 0 })))

/** Starts a server; who starts it stops it. */
export const start = async ({
  stores,
  hasher = Bcrypt.layer({ cost: 4 }),
  gateway = SimulatedPayments.layer({ faults: true }),
  exposure = Layer.empty,
  stages = {},
  settings = {},
  accessTokenTtl = "15 minutes"
}: Parts): Promise<Running> => {
  const logs: Array<string> = []
  const tokens = Layer.orDie(Jose.layer({ secret, accessTokenTtl }))
  const shop = http.pipe(
    Layer.provideMerge(Commerce.layer({ payments: { timeout: "2 seconds" }, ...settings })),
    Layer.provide([stores, tokens, hasher, gateway, Layer.succeed(Stages, stages)]),
    Layer.provide(exposure),
    Layer.provide(Logger.layer([Logger.map(Logger.formatJson, (line) => logs.push(line))]))
  )
  const runtime = ManagedRuntime.make(shop)
  const { address } = await runtime.runPromise(HttpServer.HttpServer)
  return {
    url: HttpServer.formatAddress(address),
    logs,
    createAdmin: (email, password) =>
      runtime.runPromise(
        Effect.asVoid(Accounts.use((accounts) => accounts.createAdmin({ email, password })))
      ),
    disable: (id) =>
      runtime.runPromise(Effect.orDie(Effect.asVoid(Accounts.use((accounts) => accounts.disable(id))))),
    stop: () => runtime.dispose()
  }
}
