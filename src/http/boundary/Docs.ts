import { Context, Layer } from "effect"
import { Base64 } from "effect/encoding"
import { type HttpApi, type HttpApiGroup, HttpApiScalar } from "effect/http-api"
import { policy } from "../security/SecurityHeaders.ts"
import { renderedOnce } from "./RenderedOnce.ts"

/** Whether there is a documentation page. Defaults to `on`. */
export const DocsPage = Context.Reference<"on" | "off">("effect-commerce/http/DocsPage", {
  defaultValue: () => "on"
})

/** Icon of a shopping bag. */
const favicon =
  "data:image/svg+xml,%3Csvg xmlns='http://www.w3.org/2000/svg' viewBox='0 0 16 16'%3E%3Cpath d='M2 5h12l1 10H1z'/%3E%3Cpath d='M5 7V4a3 3 0 0 1 6 0v3' fill='none' stroke='gray'/%3E%3C/svg%3E"

/** The page loads nothing from other servers, and offers no feature that sends the API description to one. */
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

/** Content Security Policy: the page may run its inline scripts only, and connect to this server only. */
const policyOf = async (html: string) => {
  const scripts = Array.from(html.matchAll(/<script>(.*?)<\/script>/gs), ([, script = ""]) => hashOf(script))
  return policy([
    "default-src 'none'",
    `script-src ${(await Promise.all(scripts)).join(" ")}`,
    "style-src 'unsafe-inline'",
    "img-src data:",
    "connect-src 'self'"
  ])
}

/** Provides `GET /docs`, the interactive documentation of the API. */
export const docs = <Id extends string, Groups extends HttpApiGroup.Constraint>(
  api: HttpApi.HttpApi<Id, Groups>
) => {
  const { layer } = renderedOnce(policyOf)
  return HttpApiScalar.layer(api, { path: "/docs", scalar }).pipe(Layer.provide(layer))
}
