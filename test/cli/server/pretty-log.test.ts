import { execFile } from "node:child_process"
import { promisify } from "node:util"
import { expect, test } from "vitest"

/** What is logged by a program that can log in the ways of a server, as people get to see it. */
const said = async (program: string) => {
  const code = `
    import { Effect } from "effect"
    import { logging } from "./src/cli/Shop.ts"
    const settings = { logLevel: "Info", logFormat: "pretty" }
    await Effect.runPromise(Effect.provide(${program}, logging(settings)))`
  const { stdout } = await promisify(execFile)(process.execPath, ["--input-type=module", "--eval", code])
  return stdout
}

test("A request is one line of the pretty log, and says nothing twice", async () => {
  const facts = { method: "POST", route: "/orders", status: 201, milliseconds: 6.2, requestId: "mine" }
  const line = await said(`Effect.annotateLogs(Effect.logInfo("POST /orders 201"), ${JSON.stringify(facts)})`)
  expect(line).toMatch(/^[\d:.]{12} INFO {2}POST \/orders 201 milliseconds=6.2 requestId=mine\n$/)
})

test("What went wrong is told with its cause below", async () => {
  const lines = await said(`Effect.logError("Recovering has to wait", new Error("no connection"))`)
  expect(lines.split("\n")[0]).toMatch(/ ERROR Recovering has to wait/)
  expect(lines).toContain("no connection")
})
