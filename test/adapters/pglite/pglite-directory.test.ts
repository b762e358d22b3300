import { type ChildProcess, spawn } from "node:child_process"
import { once } from "node:events"
import fs from "node:fs"
import os from "node:os"
import path from "node:path"
import { createInterface } from "node:readline"
import { setTimeout } from "node:timers/promises"
import { afterAll, afterEach, assert, beforeEach, describe, it } from "@effect/vitest"
import { Effect, Layer } from "effect"
import { inject } from "vitest"
import { DataDirectoryInUse, EmbeddedUnavailable, layerClient } from "../../../src/adapters/pglite/index.ts"
import { fillDataDirectory } from "../../support/dataDirectory.ts"
import { runningBundle } from "../../support/programs.ts"

const temporary = fs.mkdtempSync(path.join(os.tmpdir(), "pglite-"))

let directory: string
let running: Array<ChildProcess>

const build = (dataDir: string) => Effect.asVoid(Layer.build(layerClient({ dataDir })))

const useTemplate = () => Effect.runPromise(fillDataDirectory(directory))

beforeEach(() => {
  directory = path.join(fs.mkdtempSync(path.join(temporary, "test-")), "data")
  running = []
})

afterEach(() => Promise.all(running.map(kill)))

afterAll(() => fs.rmSync(temporary, { recursive: true }))

describe("a data directory whose PG_VERSION is missing", () => {
  it("is refused: an empty database would be created over the data", async () => {
    await Effect.runPromise(Effect.scoped(build(directory)))
    const version = path.join(directory, "pgdata", "PG_VERSION")
    const saved = fs.readFileSync(version)
    fs.rmSync(version)
    const files = fs.readdirSync(path.join(directory, "pgdata", "base"))
    const refusal = await Effect.runPromise(Effect.flip(Effect.scoped(build(directory))))
    assert.instanceOf(refusal, EmbeddedUnavailable)
    assert.include(refusal.message, "PG_VERSION is missing")
    assert.deepStrictEqual(fs.readdirSync(path.join(directory, "pgdata", "base")), files)
    // So is one that has no mark, as an earlier version leaves it.
    fs.rmSync(path.join(directory, "created-by-postgresql"))
    const unmarked = await Effect.runPromise(Effect.flip(Effect.scoped(build(directory))))
    assert.instanceOf(unmarked, EmbeddedUnavailable)
    fs.writeFileSync(version, saved)
    await Effect.runPromise(Effect.scoped(build(directory)))
  })
})

describe("a data directory is named as PGlite names it", () => {
  it("file:// is the directory after it, and memory:// keeps nothing", async () => {
    await Effect.runPromise(Effect.scoped(build(`file://${directory}`)))
    assert.isTrue(fs.existsSync(path.join(directory, "pgdata", "PG_VERSION")))
    await Effect.runPromise(Effect.scoped(build("memory://")))
    assert.isFalse(fs.existsSync("memory:"))
  })

  it.each(["idb://shop", "opfs-ahp://shop", "file://", ""])("%j is refused", async (dataDir) => {
    const refusal = await Effect.runPromise(Effect.flip(Effect.scoped(build(dataDir))))
    assert.instanceOf(refusal, EmbeddedUnavailable)
    assert.include(refusal.message, "expected a directory")
    assert.isFalse(fs.existsSync(dataDir.split("//")[0] || "idb:"))
  })
})

describe("a data directory of another major version of PostgreSQL", () => {
  it("is refused with the version that made it, and with how to move it", async () => {
    await Effect.runPromise(Effect.scoped(build(directory)))
    const version = path.join(directory, "pgdata", "PG_VERSION")
    const own = fs.readFileSync(version, "utf8").trim()
    fs.writeFileSync(version, "15\n")
    const refusal = await Effect.runPromise(Effect.flip(Effect.scoped(build(directory))))
    assert.instanceOf(refusal, EmbeddedUnavailable)
    assert.include(
      refusal.message,
      `was made by PostgreSQL 15, and this PGlite has PostgreSQL ${own}. To move it`
    )
    fs.writeFileSync(version, `${own}\n`)
    await Effect.runPromise(Effect.scoped(build(directory)))
  })
})

const kill = async (child: ChildProcess) => {
  if (child.exitCode !== null || child.signalCode !== null) return
  child.kill("SIGKILL")
  await once(child, "exit")
}

/** A process of its own, from a program of `test/fixtures`. */
const run = (fixture: "pglite-owner.ts" | "pglite-lock.ts", ...args: ReadonlyArray<string>) => {
  const { args: bundle, env } = runningBundle(inject("programs"), `test/fixtures/${fixture}`)
  return start(["--expose-gc", ...bundle, ...args], env)
}

const start = (args: ReadonlyArray<string>, env: NodeJS.ProcessEnv = {}) => {
  const child = spawn(process.execPath, args, { env: { ...process.env, ...env } })
  running.push(child)
  let stderr = ""
  child.stderr.on("data", (part) => (stderr += part))
  const lines = createInterface({ input: child.stdout })[Symbol.asyncIterator]()
  return {
    pid: child.pid,
    /** The next line it prints. */
    line: async () => (await lines.next()).value ?? `ended: ${stderr}`,
    ask: (line: string) => child.stdin.write(`${line}\n`),
    kill: () => kill(child),
    /** Its exit code and standard error once it has ended by itself. */
    end: async () => {
      child.stdin.end()
      const [code] = child.exitCode === null ? await once(child, "exit") : [child.exitCode]
      return { code, stderr }
    }
  }
}

const open = async (dataDir = directory) => {
  const owner = run("pglite-owner.ts", dataDir)
  assert.strictEqual(await owner.line(), "open")
  return owner
}

