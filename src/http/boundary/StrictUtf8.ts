import { Effect } from "effect"
import { HttpMethod, HttpRouter, HttpServerError, HttpServerRequest } from "effect/http"

const utf8 = new TextDecoder("utf-8", { fatal: true })

const textOf = (request: HttpServerRequest.HttpServerRequest) =>
  Effect.flatMap(request.arrayBuffer, (bytes) =>
    Effect.try({
      try: () => utf8.decode(bytes),
      catch: (cause) =>
        new HttpServerError.HttpServerError({
          reason: new HttpServerError.RequestParseError({ request, cause, reason: "Parse" })
        })
    })
  )

/**
 * Decodes request bodies as strict UTF-8. JSON must be UTF-8 (RFC 8259, 8.1), so malformed bytes are refused
 * instead of replaced.
 */
export const StrictUtf8 = HttpRouter.middleware((app) =>
  Effect.flatMap(HttpServerRequest.HttpServerRequest, (request) =>
    HttpMethod.hasBody(request.method)
      ? Effect.provideService(
          app,
          HttpServerRequest.HttpServerRequest,
          Object.create(request, { text: { value: textOf(request) } })
        )
      : app
  )
).layer
