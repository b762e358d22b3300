import { Effect } from "effect"
import type { HttpServerRequest } from "effect/http"
import type { User } from "../domain/accounts/AccessPolicy.ts"
import { type Connection, CurrentConnection } from "./Connection.ts"

/** Tells which user of the host sends a request. A body is for the shop: a function that needs it reads `request.clone()`. */
export type HostAuthenticate = (
  request: Request,
  connection: Connection
) => User | null | Promise<User | null>

/** Asks the host. Dies if its function throws, rejects, or reads the body of the request. */
export const asksHost =
  (authenticate: HostAuthenticate) =>
  ({ source }: HttpServerRequest.HttpServerRequest): Effect.Effect<User | null> =>
    Effect.flatMap(CurrentConnection, (connection) =>
      Effect.promise(async () => {
        const request = source as Request
        const answer = await authenticate(request, connection)
        if (request.bodyUsed)
          throw new Error("authenticate has read the body of the request: read that of request.clone()")
        return answer
      })
    )
