import type { IpNetwork } from "effect/net"
import { groupSchema, withDefault } from "./Setting.ts"
import { listOrOff, network, oneOf, origin, orOff, type RateLimit, rate, text } from "./SettingValue.ts"

/** The settings of the HTTP API. */
export const httpSettings = {
  basePath: withDefault(
    text('a path such as "/shop"', (path) => /^(\/(?!\.{1,2}(\/|$))[\w.~-]+)*\/?$/.test(path)),
    {
      description:
        "Path that all paths of the API begin with, such as `/shop`; the one under which `handler` is mounted.",
      variable: "BASE_PATH",
      default: "/"
    }
  ),
  corsOrigins: withDefault(
    listOrOff('origins separated by commas, such as "https://shop.example" or *', origin),
    {
      description: "Origins whose pages may use the API from a browser, or `*` for all.",
      variable: "CORS_ORIGINS",
      default: []
    }
  ),
  rateLimit: withDefault(orOff(rate), {
    description:
      "How often clients may try to register, log in, refresh or change a password, per address and per account, in each server, whose `WORKERS` count together.",
    variable: "AUTH_RATE_LIMIT",
    default: "30 per minute"
  }),
  trustedProxies: withDefault(listOrOff('networks separated by commas, such as "10.0.0.0/8, ::1"', network), {
    description:
      "Networks and addresses of your own proxies. `X-Forwarded-For` is believed from them alone: the client is the last address in it that is not one of theirs.",
    variable: "TRUSTED_PROXIES",
    default: []
  }),
  requestLimit: withDefault(orOff(rate), {
    description:
      "How many requests an account may send, and an address without an account, in each server, whose `WORKERS` count together. Health checks and metrics are not counted.",
    variable: "RATE_LIMIT",
    default: "off"
  }),
  docs: withDefault(oneOf(["on", "off"]), {
    description: "`on` serves the documentation page at `/docs`. `/openapi.json` is served in any case.",
    variable: "DOCS",
    default: "on"
  })
} as const

/** Decodes the settings of the HTTP API. */
export const Http = groupSchema(httpSettings)
/** The decoded settings of the HTTP API. */
export interface Http extends Readonly<typeof Http.Type> {}

/** The HTTP API. */
export interface HttpSettings {
  /**
   * Path that all paths of the API begin with, such as `/shop`; the one under which `handler` is mounted.
   * Defaults to `"/"`.
   */
  readonly basePath?: string | undefined
  /** Origins whose pages may use the API from a browser, or `*` for all. Defaults to none. */
  readonly corsOrigins?: ReadonlyArray<string> | undefined
  /**
   * How often clients may try to register, log in, refresh or change a password, per address and per account,
   * in each server, whose `WORKERS` count together. Defaults to `"30 per minute"`.
   */
  readonly rateLimit?: RateLimit | string | undefined
  /**
   * Networks and addresses of your own proxies. `X-Forwarded-For` is believed from them alone: the client is
   * the last address in it that is not one of theirs. Defaults to none.
   */
  readonly trustedProxies?: ReadonlyArray<string | IpNetwork.IpNetwork> | undefined
  /**
   * How many requests an account may send, and an address without an account, in each server, whose `WORKERS`
   * count together. Health checks and metrics are not counted. Defaults to `"off"`.
   */
  readonly requestLimit?: RateLimit | string | undefined
  /**
   * `on` serves the documentation page at `/docs`. `/openapi.json` is served in any case. Defaults to `"on"`.
   */
  readonly docs?: "on" | "off" | undefined
}
