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

/** Bodies are read as they were sent: what is no UTF-8 is no JSON (RFC 8259, 8.1), and is refused and not mended. */
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
