import { execFile } from "node:child_process"
import { join } from "node:path"
import { promisify } from "node:util"
import { afterEach, describe, expect, inject, test, vi } from "vitest"
import { effectCommerce } from "../../../src/cli/commands.ts"
import { wrap } from "../../../src/cli/support/Terminal.ts"
import { newDirectory } from "../../support/lasting.ts"
import { runningBundle } from "../../support/programs.ts"
import { command, commandProcess } from "../support/Cli.ts"
import { hasScript, type OnTerminal, onTerminal } from "../support/Pty.ts"

const names = effectCommerce.subcommands.flatMap(({ commands }) => commands.map(({ name }) => name))
const widest = (text: string) => Math.max(...text.split("\n").map((line) => [...line].length))
const words = (text: string) => text.split(/\s+/).filter((word) => word !== "")

/** The words of a help text that nothing has wrapped. Lists of choices are in the descriptions, too. */
const wordsOf = async (args: ReadonlyArray<string>) =>
  words((await command(args)).stdout.replaceAll(/<\w+(\|\w+)+>/g, "choice"))

describe("--help", () => {
  test("knows all commands", () => {
    expect(names).toContain("serve")
    expect(names.length).toBeGreaterThan(8)
  })

  test.each([[], ...names.map((name) => [name])])(
    "of %s fits into 80 columns, and breaks no word",
    async (...path) => {
      const args = [...path, "--help"]
      const { stdout } = await commandProcess(args)
      expect(widest(stdout)).toBeLessThanOrEqual(80)
      expect(words(stdout)).toEqual(await wordsOf(args))
    }
  )

  test.skipIf(!hasScript)("fits into a terminal (skipped without script)", async () => {
    const program = runningBundle(inject("programs"), "src/cli/main.ts")
    for (const columns of [80, 60]) {
      const { ended, text } = onTerminal(columns, [process.execPath, ...program.args, "--help"])
      expect(await ended).toBe(0)
      expect(widest(text())).toBeLessThanOrEqual(columns)
      expect(widest(text())).toBeGreaterThan(columns - 15)
      expect(words(text())).toEqual(await wordsOf(["--help"]))
    }
  })
})

describe.skipIf(!hasScript)("On a terminal of 80 columns (skipped without script)", () => {
  const started: Array<OnTerminal> = []
  afterEach(async () => {
    for (const { child } of started) child.kill("SIGKILL")
    await Promise.all(started.splice(0).map(({ ended }) => ended))
  })
  const open = (program: Parameters<typeof runningBundle>[1], args: ReadonlyArray<string>, env = {}) => {
    const bundle = runningBundle(inject("programs"), program)
    const one = onTerminal(80, [process.execPath, ...bundle.args, ...args], { ...bundle.env, ...env })
    started.push(one)
    return one
  }

  test("the greeting and the log break between words, and its command can be copied", async () => {
    const DATA_DIR = join(await newDirectory(), "data")
    const server = open("src/cli/main.ts", ["serve"], { DATA_DIR, PORT: "0", BCRYPT_COST: "4" })
    await vi.waitFor(() => expect(server.text()).toMatch(/try {4}curl[\s\S]*'\n/), { timeout: 120_000 })
    const [, copied = ""] = /try {4}(curl[\s\S]*'\n)/.exec(server.text()) ?? []
    const { stdout } = await promisify(execFile)("sh", ["-c", copied])
    expect(JSON.parse(stdout)).toHaveProperty("accessToken")
    expect(server.text()).toMatch(/money moves\n {9}\(PAYMENTS=simulated\)\n/)
    expect(server.text()).toMatch(/POST \/auth\/login 200/)
    // The path of the directory has no blank to break at.
    const lines = server
      .text()
      .split("\n")
      .filter((line) => !line.includes(DATA_DIR))
    expect(widest(lines.join("\n"))).toBeLessThanOrEqual(80)
    expect(server.text()).toMatch(/requestId=[\w-]{36}\b/)
  })
})

test("The demo fits into 80 columns", async () => {
  const { stdout } = await promisify(execFile)(process.execPath, ["demo/run.ts"])
  expect(stdout).toContain("All of it went as it should.")
  expect(widest(stdout)).toBeLessThanOrEqual(80)
})

describe("Breaking lines between words", () => {
  test("keeps every word, indents what follows, and counts no colors", () => {
    expect(wrap("one two three", 80)).toBe("one two three")
    expect(wrap("one two three", 7, 2)).toBe("one two\n  three")
    expect(wrap("  one two", 7, 4)).toBe("  one\n    two")
    expect(wrap("a-word-that-is-longer than that", 10, 2)).toBe("a-word-that-is-longer\n  than\n  that")
    expect(wrap("\u001b[1mone\u001b[22m two three", 7)).toBe("\u001b[1mone\u001b[22m two\nthree")
    expect(wrap("", 7)).toBe("")
  })
})
