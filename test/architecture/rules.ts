/** What each folder of `src` may import: the first rule that a file's path begins with holds for it. */
export interface Rule {
  readonly folder: string
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
const effect = ["effect", "effect/crypto"]
const core = ["src/domain", "src/ports"]
const telemetry = "src/telemetry"

export const rules: ReadonlyArray<Rule> = [
  { folder: "src/domain/", mayImport: ["src/domain", ...dataOfEffect] },
  { folder: "src/ports/", mayImport: [...core, ...effect] },
  { folder: "src/telemetry/", mayImport: [telemetry, ...effect] },
  { folder: "src/services/", mayImport: ["src/services", telemetry, ...core, ...effect] },
  { folder: "src/adapters/memory/", mayImport: ["src/adapters/memory", ...core, ...effect] },
  {
    folder: "src/adapters/postgres/",
    mayImport: [
      "src/adapters/postgres",
      telemetry,
      ...core,
      ...effect,
      "effect/reactivity/Reactivity",
      "effect/sql",
      "@effect/sql-pg",
      "node:crypto"
    ]
  },
  {
    folder: "src/adapters/pglite/",
    mayImport: [
      "src/adapters/pglite",
      "src/adapters/postgres",
      ...core,
      ...effect,
      "effect/sql",
      "@effect/sql-pg",
      "@electric-sql/pglite",
      "node:"
    ]
  },
  { folder: "src/adapters/bcrypt.ts", mayImport: [...core, ...effect, "bcrypt", "node:os"] },
  { folder: "src/adapters/jose.ts", mayImport: [...core, ...effect, "jose", "node:crypto"] },
  { folder: "src/adapters/simulated-payments.ts", mayImport: [...core, ...effect] },
  {
    folder: "src/http/api/",
    mayImport: ["src/http/api", ...core, "effect", "effect/http-api"]
  },
  {
    folder: "src/http/",
    mayImport: [
      "src/http",
      "src/services",
      telemetry,
      ...core,
      ...effect,
      "effect/http-api",
      "effect/encoding",
      "effect/http",
      "effect/net",
      "effect/observability",
      "effect/persistence"
    ]
  },
  {
    folder: "src/testing/",
    mayImport: ["src/testing", "src/services", "src/adapters/memory", ...core, ...effect, "effect/testing"]
  },
  {
    folder: "src/promise/",
    mayImport: [
      "src/promise",
      "src/http",
      "src/services",
      "src/adapters",
      ...core,
      ...effect,
      "effect/http",
      "effect/sql"
    ]
  },
  {
    folder: "src/cli/",
    mayImport: [
      "src/cli",
      telemetry,
      "src/http",
      "src/services",
      "src/adapters",
      ...core,
      ...effect,
      "effect/cli",
      "effect/http",
      "effect/observability",
      "effect/sql",
      "@effect/platform-node",
      "node:"
    ]
  },
  { folder: "src/index.ts", mayImport: ["src/services", ...core] }
]

/** All data modules count as one. */
const shown = (pattern: string) => pattern.replace(/^effect#.*/, "data modules of `effect`")

/** The rules as the table that ARCHITECTURE.md shows. */
export const importTable = (): string =>
  [
    "| folder | may import |",
    "|---|---|",
    ...rules.map(({ folder, mayImport }) => {
      const own = folder.replace(/\/$/, "")
      const others = [...new Set(mayImport.filter((pattern) => pattern !== own).map(shown))]
      const cells = others.map((pattern) => (pattern.includes("`") ? pattern : `\`${pattern}\``))
      return `| \`${folder}\` | ${cells.join(", ")} |`
    })
  ].join("\n")
