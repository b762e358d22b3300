/** Servers that the shops of one process are spread over. */
import { Predicate, type Redacted, Schema } from "effect"
import { optional } from "./Setting.ts"
import { connectionUrl, hostValue, type SettingValue } from "./SettingValue.ts"

type Servers = Readonly<Record<string, string | Redacted.Redacted>>
type DecodedServers = Readonly<Record<string, Redacted.Redacted>>

const servers: SettingValue<DecodedServers, Servers> = {
  // The server of `url` has no name.
  schema: Schema.Record(Schema.NonEmptyString, connectionUrl.schema),
  expected: "an object of URLs by the names of servers",
  fromText: () => undefined
}

const isServerOf = (value: unknown): value is (shop: string) => string | undefined =>
  Predicate.isFunction(value)

/** The settings of the servers of shops. */
export const shopServersSettings = {
  servers: optional(servers, {
    description:
      "URLs of more servers for shops, by names of yours. Each has a pool of its own, with as many connections.",
    fallback: "none: all shops are on the server of `url`"
  }),
  serverOf: optional(hostValue("a function", isServerOf), {
    description:
      "Returns the name of the server of a shop, one of `servers`, or `undefined` for the server of `url`. It answers the same for the same shop in every process.",
    fallback: "the server of `url` for every shop"
  })
} as const

/** Servers that shops are spread over. */
export interface ShopServersSettings {
  /**
   * URLs of more servers for shops, by names of yours. Each has a pool of its own, with as many connections.
   * Defaults to none: all shops are on the server of `url`.
   */
  readonly servers?: Readonly<Record<string, string | Redacted.Redacted>> | undefined
  /**
   * Returns the name of the server of a shop, one of `servers`, or `undefined` for the server of `url`. It
   * answers the same for the same shop in every process. Defaults to the server of `url` for every shop.
   */
  readonly serverOf?: ((shop: string) => string | undefined) | undefined
}