const idsOf = async (owner: Awaited<ReturnType<typeof open>>) => {
  owner.ask("ids")
  return (await owner.line()).split(",").map(Number)
}

const upTo = (last: number) => Array.from({ length: last }, (_, i) => i + 1)

describe("a data directory", () => {
  it("is made for its owner alone, and quietly; its rows survive a restart", async () => {
    const first = await open()
    assert.strictEqual(fs.statSync(directory).mode & 0o777, 0o700)
    first.ask("insert")
    for (const id of upTo(10)) assert.strictEqual(await first.line(), String(id))
    await first.kill()

    const second = await open()
    const ids = await idsOf(second)
    assert.deepStrictEqual(await second.end(), { code: 0, stderr: "" })

    const third = await open()
    assert.deepStrictEqual(await idsOf(third), ids)
    assert.deepStrictEqual(await third.end(), { code: 0, stderr: "" })
  })

  it("keeps every row that was acknowledged before a SIGKILL, and opens again at once", async () => {
    await useTemplate()
    let owner = await open()
    owner.ask("insert")
    let acknowledged = 0
    while (acknowledged < 500) acknowledged = Number(await owner.line())
    await owner.kill()

    owner = await open()
    const ids = await idsOf(owner)
    assert.isAtLeast(ids.length, acknowledged)
    assert.deepStrictEqual(ids, upTo(ids.length))
  })

  it("is refused to a second process, which is told by whom it is used", async () => {
    await useTemplate()
    const owner = await open()
    const message = `The data directory ${directory} is already in use by process ${owner.pid}.`
    assert.strictEqual(await run("pglite-owner.ts", directory).line(), `DataDirectoryInUse: ${message}`)

    const link = `${directory}-link`
    fs.symlinkSync(directory, link)
    assert.match(await run("pglite-owner.ts", link).line(), /^DataDirectoryInUse/)
    assert.deepStrictEqual(await idsOf(owner), [0])
  })

  it("goes to exactly one of two processes that start at once [F8]", async () => {
    await useTemplate()
    const lines = await Promise.all([1, 2].map(() => run("pglite-owner.ts", directory).line()))
    assert.deepStrictEqual(lines.map((line) => line.split(":")[0]).sort(), ["DataDirectoryInUse", "open"])
  })

  it("opens after a SIGKILL in the middle of its very first start", async () => {
    const first = run("pglite-owner.ts", directory)
    while (!fs.existsSync(path.join(directory, "pgdata/base"))) await setTimeout(1)
    await first.kill()
    await open()
  })
})

describe("the lock on a data directory", () => {
  beforeEach(() => fs.mkdirSync(directory))

  /** A process that asks for the lock on the directory, at once. */
  const lock = async () => {
    const rival = run("pglite-lock.ts", directory)
    assert.strictEqual(await rival.line(), "ready")
    rival.ask("0")
    return rival
  }

  it("goes to exactly one of four processes that ask in the same millisecond, twenty times", async () => {
    const directories = upTo(20).map((round) => path.join(directory, String(round)))
    for (const each of directories) fs.mkdirSync(each)
    const rivals = upTo(4).map(() => run("pglite-lock.ts", ...directories))
    for (const rival of rivals) assert.strictEqual(await rival.line(), "ready")
    for (const each of directories) {
      const soon = Date.now() + 30
      for (const rival of rivals) rival.ask(String(soon))
      const answers = await Promise.all(rivals.map((rival) => rival.line()))
      const refused = ["DataDirectoryInUse", "DataDirectoryInUse", "DataDirectoryInUse"]
      assert.deepStrictEqual(answers.sort(), [...refused, "locked"], each)
    }
  })

  it("ends with its process, whoever has the pid now", async () => {
    const dead = await lock()
    assert.strictEqual(await dead.line(), "locked")
    await dead.kill()
    assert.strictEqual(fs.readFileSync(path.join(directory, "lock.pid"), "utf8"), String(dead.pid))
    fs.writeFileSync(path.join(directory, "lock.pid"), String(process.pid))
    assert.strictEqual(await (await lock()).line(), "locked")
  })

  it("survives the garbage collector, and attempts in its own process", async () => {
    const owner = await lock()
    assert.strictEqual(await owner.line(), "locked")
    assert.strictEqual(await owner.line(), "collected")
    assert.strictEqual(await (await lock()).line(), "DataDirectoryInUse")
  })
})

describe("opening an embedded database", () => {
  const failure = (dataDir: string) => Effect.flip(Effect.scoped(build(dataDir)))

  it.live("twice in one process is refused, and leaves the first and its lock alone", () =>
    Effect.gen(function* () {
      yield* fillDataDirectory(directory)
      yield* build(directory)
      for (const _ of [1, 2]) {
        const error = yield* failure(path.relative("", directory))
        assert.deepStrictEqual(error, new DataDirectoryInUse({ directory, pid: process.pid }))
      }
      assert.match(
        yield* Effect.promise(() => run("pglite-owner.ts", directory).line()),
        /^DataDirectoryInUse/
      )
    })
  )

  it.live("says which directory cannot be had", () =>
    Effect.gen(function* () {
      fs.writeFileSync(directory, "a file")
      const error = yield* failure(directory)
      assert.instanceOf(error, EmbeddedUnavailable)
      assert.include(error.message, directory)
    })
  )

  it("says what to install when PGlite is not", async () => {
    assert.strictEqual(
      await start(["test/fixtures/pglite-missing.ts"]).line(),
      "EmbeddedUnavailable: The embedded database needs PGlite, which could not be loaded. Run: npm install @electric-sql/pglite"
    )
  })
})
