import { Effect } from "effect"
import { HttpApiBuilder } from "effect/http-api"
import { StoreHealth } from "../../ports/Store.ts"
import { ServedApi } from "../Served.ts"

const ok = { status: "ok" } as const

export const HealthHandlers = HttpApiBuilder.group(ServedApi, "health", (handlers) =>
  Effect.map(StoreHealth, (store) =>
    handlers.handleAll({
      live: () => Effect.succeed(ok),
      ready: () => Effect.as(store.check, ok)
    })
  )
)
