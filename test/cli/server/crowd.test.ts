import { readFileSync } from "node:fs"
import { connect } from "node:net"
import { describe, expect, test } from "vitest"
import { leaveNothingRunning, serve } from "../support/Cli.ts"

const count = 1000
const allowed = "/proc/sys/net/core/somaxconn"
const isTooFew = process.platform !== "linux" || Number(readFileSync(allowed, "utf8")) < count

describe("More clients at once than Node lets wait", () => {
  leaveNothingRunning()

  test.skipIf(isTooFew)(
    `are all connected while the server is busy (skipped if ${allowed} is small)`,
    async () => {
      const { kill, url } = await serve({ DATA_DIR: "memory" })
      kill("SIGSTOP")
      const { hostname, port } = new URL(url)
      const sockets = Array.from({ length: count }, () => connect(Number(port), hostname))
      const answers = sockets.map(
        (socket) =>
          new Promise<void>((resolve, reject) => {
            socket.once("connect", resolve)
            socket.once("error", reject)
          })
      )
      await Promise.all(answers)
      for (const socket of sockets) socket.destroy()
      kill("SIGCONT")
      expect((await fetch(`${url}/health/live`)).status).toBe(200)
    }
  )
})
