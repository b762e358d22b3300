import { Console, Effect } from "effect"
import { Command } from "effect/cli"
import { openApiDocument } from "../../http/api/index.ts"

export const openapi = Command.make("openapi", {}, () =>
  Effect.suspend(() => Console.log(JSON.stringify(openApiDocument(), null, 2)))
).pipe(
  Command.withDescription(
    "Print the OpenAPI 3.1 document of the HTTP API, for generators of clients. Needs no database."
  )
)
