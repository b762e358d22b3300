import { spawnSync } from "node:child_process"
import { assert, describe, it } from "@effect/vitest"
import packageJson from "../../package.json" with { type: "json" }
import { circle, type Imports, importsOf, reachable, readImports, violations } from "./imports.ts"
import { rules } from "./rules.ts"

const source = readImports("src")

/** A source tree with one more file. */
const with_ = (path: string, text: string): Imports => new Map([...source, [path, importsOf(path, text)]])

describe("the layers", () => {
  it("import only what lies below them", () => {
    assert.deepStrictEqual(violations(rules, source), [])
  })

  it("are no circle", () => {
    assert.isUndefined(circle(source))
  })

  it.each([
    ["src/domain/Planted.ts", `import { Effect } from "effect"`],
    ["src/domain/Planted.ts", `import { Context } from "effect"`],
    ["src/domain/Planted.ts", `import * as Everything from "effect"`],
    ["src/domain/Planted.ts", `import { readFile } from "node:fs"`],
    ["src/domain/Planted.ts", `import type { OrderStore } from "../ports/OrderStore.ts"`],
    ["src/ports/Planted.ts", `import { Orders } from "../services/Orders.ts"`],
    ["src/ports/Planted.ts", `import { SqlError } from "effect/sql"`],
    ["src/settings/Planted.ts", `import { Effect } from "effect"`],
    ["src/settings/Planted.ts", `import { HttpServer } from "effect/http"`],
    ["src/settings/Planted.ts", `import type { PaymentGateway } from "../ports/PaymentGateway.ts"`],
    ["src/settings/Planted.ts", `import * as Bcrypt from "../adapters/bcrypt.ts"`],
    ["src/domain/Planted.ts", `import { Auth } from "../settings/AuthSettings.ts"`],
    ["src/http/api/Planted.ts", `import { Http } from "../../settings/HttpSettings.ts"`],
    ["src/services/Planted.ts", `import { SqlClient } from "effect/sql"`],
    ["src/services/Planted.ts", `import { HttpApi } from "effect/http-api"`],
    ["src/services/Planted.ts", `import { PrometheusMetrics } from "effect/observability"`],
    ["src/services/Planted.ts", `import * as Memory from "../adapters/memory/index.ts"`],
    ["src/services/Planted.ts", `export { Api } from "../http/api/index.ts"`],
    ["src/adapters/memory/Planted.ts", `import { Database } from "../postgres/Database.ts"`],
    ["src/adapters/postgres/Planted.ts", `import { Orders } from "../../services/Orders.ts"`],
    ["src/adapters/postgres/Planted.ts", `const late = () => import("../pglite/index.ts")`],
    ["src/adapters/pglite/Planted.ts", `import { Api } from "../../http/api/index.ts"`],
    ["src/adapters/bcrypt.ts", `import jose from "jose"`],
    ["src/adapters/jose.ts", `import bcrypt from "bcrypt"`],
    ["src/adapters/simulated-payments.ts", `import { HttpClient } from "effect/http"`],
    ["src/http/api/Planted.ts", `import { Orders } from "../../services/Orders.ts"`],
    ["src/http/api/Planted.ts", `import { HttpServer } from "effect/http"`],
    ["src/http/handlers/Planted.ts", `import * as Postgres from "../../adapters/postgres/index.ts"`],
    ["src/testing/Planted.ts", `import { it } from "vitest"`],
    ["src/testing/Planted.ts", `import * as Postgres from "../adapters/postgres/index.ts"`],
    ["src/cli/planted.ts", `import { Generators } from "../testing/index.ts"`],
    ["src/promise/Planted.ts", `import pg from "pg"`],
    ["src/promise/Planted.ts", `import { PGlite } from "@electric-sql/pglite"`],
    ["src/services/Planted.ts", `import { createCommerce } from "../promise/index.ts"`],
    ["src/index.ts", `export * from "./adapters/memory/index.ts"`],
    ["src/elsewhere/Planted.ts", `import { Schema } from "effect"`]
  ])("would not let %s say: %s", (path, text) => {
    assert.lengthOf(violations(rules, with_(path, text)), 1)
  })

  it("would not let a circle be", () => {
    const planted = `import { Order } from "../orders/Order.ts"`
    assert.isDefined(circle(with_("src/domain/shared/Money.ts", planted)))
  })
})

const entries = Object.entries(packageJson.exports).flatMap(([name, file]) =>
  typeof file === "string" ? [] : [{ name, built: file.default, source: file["effect-commerce-source"] }]
)

describe("the package", () => {
  it.each(entries)("has an entry $name, and the source of it", ({ built, source: file }) => {
    assert.isTrue(source.has(file.replace("./", "")), file)
    assert.strictEqual(built, file.replace("./src/", "./dist/").replace(/\.ts$/, ".js"))
  })

  it("does nothing when it is imported: a process that imports every entry says nothing and ends", () => {
    const script = entries
      .map(({ name }) => `await import(${JSON.stringify(name.replace(".", "effect-commerce"))})`)
      .join("\n")
    const { status, stdout, stderr } = spawnSync(
      process.execPath,
      ["--conditions=effect-commerce-source", "--input-type=module", "-e", script],
      { timeout: 240_000, encoding: "utf8" }
    )
    assert.deepStrictEqual({ status, stdout, stderr }, { status: 0, stdout: "", stderr: "" })
  }, 300_000)

  it.each([
    [".", []],
    ["./ports", []],
    ["./postgres", ["@effect/sql-pg"]],
    ["./pglite", ["@effect/sql-pg", "@electric-sql/pglite"]],
    ["./memory", []],
    ["./bcrypt", ["bcrypt"]],
    ["./jose", ["jose"]],
    ["./simulated-payments", []],
    ["./http-api", []],
    ["./http", []],
    ["./testing", []],
    ["./promise", ["@effect/sql-pg", "@electric-sql/pglite", "bcrypt", "jose"]]
  ])("loads with its entry %s no package but effect and %s", (name, packages) => {
    const entry = entries.find((entry) => entry.name === name)?.source.replace("./", "") ?? ""
    const others = [...reachable(source, entry)].filter(
      (module) => !/^(src\/|node:|effect(?:$|[#/]))/.test(module)
    )
    assert.deepStrictEqual(others.sort(), packages)
  })

  it("has an API description without server code behind it", () => {
    const modules = [...reachable(source, "src/http/api/index.ts")]
    assert.deepStrictEqual(
      modules.filter((module) => module.startsWith("node:") || module.startsWith("src/services")),
      []
    )
  })
})

describe("an example", () => {
  it("imports the package by its entries, as a host does", () => {
    const imported = [...readImports("examples").values()].flat()
    assert.deepStrictEqual(
      imported.filter((module) => module.startsWith("src/")),
      []
    )
    assert.include(imported, "effect-commerce")
  })
})
