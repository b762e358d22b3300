import { Console, Effect, Layer } from "effect"
import { Command } from "effect/cli"
import * as Postgres from "../../adapters/postgres/index.ts"
import { type Invariant, invariants } from "../../domain/operations/Invariants.ts"
import { Verification, type VerificationReport } from "../../services/Verification.ts"
import { fail, report } from "../support/Failure.ts"
import { keptDatabase, logging, requireReadable, unreachable } from "../support/Layers.ts"
import { type Settings, settings } from "../support/Settings.ts"

const progress = (invariant: Invariant) => Console.error(`checking ${invariant}: ${invariants[invariant]}`)

const print = ({ ok, violations }: VerificationReport) =>
  ok
    ? Console.log("Every invariant holds")
    : Effect.andThen(
        Console.log(
          violations.map(({ invariant, id, detail }) => `${invariant} ${id}: ${detail}`).join("\n")
        ),
        fail(violations.length === 1 ? "1 violation" : `${violations.length} violations`)
      )

/** Provides verification only: maintenance would change the data during the check. */
const verification = ({ database: { schema } }: Settings) =>
  Layer.provide(Verification.layer, Postgres.layer({ schema }))

export const verify = Command.make("verify", {}, () =>
  Effect.flatMap(settings, (read) =>
    Effect.gen(function* () {
      yield* requireReadable(read)
      const { verify } = yield* Verification
      yield* print(yield* Effect.mapError(verify({ checking: progress }), unreachable(read)))
    }).pipe(
      Effect.provide(verification(read)),
      Effect.provide(keptDatabase(read)),
      Effect.provide(logging(read))
    )
  ).pipe(report)
).pipe(
  Command.withDescription(
    "Check every invariant on live data in one snapshot; exit code 1 if any is violated."
  )
)
