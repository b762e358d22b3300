import { assert, describe, it } from "@effect/vitest"
import {
  flagsOf,
  heapOf,
  type Invocation,
  mostMemory,
  processesOf,
  replacementOf,
  workersOf
} from "../../src/cli/NodeFlags.ts"
import { int, pick } from "../../src/testing/Generators.ts"

/** The smallest share of a process, in MiB, whose heap is no larger than it should be. */
const enough = mostMemory(heapOf({ limit: 0, workers: 1 }))

describe("the heap of a process", () => {
  it.prop(
    "leaves all processes together within the limit",
    [int(1, 64), int(enough, 100_000)],
    ([workers, share]) => {
      const limit = share * processesOf(workers)
      assert.isAtMost(processesOf(workers) * mostMemory(heapOf({ limit, workers })), limit)
    }
  )

  it.prop("has a smallest and a largest size", [int(1, 64), int(0, 10_000_000)], ([workers, limit]) => {
    const { growing, oldSpace, semiSpace } = heapOf({ limit, workers })
    assert.isAtLeast(oldSpace, 64)
    assert.isAtMost(oldSpace, 4096)
    assert.include([2, 4, 8], semiSpace)
    assert.include([30, 50], growing)
  })

  it.prop(
    "shrinks neither with more memory nor with fewer workers",
    [int(1, 63), int(0, 20_000), int(0, 20_000)],
    ([workers, limit, more]) => {
      const least = mostMemory(heapOf({ limit, workers }))
      assert.isAtLeast(mostMemory(heapOf({ limit: limit + more, workers })), least)
      assert.isAtMost(mostMemory(heapOf({ limit, workers: workers + 1 })), least)
    }
  )

  it("is whole in numbers, as Node reads them", () => {
    assert.deepStrictEqual(flagsOf(heapOf({ limit: 256, workers: 1 })), [
      "--max-semi-space-size=4",
      "--max-old-space-size=148",
      "--heap-growing-percent=30"
    ])
    assert.deepStrictEqual(heapOf({ limit: 1000, workers: 2 }), { semiSpace: 4, oldSpace: 225, growing: 30 })
    assert.deepStrictEqual(heapOf({ limit: 512, workers: 1 }), { semiSpace: 8, oldSpace: 392, growing: 50 })
    assert.deepStrictEqual(heapOf({ limit: 64 * 1024, workers: 1 }), {
      semiSpace: 8,
      oldSpace: 4096,
      growing: 50
    })
  })
})

const started = (args: ReadonlyArray<string>, given: Partial<Invocation> = {}): Invocation => ({
  argv: ["/bin/node", "/app/main.js", ...args],
  execArgv: [],
  env: { PATH: "/bin", UNSET: undefined },
  limit: 256,
  ...given
})

describe("a process is replaced", () => {
  it("by one with the flags, the same program and the same arguments", () => {
    assert.deepStrictEqual(
      replacementOf(started(["serve", "--read-only"], { execArgv: ["--no-warnings"] })),
      {
        args: [
          "--no-warnings",
          ...flagsOf(heapOf({ limit: 256, workers: 1 })),
          "/app/main.js",
          "serve",
          "--read-only"
        ],
        env: { MALLOC_ARENA_MAX: "2", PATH: "/bin" }
      }
    )
  })

  it("once", () => {
    const { args = [], env = {} } = replacementOf(started(["serve"])) ?? {}
    assert.strictEqual(args.length > 0, true)
    assert.isUndefined(replacementOf(started(["serve"], { env, execArgv: args.slice(0, -2) })))
  })

  it("with the environment of the user", () => {
    const env = { MALLOC_ARENA_MAX: "8", NODE_OPTIONS: "--no-warnings --import=./telemetry.js" }
    assert.deepStrictEqual(replacementOf(started(["serve"], { env }))?.env, env)
  })

  it.each([[], ["migrate"], ["--help"], ["verify"], ["account", "serve"]])(
    "for serve alone: %s",
    (...args) => {
      assert.isUndefined(replacementOf(started(args)))
    }
  )

  it.each([
    "--max-old-space-size=100",
    "--max_old_space_size=100",
    "--max-old-space-size-percentage=50",
    "--max-semi-space-size=16",
    "--min_semi_space_size=1",
    "--max-heap-size=200",
    "--initial-heap-size=20",
    "--heap-growing-percent=50",
    "--semi-space-growth-factor=3",
    "--optimize-for-size",
    "--inspect",
    "--inspect-brk=0"
  ])("unless the user has chosen: %s", (flag) => {
    assert.isUndefined(replacementOf(started(["serve"], { execArgv: [flag] })))
    for (const NODE_OPTIONS of [flag, `--no-warnings ${flag}`, `"${flag}"`, `--no-warnings "${flag}"`])
      assert.isUndefined(replacementOf(started(["serve"], { env: { NODE_OPTIONS } })))
  })
})

describe("the number of workers", () => {
  it.each([
    [[], undefined, 1],
    [[], "3", 3],
    [["--workers", "4"], "3", 4],
    [["--workers=5"], undefined, 5],
    [["--workers"], "3", 1],
    [["--workers=many"], undefined, 1],
    [[], "0", 1],
    [[], "1000000", 64]
  ] as const)("of %j and WORKERS=%s", (args, variable, expected) => {
    assert.strictEqual(workersOf(["serve", ...args], variable), expected)
  })

  it.prop("divides the memory", [pick([2, 4, 8])], ([workers]) => {
    const { args = [] } =
      replacementOf(started(["serve"], { env: { WORKERS: String(workers) }, limit: 4096 })) ?? {}
    assert.includeMembers([...args], [...flagsOf(heapOf({ limit: 4096, workers }))])
  })
})
