import { Effect, identity, Schema } from "effect"
import { HttpMethod, type HttpServerRequest, HttpServerResponse } from "effect/http"
import { type InvalidInput, invalidAt } from "../../domain/shared/InvalidInput.ts"
import { furthestPosition, LogPosition } from "../../domain/shared/LogPosition.ts"
import { ReadPreference, Replication } from "../../ports/ReadPreference.ts"
import { positionHeader } from "../api/openapi/Positions.ts"
import type { ReadRequest } from "./ConditionalReads.ts"
import { Authenticate } from "./HostUsers.ts"

/**
 * Who reads. Without a position in the request,
 *
 * - `anyone` reads at a replica only without credentials: visitors have changed nothing;
 * - `account` reads at the primary, which has what the account has changed on any server;
 * - `report` reads at a replica: a report of a moment ago is a report.
 */
type Reader = "anyone" | "account" | "report"

const isPosition = Schema.is(LogPosition)

type Handler<Request, A, E, R> = (request: Request) => Effect.Effect<A, E, R>

/** Makes the function that lets handlers read at a replica, if the request allows that. A position that is none is refused. */
export const makeReplicaReads = Effect.gen(function* () {
  const { hasReplica } = yield* Replication
  const hasHostUsers = (yield* Authenticate) !== undefined

  const hasCredentials = ({ authorization, cookie }: HttpServerRequest.HttpServerRequest["headers"]) =>
    authorization !== undefined || (hasHostUsers && cookie !== undefined)

  return (reader: Reader) =>
    <Request extends ReadRequest, A, E, R>(handler: Handler<Request, A, E, R>) =>
    (request: Request): Effect.Effect<A, E | InvalidInput, R> => {
      const { headers } = request.request
      const position = headers[positionHeader]
      if (position !== undefined && !isPosition(position)) {
        return Effect.fail(
          invalidAt(`/${positionHeader}`, "Expected a position that an answer to a change had")
        )
      }
      const mayLag = reader === "report" || (reader === "anyone" && !hasCredentials(headers))
      if (!hasReplica || (position === undefined && !mayLag)) return handler(request)
      return Effect.provideService(
        handler(request),
        ReadPreference,
        position === undefined ? "replica" : { replicaAfter: position }
      )
    }
})

/** Whether an answer tells its reader of a change, one that the request has made or that it has met. */
const isAboutChange = (status: number) => status < 400 || [409, 410, 422].includes(status)

/**
 * Makes the function that adds the present position to answers to changes, if there is a replica. A position that cannot be read, or a
 * change whose outcome is unknown, lets the primary answer what its reader reads next.
 */
export const makePositions = Effect.map(Replication, ({ hasReplica, position }) => {
  if (!hasReplica) return () => identity
  const present = Effect.orElseSucceed(position, () => furthestPosition)
  const ofAnswer = (response: HttpServerResponse.HttpServerResponse) => {
    if (response.status < 500 && !isAboutChange(response.status)) return Effect.succeed(response)
    return Effect.map(response.status < 500 ? present : Effect.succeed(furthestPosition), (found) =>
      HttpServerResponse.setHeader(response, positionHeader, found)
    )
  }
  return ({ method }: HttpServerRequest.HttpServerRequest) =>
    <E, R>(answer: Effect.Effect<HttpServerResponse.HttpServerResponse, E, R>) =>
      HttpMethod.hasBody(method) ? Effect.flatMap(answer, ofAnswer) : answer
})
