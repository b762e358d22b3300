import { join } from "node:path"
import { describe, expect, test } from "vitest"
import { newDirectory } from "../../support/lasting.ts"
import { leaveNothingRunning, serve } from "../support/Cli.ts"
import { get, logIn } from "../support/Http.ts"

/** The messages of the lines of an output, each of which is a JSON document. */
const messagesOf = (output: string): ReadonlyArray<string> =>
  output
    .split("\n")
    .slice(0, -1)
    .map((line) => [JSON.parse(line).message].flat().join(" "))

describe("A server with LOG_FORMAT=json", () => {
  leaveNothingRunning()

  test.each(["info", "none"])(
    "writes JSON alone to standard output, the greeting too, at LOG_LEVEL=%s",
    async (LOG_LEVEL) => {
      const DATA_DIR = join(await newDirectory(), "data")
      // Nothing names the format: standard output is no terminal here.
      const server = await serve({ DATA_DIR, LOG_FORMAT: "", LOG_LEVEL })
      const [creating = "", ready = ""] = messagesOf(server.greeting)
      expect(creating).toContain(`Creating the embedded database in ${DATA_DIR}`)
      expect(ready).toMatch(/^effect-commerce is ready {3}API {4}http:\/\/127\.0\.0\.1:\d+ {3}docs /)
      expect(ready).toContain(`data   embedded PostgreSQL in ${DATA_DIR}`)

      // What reads the lines as text finds the same as in the greeting for people.
      const [url = ""] = /http:\/\/127\.0\.0\.1:\d+/.exec(server.greeting) ?? []
      const [, email = "", password = ""] = /admin\s+([^\s,]+), password\s+(\S+)/.exec(server.greeting) ?? []
      expect(email).toBe("admin@localhost")
      const token = await logIn(url, email, password)
      expect((await get(`${url}/auth/me`, token)).body).toMatchObject({ role: "admin" })

      const { code, stderr, stdout } = await server.stop()
      expect([code, stderr]).toEqual([0, ""])
      const messages = messagesOf(stdout)
      expect(messages.filter((message) => message.includes(password))).toEqual([ready])
      expect(messages.includes("GET /auth/me 200")).toBe(LOG_LEVEL === "info")
    }
  )
})
