import { Effect, Layer } from "effect"
import { Base64 } from "effect/encoding"
import { HttpRouter, HttpServerResponse } from "effect/http"
import { type HttpApi, type HttpApiGroup, HttpApiScalar } from "effect/http-api"
import { policy } from "../security/SecurityHeaders.ts"

/** A shopping bag. */
const favicon =
  "data:image/svg+xml,%3Csvg xmlns='http://www.w3.org/2000/svg' viewBox='0 0 16 16'%3E%3Cpath d='M2 5h12l1 10H1z'/%3E%3Cpath d='M5 7V4a3 3 0 0 1 6 0v3' fill='none' stroke='gray'/%3E%3C/svg%3E"

/** Nothing is loaded from elsewhere, and nothing is offered that would take the description of the API there. */
const scalar = {
  favicon,
  authentication: { preferredSecurityScheme: "bearer" },
  defaultOpenAllTags: true,
  withDefaultFonts: false,
  hideModels: true,
  hideClientButton: true,
  showDeveloperTools: "never"
}

const hashOf = async (script: string) => {
  const hash = await crypto.subtle.digest("SHA-256", new TextEncoder().encode(script))
  return `'sha256-${Base64.encode(new Uint8Array(hash))}'`
}

/** The page runs the scripts that it came with and no others, and talks to this server alone. */
const policyOf = async ({ body }: HttpServerResponse.HttpServerResponse) => {
  const html = body._tag === "Uint8Array" ? new TextDecoder().decode(body.body) : ""
  const scripts = Array.from(html.matchAll(/<script>(.*?)<\/script>/gs), ([, script = ""]) => hashOf(script))
  return policy([
    "default-src 'none'",
    `script-src ${(await Promise.all(scripts)).join(" ")}`,
    "style-src 'unsafe-inline'",
    "img-src data:",
    "connect-src 'self'"
  ])
}

/** `GET /docs`: the page that documents the API and calls it. */
export const docs = <Id extends string, Groups extends HttpApiGroup.Constraint>(
  api: HttpApi.HttpApi<Id, Groups>
) => {
  let known: string | undefined
  const Guarded = HttpRouter.middleware((app) =>
    Effect.gen(function* () {
      const response = yield* app
      known ??= yield* Effect.promise(() => policyOf(response))
      return HttpServerResponse.setHeader(response, "content-security-policy", known)
    })
  )
  return HttpApiScalar.layer(api, { path: "/docs", scalar }).pipe(Layer.provide(Guarded.layer))
}
