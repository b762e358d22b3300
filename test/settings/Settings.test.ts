import { assert, describe, expectTypeOf, it } from "@effect/vitest"
import { Duration, Option, Redacted, Schema } from "effect"
import {
  type CommerceSettings,
  decodeSettings,
  type HostPaymentsSettings,
  hostPaymentsSettings,
  hostSettings
} from "../../src/promise/Settings.ts"
import type { Auth, AuthSettings } from "../../src/settings/AuthSettings.ts"
import type {
  EmbeddedDatabase,
  EmbeddedDatabaseSettings,
  ServerDatabase,
  ServerDatabaseSettings
} from "../../src/settings/DatabaseSettings.ts"
import { Environment, environment } from "../../src/settings/Environment.ts"
import type { Http, HttpSettings } from "../../src/settings/HttpSettings.ts"
import type { Maintenance, MaintenanceSettings } from "../../src/settings/MaintenanceSettings.ts"
import type { Payments, PaymentsSettings } from "../../src/settings/PaymentsSettings.ts"
import { groupSchema, type SettingGroup } from "../../src/settings/Setting.ts"
import { decodeText } from "../../src/settings/SettingValue.ts"

const groups: ReadonlyArray<SettingGroup> = [
  ...Object.values(environment),
  { gateway: hostPaymentsSettings.gateway },
  hostSettings
]
const settings = groups.flatMap((group) =>
  Object.entries(group).map(([name, setting]) => ({ name, setting }))
)

describe("the description of the settings", () => {
  it("is what the interfaces of hosts say", () => {
    expectTypeOf<AuthSettings>().toEqualTypeOf<typeof Auth.Encoded>()
    expectTypeOf<HttpSettings>().toEqualTypeOf<typeof Http.Encoded>()
    expectTypeOf<PaymentsSettings>().toEqualTypeOf<typeof Payments.Encoded>()
    expectTypeOf<MaintenanceSettings>().toEqualTypeOf<typeof Maintenance.Encoded>()
    expectTypeOf<ServerDatabaseSettings>().toEqualTypeOf<typeof ServerDatabase.Encoded>()
    expectTypeOf<EmbeddedDatabaseSettings>().toEqualTypeOf<typeof EmbeddedDatabase.Encoded>()
    const hostPayments = groupSchema(hostPaymentsSettings)
    expectTypeOf<HostPaymentsSettings>().toEqualTypeOf<typeof hostPayments.Encoded>()
    const host = groupSchema(hostSettings)
    expectTypeOf<Pick<CommerceSettings, keyof typeof hostSettings>>().toExtend<typeof host.Encoded>()
    expectTypeOf<typeof host.Encoded>().toExtend<Pick<CommerceSettings, keyof typeof hostSettings>>()
  })

  it("has each variable once", () => {
    const variables = settings.flatMap(({ setting }) => setting.variable ?? [])
    assert.strictEqual(new Set(variables).size, variables.length)
    assert.isAbove(variables.length, 20)
  })

  it.each(settings)(
    "has a default for $name that $name may have, or says what happens without",
    ({ setting }) => {
      if (setting.default === undefined) assert.isTrue((setting.fallback ?? setting.description).length > 0)
      else assert.isTrue(Option.isSome(Schema.decodeUnknownOption(setting.value.schema)(setting.default)))
      assert.match(setting.description, /^\S.*\.$/)
    }
  )
})

describe("decoding settings", () => {
  const groups = { http: {}, payments: {}, maintenance: {}, auth: {} }
  const decode = Schema.decodeSync(Environment)

  it("gives every default", () => {
    const { auth, database, http, maintenance, payments } = decode({ database: {}, server: {}, ...groups })
    assert.deepStrictEqual(
      [auth.accessTokenTtl, auth.refreshTokenTtl, payments.timeout, maintenance.every].map(
        Duration.toSeconds
      ),
      [15 * 60, 30 * 86_400, 10, 30]
    )
    assert.strictEqual(Duration.toDays(maintenance.idempotencyKeyTtl), 7)
    assert.strictEqual(maintenance.unpaidOrderTtl, "off")
    assert.deepInclude(database, { schema: "commerce", pool: 10, pooler: "off" })
    assert.strictEqual(Duration.toSeconds(database.maxReplicaLag), 5)
    assert.deepStrictEqual(http.trustedProxies, [])
    assert.strictEqual(auth.bcryptCost, 12)
  })

  it("twice changes nothing", () => {
    const once = decode({
      ...groups,
      database: { url: "postgres://shop@db/shop", pooler: "transaction", replica: "postgres://copy/shop" },
      auth: { jwtSecret: "x".repeat(32), previousSecrets: ["y".repeat(32)], refreshTokenTtl: 5000 },
      http: { rateLimit: "100 per 2 hours", trustedProxies: ["::1", "10.0.0.0/8"], corsOrigins: ["*"] },
      maintenance: { unpaidOrderTtl: "30 minutes" },
      server: { logLevel: "Debug" }
    })
    assert.deepStrictEqual(decode(once), once)
  })

  it("takes the same values from code and from the environment", () => {
    const { accessTokenTtl, jwtSecret } = environment.auth
    const { rateLimit, trustedProxies } = environment.http
    assert.deepStrictEqual(decodeText(accessTokenTtl.value)("1 hour"), Option.some(Duration.hours(1)))
    assert.deepStrictEqual(decodeText(rateLimit.value)("off"), Option.some("off"))
    assert.deepStrictEqual(
      Option.map(decodeText(trustedProxies.value)("10.0.0.1,fd00::/8"), (networks) => networks.map(String)),
      Option.some(["10.0.0.1/32", "fd00::/8"])
    )
    assert.deepStrictEqual(
      Option.map(decodeText(jwtSecret.value)("z".repeat(32)), Redacted.value),
      Option.some("z".repeat(32))
    )
  })

  it("lists every fault of `createCommerce` at once, a missing secret too", () => {
    const decoded = decodeSettings({
      database: { url: "postgres://shop@db/shop", pool: 0 },
      maintenance: { every: "soon" },
      surprise: true
    })
    assert.deepStrictEqual(decoded._tag === "Failure" ? decoded.failure.errors.map(({ path }) => path) : [], [
      "/surprise",
      "/database/pool",
      "/maintenance/every",
      "/auth/jwtSecret"
    ])
  })
})
