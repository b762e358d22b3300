import { execFileSync, spawnSync } from "node:child_process"
import { existsSync, readFileSync, writeFileSync } from "node:fs"
import { join } from "node:path"
import { validate } from "dockerfile-utils"
import { describe, expect, test } from "vitest"
import { parse } from "yaml"
import { environment } from "../../src/settings/Environment.ts"
import type { SettingGroup } from "../../src/settings/Setting.ts"
import { newDirectory } from "../support/lasting.ts"
import { copied, text as dockerfile, image } from "./Dockerfile.ts"

const groups: ReadonlyArray<SettingGroup> = Object.values(environment)
const variables = new Set(
  groups
    .flatMap((group) => Object.values(group))
    .flatMap(({ isSecret, variable }) => (isSecret ? [variable, `${variable}_FILE`] : [variable]))
)
const unknown = (names: ReadonlyArray<string>) => names.filter((name) => !variables.has(name))

const isInstalled = (program: string, option = "--version") => spawnSync(program, [option]).status === 0

describe("Dockerfile", () => {
  test("has no fault, and sets what the server knows", () => {
    expect(validate(dockerfile).map(({ message }) => message)).toEqual([])
    expect(unknown(Object.keys(image.env).filter((name) => name !== "NODE_ENV"))).toEqual([])
    expect(image.exposed).toBe(image.env.PORT)
    expect(image.user).toMatch(/^[1-9]\d*:[1-9]\d*$/)
  })

  test("would be faulty with a mistake in it", () => {
    expect(validate("FROM node:24\nHEALTHCHEK CMD true\n")).not.toEqual([])
    expect(validate(dockerfile.replace("WORKDIR /app", "WORKDIR")).length).toBe(1)
  })

  test("copies files that are there, and that .dockerignore lets through, and no other", () => {
    expect(copied.filter((file) => !existsSync(file))).toEqual([])
    const [first, ...others] = readFileSync(".dockerignore", "utf8")
      .split("\n")
      .filter((line) => /^[^#]/.test(line))
    expect(first).toBe("*")
    expect(others.map((line) => line.replace(/^!/, "")).sort()).toEqual([...new Set(copied)].sort())
  })
})

describe("compose.yaml", () => {
  const { networks, secrets, services, volumes } = parse(readFileSync("compose.yaml", "utf8"), {
    strict: true
  })
  const { database, server } = services

  test("names nothing that is not there", () => {
    for (const service of [server, database]) {
      for (const name of service.secrets) expect(secrets).toHaveProperty(name)
      for (const name of service.networks) expect(networks).toHaveProperty(name)
    }
    for (const volume of database.volumes) expect(volumes).toHaveProperty(volume.split(":")[0])
    expect(Object.keys(services)).toContain(Object.keys(server.depends_on)[0])
  })

  test("sets what the server knows, secrets by files alone", () => {
    const { environment: set } = server
    expect(unknown(Object.keys(set))).toEqual([])
    const files = Object.values<string>(set).filter((value) => value.startsWith("/run/secrets/"))
    expect(files.map((path) => path.replace("/run/secrets/", "")).sort()).toEqual([...server.secrets].sort())
    for (const name of ["JWT_SECRET", "DATABASE_URL", "ADMIN_PASSWORD"]) expect(set).not.toHaveProperty(name)
    expect(database.environment).not.toHaveProperty("POSTGRES_PASSWORD")
  })

  test("shows the server to this machine alone, and the database to the server alone", () => {
    expect(server.ports).toEqual([`127.0.0.1:3000:${image.exposed}`])
    expect(database).not.toHaveProperty("ports")
    expect(networks.back.internal).toBe(true)
    expect(server.environment.TRUSTED_PROXIES).toBe(networks.front.ipam.config[0].subnet)
  })

  test("lets the server write nowhere, and gain no rights", () => {
    expect(server).toMatchObject({
      read_only: true,
      cap_drop: ["ALL"],
      security_opt: ["no-new-privileges:true"]
    })
  })
})

describe.skipIf(!isInstalled("systemd-analyze"))("effect-commerce.service (skipped without systemd)", () => {
  const unit = readFileSync("deploy/effect-commerce.service", "utf8")

  /** Where the unit can be looked at: its program is another one here. */
  const installed = async (text: string) => {
    const file = join(await newDirectory(), "effect-commerce.service")
    writeFileSync(file, text.replace(/^ExecStart=\S+/m, `ExecStart=${process.execPath}`))
    return file
  }

  test("is understood by systemd", async () => {
    const { status, stderr } = spawnSync("systemd-analyze", ["verify", await installed(unit)], {
      encoding: "utf8"
    })
    expect([status, stderr]).toEqual([0, ""])
    const wrong = await installed(unit.replace("Restart=always", "Restart=sometimes"))
    expect(spawnSync("systemd-analyze", ["verify", wrong], { encoding: "utf8" }).stderr).toContain(
      "sometimes"
    )
  })

  test("leaves the service few rights: an exposure of at most 2 of 10", async () => {
    const args = ["security", "--offline=true", "--threshold=20", await installed(unit)]
    expect(execFileSync("systemd-analyze", args, { encoding: "utf8" })).toMatch(
      /exposure level.*: [01]\.\d OK/
    )
  })

  test("sets what the server knows", () => {
    const set = [...unit.matchAll(/^Environment=(.*)$/gm)].flatMap(([, pairs = ""]) => pairs.split(" "))
    const names = set.map((pair) => pair.split("=")[0] ?? "")
    expect(unknown(names.filter((name) => name !== "NODE_ENV"))).toEqual([])
    expect(names).toContain("JWT_SECRET_FILE")
  })
})
