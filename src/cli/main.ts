#!/usr/bin/env node
import { complaint } from "./NodeVersion.ts"
import { neededNode } from "./version.ts"

const tooOld = complaint(process.versions.node, neededNode)
if (tooOld === undefined) await import("./commands.ts")
else {
  process.stderr.write(`effect-commerce ${tooOld}\n`)
  process.exitCode = 1
}
