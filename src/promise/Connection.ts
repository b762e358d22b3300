import { Context } from "effect"

/** Facts about the connection of a request that only the host knows. */
export interface Connection {
  /**
   * IP address of the peer of the socket: the client, or the last proxy before the host. Without it
   * `X-Forwarded-For` is ignored, and the rate limit counts per account only. Defaults to none.
   */
  readonly remoteAddress?: string | undefined
  /** The request as the host's framework knows it, for `auth.authenticate`. `toNodeHandler` sets it. Defaults to none. */
  readonly incoming?: unknown
}

/** The connection of the request that is handled. */
export const CurrentConnection = Context.Reference<Connection>("effect-commerce/promise/CurrentConnection", {
  defaultValue: () => ({})
})
