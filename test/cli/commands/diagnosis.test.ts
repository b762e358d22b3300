import { Redacted, Schema } from "effect"
import { describe, expect, test } from "vitest"
import type { DatabaseFacts } from "../../../src/adapters/postgres/index.ts"
import { type Finding, ofDatabase, ofSettings } from "../../../src/cli/commands/Diagnosis.ts"
import type { Settings } from "../../../src/cli/support/Settings.ts"
import { Environment } from "../../../src/settings/Environment.ts"

const secret = "k3J9zQ1xW8vB5nM2pL7rT4yU6iO0aSdF"

const settings: Settings = Schema.decodeSync(Environment)({
  database: { url: "postgres://shop@db/shop" },
  auth: { jwtSecret: secret },
  http: {},
  payments: {},
  maintenance: {},
  server: {}
})

const healthy: DatabaseFacts = {
  version: 150004,
  clock: new Date(),
  user: "shop",
  database: "shop",
  encoding: "UTF8",
  readOnly: false,
  isolation: "read committed",
  fsync: "on",
  fullPageWrites: "on",
  synchronousCommit: "on",
  synchronousStandbyNames: "",
  standbys: 0,
  synchronousStandbys: 0,
  connections: 97,
  connected: 20,
  seesTransactions: true,
  oldestTransaction: 2,
  preparedTransactions: 1,
  oldestPrepared: 2,
  schemaExists: true,
  mayUse: true,
  mayCreate: true,
  unlimited: []
}

const notRight = (findings: ReadonlyArray<Finding>) =>
  findings.filter(({ level }) => level !== "ok").map(({ level, message }) => `${level}: ${message}`)

