import { writeFileSync } from "node:fs"
import { pages } from "./generated-docs.ts"

for (const { file, actual, expected } of pages()) if (actual !== expected) writeFileSync(file, expected)
