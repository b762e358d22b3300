import type { Commerce, HostAuthenticate } from "effect-commerce/promise"
import { Hono } from "hono"
import type { Auth } from "./users.ts"

/** Finds the user of a request by the session of better-auth. */
export const bySession =
  (auth: Auth): HostAuthenticate =>
  async ({ headers }) => {
    const session = await auth.api.getSession({ headers })
    if (session === null) return null
    return { id: session.user.id, role: session.user.role === "admin" ? "admin" : "customer" }
  }

/** better-auth under `/api/auth`, and the shop under `/shop`. */
export const appOf = (auth: Auth, commerce: Commerce) =>
  new Hono()
    .on(["GET", "POST"], "/api/auth/*", (c) => auth.handler(c.req.raw))
    .all("/shop/*", (c) => commerce.handler(c.req.raw))
