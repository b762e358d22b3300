/** What each folder of `src` may import: the first rule that a file's path begins with holds for it. */
export interface Rule {
  readonly folder: string
  /** What the folder is for, in one line of ARCHITECTURE.md. */
  readonly holds: string
  readonly mayImport: ReadonlyArray<string>
}

/** Modules of `effect` that hold data and no effects. */
const data = [
  "Arbitrary",
  "Array",
  "DateTime",
  "Option",
  "Order",
  "Record",
  "Result",
  "Schema",
  "SchemaAST",
  "SchemaIssue"
]
const dataOfEffect = [...data, "SchemaTransformation", "Struct", "JsonPointer"].map(
  (name) => `effect#${name}`
)
const dataOfSettings = ["Duration", "LogLevel", "Predicate", "Redacted", "SchemaGetter"].map(
  (name) => `effect#${name}`
)
const effect = ["effect", "effect/crypto"]
const core = ["src/domain", "src/ports"]
const telemetry = "src/telemetry"
const settings = "src/settings"

export const rules: ReadonlyArray<Rule> = [
  {
    folder: "src/domain/",
    holds:
      "schemas, refusals and rules: pure functions that return a `Result`. Ids, time and prices are arguments",
    mayImport: ["src/domain", ...dataOfEffect]
  },
  {
    folder: "src/ports/",
    holds: "what the core needs from outside: stores, gateway, hasher, token issuer, and how they fail",
    mayImport: [...core, ...effect]
  },
  {
    folder: "src/settings/",
    holds: "every setting once: meaning, unit, default, bounds, environment variable",
    mayImport: [settings, "src/domain", ...dataOfEffect, ...dataOfSettings, "effect/net"]
  },
  { folder: "src/telemetry/", holds: "metrics and spans", mayImport: [telemetry, ...effect] },
  {
    folder: "src/services/",
    holds: "what the core offers: decode the input, add id, time and key, ask a port. No SQL, no HTTP",
    mayImport: ["src/services", telemetry, settings, ...core, ...effect]
  },
  {
    folder: "src/adapters/memory/",
    holds: "all stores in maps: the model that the others are tested against",
    mayImport: ["src/adapters/memory", ...core, ...effect]
  },
  {
    folder: "src/adapters/postgres/",
    holds: "all stores on a PostgreSQL server, through one `SqlClient`",
    mayImport: [
      "src/adapters/postgres",
      telemetry,
      settings,
      ...core,
      ...effect,
      "effect/reactivity/Reactivity",
      "effect/sql",
      "@effect/sql-pg",
      "node:crypto",
      "node:net",
      "node:fs",
      "node:tls"
    ]
  },
  {
    folder: "src/adapters/pglite/",
    holds: "the same SQL on PostgreSQL inside the process",
    mayImport: [
      "src/adapters/pglite",
      "src/adapters/postgres",
      settings,
      ...core,
      ...effect,
      "effect/sql",
      "@effect/sql-pg",
      "@electric-sql/pglite",
      "node:"
    ]
  },
  {
    folder: "src/adapters/bcrypt.ts",
    holds: "the password hasher",
    mayImport: [settings, ...core, ...effect, "bcrypt", "node:os"]
  },
  {
    folder: "src/adapters/jose.ts",
    holds: "the token issuer",
    mayImport: [settings, ...core, ...effect, "jose", "node:crypto"]
  },
  {
    folder: "src/adapters/simulated-payments.ts",
    holds: "a gateway that moves no money",
    mayImport: [...core, ...effect]
  },
  {
    folder: "src/http/api/",
    holds: "the HTTP API as data, for servers and typed clients",
    mayImport: ["src/http/api", ...core, "effect", "effect/http-api"]
  },
  {
    folder: "src/http/",
    holds: "handlers, middleware, routes; status codes exist only in `http`",
    mayImport: [
      "src/http",
      "src/services",
      telemetry,
      settings,
      ...core,
      ...effect,
      "effect/http-api",
      "effect/encoding",
      "effect/http",
      "effect/net",
      "effect/observability",
      "effect/persistence",
      "node:crypto"
    ]
  },
  {
    folder: "src/testing/",
    holds: "generators, laws of the storage adapters, the game against the model, the judge",
    mayImport: ["src/testing", "src/services", "src/adapters/memory", ...core, ...effect, "effect/testing"]
  },
  {
    folder: "src/promise/",
    holds: "the services for hosts without Effect; chooses the adapters",
    mayImport: [
      "src/promise",
      "src/http",
      "src/services",
      "src/adapters",
      settings,
      ...core,
      ...effect,
      "effect/http",
      "effect/sql"
    ]
  },
  {
    folder: "src/cli/",
    holds: "the commands; chooses the adapters",
    mayImport: [
      "src/cli",
      telemetry,
      "src/http",
      "src/services",
      "src/adapters",
      settings,
      ...core,
      ...effect,
      "effect/cli",
      "effect/http",
      "effect/observability",
      "effect/persistence",
      "effect/sql",
      "@effect/platform-node",
      "node:"
    ]
  },
  { folder: "src/index.ts", holds: "the entry `effect-commerce`", mayImport: ["src/services", ...core] }
]

const isOurs = (pattern: string) => pattern.startsWith("src/")
const code = (text: string) => `\`${text}\``

/** Modules of others in few words. `effect/crypto` comes with `effect`; single names of `effect` are its data modules. */
const libraries = (mayImport: ReadonlyArray<string>): string => {
  const modules = mayImport
    .filter((pattern) => pattern.startsWith("effect/") && pattern !== "effect/crypto")
    .map((pattern) => pattern.split("/")[1])
  const ofEffect = mayImport.includes("effect")
    ? ["effect", ...(modules.length === 0 ? [] : [`(${modules.join(", ")})`])]
    : []
  const onlyData = mayImport.some((pattern) => pattern.startsWith("effect#"))
    ? ["data modules of effect"]
    : []
  const others = mayImport.filter((pattern) => !isOurs(pattern) && !pattern.startsWith("effect"))
  return [ofEffect.join(" "), ...onlyData, ...others.map((name) => (name === "node:" ? "Node" : name))]
    .filter((text) => text !== "")
    .join(", ")
}

/** The rules as the table that ARCHITECTURE.md shows. */
export const importTable = (): string =>
  [
    "| in `src/` | holds | imports of ours | libraries |",
    "|---|---|---|---|",
    ...rules.map(({ folder, holds, mayImport }) => {
      const own = folder.replace(/\/$/, "")
      const ours = mayImport.filter((pattern) => isOurs(pattern) && pattern !== own)
      const name = code(folder.replace(/^src\//, ""))
      const names = ours.map((pattern) => pattern.replace(/^src\//, "")).join(", ")
      return `| ${name} | ${holds} | ${names} | ${libraries(mayImport)} |`
    })
  ].join("\n")
