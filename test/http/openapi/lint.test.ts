import { lintFromString, loadConfig } from "@redocly/openapi-core"
import { OpenApi } from "effect/http-api"
import { describe, expect, it } from "vitest"
import { Api } from "../../../src/http/api/index.ts"

const lint = async (document: object) => {
  const problems = await lintFromString({
    source: JSON.stringify(document),
    absoluteRef: "/openapi.json",
    config: await loadConfig({ configPath: ".openapi-lint.yaml" })
  })
  return problems.map(({ ruleId, message, location }) => `${ruleId}: ${message} ${location[0]?.pointer}`)
}

describe("the linter", () => {
  it("has nothing to say against the description of the API", async () => {
    expect(await lint(OpenApi.fromApi(Api))).toEqual([])
  })

  it("would say so", async () => {
    const { get } = OpenApi.fromApi(Api).paths["/categories"] ?? {}
    const [limit, ...rest] = get?.parameters ?? []
    const planted = {
      ...get,
      operationId: "ordersPlace",
      parameters: [{ ...limit, description: "" }, ...rest]
    }
    const document = OpenApi.fromApi(Api)
    document.paths["/categories"] = { ...document.paths["/categories"], get: planted as never }
    const rules = (await lint(document)).map((problem) => problem.split(":")[0])
    expect(new Set(rules)).toEqual(new Set(["operation-operationId-unique", "parameter-description"]))
  })
})
