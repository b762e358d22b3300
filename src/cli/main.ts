#!/usr/bin/env node
import module from "node:module"
import { complaint } from "./NodeVersion.ts"
import { neededNode } from "./version.ts"

const tooOld = complaint(process.versions.node, neededNode)
if (tooOld === undefined) {
  // What is compiled once is kept for later starts, which begin sooner.
  module.enableCompileCache()
  await import("./commands.ts")
} else {
  process.stderr.write(`effect-commerce ${tooOld}\n`)
  process.exitCode = 1
}
