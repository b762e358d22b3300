import { execFile, spawnSync } from "node:child_process"
import { promisify } from "node:util"
import { describe, expect, test } from "vitest"
import { leaveNothingRunning, serve } from "../cli/support/Cli.ts"
import { blocksOf } from "./blocks.ts"

const isMissing = ["curl", "jq"].some((program) => spawnSync(program, ["--version"]).status !== 0)

describe("The commands of the README for a server", () => {
  leaveNothingRunning()

  test.skipIf(isMissing)("can be run twice (skipped without curl and jq)", async () => {
    const blocks = blocksOf("README.md").filter(({ language }) => language === "sh")
    const start = blocks.find(({ code }) => code.startsWith("ADMIN_EMAIL="))?.code ?? ""
    const requests = blocks.find(({ code }) => code.startsWith("shop=http"))?.code ?? ""
    const [, ADMIN_EMAIL = "", ADMIN_PASSWORD = ""] =
      /^ADMIN_EMAIL=(\S+) ADMIN_PASSWORD='([^']+)' npm start/.exec(start) ?? []
    const { url } = await serve({ DATA_DIR: "memory", ADMIN_EMAIL, ADMIN_PASSWORD })
    const script = requests.replace("shop=http://127.0.0.1:3000 ", `shop=${url} `)
    expect(script).toContain(url)
    for (let time = 0; time < 2; time++) {
      const { stdout } = await promisify(execFile)("bash", ["-eu", "-o", "pipefail", "-c", script])
      const [, account = "", payment = ""] = /^(\{.*\})(\{.*\})$/.exec(stdout) ?? []
      expect(JSON.parse(account)).toMatchObject({ role: "customer" })
      expect(JSON.parse(payment)).toMatchObject({ status: "APPROVED", orderStatus: "PAID" })
      // The next second, with other names.
      await new Promise((resolve) => setTimeout(resolve, 1100))
    }
  })
})
