import { execFile } from "node:child_process"
import { stat } from "node:fs/promises"
import { join } from "node:path"
import { promisify } from "node:util"
import { describe, expect, test } from "vitest"
import { emptyDataDirectory } from "../../support/dataDirectory.ts"
import { lasting, newDirectory } from "../../support/lasting.ts"
import { command, commandProcess, leaveNothingRunning, serve } from "../support/Cli.ts"
import { buy, get, logIn, stockUp } from "../support/Http.ts"

const email = "admin@localhost"
const passwordIn = (greeting: string) => /password (\S+)/.exec(greeting)?.[1] ?? ""
const lineOf = (greeting: string, word: string) =>
  greeting.split("\n").find((line) => line.trim().startsWith(word)) ?? ""

describe("The server on the embedded database", () => {
  leaveNothingRunning()

  test("says at its first start where all is, and its admin's password, which later starts do not", async () => {
    const DATA_DIR = join(await newDirectory(), "a", "new one")
    const first = await serve({ DATA_DIR })
    expect(first.greeting).toMatch(/^effect-commerce is ready$/m)
    expect(first.url).toMatch(/^http:\/\/127\.0\.0\.1:\d+$/)
    expect(lineOf(first.greeting, "docs")).toContain(`${first.url}/docs`)
    expect(lineOf(first.greeting, "data")).toContain(DATA_DIR)
    expect(lineOf(first.greeting, "admin")).toContain(email)
    const password = passwordIn(first.greeting)
    expect(password.length).toBeGreaterThanOrEqual(16)

    const curl = lineOf(first.greeting, "try").replace(/^\s*try\s+/, "")
    const { stdout } = await promisify(execFile)("sh", ["-c", curl])
    const token: string = JSON.parse(stdout).accessToken
    const product = await stockUp(first.url, token)
    const order = await buy(first.url, token, product)
    const secret = await stat(join(DATA_DIR, "jwt-secret"))
    expect((secret.mode & 0o777).toString(8)).toBe("600")
    expect((await first.stop()).code).toBe(0)

    const second = await serve({ DATA_DIR }, { fromSources: true })
    expect(second.greeting).not.toContain(password)
    expect(second.greeting).not.toMatch(/password [\w-]{8,}/)
    expect(lineOf(second.greeting, "admin")).toContain(email)
    expect(lineOf(second.greeting, "admin")).toContain("npm run create-admin creates another")
    expect((await get(`${second.url}/products/${product}`)).body).toMatchObject({ stock: 9 })
    expect((await get(`${second.url}/orders/${order}`, token)).body).toMatchObject({ status: "CREATED" })
    expect(await logIn(second.url, email, password)).not.toBe("")
    const tried = lineOf(second.greeting, "try").replace(/^\s*try\s+/, "")
    expect((await promisify(execFile)("sh", ["-c", tried])).stdout).toContain(product)
    expect((await second.stop()).code).toBe(0)
  })

  test("and other commands say in one line that nothing can be kept in a directory that cannot be made", async () => {
    const DATA_DIR = "/proc/nope/data"
    const admin = ["--email", "a@b", "--password", "a secret phrase"]
    for (const args of [["serve"], ["migrate"], ["verify"], ["create-admin", ...admin]]) {
      const { code, stderr } = await command(args, { DATA_DIR })
      expect(code).toBe(1)
      expect(stderr).toMatch(/^effect-commerce: DATA_DIR: [^\n]*\n$/)
      expect(stderr).toContain(DATA_DIR)
    }
  })

  test("keeps what it has answered when it is killed", async () => {
    const DATA_DIR = await lasting(emptyDataDirectory)
    const first = await serve({ DATA_DIR })
    const token = await logIn(first.url, email, passwordIn(first.greeting))
    const product = await stockUp(first.url, token)
    const orders = await Promise.all(Array.from({ length: 5 }, () => buy(first.url, token, product)))
    await first.stop("SIGKILL")

    const second = await serve({ DATA_DIR })
    for (const order of orders) {
      expect((await get(`${second.url}/orders/${order}`, token)).body).toMatchObject({ status: "CREATED" })
    }
    expect((await get(`${second.url}/products/${product}`)).body).toMatchObject({ stock: 5 })
  })

  test("has its directory for itself", async () => {
    const DATA_DIR = await lasting(emptyDataDirectory)
    const first = await serve({ DATA_DIR })
    const { code, stdout, stderr } = await commandProcess(["serve"], { DATA_DIR, PORT: "0" })
    expect([code, stdout]).toEqual([1, ""])
    expect(stderr).toMatch(/^effect-commerce: DATA_DIR: .*\n$/)
    expect(stderr).toContain(DATA_DIR)
    expect((await get(`${first.url}/health/ready`)).status).toBe(200)
    expect((await first.stop()).code).toBe(0)
  })

  test("makes the admin that it is told to, and no other, not even when it is told no more", async () => {
    const admin = { ADMIN_EMAIL: "boss@example.com", ADMIN_PASSWORD: "a secret phrase" }
    const DATA_DIR = join(await newDirectory(), "data")
    const server = await serve({ DATA_DIR, ...admin })
    expect(server.greeting).toContain("boss@example.com")
    expect(server.greeting).not.toMatch(/a secret phrase|admin@localhost/)
    const token = await logIn(server.url, "boss@example.com", "a secret phrase")
    expect((await get(`${server.url}/auth/me`, token)).body).toMatchObject({ role: "admin" })
    const { stdout, stderr } = await server.stop()
    expect(stdout + stderr).not.toContain("a secret phrase")

    const restarted = await serve({ DATA_DIR })
    expect(lineOf(restarted.greeting, "admin").trim()).toMatch(/^admin +boss@example\.com$/)
    expect(restarted.greeting).not.toMatch(/password|admin@localhost/)
    expect((await restarted.stop()).code).toBe(0)
  })
})
