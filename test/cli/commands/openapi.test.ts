import { OpenApi } from "effect/http-api"
import { expect, test } from "vitest"
import { Api } from "../../../src/http/api/index.ts"
import { command } from "../support/Cli.ts"

test("openapi prints the document that a server answers, and needs no setting", async () => {
  const { code, stdout, stderr } = await command(["openapi"], { DATABASE_URL: "nonsense" })
  expect([code, stderr]).toEqual([0, ""])
  expect(JSON.parse(stdout)).toEqual(JSON.parse(JSON.stringify(OpenApi.fromApi(Api))))
})
