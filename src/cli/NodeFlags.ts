/** Flags of Node that keep a server small. This module must load on an old Node, as `NodeVersion.ts` does. */

/** What the processes of a server share. */
export interface Share {
  /** Memory of the machine or the container, in MiB. */
  readonly limit: number
  /** Number of workers. One needs no process besides it, more have a primary. */
  readonly workers: number
}

/** Bounds of the heap of one process, in MiB. */
export interface Heap {
  /** Size of a semi-space. The young generation consists of three. */
  readonly semiSpace: number
  readonly oldSpace: number
  /** By how many percent the old generation grows between two collections of its garbage. */
  readonly growing: number
}

/** What a process takes besides its heap, in MiB: the code of Node, native memory of its libraries, buffers of sockets. */
const besidesHeap = 96

/** A server needs about 45 MiB when nothing happens. */
const minOldSpace = 64

/** Node's own bound on large machines. */
const maxOldSpace = 4096

/**
 * The young generation of a share of the memory, in MiB: small ones leave more to the old generation. Each step down costs CPU, as
 * bench/README.md says, so it is taken only where memory is short.
 */
const youngOf = (share: number): Omit<Heap, "oldSpace"> => {
  if (share < 192) return { semiSpace: 2, growing: 30 }
  return share < 512 ? { semiSpace: 4, growing: 30 } : { semiSpace: 8, growing: 50 }
}

/** Processes that share the memory: the workers, and the primary of several. */
export const processesOf = (workers: number): number => (workers > 1 ? workers + 1 : 1)

/** The most that a process with such a heap takes, in MiB. */
export const mostMemory = ({ oldSpace, semiSpace }: Heap): number => besidesHeap + 3 * semiSpace + oldSpace

/** Divides the memory among the processes. Below the smallest heap with which a server works, the limit is exceeded. */
export const heapOf = ({ limit, workers }: Share): Heap => {
  const share = Math.floor(limit / processesOf(workers))
  const young = youngOf(share)
  const oldSpace = share - besidesHeap - 3 * young.semiSpace
  return { ...young, oldSpace: Math.min(maxOldSpace, Math.max(minOldSpace, oldSpace)) }
}

/**
 * The flags of a heap. Node lets garbage grow to several times what is in use before it collects it. `heap-growing-percent` collects it
 * when the old generation has grown by so much since the last time.
 */
export const flagsOf = ({ growing, oldSpace, semiSpace }: Heap): ReadonlyArray<string> => [
  `--max-semi-space-size=${semiSpace}`,
  `--max-old-space-size=${oldSpace}`,
  `--heap-growing-percent=${growing}`
]

/** Flags by which users bound the heap themselves, or debug. V8 takes `_` for `-`, and `NODE_OPTIONS` may have quotation marks. */
const isOwnChoice =
  /(^|[\s"])--((min|max|initial)[-_](semi|old|heap)|heap[-_]growing|semi[-_]space|optimize[-_]for[-_]size|inspect)/

/** The number of workers as the command line or `WORKERS` says it, which the command checks later. */
export const workersOf = (args: ReadonlyArray<string>, variable: string | undefined): number => {
  const at = args.findIndex((arg) => /^--workers(=|$)/.test(arg))
  const flag = args[at]?.includes("=") ? args[at].slice("--workers=".length) : args[at + 1]
  const given = Number.parseInt((at === -1 ? variable : flag) ?? "", 10)
  return given > 1 ? Math.min(given, 64) : 1
}

/** What is known of a process. */
export interface Invocation {
  /** As in `process.argv`: Node, the program, its arguments. */
  readonly argv: ReadonlyArray<string>
  readonly execArgv: ReadonlyArray<string>
  readonly env: Readonly<Record<string, string | undefined>>
  /** Memory of the machine or the container, in MiB. */
  readonly limit: number
}

/** Arguments and environment of a process. */
export interface Replacement {
  readonly args: ReadonlyArray<string>
  readonly env: Readonly<Record<string, string>>
}

/**
 * Returns how a process of `serve` runs with flags that suit its memory. Returns `undefined` for other commands, and if it has such flags
 * already: those of the user, or of this function, so that a process is replaced at most once.
 */
export const replacementOf = ({ argv, env, execArgv, limit }: Invocation): Replacement | undefined => {
  const args = argv.slice(2)
  if (args.find((arg) => !arg.startsWith("-")) !== "serve") return undefined
  if ([...execArgv, env.NODE_OPTIONS ?? ""].some((flag) => isOwnChoice.test(flag))) return undefined
  const flags = flagsOf(heapOf({ limit, workers: workersOf(args, env.WORKERS) }))
  const given = Object.entries(env).filter((entry): entry is [string, string] => entry[1] !== undefined)
  return {
    args: [...execArgv, ...flags, ...argv.slice(1)],
    // Threads of glibc would have their own pools of memory, which never shrink.
    env: { MALLOC_ARENA_MAX: "2", ...Object.fromEntries(given) }
  }
}