describe("What the doctor says", () => {
  test("of a healthy database and good settings is that all is right", () => {
    const findings = [...ofDatabase(healthy, settings, 20), ...ofSettings(settings)]
    expect(notRight(findings)).toEqual([])
    expect(findings.map(({ message }) => message)).toContain("PostgreSQL 15.4")
  })

  test.each<[what: string, facts: Partial<DatabaseFacts>, behind: number, said: RegExp]>([
    ["an old server", { version: 140011 }, 0, /^error: PostgreSQL 14\.11 is too old/],
    ["a clock that is a little behind", {}, 1500, /^warning: The clock of the database is 1\.5 s behind/],
    ["a clock that is far ahead", {}, -90_000, /^error: The clock of the database is 90\.0 s ahead of/],
    [
      "standbys of which none is synchronous",
      { standbys: 2 },
      0,
      /^warning: 2 standbys are connected and none is synchronous: a failover can lose confirmed orders/
    ],
    [
      "a synchronous standby that is not there",
      { synchronousStandbyNames: "*" },
      0,
      /^error: No synchronous standby is connected: every COMMIT waits for one/
    ],
    [
      "commits that wait for no standby",
      { synchronousStandbyNames: "*", synchronousCommit: "local" },
      0,
      /^warning: synchronous_commit is local/
    ],
    [
      "standbys that we may not see",
      { synchronousStandbyNames: "*", standbys: 1, synchronousStandbys: undefined },
      0,
      /^warning: The user "shop" may not see which standbys .*GRANT pg_monitor TO "shop"/
    ],
    [
      "transactions that we may not see",
      { seesTransactions: false },
      0,
      /^warning: The user "shop" may not see transactions .*GRANT pg_read_all_stats TO "shop"$/
    ],
    [
      "a prepared transaction that was forgotten",
      { preparedTransactions: 2, oldestPrepared: 7200 },
      0,
      /^warning: 2 prepared transactions are open, the oldest for 120 minutes: .*ROLLBACK PREPARED/
    ],
    [
      "a schema that we may not use",
      { mayUse: false },
      0,
      /^error: .*GRANT USAGE, CREATE ON SCHEMA "commerce" TO "shop"/
    ],
    [
      "a schema in which we may not make tables",
      { mayCreate: false },
      0,
      /^warning: .*GRANT CREATE ON SCHEMA/
    ],
    [
      "no schema, and no right to make it",
      { mayCreate: false, schemaExists: false },
      0,
      /^error: .*CREATE SCHEMA "commerce"/
    ],
    ["a standby", { readOnly: true }, 0, /^error: .*read-only/],
    ["an encoding without most letters", { encoding: "SQL_ASCII" }, 0, /^error: .*SQL_ASCII/],
    ["another isolation", { isolation: "serializable" }, 0, /^warning: .*serializable/],
    ["a forgotten transaction", { oldestTransaction: 3600 }, 0, /^warning: .*60 minutes/],
    ["no fsync", { fsync: "off" }, 0, /^warning: fsync is off/],
    ["no full pages", { fullPageWrites: "off" }, 0, /^warning: full_page_writes is off/],
    ["commits that do not wait", { synchronousCommit: "off" }, 0, /^warning: synchronous_commit is off/],
    ["fewer connections than the pool", { connections: 8 }, 0, /^error: .*DATABASE_POOL/],
    ["no room for one more process", { connected: 90 }, 0, /^warning: .*max_connections/],
    [
      "no limits",
      { unlimited: ["lock_timeout"] },
      0,
      /^error: .*lock_timeout.*DATABASE_POOLER=transaction.*SET lock_timeout = '5s'/
    ]
  ])("of %s", (_, facts, behind, said) => {
    const found = notRight(ofDatabase({ ...healthy, ...facts }, settings, behind))
    expect(found).toHaveLength(1)
    expect(found[0]).toMatch(said)
  })

  test.each<[what: string, some: Partial<Settings["auth"]>, said: RegExp]>([
    ["no secret", { jwtSecret: undefined }, /^error: JWT_SECRET is not set/],
    ["a guessable secret", { jwtSecret: Redacted.make("secret".repeat(8)) }, /^warning: JWT_SECRET seems/],
    ["a low cost", { bcryptCost: 8 }, /^warning: BCRYPT_COST is 8/]
  ])("of %s", (_, some, said) => {
    const found = notRight(ofSettings({ ...settings, auth: { ...settings.auth, ...some } }))
    expect(found).toHaveLength(1)
    expect(found[0]).toMatch(said)
    expect(found[0]).not.toContain("secretsecret")
  })

  test("of several workers counts the connections of all, and of one that replaces another", () => {
    const several = { ...settings, server: { ...settings.server, workers: 4 } }
    const [usage = "", ...others] = ofDatabase(healthy, several, 0)
      .map(({ message }) => message)
      .filter((message) => message.includes("connections"))
    expect(others).toEqual([])
    expect(usage).toBe(
      "20 of 97 connections of the server are open; 4 workers, and one that replaces another, open up to 50 (DATABASE_POOL for each)"
    )
    const full = (facts: Partial<DatabaseFacts>) => notRight(ofDatabase({ ...healthy, ...facts }, several, 0))
    expect(full({ connected: 47 })).toEqual([])
    expect(full({ connected: 48 })).toEqual([
      expect.stringMatching(/^warning: .*open up to 50 .*max_connections/)
    ])
    expect(full({ connections: 49, connected: 0 })).toEqual([
      expect.stringMatching(/^error: .*open up to 50 .*Reduce the pool/)
    ])
  })

  test("of several workers on the embedded database is that serve refuses them", () => {
    const found = ofSettings({
      ...settings,
      database: { ...settings.database, url: undefined },
      server: { ...settings.server, workers: 2 }
    })
    expect(notRight(found)).toEqual([
      expect.stringMatching(/^error: WORKERS: more than 1 needs DATABASE_URL/)
    ])
  })

  test("of the embedded database is not what it cannot help", () => {
    const embedded: Settings = {
      ...settings,
      database: { ...settings.database, url: undefined },
      auth: { ...settings.auth, jwtSecret: undefined }
    }
    const facts: DatabaseFacts = { ...healthy, fsync: "off", connections: 1, unlimited: ["lock_timeout"] }
    expect(notRight([...ofDatabase(facts, embedded, 0), ...ofSettings(embedded)])).toEqual([])
  })
})
