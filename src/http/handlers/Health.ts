import { Effect } from "effect"
import { HttpApiBuilder } from "effect/http-api"
import { StoreHealth } from "../../ports/Stores.ts"
import { Api } from "../api/index.ts"

const ok = { status: "ok" } as const

export const HealthHandlers = HttpApiBuilder.group(Api, "health", (handlers) =>
  Effect.map(StoreHealth, (store) =>
    handlers.handleAll({
      live: () => Effect.succeed(ok),
      ready: () => Effect.as(store.check, ok)
    })
  )
)
