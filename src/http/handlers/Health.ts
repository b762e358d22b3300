import { Effect } from "effect"
import { HttpApiBuilder } from "effect/http-api"
import { shuttingDown } from "../../ports/errors.ts"
import { StoreHealth } from "../../ports/Stores.ts"
import { Api } from "../api/index.ts"
import { Draining } from "../boundary/Draining.ts"

const ok = { status: "ok" } as const

export const HealthHandlers = HttpApiBuilder.group(
  Api,
  "health",
  Effect.fnUntraced(function* (handlers) {
    const store = yield* StoreHealth
    const state = yield* Draining
    return handlers.handleAll({
      live: () => Effect.succeed(ok),
      ready: () =>
        Effect.suspend(() =>
          state.isDraining && state.isReplaced !== true
            ? Effect.fail(shuttingDown("notApplied"))
            : Effect.as(store.check, ok)
        )
    })
  })
)
