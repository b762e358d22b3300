import { Console, Effect, Layer } from "effect"
import { Command } from "effect/cli"
import * as Postgres from "../../adapters/postgres/index.ts"
import { type Invariant, invariants } from "../../domain/operations/Invariants.ts"
import { Verification, type VerificationReport } from "../../services/Verification.ts"
import { inEachShop } from "../support/AllShops.ts"
import { fail, report } from "../support/Failure.ts"
import { keptDatabase, logging, requireReadable, unreachable } from "../support/Layers.ts"
import { type Settings, settings } from "../support/Settings.ts"
import { onShops, shopFlags } from "../support/ShopFlags.ts"

const progress = (invariant: Invariant) => Console.error(`checking ${invariant}: ${invariants[invariant]}`)

const holds = "Every invariant holds"

/** Prints violations, and fails with their number. `prefix` is the shop among many. */
const requireNone = ({ violations }: VerificationReport, prefix = "") => {
  if (violations.length === 0) return Effect.void
  const lines = violations.map(({ invariant, id, detail }) => `${prefix}${invariant} ${id}: ${detail}`)
  const number = violations.length === 1 ? "1 violation" : `${violations.length} violations`
  return Effect.andThen(Console.log(lines.join("\n")), fail(number))
}

/** Provides verification only: maintenance would change the data during the check. */
const verification = ({ database: { schema } }: Settings) =>
  Layer.provide(Verification.layer, Postgres.layer({ schema }))

/** Verifies the shop of the settings. Each has stores of its own: layers are shared otherwise. */
const check = (read: Settings, checking?: (invariant: Invariant) => Effect.Effect<void>) =>
  Effect.andThen(
    requireReadable(read),
    Verification.use(({ verify }) => verify({ checking }))
  ).pipe(
    Effect.catchTag("StoreUnavailable", unreachable(read)),
    Effect.provide(Layer.fresh(verification(read)))
  )

const one = (read: Settings) =>
  Effect.gen(function* () {
    yield* requireNone(yield* check(read, progress))
    yield* Console.log(holds)
  })

const all = (read: Settings) =>
  inEachShop(read, (shop) =>
    Effect.as(
      Effect.flatMap(check(shop), (report) => requireNone(report, `${shop.shop?.name} `)),
      holds
    )
  )

export const verify = Command.make("verify", shopFlags, (which) =>
  Effect.flatMap(settings, (read) =>
    onShops(which, read, all, one).pipe(Effect.provide(keptDatabase(read)), Effect.provide(logging(read)))
  ).pipe(report)
).pipe(
  Command.withDescription(
    "Check every invariant on live data in one snapshot; exit code 1 if any is violated."
  )
)
