import { Console, Effect } from "effect"
import { Command } from "effect/cli"
import { report } from "../support/Failure.ts"
import { keptDatabase, logging, markRestored } from "../support/Layers.ts"
import { settings } from "../support/Settings.ts"

export const restored = Command.make("restored", {}, () =>
  Effect.flatMap(settings, (read) =>
    Effect.flatMap(markRestored(read), ({ endedSessions, epoch }) =>
      Console.log(`Began epoch ${epoch} of the feed, and ended ${endedSessions} sessions`)
    ).pipe(Effect.provide(keptDatabase(read)), Effect.provide(logging(read)))
  ).pipe(report)
).pipe(
  Command.withDescription(
    "After restoring a backup or a failover that lost data, while no server runs: begin an epoch of the feed, end all sessions, and forget reset tokens. Then run verify."
  )
)
