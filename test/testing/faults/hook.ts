import { Effect, Layer } from "effect"
import * as Memory from "../../../src/adapters/memory/index.ts"
import { BeforeCommit, type BeforeCommitHook } from "../../../src/ports/BeforeCommit.ts"
import { OrderStore } from "../../../src/ports/OrderStore.ts"
import { hookLaws, scriptedHook } from "../../../src/testing/contract/index.ts"
import { faulty } from "../../support/faulty.ts"
import type { Fault } from "./Fault.ts"

type Store = OrderStore["Service"]

/** Stores with a hook that does not get what it should, or whose answer is not taken. */
const hooked = (hook: BeforeCommitHook) => Layer.provide(Memory.layer, Layer.succeed(BeforeCommit, hook))

const orders = (spoil: (store: Store) => Partial<Store>) =>
  Layer.provide(
    faulty(OrderStore, (store) => ({ ...store, ...spoil(store) })),
    Layer.succeed(BeforeCommit, scriptedHook)
  )

const untagged = (name: string) => name.replace(/( \[[A-Z]\d+\])+$/, "")

export const hookFaults: ReadonlyArray<Fault> = [
  {
    does: "runs no hook",
    stores: Memory.layer,
    breaks: hookLaws.map(({ name }) => untagged(name))
  },
  {
    does: "shows the hook an order in another version",
    stores: hooked(([first, ...others]) =>
      scriptedHook([{ ...first, order: { ...first.order, version: 0 } }, ...others])
    ),
    breaks: ["the hook gets every change of an order, with the order and the event as they are stored"]
  },
  {
    does: "takes a refusal of the hook for a failure",
    stores: hooked((changes) =>
      Effect.flatMap(scriptedHook(changes), (refused) =>
        refused.length > 0 ? Effect.die(refused) : Effect.void
      )
    ),
    breaks: [
      "a caller whose change the hook refuses gets the refusal, and nothing has changed, whatever the change is",
      "50 concurrent placements, and the hook refuses every second: each gets its own answer"
    ]
  },
  {
    does: "goes on if the hook fails",
    stores: hooked((changes) => Effect.catchCause(scriptedHook(changes), () => Effect.undefined)),
    breaks: [
      "a caller on whose change the hook fails gets a defect, and nothing has changed, whatever the change is",
      "20 concurrent placements, and the hook fails on some: the others are placed"
    ]
  },
  {
    does: "runs the hook for replays",
    stores: orders((store) => ({
      place: (placement) =>
        Effect.tap(store.place(placement), ({ value, replayed }) =>
          Effect.flatMap(store.history(value.id), ([event]) =>
            replayed && event !== undefined
              ? Effect.flatMap(Effect.orDie(scriptedHook([{ order: value, event }])), (refused) =>
                  refused[0] === undefined ? Effect.void : Effect.fail(refused[0])
                )
              : Effect.void
          )
        )
    })),
    breaks: ["a refusal of the hook leaves the key unused, and a replay does not run the hook"]
  },
  {
    does: "begins every sweep with the orders that the hook has kept",
    stores: orders((store) => ({
      expireUnpaid: (before, take, attribution) => store.expireUnpaid(before, take, attribution)
    })),
    breaks: ["a sweep expires every order but those that the hook refuses or fails on, and passes those over"]
  }
]
