import { execFile } from "node:child_process"
import { promisify } from "node:util"
import { beforeAll, expect, inject, test } from "vitest"
import { runningBundle } from "../../support/programs.ts"

let request: string
let failure: string
beforeAll(async () => {
  const { args } = runningBundle(inject("programs"), "test/fixtures/pretty-log.ts")
  const { stdout } = await promisify(execFile)(process.execPath, args)
  const end = stdout.indexOf("\n") + 1
  request = stdout.slice(0, end)
  failure = stdout.slice(end)
})

test("A request is one line of the pretty log, and says nothing twice", () => {
  expect(request).toMatch(/^[\d:.]{12} INFO {2}POST \/orders 201 milliseconds=6.2 requestId=mine\n$/)
})

test("What went wrong is told with its cause below", () => {
  expect(failure.split("\n")[0]).toMatch(/ ERROR Recovering has to wait/)
  expect(failure).toContain("no connection")
})
