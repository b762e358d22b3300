import { readFileSync } from "node:fs"

/** It lies two folders up both in `src` and in `dist`. */
const packageJson = JSON.parse(readFileSync(new URL("../../package.json", import.meta.url), "utf8"))

/** The version in package.json. */
export const version: string = packageJson.version

/** The Node that package.json asks for, such as `>=22.19`. */
export const neededNode: string = packageJson.engines.node
