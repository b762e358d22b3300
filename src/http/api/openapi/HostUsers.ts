import { Record } from "effect"

const description =
  "The application that this shop is part of decides who sends a request: by a bearer token, by a cookie, or otherwise."

/** Says of the security schemes of an OpenAPI document that the host has users of its own. */
export const describeHostUsers = (document: Record<string, unknown>): Record<string, unknown> => {
  const components = document.components as { readonly securitySchemes: Record<string, object> }
  const securitySchemes = Record.map(components.securitySchemes, (scheme) => ({ ...scheme, description }))
  return { ...document, components: { ...components, securitySchemes } }
}
