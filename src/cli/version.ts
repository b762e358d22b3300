import { readFileSync } from "node:fs"

/** package.json is two directories above this file in `src` and in `dist`. */
const packageJson = JSON.parse(readFileSync(new URL("../../package.json", import.meta.url), "utf8"))

/** Version of effect-commerce. */
export const version: string = packageJson.version

/** Required Node version, such as `>=22.19`. */
export const neededNode: string = packageJson.engines.node
