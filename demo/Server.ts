/** A server of our own for the demo: embedded PostgreSQL in memory, on a free port. */
import { type ChildProcess, spawn } from "node:child_process"
import { once } from "node:events"
import { fileURLToPath } from "node:url"

export const admin = { email: "admin@example.com", password: "a password for the demo" }

/** No setting of the machine's owner reaches this server, least of all their database. */
const environment = {
  PATH: process.env.PATH,
  DATA_DIR: "memory",
  PORT: "0",
  LOG_LEVEL: "warn",
  LOG_FORMAT: "pretty",
  ADMIN_EMAIL: admin.email,
  ADMIN_PASSWORD: admin.password
}

/** Ends the process, and waits until it has ended. */
const end = async (child: ChildProcess) => {
  if (child.exitCode !== null || child.signalCode !== null) return
  const ended = once(child, "exit")
  child.kill("SIGTERM")
  const impatience = setTimeout(() => child.kill("SIGKILL"), 10_000)
  await ended
  clearTimeout(impatience)
}

/** Starts the server. `stop` and `said` can be called at any time. */
export const start = () => {
  const main = fileURLToPath(new URL("../src/cli/main.ts", import.meta.url))
  const child = spawn(process.execPath, [main, "serve"], {
    env: environment,
    stdio: ["ignore", "pipe", "pipe"]
  })
  process.once("exit", () => child.kill())
  let output = ""
  const ready = new Promise<string>((resolve, reject) => {
    const read = (chunk: Buffer) => {
      output += chunk
      const address = /^ +API +(http:\S+)$/m.exec(output)?.[1]
      if (address === undefined) return
      resolve(address)
      output = ""
    }
    child.stdout.on("data", read)
    child.stderr.on("data", read)
    child.once("error", reject)
    child.once("close", () => reject(new Error("The server has ended")))
  })
  return {
    /** Where it listens, once it does. */
    ready,
    stop: () => end(child),
    /** All that it has printed since it was ready, or at all if it never was. */
    said: () => output.trim()
  }
}
