#!/usr/bin/env node
import module from "node:module"
import { complaint } from "./NodeVersion.ts"
import { neededNode } from "./version.ts"

const tooOld = complaint(process.versions.node, neededNode)
if (tooOld === undefined) {
  // Caches compiled code on disk, which makes later starts faster.
  // Bun and Deno have no such cache.
  module.enableCompileCache?.()
  await import("./run.ts")
} else {
  process.stderr.write(`effect-commerce ${tooOld}\n`)
  process.exitCode = 1
}
