#!/usr/bin/env node
import { accessSync, constants } from "node:fs"
import module from "node:module"
import { totalmem } from "node:os"
import { replacementOf } from "./NodeFlags.ts"
import { complaint } from "./NodeVersion.ts"
import { neededNode } from "./version.ts"

/** Only Node on a POSIX system can replace a process. The channel to a parent, such as that of a worker, would be lost. */
const isReplaceable = (): boolean =>
  typeof process.execve === "function" &&
  process.platform !== "win32" &&
  process.versions.bun === undefined &&
  process.versions.deno === undefined &&
  process.send === undefined &&
  process.permission?.has("child") !== false

/** Memory of the machine or the container, in MiB. Without a limit Node returns 0 or a huge number. */
const memoryLimit = (): number =>
  Math.floor(Math.min(process.constrainedMemory() || Infinity, totalmem()) / 2 ** 20)

/** Starts `serve` with flags that suit the memory, in this process: it keeps its id, its standard streams and its signals. */
const setFlags = () => {
  if (!isReplaceable()) return
  const { argv, argv0, env, execArgv, execPath } = process
  const replacement = replacementOf({ argv, env, execArgv, limit: memoryLimit() })
  if (replacement === undefined) return
  try {
    // A program that cannot be run would abort this process.
    accessSync(execPath, constants.X_OK)
    process.execve?.(execPath, [argv0, ...replacement.args], replacement.env)
  } catch {
    // The server runs without the flags.
  }
}

const tooOld = complaint(process.versions.node, neededNode)
if (tooOld === undefined) {
  setFlags()
  // Caches compiled code on disk, which makes later starts faster.
  // Bun and Deno have no such cache.
  module.enableCompileCache?.()
  await import("./run.ts")
} else {
  process.stderr.write(`effect-commerce ${tooOld}\n`)
  process.exitCode = 1
}
