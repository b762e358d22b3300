import { optional, withDefault } from "./Setting.ts"
import { duration, httpUrl, integer, logLevel, oneOf, redactedText, text } from "./SettingValue.ts"

/** `*.example.com`: a name before a domain. */
const anyOfDomain = /^\*\.([a-z0-9]([a-z0-9-]*[a-z0-9])?(\.[a-z0-9]([a-z0-9-]*[a-z0-9])?)*)$/

const shopAddress = text(
  "off, path or a domain with a star, such as *.example.com",
  (given) => given === "off" || given === "path" || (given.length <= 200 && anyOfDomain.test(given))
)

/** The settings of the commands alone. Each has an environment variable. */
export const serverSettings = {
  host: withDefault(text("text"), {
    description: "Address that the server listens on.",
    variable: "HOST",
    default: "127.0.0.1"
  }),
  port: withDefault(integer(0, 65535), {
    description: "Port that the server listens on; 0 takes a free one.",
    variable: "PORT",
    default: 3000
  }),
  shops: withDefault(shopAddress, {
    description:
      "Where requests name one of many shops: `path` in the path, as in `/shops/acme/products`, `*.example.com` in the host, as in `acme.example.com`, `off` not at all.",
    variable: "SHOPS",
    default: "off"
  }),
  workers: withDefault(integer(1, 64), {
    description:
      "Processes that serve at the port, for several cores; more than 1 needs `DATABASE_URL`. Each has `DATABASE_POOL` connections.",
    variable: "WORKERS",
    default: 1
  }),
  keepAliveTimeout: withDefault(duration("72 seconds"), {
    description:
      "How long a connection without a request stays open. Longer than the idle timeout of your load balancer, which is 60 seconds at most of them: otherwise it sends requests on closed connections and answers 502.",
    variable: "KEEP_ALIVE_TIMEOUT",
    default: "72 seconds"
  }),
  shutdownDelay: withDefault(duration("2 seconds", { atLeast: "0 seconds" }), {
    description:
      "How long the server still answers after SIGTERM, while it is not ready and closes each connection with its response. At least the interval of the health checks of your load balancer.",
    variable: "SHUTDOWN_DELAY",
    default: "2 seconds"
  }),
  adminEmail: optional(text("text"), {
    description: "Email of an admin that the server creates at the start if it is missing.",
    variable: "ADMIN_EMAIL",
    fallback: "`admin@localhost` with the embedded database, else none"
  }),
  adminPassword: optional(redactedText("text"), {
    description: "Password of that admin.",
    variable: "ADMIN_PASSWORD",
    isSecret: true,
    fallback: "a random one for `admin@localhost`, printed once"
  }),
  logLevel: withDefault(logLevel, {
    description: "Least severe entries that are logged.",
    variable: "LOG_LEVEL",
    fallback: "`info`",
    default: "Info"
  }),
  logFormat: optional(oneOf(["pretty", "json"]), {
    description: "Format of the log on standard output.",
    variable: "LOG_FORMAT",
    fallback: "`pretty` on a terminal, else `json`"
  }),
  metrics: withDefault(oneOf(["on", "off"]), {
    description: "`on` serves metrics for Prometheus at `/metrics`, to everyone who reaches the server.",
    variable: "METRICS",
    default: "off"
  }),
  metricsPort: optional(integer(0, 65535), {
    description:
      "Port of a second listener on the same address that serves `GET /metrics` and nothing else. The port of the API then serves no metrics. 0 takes a free one.",
    variable: "METRICS_PORT",
    fallback: "no second listener"
  }),
  otlpEndpoint: optional(httpUrl, {
    description: "URL that spans, metrics and logs are sent to by OTLP.",
    variable: "OTEL_EXPORTER_OTLP_ENDPOINT",
    fallback: "sending nothing"
  }),
  otlpProtocol: withDefault(oneOf(["http/protobuf", "http/json"]), {
    description: "Encoding of what is sent by OTLP.",
    variable: "OTEL_EXPORTER_OTLP_PROTOCOL",
    default: "http/protobuf"
  })
} as const
