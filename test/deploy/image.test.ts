import { spawn, spawnSync } from "node:child_process"
import { chownSync } from "node:fs"
import { describe, expect, test } from "vitest"
import { freePort } from "../support/EmbeddedServer.ts"
import { newDirectory } from "../support/lasting.ts"
import { image } from "./Dockerfile.ts"

const [uid = "", gid = ""] = image.user.split(":")

/** Makes every file system that holds files of this machine read-only, but the data directory, as `docker run --read-only` does. */
const readOnly = `set -e
mount --make-rprivate /
mount --bind "$DATA_DIR" "$DATA_DIR"
for directory in / /tmp /var/tmp /dev/shm "$PWD"; do
  if mountpoint -q "$directory"; then mount -o remount,bind,ro "$directory"; fi
done
`

/** Runs as the user of the image, without capabilities. */
const asUser = `exec setpriv --reuid ${uid} --regid ${gid} --clear-groups --no-new-privs --bounding-set=-all --inh-caps=-all "$@"`

const sandboxed = (script: string, command: ReadonlyArray<string>) =>
  ["unshare", ["--mount", "sh", "-c", `${readOnly}${script}`, "sh", ...command]] as const

/** A command of the image, by the sources of this checkout. */
const ofCheckout = ([program, file = "", ...args]: ReadonlyArray<string>) => {
  expect(program).toBe("node")
  return [process.execPath, file.replace(/^dist\/(.*)\.js$/, "src/$1.ts"), ...args]
}

/** Why nothing can be shown here, if that is so. */
const obstacle = (): string | undefined => {
  if (process.getuid?.() !== 0) return "only root can make file systems read-only and become another user"
  const env = { ...process.env, DATA_DIR: "/proc/self/cwd/test/deploy" }
  const [program, args] = sandboxed(asUser, [process.execPath, "--version"])
  const { status, stderr } = spawnSync(program, args, { encoding: "utf8", env })
  return status === 0 ? undefined : `the namespace cannot be made: ${stderr}`
}

const because = obstacle()
if (because !== undefined) console.log(`The image is not tested here: ${because}`)

describe.skipIf(because !== undefined)("What the image runs", () => {
  test("as its user, on a read-only root: starts, is healthy, and ends by SIGTERM with 0", async () => {
    const DATA_DIR = await newDirectory()
    chownSync(DATA_DIR, Number(uid), Number(gid))
    const env = { PATH: process.env.PATH, ...image.env, DATA_DIR, PORT: String(await freePort()) }
    const run = (script: string, command: ReadonlyArray<string>) => {
      const [program, args] = sandboxed(script, command)
      return spawnSync(program, args, { encoding: "utf8", env })
    }
    const health = () => run(asUser, ofCheckout(image.healthCommand))

    // Not even root writes to it, so the server has no other place than the one of the image.
    expect(
      run('exec "$@"', ["touch", "/tmp/x", "test/x"]).stderr.match(/Read-only file system/g)?.length
    ).toBe(2)
    expect(run(asUser, ["id", "-u"]).stdout.trim()).toBe(uid)

    const [program, args] = sandboxed(asUser, ofCheckout(image.command))
    const server = spawn(program, args, { env, stdio: ["ignore", "pipe", "pipe"] })
    let stdout = ""
    let stderr = ""
    const ended = new Promise<number | null>((resolve) => server.once("close", resolve))
    const ready = new Promise<void>((resolve, reject) => {
      server.stdout.on("data", (chunk) => {
        stdout += chunk
        if (stdout.includes("effect-commerce is ready")) resolve()
      })
      server.stderr.on("data", (chunk) => {
        stderr += chunk
      })
      ended.then((code) => reject(new Error(`It ended with ${code}: ${stderr}`)))
    })
    try {
      expect(health().status).toBe(1)
      await ready
      expect(health()).toMatchObject({ status: 0, stdout: "", stderr: "" })
      const products = await fetch(`http://127.0.0.1:${env.PORT}/products`)
      expect(products.status).toBe(200)
      server.kill("SIGTERM")
      expect([await ended, stderr]).toEqual([0, ""])
      expect(health().status).toBe(1)
    } finally {
      server.kill("SIGKILL")
    }
  })
})
