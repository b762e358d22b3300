/** Chromium, if this machine has it; in continuous integration it must. */
import { accessSync, constants } from "node:fs"
import { delimiter, join } from "node:path"
import { type Browser, chromium } from "playwright-core"

const names = ["chromium", "chromium-browser", "google-chrome"]

const isExecutable = (file: string) => {
  try {
    accessSync(file, constants.X_OK)
    return true
  } catch {
    return false
  }
}

const find = (): string | undefined => {
  const { PATH = "", CHROMIUM_PATH } = process.env
  const files = PATH.split(delimiter).flatMap((folder) => names.map((name) => join(folder, name)))
  return [...(CHROMIUM_PATH ? [CHROMIUM_PATH] : []), ...files].find(isExecutable)
}

const executablePath = find()

/** Why tests in a browser are skipped, if they are. */
export const missing =
  executablePath === undefined ? `no ${names.join(", ")} on PATH, and no CHROMIUM_PATH` : undefined

if (missing !== undefined && process.env.CI === "true") throw new Error(`Nothing to test with: ${missing}`)

const args = [
  "--headless",
  "--no-sandbox",
  "--disable-gpu",
  "--disable-quic",
  "--no-first-run",
  "--disable-background-networking",
  "--disable-component-update",
  "--disable-sync",
  "--host-resolver-rules=MAP * ~NOTFOUND, EXCLUDE 127.0.0.1"
]

/** A browser without a past, and without internet access. */
export const launch = (): Promise<Browser> =>
  chromium.launch({ ...(executablePath === undefined ? {} : { executablePath }), args })
